/**
 * The issuer's memory, as its rooms see it: tables of plain rows, changed in transactions. Two
 * stores stand behind it, a file (`sqlite.ts`) and memory alone (`memory.ts`).
 */
import type { TableShape, Value } from "./shape.ts";
import type { shapes } from "./tables.ts";

/** Where to begin and end among the rows of an index, by its first `order` column. */
export interface Range<Row = unknown> {
  readonly above?: number;
  readonly below?: number;
  readonly up_to?: number;
  readonly limit?: number;
  /** Only what stands behind this row in the index's order, whether or not it is still there. Not
   * for indexes that are unique. */
  readonly after?: Row;
}

/**
 * Rows are never changed in place: what was read stays as it was. Writing outside a transaction,
 * twice the same, or against a rule of the table is an `InvariantError`. A store on a disk throws
 * `RuntimeError` besides: `disk_full`, `disk_failed`, `data_corrupt`.
 */
export interface Table<Row, Name extends string> {
  /** By the primary key. */
  get(...key: Value[]): Row | undefined;
  /** The first row of an index with these values of its `by` columns. */
  first(index: Name, ...by: Value[]): Row | undefined;
  last(index: Name, ...by: Value[]): Row | undefined;
  /** Rows with these values of its `by` columns, in the index's order. */
  all(index: Name, by: readonly Value[], range?: Range<Row>): Row[];
  count(index: Name, ...by: Value[]): number;
  /** The row as it is kept; a counted key is filled in, whatever the row has there. */
  insert(row: Row): Row;
  /** In place of the row with the same key, if there is one. Not for counted tables. */
  put(row: Row): void;
  /** Changes columns of the row with this row's key; others stay as they are kept. */
  change(row: Row, changes: Partial<Row>): void;
  /** Removes the row with this row's key, if it is there. */
  remove(row: Row): void;
}

export type Tables = {
  readonly [Name in keyof typeof shapes]: typeof shapes[Name] extends
    TableShape<infer Row, infer Index> ? Table<Row, Index> : never;
};

export interface IssuerStore {
  /** All of it or nothing; what it returned from is there for all that comes after. A nested one is
   * part of the outer. What throws undoes. */
  transaction<T>(change: () => T): T;
  /** Calls after the transaction under way is done; not at all when it is undone. */
  afterCommit(call: () => void): void;
  /** Resolves when all transactions so far outlive a loss of power; undefined when they do already.
   * Nobody outside is told before of what they did, or of what was read after them: no phone,
   * gateway, retailer or acquirer. They are lost in no other order than from the last one on. */
  kept(): Promise<void> | undefined;
  readonly tables: Tables;
  /** Nothing of what was removed is left in its files when this returns, and all transactions are
   * kept; outside a transaction. */
  scrub(): void;
  /** Resolves when nothing of it is under way any more. */
  close(): Promise<void>;
}
