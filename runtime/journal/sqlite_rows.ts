/**
 * What is said to SQLite, and rows as it has them: states and steps are JSON in one column each,
 * all that a query looks at stands in a column of its own.
 */
import type { SQLOutputValue } from "node:sqlite";
import type { ActorRow, HistoryRow, MessageRow, OutboxRow } from "./journal.ts";
import { never } from "./schema.ts";
import { actorSum, historySum, lastSum, messageSum, outboxSum, verify } from "./sums.ts";

export const statements = {
  begin: "BEGIN IMMEDIATE",
  commit: "COMMIT",
  rollback: "ROLLBACK",
  head: "SELECT position, turn, at_ms, feed_cursor, starts, commits, sum FROM head",
  advance: `UPDATE head SET position = ?, turn = ?, at_ms = ?, feed_cursor = ?, starts = ?,
    commits = ?, sum = ?`,
  find_actor: "SELECT serial, last FROM actor WHERE address = ?",
  add_actor: `INSERT INTO actor (address, kind, due_ms, last, state, sum)
    VALUES (?, ?, ?, ?, ?, ?)`,
  put_actor: "UPDATE actor SET due_ms = ?, last = ?, state = ?, sum = ? WHERE serial = ?",
  extend_actor: "UPDATE actor SET last = ?, sum = sum + ? WHERE serial = ?",
  actor: "SELECT address, due_ms, last, state, sum FROM actor WHERE address = ?",
  live: `SELECT address, due_ms, last, state, sum FROM actor WHERE due_ms IS NOT NULL
    ORDER BY serial`,
  due: `SELECT address, due_ms, last, state, sum FROM actor WHERE due_ms IS NOT NULL AND due_ms <= ?
    ORDER BY due_ms, serial LIMIT ?`,
  next_due: `SELECT due_ms FROM actor WHERE due_ms IS NOT NULL AND due_ms > ? AND due_ms < ${never}
    ORDER BY due_ms LIMIT 1`,
  live_kinds: `SELECT kind, count(*) AS actors FROM actor INDEXED BY actor_due
    WHERE due_ms IS NOT NULL GROUP BY kind`,
  addresses: "SELECT address FROM actor WHERE kind = ? ORDER BY serial DESC LIMIT ?",
  add_history: "INSERT INTO history VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
  history: "SELECT * FROM history WHERE position = ?",
  oldest: "SELECT position, at_ms, address FROM history ORDER BY position LIMIT ?",
  drop_history: "DELETE FROM history WHERE position <= ?",
  drop_actor: "DELETE FROM actor WHERE address = ? AND due_ms IS NULL AND last <= ?",
  add_outbox: "INSERT INTO outbox VALUES (?, ?, ?, ?, ?, ?)",
  settle: "DELETE FROM outbox WHERE position = ?",
  outbox: "SELECT * FROM outbox WHERE position > ? ORDER BY position LIMIT ?",
  add_message: `INSERT INTO message (sender, sequence, receiver, event, sum)
    VALUES (?, ?, ?, ?, ?)`,
  deliver: "DELETE FROM message WHERE sender = ? AND sequence = ?",
  messages: "SELECT sender, sequence, receiver, event, sum FROM message ORDER BY serial",
} as const;

export type SqliteRow = Record<string, SQLOutputValue>;

/** A column of JSON. */
export const parse = (text: SQLOutputValue | undefined) => JSON.parse(String(text));

export function actorRow(row: SqliteRow): ActorRow {
  const address = String(row.address);
  const due_ms = row.due_ms === null ? null : Number(row.due_ms);
  const sum = actorSum(address, due_ms, String(row.state)) + lastSum(Number(row.last));
  verify(address, sum, row.sum);
  return { address, done: due_ms === null, ...parse(row.state) };
}

export function stateOf({ value, context, timers, sent, seen, remembered }: ActorRow): string {
  return JSON.stringify({ value, context, timers, sent, seen, remembered });
}

export function dueOf({ done, timers }: ActorRow): number | null {
  if (done) return null;
  let due_ms = never;
  for (const timer of timers) if (timer.due_ms < due_ms) due_ms = timer.due_ms;
  return due_ms;
}

export function historyRow(row: SqliteRow): HistoryRow {
  const columns = {
    position: Number(row.position),
    turn: Number(row.turn),
    at_ms: Number(row.at_ms),
    address: String(row.address),
    from: String(row.sender),
  };
  const sum = historySum(columns, Number(row.previous), String(row.step));
  verify(`step ${columns.position} of the history`, sum, row.sum);
  // JSON keeps an absent `before` as an absent key: read back as undefined.
  return { ...columns, ...{ before: undefined, ...parse(row.step) } };
}

export function outboxRow(row: SqliteRow): OutboxRow {
  const columns = {
    position: Number(row.position),
    key: String(row.key),
    from: String(row.sender),
    at_ms: Number(row.at_ms),
  };
  const sum = outboxSum(columns, String(row.command));
  verify(`command ${columns.position} of the outbox`, sum, row.sum);
  return { ...columns, command: parse(row.command) };
}

export function messageRow(row: SqliteRow): MessageRow {
  const columns = {
    from: String(row.sender),
    sequence: Number(row.sequence),
    to: String(row.receiver),
  };
  const sum = messageSum(columns, String(row.event));
  verify(`message ${columns.sequence} of ${columns.from}`, sum, row.sum);
  return { ...columns, event: parse(row.event) };
}
