/**
 * A table of the issuer's store in a file, as statements of SQLite. Their texts are made once: they
 * are what prepared statements are known by.
 */
import { invariant } from "../../../runtime/errors.ts";
import type { Index, Value } from "./shape.ts";
import * as sql from "./statements.ts";
import type { Range, Table } from "./store.ts";

export type Row = Readonly<Record<string, Value>>;

/** What runs statements. */
export interface Statements {
  one(text: string, values: readonly Value[]): Row | undefined;
  all(text: string, values: readonly Value[]): Row[];
  /** The key that SQLite gave to a counted row. */
  run(text: string, values: readonly Value[]): number;
}

export class SqliteTable implements Table<Row, string> {
  readonly #columns: readonly string[];
  readonly #written: readonly string[];
  readonly #texts = new Map<string, string>();

  constructor(
    private readonly name: string,
    private readonly shape: sql.AnyShape,
    private readonly store: Statements,
  ) {
    this.#columns = Object.keys(shape.columns);
    this.#written = sql.writtenColumns(shape);
  }

  get(...key: Value[]): Row | undefined {
    const text = this.#made("by key", () => sql.selectByKey(this.name, this.shape));
    return this.store.one(text, key);
  }

  first(index: string, ...by: Value[]): Row | undefined {
    return this.store.one(this.#text(index, { limit: 1 }), by);
  }

  last(index: string, ...by: Value[]): Row | undefined {
    return this.store.one(this.#text(index, { limit: 1 }, true), by);
  }

  all(index: string, by: readonly Value[], range: Range<Row> = {}): Row[] {
    const values = sql.valuesOf(this.shape, this.#index(index), range);
    return this.store.all(this.#text(index, range), [...by, ...values]);
  }

  count(index: string, ...by: Value[]): number {
    const text = this.#made(
      `count ${index}`,
      () => sql.countBy(this.name, this.shape, this.#index(index)),
    );
    return Number(this.store.one(text, by)?.["rows"]);
  }

  insert(row: Row): Row {
    const columns = this.#written;
    const text = this.#made("insert", () => sql.insertInto(this.name, columns));
    const position = this.store.run(text, columns.map((column) => row[column] ?? null));
    return this.shape.counted ? { ...row, [this.shape.key[0] ?? ""]: position } : row;
  }

  put(row: Row): void {
    invariant(!this.shape.counted, "a row of a counted table is inserted or changed");
    const text = this.#made("put", () => sql.upsertInto(this.name, this.shape));
    this.store.run(text, this.#columns.map((column) => row[column] ?? null));
  }

  change(row: Row, changes: Partial<Row>): void {
    const columns = Object.keys(changes);
    const values = columns.map((column) => changes[column] ?? null);
    const text = this.#made(
      `change ${columns.join()}`,
      () => sql.update(this.name, this.shape, columns),
    );
    this.store.run(text, [...values, ...this.#keyOf(row)]);
  }

  remove(row: Row): void {
    const text = this.#made("remove", () => sql.remove(this.name, this.shape));
    this.store.run(text, this.#keyOf(row));
  }

  #text(index: string, range: Range<Row>, last = false): string {
    const { above, below, up_to, after, limit } = range;
    const asked = [above, below, up_to, after].map((value) => value === undefined ? "" : "?");
    return this.#made(
      [index, last, limit, ...asked].join(),
      () => sql.selectBy(this.name, this.shape, this.#index(index), range, last),
    );
  }

  #made(name: string, make: () => string): string {
    const known = this.#texts.get(name);
    if (known !== undefined) return known;
    const text = make();
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
