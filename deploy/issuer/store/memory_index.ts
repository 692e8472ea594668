/**
 * One index of a table in memory: rows with equal values stand together, in order. Looking one up
 * takes no longer in a large table; only rows whose own columns change are moved.
 */
import { type Index, isHeld, type Value } from "./shape.ts";
import type { Range } from "./store.ts";

/** Where a row stands; the row in it is replaced when columns change. */
export interface Entry<Row> {
  row: Row;
}

type Row = Readonly<Record<string, Value>>;

/** Entries in order. The first ones may be gone: taking from the front moves nothing. */
class Bucket<R extends Row> {
  readonly entries: Entry<R>[] = [];
  start = 0;

  constructor(private readonly order: readonly string[]) {}

  get size(): number {
    return this.entries.length - this.start;
  }

  add(entry: Entry<R>): void {
    const { entries } = this;
    const last = entries.at(-1);
    if (!last || this.size === 0 || this.#compare(last.row, entry.row) <= 0) entries.push(entry);
    else entries.splice(this.#place(entry.row), 0, entry);
  }

  remove(entry: Entry<R>): void {
    const { entries } = this;
    const at = this.#place(entry.row);
    if (entries[at] !== entry) return;
    if (at === this.start) this.#dropFirst();
    else entries.splice(at, 1);
  }

  /** The place behind a row, which may be gone. */
  behind(row: R): number {
    const at = this.#place(row);
    const there = this.entries[at];
    return there && this.#compare(there.row, row) === 0 ? at + 1 : at;
  }

  /** The place of the first row whose first ordered column exceeds the value. */
  after(value: number): number {
    const [column = ""] = this.order;
    let [low, high] = [this.start, this.entries.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (Number(this.entries[middle]?.row[column]) > value) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #dropFirst(): void {
    this.start++;
    if (this.start < 64 || this.start * 2 < this.entries.length) return;
    this.entries.splice(0, this.start);
    this.start = 0;
  }

  #place(row: R): number {
    let [low, high] = [this.start, this.entries.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const found = this.entries[middle];
      if (found && this.#compare(found.row, row) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #compare(a: R, b: R): number {
    for (const column of this.order) {
      const [one, other] = [a[column] ?? null, b[column] ?? null];
      if (one === other) continue;
      return one === null || (other !== null && one < other) ? -1 : 1;
    }
    return 0;
  }
}

export class MemoryIndex<R extends Row> {
  readonly #by: readonly string[];
  readonly #order: readonly string[];
  readonly #columns: readonly string[];
  readonly #first: string;
  readonly #index: Index<R>;
  readonly #buckets = new Map<Value, Bucket<R>>();

  constructor(index: Index<R>, key: readonly string[]) {
    this.#index = index;
    this.#by = index.by ?? [];
    this.#order = [...new Set([...index.order ?? [], ...key])];
    this.#first = this.#order[0] ?? "";
    const { where } = index;
    this.#columns = [...this.#by, ...index.order ?? [], ...(where ? [where.column] : [])];
  }

  /** True when the change of a row concerns this index. */
  moves(before: R, after: R): boolean {
    for (const column of this.#columns) if (before[column] !== after[column]) return true;
    return false;
  }

  add(entry: Entry<R>): void {
    const { row } = entry;
    if (!isHeld(this.#index.where, row)) return;
    const by = this.#of(row);
    let bucket = this.#buckets.get(by);
    if (!bucket) this.#buckets.set(by, bucket = new Bucket(this.#order));
    bucket.add(entry);
  }

  /** True, for whoever takes it in again. */
  remove(entry: Entry<R>): true {
    if (!isHeld(this.#index.where, entry.row)) return true;
    const by = this.#of(entry.row);
    const bucket = this.#buckets.get(by);
    bucket?.remove(entry);
    if (bucket?.size === 0) this.#buckets.delete(by);
    return true;
  }

  /** The entry that a row may not stand beside. */
  rival(row: R): Entry<R> | undefined {
    if (!isHeld(this.#index.where, row)) return undefined;
    if (this.#by.some((column) => row[column] === null)) return undefined;
    const bucket = this.#buckets.get(this.#of(row));
    return bucket?.entries[bucket.start];
  }

  first(by: readonly Value[]): R | undefined {
    const bucket = this.#bucket(by);
    return bucket?.entries[bucket.start]?.row;
  }

  last(by: readonly Value[]): R | undefined {
    return this.#bucket(by)?.entries.at(-1)?.row;
  }

  count(by: readonly Value[]): number {
    return this.#bucket(by)?.size ?? 0;
  }

  all(by: readonly Value[], { above, below, up_to, after, limit = Infinity }: Range<R>): R[] {
    const bucket = this.#bucket(by);
    const rows: R[] = [];
    if (!bucket) return rows;
    const end = Math.min(up_to ?? Infinity, below === undefined ? Infinity : below - 1);
    const from = Math.max(
      above === undefined ? bucket.start : bucket.after(above),
      after === undefined ? bucket.start : bucket.behind(after),
    );
    for (let at = from; at < bucket.entries.length && rows.length < limit; at++) {
      const row = bucket.entries[at]?.row;
      if (!row || (end !== Infinity && Number(row[this.#first]) > end)) break;
      rows.push(row);
    }
    return rows;
  }

  #bucket(by: readonly Value[]): Bucket<R> | undefined {
    return this.#buckets.get(by.length === 1 ? by[0] ?? null : by.join("\0"));
  }

  #of(row: R): Value {
    return joined(row, this.#by);
  }
}

/** The values of some columns as one; most keys have one or two. */
export function joined(row: Readonly<Record<string, Value>>, columns: readonly string[]): Value {
  const [first, second, ...rest] = columns;
  if (first === undefined) return "";
  if (second === undefined) return row[first] ?? null;
  const head = `${row[first]}\0${row[second]}`;
  return rest.length === 0 ? head : [head, ...rest.map((column) => row[column])].join("\0");
}
