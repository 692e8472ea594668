/**
 * The port behind which a gateway remembers: actors' rows, history, outbox and the feed's cursor,
 * written one batch at a time. Two adapters, SQLite and memory, pass one suite.
 */
import { RuntimeError } from "../errors.ts";

/** A pending timer of an actor: XState's delayed event as an absolute deadline. */
export interface TimerRow {
  /** XState's send id. */
  readonly id: string;
  readonly event: { readonly type: string };
  readonly due_ms: number;
  /** Ties between equal deadlines fall in this order. */
  readonly sequence: number;
}

/** Who was heard last with which message, by turns: sender, sequence, sender, sequence. A list, for
 * objects with keys of their own take several times its room. */
export type Heard = readonly (string | number)[];

/** An actor as it is kept: enough to go on from, nothing that can be computed. JSON throughout. */
export interface ActorRow {
  readonly address: string;
  readonly value: unknown;
  readonly context: unknown;
  readonly timers: readonly TimerRow[];
  /** The machine has reached a final state: it takes no more events. */
  readonly done: boolean;
  /** Messages this actor has sent so far: the sequence of its last one. */
  readonly sent: number;
  /** Highest message sequence taken, by sender as messages name it; senders that will not write
   * again may be missing. */
  readonly heard: Heard;
  /** Only for machines with states side by side or history states. */
  readonly remembered?: Remembered;
}

/** What XState's snapshot has beside value and context. */
export interface Remembered {
  /** Ids of the active states in XState's order, which decides who of several goes first. */
  readonly active: readonly string[];
  /** Where history states go back to: ids of states, by the history state's id. */
  readonly history: Readonly<Record<string, readonly string[]>>;
}

/** Something that happened to an actor, for people. Secrets are masked before they come here. */
export interface HistoryRow {
  /** Position in the journal, ascending, unique. Assigned by the engine. */
  readonly position: number;
  readonly turn: number;
  readonly at_ms: number;
  readonly address: string;
  /** Who sent it: an address, or `outside`, or `timer`. */
  readonly from: string;
  readonly event: { readonly type: string; readonly [key: string]: unknown };
  /** State value before (undefined at birth) and after. */
  readonly before: unknown;
  readonly after: unknown;
  /** What the actor asked for in this step, masked. */
  readonly commands: readonly { readonly type: string; readonly [key: string]: unknown }[];
}

/** A command to the issuer that waits for its answer. */
export interface OutboxRow {
  readonly position: number;
  /** Idempotency key: gateway, incarnation, position; the same on every try. */
  readonly key: string;
  /** The actor that asked and gets the answer. */
  readonly from: string;
  readonly command: { readonly type: string; readonly [key: string]: unknown };
  readonly at_ms: number;
}

/** A message between actors that is written but not yet delivered. */
export interface MessageRow {
  /** The sender's address; with `#` and the incarnation where it is not durable and counts its
   * messages anew at every start. */
  readonly from: string;
  readonly sequence: number;
  readonly to: string;
  readonly event: { readonly type: string };
}

/** All that one commit writes; it holds wholly or not at all. What stands in it is not changed
 * afterwards: the next commit brings rows of their own, which may share parts with these. */
export interface Batch {
  readonly actors: readonly ActorRow[];
  /** Of actors that are in this batch or were in an earlier one. */
  readonly history: readonly HistoryRow[];
  readonly outbox_added: readonly OutboxRow[];
  /** Positions whose answers have come. */
  readonly outbox_settled: readonly number[];
  readonly messages_added: readonly MessageRow[];
  readonly messages_delivered: readonly { readonly from: string; readonly sequence: number }[];
  /** How far the issuer's feed was taken in. */
  readonly feed_cursor?: number;
}

/** Numbers that outlive a restart. */
export interface JournalHead {
  /** Last position used by history or outbox; 0 in a new journal. */
  readonly position: number;
  readonly turn: number;
  readonly at_ms: number;
  readonly feed_cursor: number;
  /** How many times the journal was opened for writing, this one counted. */
  readonly starts: number;
}

/** The row of an actor that is done is not as it was written: it takes no more events, and nobody
 * can tell how it ended. */
export class DamagedEnd extends RuntimeError {
  constructor(message: string, options?: ErrorOptions) {
    super("data_corrupt", message, options);
  }
}

/**
 * Synchronous. `commit` returns when the batch is on the disk (WAL, synchronous=FULL) and throws
 * `RuntimeError` of kind `disk_full`, `disk_failed` or `data_corrupt`, after which the journal
 * takes no further commit: memory is ahead of the disk and the gateway must stop.
 */
export interface Journal {
  readonly head: JournalHead;
  commit(batch: Batch): void;
  /** Throws `DamagedEnd` for one that is done and was damaged; the journal goes on. */
  actor(address: string): ActorRow | undefined;
  /** Every row that is not done. */
  liveActors(): Iterable<ActorRow>;
  /** Newest first among rows with `position < before`; `limit` at most. */
  history(address: string, options: { before?: number; limit: number }): HistoryRow[];
  /** Unsettled, in order of position, after `after`. */
  outbox(after: number, limit: number): OutboxRow[];
  messages(): MessageRow[];
  /** Addresses of a kind, done or not, newest first; for look-ups and reconciliation. */
  addresses(kind: string, limit: number): string[];
  /** Without it an engine keeps every actor that is not done in memory. */
  readonly shelf?: Shelf;
  close(): void;
}

/** The rows of actors as a place to leave those in that are quiet, and to forget those that ended
 * long ago. */
export interface Shelf {
  /** Rows with a timer that is due by then, earliest first; `limit` at most. */
  due(until_ms: number, limit: number): ActorRow[];
  /** The earliest deadline after that moment. */
  nextDue(after_ms: number): number | undefined;
  /** How many of each kind are not done. */
  live(): Readonly<Record<string, number>>;
  /** Deletes the oldest `limit` rows of history at most, those from before that moment, and with
   * the last row of an actor that is done the actor. Answers how many rows of history went. */
  forget(before_ms: number, limit: number): number;
  /** Reads so many rows again of those that no start reads, from where it stopped the last time,
   * and begins anew behind the last. Throws `RuntimeError` `data_corrupt` when one is not as it was
   * written; the journal goes on. */
  check(limit: number): Checked;
}

/** What a look at old rows came to. */
export interface Checked {
  readonly rows: number;
  /** These were the last: all have been read. */
  readonly whole: boolean;
}
