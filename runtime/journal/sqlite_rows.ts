/**
 * What is said to SQLite, and rows as it has them: states and steps are JSON in one column each,
 * all that a query looks at stands in a column of its own.
 */
import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";
import type { ActorRow, HistoryRow, JournalHead, MessageRow, OutboxRow } from "./journal.ts";
import { pack, unpack } from "./packed.ts";
import { type ActorChange, changed } from "./recent.ts";
import { never } from "./schema.ts";
import { headSum, sumOf, verify } from "./sums.ts";

export const statements = {
  begin: "BEGIN IMMEDIATE",
  commit: "COMMIT",
  rollback: "ROLLBACK",
  head: "SELECT position, turn, at_ms, feed_cursor, starts, commits, sum FROM head",
  advance: `UPDATE head SET position = ?, turn = ?, at_ms = ?, feed_cursor = ?, starts = ?,
    commits = ?, sum = ?`,
  add_recent: "INSERT INTO recent VALUES (?, ?, ?, ?, ?, ?, ?)",
  recent: "SELECT * FROM recent ORDER BY number",
  drop_recent: "DELETE FROM recent WHERE number <= ?",
  put_actor: `INSERT INTO actor VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (serial) DO UPDATE
    SET due_ms = excluded.due_ms, last = excluded.last, state = excluded.state, sum = excluded.sum`,
  drop_actor: "DELETE FROM actor WHERE serial = ?",
  put_ended: `INSERT INTO ended VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (serial) DO UPDATE
    SET last = excluded.last, state = excluded.state, sum = excluded.sum`,
  actor: "SELECT * FROM actor WHERE address = ?",
  ended: "SELECT serial, address, NULL AS due_ms, last, state, sum FROM ended WHERE address = ?",
  last_serial: `SELECT max((SELECT coalesce(max(serial), 0) FROM actor),
    (SELECT coalesce(max(serial), 0) FROM ended)) AS serial`,
  live: "SELECT * FROM actor ORDER BY serial",
  due: "SELECT * FROM actor WHERE due_ms <= ? ORDER BY due_ms, serial LIMIT ?",
  next_due: `SELECT due_ms FROM actor WHERE due_ms > ? AND due_ms < ${never}
    ORDER BY due_ms LIMIT 1`,
  live_kinds: "SELECT kind, count(*) AS actors FROM actor INDEXED BY actor_due GROUP BY kind",
  living: "SELECT serial, address FROM actor WHERE kind = ?",
  ended_of: "SELECT serial, address FROM ended WHERE kind = ? ORDER BY serial DESC LIMIT ?",
  check_history: "SELECT * FROM history WHERE position > ? ORDER BY position LIMIT ?",
  check_ended: `SELECT serial, address, NULL AS due_ms, last, state, sum FROM ended
    WHERE serial > ? ORDER BY serial LIMIT ?`,
  forget_ended: "DELETE FROM ended WHERE address = ? AND last <= ?",
  add_history: "INSERT INTO history VALUES (?, ?, ?)",
  put_history: "UPDATE history SET steps = ?, sum = ? WHERE position = ?",
  history: "SELECT * FROM history WHERE position >= ? ORDER BY position LIMIT 1",
  drop_history: "DELETE FROM history WHERE position <= ?",
  add_outbox: "INSERT INTO outbox VALUES (?, ?, ?, ?, ?, ?)",
  settle: "DELETE FROM outbox WHERE position = ?",
  outbox: "SELECT * FROM outbox ORDER BY position",
  add_message: `INSERT INTO message (sender, sequence, receiver, event, sum)
    VALUES (?, ?, ?, ?, ?)`,
  deliver: "DELETE FROM message WHERE sender = ? AND sequence = ?",
  messages: "SELECT sender, sequence, receiver, event, sum FROM message ORDER BY serial",
} as const;

export type Prepared = Readonly<Record<keyof typeof statements, StatementSync>>;
export type SqliteRow = Record<string, SQLOutputValue>;

export function prepare(database: DatabaseSync): Prepared {
  const prepared = Object.entries(statements).map(([name, sql]) => [name, database.prepare(sql)]);
  return Object.fromEntries(prepared);
}

const parse = (text: SQLOutputValue | undefined) => JSON.parse(String(text));

/** A text, packed or not. */
type Kept = string | Uint8Array;
const keptOf = (column: SQLOutputValue | undefined): Kept =>
  column instanceof Uint8Array ? column : String(column);

export const kindOf = (address: string) => address.slice(0, address.indexOf("/"));

export const stateSum = (
  serial: number,
  address: string,
  due_ms: number | null,
  last: number,
  state: string,
): number => sumOf([serial, address, due_ms ?? "ended", last], state);

/** An actor with what only the journal knows of it. */
export interface StoredActor {
  readonly serial: number;
  readonly last: number;
  readonly row: ActorRow;
}

export function storedActor(row: SqliteRow): StoredActor {
  const { serial, last, state } = verifyActor(row);
  return { serial, last, row: rowOf(state) };
}

/** Throws `DamagedRow` when it is not as it was written. */
export function verifyActor(row: SqliteRow) {
  const address = String(row.address);
  const due_ms = row.due_ms === null ? null : Number(row.due_ms);
  const [serial, last, state] = [Number(row.serial), Number(row.last), String(row.state)];
  verify(address, stateSum(serial, address, due_ms, last, state), row.sum, due_ms === null);
  return { serial, last, state };
}

