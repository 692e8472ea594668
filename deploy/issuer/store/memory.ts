/**
 * The issuer's store in memory alone: the same tables, rules and transactions as in the file, for
 * tests and simulations. What ends with the process is lost.
 */
import { invariant, InvariantError } from "../../../runtime/errors.ts";
import { type Entry, joined, MemoryIndex } from "./memory_index.ts";
import type { Shape, Value } from "./shape.ts";
import type { IssuerStore, Range, Table, Tables } from "./store.ts";
import { shapes } from "./tables.ts";

/** What a table changed in the transaction under way, to be undone backwards. */
interface Undo {
  readonly table: MemoryTable;
  readonly before: Row | undefined;
  readonly after: Row | undefined;
}

type Row = Readonly<Record<string, Value>>;

class MemoryTable implements Table<Row, string> {
  readonly #name: string;
  readonly #shape: Shape<Row>;
  readonly #key: readonly string[];
  readonly #house: MemoryStore;
  readonly #entries = new Map<Value, Entry<Row>>();
  readonly #indexes = new Map<string, MemoryIndex<Row>>();
  readonly #all: readonly MemoryIndex<Row>[];
  readonly #unique: readonly (readonly [name: string, index: MemoryIndex<Row>])[];
  readonly #references: readonly (readonly [column: string, table: string])[];
  readonly #at_most: readonly (readonly [column: string, most: string | number])[];
  #count = 0;

  constructor(name: string, shape: Shape<Row>, house: MemoryStore) {
    this.#name = name;
    this.#shape = shape;
    this.#key = shape.key;
    this.#house = house;
    this.#references = Object.entries(shape.references ?? {}) as [string, string][];
    this.#at_most = Object.entries(shape.at_most ?? {}) as [string, string | number][];
    for (const [index, of] of Object.entries(shape.indexes ?? {})) {
      this.#indexes.set(index, new MemoryIndex(of, shape.key));
    }
    this.#all = [...this.#indexes.values()];
    this.#unique = [...this.#indexes].filter(([name]) => shape.indexes?.[name]?.unique);
  }

  get(...key: Value[]): Row | undefined {
    return this.#entries.get(key.length === 1 ? key[0] ?? null : key.join("\0"))?.row;
  }

  first(index: string, ...by: Value[]): Row | undefined {
    return this.#index(index).first(by);
  }

  last(index: string, ...by: Value[]): Row | undefined {
    return this.#index(index).last(by);
  }

  all(index: string, by: readonly Value[], range: Range<Row> = {}): Row[] {
    return this.#index(index).all(by, range);
  }

  count(index: string, ...by: Value[]): number {
    return this.#index(index).count(by);
  }

