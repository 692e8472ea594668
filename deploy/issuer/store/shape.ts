/**
 * How a table of the issuer is described: its columns, what is unique in it, what it is asked by.
 * Both stores (SQLite, memory) are built from the same descriptions and keep the same rules.
 */

export type Value = string | number | Uint8Array | null;

/** SQLite's own types; a question mark allows null. */
export type Column = "text" | "text?" | "integer" | "integer?" | "blob";

/** Which rows an index holds; without it, all. */
export type Where<Row> =
  | { readonly column: keyof Row & string; readonly is: string | null }
  | { readonly column: keyof Row & string; readonly above: number };

/** What a table is asked by: rows with equal `by` columns stand together, ordered by `order` and
 * then by the primary key. */
export interface Index<Row> {
  readonly by?: readonly (keyof Row & string)[];
  readonly order?: readonly (keyof Row & string)[];
  readonly where?: Where<Row>;
  /** At most one row for the same `by` columns; a null among them is like no other. */
  readonly unique?: true;
}

export interface Shape<Row> {
  readonly columns: { readonly [Name in keyof Row]: Column };
  /** The primary key. */
  readonly key: readonly (keyof Row & string)[];
  /** The key is one column that counts up; it is given by the store, and never twice. */
  readonly counted?: true;
  readonly indexes?: { readonly [Name in string]: Index<Row> };
  /** Columns that name a row of another table by its key. */
  readonly references?: { readonly [Name in keyof Row]?: string };
  /** Columns that never exceed a number, or another column of the row. */
  readonly at_most?: { readonly [Name in keyof Row]?: number | (keyof Row & string) };
}

/** A shape that knows its rows and the names of its indexes. */
export interface TableShape<Row, Name extends string> extends Shape<Row> {
  readonly indexes?: { readonly [Each in Name]: Index<Row> };
}

/** `table<Row>()({ … })`: a description whose rows are of this type. */
export function table<Row>() {
  return <const Given extends Shape<Row>>(
    shape: Given,
  ): TableShape<Row, keyof Given["indexes"] & string> =>
    shape as unknown as TableShape<Row, keyof Given["indexes"] & string>;
}

/** True for a row that the index holds. */
export function isHeld<Row>(where: Where<Row> | undefined, row: Row): boolean {
  if (!where) return true;
  const value = row[where.column];
  return "is" in where ? value === where.is : Number(value) > where.above;
}
