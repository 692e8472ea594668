/**
 * The issuer's memory: one SQLite file in WAL mode with synchronous=FULL, locked by one issuer.
 * What `transaction` returned from is on the disk; deleted rows are overwritten.
 */
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { InvariantError, RuntimeError } from "../../../runtime/errors.ts";
import { corrupt, translate } from "../../../runtime/journal/sqlite_errors.ts";
import { Refusal } from "../refusal.ts";
import { applicationId, schemaVersion, tables } from "./schema.ts";

/** Rows go in and out by statement; statements are prepared once. Throws `RuntimeError`:
 * `disk_full`, `disk_failed`, `data_corrupt`. */
export interface IssuerStore {
  /** All of it or nothing. A nested one is part of the outer. What throws undoes. */
  transaction<T>(change: () => T): T;
  /** Calls after the transaction under way is on the disk; not at all when it is undone. */
  afterCommit(call: () => void): void;
  get<Row>(sql: string, ...values: SQLInputValue[]): Row | undefined;
  all<Row>(sql: string, ...values: SQLInputValue[]): Row[];
  /** How many rows changed. */
  run(sql: string, ...values: SQLInputValue[]): number;
  close(): void;
}

class SqliteStore implements IssuerStore {
  readonly #database: DatabaseSync;
  readonly #path: string;
  readonly #statements = new Map<string, StatementSync>();
  #afterCommit: (() => void)[] | undefined;

  constructor(database: DatabaseSync, path: string) {
    this.#database = database;
    this.#path = path;
  }

  transaction<T>(change: () => T): T {
    if (this.#afterCommit) return change();
    const later: (() => void)[] = [];
    this.run("BEGIN IMMEDIATE");
    this.#afterCommit = later;
    let result: T;
    try {
      result = change();
      this.run("COMMIT");
    } catch (error) {
      if (this.#database.isTransaction) this.run("ROLLBACK");
      throw error;
    } finally {
      this.#afterCommit = undefined;
    }
    for (const call of later) call();
    return result;
  }

  afterCommit(call: () => void): void {
    if (this.#afterCommit) this.#afterCommit.push(call);
    else call();
  }

  get<Row>(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#ask(() => this.#statement(sql).get(...values)) as Row | undefined;
  }

  all<Row>(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#ask(() => this.#statement(sql).all(...values)) as Row[];
  }

  run(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#ask(() => this.#statement(sql).run(...values)).changes);
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close();
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) this.#statements.set(sql, statement = this.#database.prepare(sql));
    return statement;
  }

  #ask<T>(ask: () => T): T {
    try {
      return ask();
    } catch (error) {
      throw error instanceof Refusal ? error : troubleOf(error, this.#path);
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
    return new SqliteStore(database, path);
  } catch (error) {
    if (database?.isOpen) database.close();
    throw troubleOf(error, path);
  }
}

function prepareTables(database: DatabaseSync, path: string, get: (sql: string) => unknown): void {
  const application = Number(get("PRAGMA application_id"));
  const version = Number(get("PRAGMA user_version"));
  if (application === 0 && version === 0 && get("SELECT count(*) FROM sqlite_schema") === 0) {
    // One by one: only prepared statements tell why they failed.
    for (const sql of ["BEGIN IMMEDIATE", ...tables, "COMMIT"]) database.prepare(sql).run();
    return;
  }
  if (application !== applicationId) {
    throw new RuntimeError(
      "data_version",
      `${path} is another program's database: name another --data folder`,
    );
  }
  if (version !== schemaVersion) {
    const way = version > schemaVersion ? "update the issuer" : "run the release that wrote it";
    throw new RuntimeError(
      "data_version",
      `${path} has format ${version}, this issuer reads ${schemaVersion}: ${way}, or name ` +
        "another --data folder",
    );
  }
  const finding = get("PRAGMA quick_check(1)");
  if (finding !== "ok") throw corrupt(path, String(finding));
}