/** The row that all changes make in their order. */
export function rowOf(state: string): ActorRow {
  const changes: ActorChange[] = JSON.parse(state);
  return changes.reduce<ActorRow | undefined>(changed, undefined) as ActorRow;
}

export const actorRow = (row: SqliteRow): ActorRow => storedActor(row).row;

export function headColumns(head: JournalHead, commits: number) {
  const { position, turn, at_ms, feed_cursor, starts } = head;
  const numbers = [position, turn, at_ms, feed_cursor, starts, commits] as const;
  return [...numbers, headSum(numbers)] as const;
}

export function headRow(row: SqliteRow): { head: JournalHead; commits: number } {
  const [position = 0, turn = 0, at_ms = 0, feed_cursor = 0, starts = 0, commits = 0, sum] = Object
    .values(row).map(Number);
  const head = { position, turn, at_ms, feed_cursor, starts };
  verify("the head", headColumns(head, commits)[6], sum);
  return { head, commits };
}

const recentSum = (number: number, head: JournalHead, changes: Kept): number => {
  const { position, turn, at_ms, feed_cursor } = head;
  return sumOf([number, position, turn, at_ms, feed_cursor], changes);
};

/** The columns of a row of `recent`. */
export function recentColumns(number: number, head: JournalHead, text: string) {
  const { position, turn, at_ms, feed_cursor } = head;
  const changes = pack(text);
  const sum = recentSum(number, head, changes);
  return [number, position, turn, at_ms, feed_cursor, changes, sum] as const;
}

export function recentRow(row: SqliteRow, starts: number) {
  const head: JournalHead = {
    position: Number(row.position),
    turn: Number(row.turn),
    at_ms: Number(row.at_ms),
    feed_cursor: Number(row.feed_cursor),
    starts,
  };
  const [number, changes] = [Number(row.number), keptOf(row.changes)];
  verify(`commit ${number}`, recentSum(number, head, changes), row.sum);
  return { number, head, changes: parse(unpack(changes)) };
}

/** Some steps in a row, each with the position of the one before it of the same actor. */
export interface Steps {
  readonly previous: readonly number[];
  readonly rows: readonly HistoryRow[];
}

/** A list for each field: names that came again with every step would be a fifth of the text. */
type Listed =
  & { readonly [Field in keyof HistoryRow]: readonly HistoryRow[Field][] }
  & Pick<Steps, "previous">;

export function stepsColumns({ previous, rows }: Steps) {
  const position = rows.at(-1)?.position ?? 0;
  const listed: Listed = {
    previous,
    position: rows.map((row) => row.position),
    turn: rows.map((row) => row.turn),
    at_ms: rows.map((row) => row.at_ms),
    address: rows.map((row) => row.address),
    from: rows.map((row) => row.from),
    event: rows.map((row) => row.event),
    before: rows.map((row) => row.before),
    after: rows.map((row) => row.after),
    commands: rows.map((row) => row.commands),
  };
  const steps = pack(JSON.stringify(listed));
  return [position, steps, sumOf([position], steps)] as const;
}

/** Throws `DamagedRow` when they are not as they were written. */
export function verifySteps(row: SqliteRow): Kept {
  const [position, steps] = [Number(row.position), keptOf(row.steps)];
  verify(`the history up to step ${position}`, sumOf([position], steps), row.sum);
  return steps;
}

export function stepsRow(row: SqliteRow): Steps {
  const listed: Listed = parse(unpack(verifySteps(row)));
  const rows = listed.position.map((position, at) => ({
    position,
    turn: listed.turn[at]!,
    at_ms: listed.at_ms[at]!,
    address: listed.address[at]!,
    from: listed.from[at]!,
    event: listed.event[at]!,
    // A list keeps what is absent as null, which no situation is.
    before: listed.before[at] ?? undefined,
    after: listed.after[at],
    commands: listed.commands[at]!,
  }));
  return { previous: listed.previous, rows };
}

export function outboxColumns({ position, key, from, command: asked, at_ms }: OutboxRow) {
  const command = JSON.stringify(asked);
  const sum = sumOf([position, key, from, at_ms], command);
  return [position, key, from, command, at_ms, sum] as const;
}

export function outboxRow(row: SqliteRow): OutboxRow {
  const [position, at_ms] = [Number(row.position), Number(row.at_ms)];
  const [key, from, command] = [String(row.key), String(row.sender), String(row.command)];
  const sum = sumOf([position, key, from, at_ms], command);
  verify(`command ${position} of the outbox`, sum, row.sum);
  return { position, key, from, command: parse(command), at_ms };
}

export function messageColumns({ from, sequence, to, event: told }: MessageRow) {
  const event = JSON.stringify(told);
  return [from, sequence, to, event, sumOf([from, sequence, to], event)] as const;
}

export function messageRow(row: SqliteRow): MessageRow {
  const [from, to, event] = [String(row.sender), String(row.receiver), String(row.event)];
  const sequence = Number(row.sequence);
  verify(`message ${sequence} of ${from}`, sumOf([from, sequence, to], event), row.sum);
  return { from, sequence, to, event: parse(event) };
}
