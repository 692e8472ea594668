/**
 * The issuer's store in a file: SQLite in WAL mode, locked by one issuer, deleted rows overwritten.
 * Transactions that come while the log is synced, beside the loop (`log_sync.ts`), go to it as one;
 * nothing is told before `kept`.
 */
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { invariant, InvariantError, RuntimeError } from "../../../runtime/errors.ts";
import { corrupt, translate } from "../../../runtime/journal/sqlite_errors.ts";
import { LogSync } from "./log_sync.ts";
import type { Value } from "./shape.ts";
import { migrationFrom } from "./migrations.ts";
import * as sql from "./statements.ts";
import { type Row, SqliteTable } from "./sqlite_table.ts";
import type { IssuerStore, Tables } from "./store.ts";
import { applicationId, schemaVersion, shapes } from "./tables.ts";

/** Of 4 KiB: a checkpoint holds up everybody, so that few of some size are better than many. */
const pages_per_checkpoint = 8_000;

class SqliteStore implements IssuerStore {
  readonly tables: Tables;
  readonly #database: DatabaseSync;
  readonly #path: string;
  readonly #statements = new Map<string, StatementSync>();
  /** None for a store without a file. */
  readonly #log: LogSync | undefined;
  /** Of the transaction under way. */
  #afterCommit: (() => void)[] | undefined;
  /** What is to be called when the transactions that are done are in the log; one of SQLite's holds
   * them all. */
  #open: (() => void)[] | undefined;

