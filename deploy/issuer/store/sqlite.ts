/**
 * The issuer's store in a file: SQLite in WAL mode, locked by one issuer, deleted rows overwritten.
 * Commits go to the log at once and are synced together, beside the loop (`log_sync.ts`); nothing
 * is told before `kept`.
 */
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { invariant, InvariantError, RuntimeError } from "../../../runtime/errors.ts";
import { corrupt, translate } from "../../../runtime/journal/sqlite_errors.ts";
import { LogSync } from "./log_sync.ts";
import type { Index, Value } from "./shape.ts";
import { migrationFrom } from "./migrations.ts";
import * as sql from "./statements.ts";
import type { IssuerStore, Range, Table, Tables } from "./store.ts";
import { applicationId, schemaVersion, shapes } from "./tables.ts";

type Row = Readonly<Record<string, Value>>;

/** Of 4 KiB: a checkpoint holds up everybody, so that few of some size are better than many. */
const pages_per_checkpoint = 8_000;

class SqliteTable implements Table<Row, string> {
  readonly #byKey: string;
  readonly #texts = new Map<string, string>();

  constructor(
    private readonly name: string,
    private readonly shape: sql.AnyShape,
    private readonly store: SqliteStore,
  ) {
    this.#byKey = sql.selectByKey(name, shape);
  }

  get(...key: Value[]): Row | undefined {
    return this.store.one(this.#byKey, key);
  }

  first(index: string, ...by: Value[]): Row | undefined {
    return this.store.one(this.#text(index, { limit: 1 }), by);
  }

  last(index: string, ...by: Value[]): Row | undefined {
    return this.store.one(this.#text(index, { limit: 1 }, true), by);
  }

  all(index: string, by: readonly Value[], range: Range = {}): Row[] {
    return this.store.all(this.#text(index, range), [...by, ...sql.valuesOf(range)]);
  }

  count(index: string, ...by: Value[]): number {
    return Number(this.store.one(sql.countBy(this.name, this.#index(index)), by)?.["rows"]);
  }

  insert(row: Row): Row {
    const columns = sql.writtenColumns(this.shape);
    const text = sql.insertInto(this.name, columns);
    const position = this.store.run(text, columns.map((column) => row[column] ?? null));
    return this.shape.counted ? { ...row, [this.shape.key[0] ?? ""]: position } : row;
  }

  put(row: Row): void {
    invariant(!this.shape.counted, "a row of a counted table is inserted or changed");
    const values = Object.keys(this.shape.columns).map((column) => row[column] ?? null);
    this.store.run(sql.upsertInto(this.name, this.shape), values);
  }

  change(row: Row, changes: Partial<Row>): void {
    const columns = Object.keys(changes);
    const values = columns.map((column) => changes[column] ?? null);
    this.store.run(sql.update(this.name, this.shape, columns), [...values, ...this.#keyOf(row)]);
  }

  remove(row: Row): void {
    this.store.run(sql.remove(this.name, this.shape), this.#keyOf(row));
  }

  /** Texts are made once: they are what statements are known by. */
  #text(index: string, range: Range, last = false): string {
    const { above, below, up_to, limit } = range;
    const asked = [above, below, up_to].map((value) => value === undefined ? "" : "?");
    const name = [index, last, limit, ...asked].join();
    const known = this.#texts.get(name);
    if (known !== undefined) return known;
    const text = sql.selectBy(this.name, this.shape, this.#index(index), range, last);
    this.#texts.set(name, text);
    return text;
  }

  #keyOf(row: Row): Value[] {
    return this.shape.key.map((column) => row[column] ?? null);
  }

  #index(name: string): Index<Row> {
    const index = this.shape.indexes?.[name];
    invariant(index, `table ${this.name} has no index ${name}`);
    return index;
  }
}

class SqliteStore implements IssuerStore {
  readonly tables: Tables;
  readonly #database: DatabaseSync;
  readonly #path: string;
  readonly #statements = new Map<string, StatementSync>();
  /** None for a store without a file. */
  readonly #log: LogSync | undefined;
  #afterCommit: (() => void)[] | undefined;

  constructor(database: DatabaseSync, path: string, onLost?: (error: Error) => void) {
    this.#database = database;
    this.#path = path;
    this.#log = database.location() === null ? undefined : new LogSync(path, onLost);
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
    const later: (() => void)[] = [];
    this.#do("BEGIN IMMEDIATE");
    this.#afterCommit = later;
    let result: T;
    try {
      result = change();
      this.#do("COMMIT");
    } catch (error) {
      if (this.#database.isTransaction) this.#do("ROLLBACK");
      throw error;
    } finally {
      this.#afterCommit = undefined;
    }
    this.#log?.noteCommit();
    for (const call of later) call();
    return result;
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
    this.#do("PRAGMA wal_checkpoint(TRUNCATE)");
  }

  close(): void {
    if (!this.#database.isOpen) return;
    this.#database.close();
    this.#log?.close();
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
    return new SqliteStore(database, path, options.onLost);
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