  insert(row: Row): Row {
    const [key = ""] = this.#key;
    const kept = this.#shape.counted ? { ...row, [key]: ++this.#count } : row;
    if (this.#entries.has(this.#keyOf(kept))) throw this.#broken("a key is there already");
    this.#write(undefined, kept);
    return kept;
  }

  put(row: Row): void {
    this.#write(this.#entries.get(this.#keyOf(row))?.row, row);
  }

  change(row: Row, changes: Partial<Row>): void {
    const before = this.#entries.get(this.#keyOf(row))?.row;
    if (before) this.#write(before, { ...before, ...changes } as Row);
  }

  remove(row: Row): void {
    const before = this.#entries.get(this.#keyOf(row))?.row;
    if (!before) return;
    if (this.#house.isNamed(this.#name, before)) throw this.#broken("other rows name it");
    this.#write(before, undefined);
  }

  /** Columns that name rows of another table. */
  columnsNaming(table: string): string[] {
    return this.#references.filter(([, to]) => to === table).map(([column]) => column);
  }

  /** True when a row has this in one of the columns. */
  has(columns: readonly string[], key: Value): boolean {
    for (const { row } of this.#entries.values()) {
      if (columns.some((column) => row[column] === key)) return true;
    }
    return false;
  }

  /** Puts one row in the place of another, either of which may be none. */
  swap(before: Row | undefined, after: Row | undefined): void {
    const key = this.#keyOf((before ?? after) as Row);
    const entry = this.#entries.get(key);
    if (entry && after && before) {
      const moved = this.#all.map((index) => index.moves(before, after) && index.remove(entry));
      entry.row = after;
      for (let at = 0; at < moved.length; at++) if (moved[at]) this.#all[at]?.add(entry);
    } else if (entry) {
      for (const index of this.#all) index.remove(entry);
      this.#entries.delete(key);
    } else if (after) {
      const made = { row: after };
      this.#entries.set(key, made);
      for (const index of this.#all) index.add(made);
    }
  }

  #write(before: Row | undefined, after: Row | undefined): void {
    if (after) this.#check(before, after);
    this.#house.note({ table: this, before, after });
    this.swap(before, after);
  }

  #check(before: Row | undefined, after: Row): void {
    for (const [name, index] of this.#unique) {
      const there = index.rival(after);
      if (there && there.row !== before) throw this.#broken(`${name} has one already`);
    }
    for (const [column, table] of this.#references) {
      const value = after[column] ?? null;
      if (value === null || value === before?.[column]) continue;
      if (!this.#house.has(table, value)) throw this.#broken(`${column} names nothing`);
    }
    for (const [column, most] of this.#at_most) {
      const limit = typeof most === "number" ? most : Number(after[most]);
      if (Number(after[column]) > limit) throw this.#broken(`${column} is above ${most}`);
    }
  }

  #keyOf(row: Row): Value {
    return joined(row, this.#key);
  }

  #index(name: string): MemoryIndex<Row> {
    const index = this.#indexes.get(name);
    invariant(index, `table ${this.#name} has no index ${name}`);
    return index;
  }

  #broken(what: string): InvariantError {
    return new InvariantError(`the issuer broke a rule of its own tables: ${this.#name}: ${what}`);
  }
}

class MemoryStore implements IssuerStore {
  readonly tables: Tables;
  readonly #tables: Map<string, MemoryTable>;
  /** Of each table those whose rows may name one of its rows, and by which columns. */
  readonly #naming: ReadonlyMap<string, readonly (readonly [MemoryTable, readonly string[]])[]>;
  #undo: Undo[] | undefined;
  #afterCommit: (() => void)[] = [];

  constructor() {
    this.#tables = new Map(
      Object.entries(shapes).map(([name, shape]) => [
        name,
        new MemoryTable(name, shape as unknown as Shape<Row>, this),
      ]),
    );
    this.tables = Object.fromEntries(this.#tables) as unknown as Tables;
    this.#naming = new Map(Array.from(this.#tables.keys(), (name) => {
      const all = [...this.#tables.values()].map((other) =>
        [other, other.columnsNaming(name)] as const
      );
      return [name, all.filter(([, columns]) => columns.length > 0)];
    }));
  }

  transaction<T>(change: () => T): T {
    if (this.#undo) return change();
    const undo: Undo[] = this.#undo = [];
    const later: (() => void)[] = this.#afterCommit = [];
    let result: T;
    try {
      result = change();
    } catch (error) {
      for (const { table, before, after } of undo.reverse()) table.swap(after, before);
      throw error;
    } finally {
      this.#undo = undefined;
    }
    for (const call of later) call();
    return result;
  }

  afterCommit(call: () => void): void {
    if (this.#undo) this.#afterCommit.push(call);
    else call();
  }

  kept(): undefined {}

  scrub(): void {}

  close(): Promise<void> {
    return Promise.resolve();
  }

  note(undo: Undo): void {
    invariant(this.#undo, "the issuer writes in transactions");
    this.#undo.push(undo);
  }

  has(table: string, key: Value): boolean {
    return this.#tables.get(table)?.get(key) !== undefined;
  }

  isNamed(table: string, row: Row): boolean {
    const key = row[shapes[table as keyof typeof shapes].key[0] ?? ""] ?? null;
    return (this.#naming.get(table) ?? []).some(([other, columns]) => other.has(columns, key));
  }
}

/** An empty store, gone with the process. */
export function memoryIssuerStore(): IssuerStore {
  return new MemoryStore();
}