  constructor(database: DatabaseSync, path: string, { onLost, gather }: IssuerStoreOptions) {
    this.#database = database;
    this.#path = path;
    this.#log = database.location() === null
      ? undefined
      : new LogSync(path, () => this.#commit(), onLost, gather);
    this.tables = Object.fromEntries(
      Object.entries(shapes).map(([name, shape]) => [
        name,
        new SqliteTable(name, shape as unknown as sql.AnyShape, this),
      ]),
    ) as unknown as Tables;
  }

  transaction<T>(change: () => T): T {
    if (this.#afterCommit) return change();
    this.#log?.assertSound();
    const first = this.#open === undefined;
    this.#do(first ? "BEGIN IMMEDIATE" : "SAVEPOINT one");
    const open = this.#open ??= [];
    const later: (() => void)[] = [];
    this.#afterCommit = later;
    let result: T;
    try {
      result = change();
      if (!first) this.#do("RELEASE one");
    } catch (error) {
      this.#undo(first, error as Error);
      throw error;
    } finally {
      this.#afterCommit = undefined;
    }
    open.push(...later);
    if (this.#log) this.#log.noteDone();
    else for (const call of this.#commit()) call();
    return result;
  }

  /** Undoes the transaction that failed. Where SQLite undid all that is not in the log yet, those
   * who stand on it are told. */
  #undo(first: boolean, error: Error): void {
    if (this.#database.isTransaction && !first) {
      this.#do("ROLLBACK TO one");
      this.#do("RELEASE one");
      return;
    }
    this.#open = undefined;
    if (this.#database.isTransaction) this.#do("ROLLBACK");
    if (!first) this.#log?.lose(error);
  }

  /** Brings the transactions that are done to the log; answers whom that concerns. */
  #commit(): readonly (() => void)[] {
    const open = this.#open;
    if (!open) return [];
    this.#open = undefined;
    try {
      this.#do("COMMIT");
    } catch (error) {
      if (this.#database.isTransaction) this.#do("ROLLBACK");
      throw error;
    }
    return open;
  }

  kept(): Promise<void> | undefined {
    return this.#log?.kept();
  }

  afterCommit(call: () => void): void {
    if (this.#afterCommit) this.#afterCommit.push(call);
    else call();
  }

  all(text: string, values: readonly Value[]): Row[] {
    return this.#ask(() => this.#statement(text).all(...values as SQLInputValue[])) as Row[];
  }

  one(text: string, values: readonly Value[]): Row | undefined {
    return this.#ask(() => this.#statement(text).get(...values as SQLInputValue[])) as
      | Row
      | undefined;
  }

  /** The key that SQLite gave to a counted row. */
  run(text: string, values: readonly Value[]): number {
    invariant(this.#afterCommit, "the issuer writes in transactions");
    const done = this.#ask(() => this.#statement(text).run(...values as SQLInputValue[]));
    return Number(done.lastInsertRowid);
  }

  /** Removed rows are overwritten in the file as they go (`secure_delete`); their images in the
   * write-ahead log go with the log. */
  scrub(): void {
    this.#log?.write();
    this.#do("PRAGMA wal_checkpoint(TRUNCATE)");
  }

  async close(): Promise<void> {
    if (!this.#database.isOpen) return;
    try {
      this.#log?.write();
    } finally {
      this.#database.close();
      await this.#log?.close();
    }
  }

  #do(text: string): void {
    this.#ask(() => this.#statement(text).run());
  }

  #statement(text: string): StatementSync {
    let statement = this.#statements.get(text);
    if (!statement) this.#statements.set(text, statement = this.#database.prepare(text));
    return statement;
  }

  #ask<T>(ask: () => T): T {
    try {
      return ask();
    } catch (error) {
      throw troubleOf(error, this.#path);
    }
  }
}

function troubleOf(error: unknown, path: string): Error {
  const trouble = translate(error, path);
  if (trouble instanceof RuntimeError && trouble.kind === "busy") {
    return new RuntimeError(
      "busy",
      `${path} is in use by another issuer: stop that one, or name another --data folder`,
      { cause: error },
    );
  }
  if (trouble instanceof InvariantError) {
    return new InvariantError(`the issuer broke a rule of its own tables: ${String(error)}`);
  }
  return trouble;
}

export interface IssuerStoreOptions {
  /** The file grows no larger than this; beyond it writing fails as on a full disk. */
  readonly max_bytes?: number;
  /** The disk failed under what was committed: all is refused from now on, see to a restart. */
  readonly onLost?: (error: Error) => void;
  /** Lets more come before it calls: between two syncs of the log, which is work as well. */
  readonly gather?: (sync: () => void) => void;
}

/**
 * Opens or creates the file at `path` (`:memory:` for none) and locks it until `close`.
 *
 * Throws `RuntimeError`: `busy`, `data_corrupt`, `data_version`, `disk_full`, `disk_failed`.
 */
export function openIssuerStore(path: string, options: IssuerStoreOptions = {}): IssuerStore {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path);
    const get = (sql: string) => Object.values(database?.prepare(sql).get() ?? {})[0];
    for (
      const pragma of [
        "locking_mode = EXCLUSIVE",
        "journal_mode = WAL",
        "synchronous = FULL",
        "secure_delete = ON",
        "temp_store = MEMORY",
      ]
    ) get(`PRAGMA ${pragma}`);
    if (options.max_bytes !== undefined) {
      get(
        `PRAGMA max_page_count = ${
          Math.floor(options.max_bytes / Number(get("PRAGMA page_size")))
        }`,
      );
    }
    prepareTables(database, path, get);
    // Whatever a process that was killed had committed and not synced is on the disk after this.
    get("PRAGMA wal_checkpoint(TRUNCATE)");
    get(`PRAGMA wal_autocheckpoint = ${pages_per_checkpoint}`);
    // From here on commits are synced by `LogSync`; checkpoints still sync by themselves.
    get("PRAGMA synchronous = NORMAL");
    return new SqliteStore(database, path, options);
  } catch (error) {
    if (database?.isOpen) database.close();
    throw troubleOf(error, path);
  }
}

/** Brings the file to the present format, or leaves it as it is. One by one: only prepared
 * statements tell why they failed. */
function write(database: DatabaseSync, statements: readonly string[]): void {
  const mark = `PRAGMA user_version = ${schemaVersion}`;
  for (const text of ["BEGIN IMMEDIATE", ...statements, mark, "COMMIT"]) {
    database.prepare(text).run();
  }
}

function prepareTables(database: DatabaseSync, path: string, get: (sql: string) => unknown): void {
  const application = Number(get("PRAGMA application_id"));
  const version = Number(get("PRAGMA user_version"));
  if (application === 0 && version === 0 && get("SELECT count(*) FROM sqlite_schema") === 0) {
    write(database, [...sql.schemaOf(shapes), `PRAGMA application_id = ${applicationId}`]);
    return;
  }
  if (application !== applicationId) {
    throw new RuntimeError(
      "data_version",
      `${path} is another program's database: name another --data folder`,
    );
  }
  const migration = version > schemaVersion ? undefined : migrationFrom(version);
  if (migration === undefined) {
    const way = version > schemaVersion ? "update the issuer" : "run the release that wrote it";
    throw new RuntimeError(
      "data_version",
      `${path} has format ${version}, this issuer reads ${schemaVersion}: ${way}, or name ` +
        "another --data folder",
    );
  }
  const finding = get("PRAGMA quick_check(1)");
  if (finding !== "ok") throw corrupt(path, String(finding));
  if (migration.length > 0) write(database, migration);
}
