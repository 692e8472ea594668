/** The SQL of a table, made of its description: what creates it, and what asks and changes it. */
import type { Index, Shape, Value, Where } from "./shape.ts";
import type { Range } from "./store.ts";

type Row = Readonly<Record<string, Value>>;
export type AnyShape = Shape<Row>;

/** Statements that create the tables with their rules and indexes, in this order. */
export function schemaOf(shapes: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(shapes as Readonly<Record<string, AnyShape>>)
    .flatMap(([name, shape]) => [tableOf(name, shape), ...indexesOf(name, shape)]);
}

function tableOf(name: string, shape: AnyShape): string {
  const lines = Object.entries(shape.columns).map(([column, kind]) => {
    const words = [column, kind.replace("?", "").toUpperCase()];
    if (!kind.endsWith("?")) words.push("NOT NULL");
    const to = shape.references?.[column];
    if (to !== undefined) words.push(`REFERENCES "${to}"`);
    const most = shape.at_most?.[column];
    if (most !== undefined) words.push(`CHECK (${column} <= ${most})`);
    return shape.counted && column === shape.key[0]
      ? `${column} INTEGER PRIMARY KEY AUTOINCREMENT`
      : words.join(" ");
  });
  if (!shape.counted) lines.push(`PRIMARY KEY (${shape.key.join(", ")})`);
  return `CREATE TABLE ${name} (\n  ${lines.join(",\n  ")}\n) STRICT`;
}

function indexesOf(name: string, shape: AnyShape): string[] {
  return Object.entries(shape.indexes ?? {}).flatMap(([index, of]) => {
    const columns = [...of.by ?? [], ...(of.unique ? [] : of.order ?? [])];
    const isKey = columns.every((column, at) => column === shape.key[at]);
    if (isKey && !of.where) return [];
    const unique = of.unique ? "UNIQUE " : "";
    const where = of.where ? ` WHERE ${conditionOf(of.where)}` : "";
    return [`CREATE ${unique}INDEX ${name}_${index} ON ${name} (${columns.join(", ")})${where}`];
  });
}

/** As it stands in the index, so that SQLite sees that the index serves. */
function conditionOf(where: Where<Row>): string {
  if ("above" in where) return `${where.column} > ${where.above}`;
  return where.is === null ? `${where.column} IS NULL` : `${where.column} = '${where.is}'`;
}

export function selectByKey(name: string, { key }: AnyShape): string {
  return `SELECT * FROM ${name} WHERE ${key.map((column) => `${column} = ?`).join(" AND ")}`;
}

export function countBy(name: string, shape: AnyShape, index: Index<Row>): string {
  return `SELECT count(*) AS rows FROM ${name}${wherePart(shape, index, {})}`;
}

/** Columns in whose order the rows of an index stand. */
function orderOf({ key }: AnyShape, { order, unique }: Index<Row>): string[] {
  return unique ? [] : [...new Set([...order ?? [], ...key])];
}

export function selectBy(
  name: string,
  shape: AnyShape,
  index: Index<Row>,
  range: Range<Row>,
  last = false,
): string {
  const columns = orderOf(shape, index);
  const order = columns.map((column) => last ? `${column} DESC` : column).join(", ");
  const inOrder = order === "" ? "" : ` ORDER BY ${order}`;
  // Written out: SQLite plans a statement anew whenever a limit is bound to it.
  const limit = range.limit === undefined ? "" : ` LIMIT ${range.limit}`;
  return `SELECT * FROM ${name}${wherePart(shape, index, range)}${inOrder}${limit}`;
}

/** The values of a range, in the order of their question marks. */
export function valuesOf(
  shape: AnyShape,
  index: Index<Row>,
  { above, below, up_to, after }: Range<Row>,
): Value[] {
  const bounds = [above, below, up_to].filter((value) => value !== undefined);
  if (after === undefined) return bounds;
  return [...bounds, ...orderOf(shape, index).map((column) => after[column] ?? null)];
}

function wherePart(
  shape: AnyShape,
  index: Index<Row>,
  { above, below, up_to, after }: Range<Row>,
): string {
  const parts = (index.by ?? []).map((column) => `${column} = ?`);
  const column = index.order?.[0];
  if (above !== undefined) parts.push(`${column} > ?`);
  if (below !== undefined) parts.push(`${column} < ?`);
  if (up_to !== undefined) parts.push(`${column} <= ?`);
  if (after !== undefined) {
    const columns = orderOf(shape, index);
    parts.push(`(${columns.join(", ")}) > (${columns.map(() => "?").join(", ")})`);
  }
  if (index.where) parts.push(conditionOf(index.where));
  return parts.length === 0 ? "" : ` WHERE ${parts.join(" AND ")}`;
}

/** Without the key of a counted table, which SQLite gives. */
export function writtenColumns(shape: AnyShape): string[] {
  return Object.keys(shape.columns).filter((column) => !shape.counted || column !== shape.key[0]);
}

export function insertInto(name: string, columns: readonly string[]): string {
  const values = columns.map(() => "?").join(", ");
  return `INSERT INTO ${name} (${columns.join(", ")}) VALUES (${values})`;
}

export function upsertInto(name: string, shape: AnyShape): string {
  const columns = Object.keys(shape.columns);
  const others = columns.filter((column) => !shape.key.includes(column));
  const changes = others.map((column) => `${column} = excluded.${column}`).join(", ");
  const conflict = others.length === 0 ? "NOTHING" : `UPDATE SET ${changes}`;
  return `${insertInto(name, columns)} ON CONFLICT (${shape.key.join(", ")}) DO ${conflict}`;
}

export function update(name: string, { key }: AnyShape, columns: readonly string[]): string {
  const changes = columns.map((column) => `${column} = ?`).join(", ");
  const where = key.map((column) => `${column} = ?`).join(" AND ");
  return `UPDATE ${name} SET ${changes} WHERE ${where}`;
}

export function remove(name: string, { key }: AnyShape): string {
  return `DELETE FROM ${name} WHERE ${key.map((column) => `${column} = ?`).join(" AND ")}`;
}
