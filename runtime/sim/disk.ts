/**
 * The journal on a simulated disk: rows outlive the process that wrote them, a commit may fail
 * before or after it is written, and a copy may be put back. What it kept long enough it forgets,
 * so that a simulation of weeks fits into memory.
 */
import { InvariantError } from "../errors.ts";
import { headAfter } from "../journal/head.ts";
import type {
  ActorRow,
  Batch,
  HistoryRow,
  Journal,
  JournalHead,
  MessageRow,
  OutboxRow,
  Shelf,
} from "../journal/journal.ts";

/** What may befall a commit, and who looks on. */
export interface DiskWatch {
  /** An error instead of the write. */
  before(batch: Batch): Error | undefined;
  /** It is written. */
  written(batch: Batch): void;
  /** An error after the write: it is on the disk, and nobody is told. */
  after(batch: Batch): Error | undefined;
}

const messageKey = (row: { readonly from: string; readonly sequence: number }) =>
  `${row.from} ${row.sequence}`;
const kindOf = (address: string) => address.slice(0, address.indexOf("/"));

/** Steps kept of an actor: what pages and views ask for. */
const history_kept = 24;

/** Rows that JSON changes, as they were read once. Nobody changes a row, so that once is enough. */
const readings = new WeakMap<object, unknown>();

/** True for what JSON gives back as it was: looking costs less than writing and reading. */
function isKept(value: unknown): boolean {
  switch (typeof value) {
    case "string":
    case "boolean":
      return true;
    case "number":
      return Number.isFinite(value) && !Object.is(value, -0);
    case "object":
      break;
    default:
      return false;
  }
  if (value === null) return true;
  if (Array.isArray(value)) return value.every(isKept);
  if (Object.getPrototypeOf(value) !== Object.prototype || "toJSON" in value) return false;
  for (const field in value) if (!isKept((value as Record<string, unknown>)[field])) return false;
  return true;
}

/** As the disk gives it back: whatever JSON loses is lost. */
function reread<Row extends object>(row: Row): Row {
  const known = readings.get(row);
  if (known !== undefined) return known as Row;
  const read = isKept(row) ? row : JSON.parse(JSON.stringify(row));
  readings.set(row, read);
  return read;
}

export class SimulatedDisk {
  head: JournalHead = { position: 0, turn: 0, at_ms: 0, feed_cursor: 0, starts: 0 };
  live = new Map<string, ActorRow>();
  done = new Map<string, ActorRow>();
  history = new Map<string, HistoryRow[]>();
  outbox = new Map<number, OutboxRow>();
  /** Idempotency keys of the outbox. */
  keys = new Map<string, OutboxRow>();
  messages = new Map<string, MessageRow>();

  /** The disk as it is at this moment, or after that many starts. Rows are never changed, so they
   * are shared. */
  copy(starts = this.head.starts): SimulatedDisk {
    const disk = new SimulatedDisk();
    disk.head = { ...this.head, starts };
    disk.live = new Map(this.live);
    disk.done = new Map(this.done);
    disk.history = new Map([...this.history].map(([address, rows]) => [address, [...rows]]));
    disk.outbox = new Map(this.outbox);
    disk.keys = new Map(this.keys);
    disk.messages = new Map(this.messages);
    return disk;
  }

  actor(address: string): ActorRow | undefined {
    return this.live.get(address) ?? this.done.get(address);
  }

  /** Forgets what ended longest ago, beyond this many ended actors. */
  forget(kept: number): void {
    for (const address of this.done.keys()) {
      if (this.done.size <= kept) return;
      this.done.delete(address);
      this.history.delete(address);
    }
  }

  write(batch: Batch): void {
    for (const row of batch.actors) {
      if (row.done) {
        this.live.delete(row.address);
        this.done.set(row.address, row);
      } else this.live.set(row.address, row);
    }
    for (const row of batch.history) {
      const rows = this.history.get(row.address);
      if (!rows) this.history.set(row.address, [row]);
      else if (rows.push(row) > 2 * history_kept) rows.splice(0, history_kept);
    }
    for (const row of batch.outbox_added) this.#addOutbox(row);
    for (const position of batch.outbox_settled) {
      this.keys.delete(this.outbox.get(position)?.key ?? "");
      this.outbox.delete(position);
    }
    for (const row of batch.messages_added) {
      if (this.messages.has(messageKey(row))) throw twice(`message ${messageKey(row)}`);
      this.messages.set(messageKey(row), row);
    }
    for (const row of batch.messages_delivered) this.messages.delete(messageKey(row));
    this.head = headAfter(this.head, batch);
  }

  #addOutbox(row: OutboxRow): void {
    if (this.outbox.has(row.position) || this.keys.has(row.key)) throw twice(`key ${row.key}`);
    this.outbox.set(row.position, row);
    this.keys.set(row.key, row);
  }
}

function dueOf({ timers }: ActorRow): number {
  let least_ms = Infinity;
  for (const { due_ms } of timers) if (due_ms < least_ms) least_ms = due_ms;
  return least_ms;
}

/** Where quiet actors are left. There are few on a simulated disk: they are looked through. */
function shelfOf(disk: SimulatedDisk): Shelf {
  return {
    due(until_ms, limit) {
      const found: { row: ActorRow; due_ms: number }[] = [];
      for (const row of disk.live.values()) {
        const due_ms = dueOf(row);
        if (due_ms <= until_ms) found.push({ row, due_ms });
      }
      found.sort((a, b) => a.due_ms - b.due_ms);
      return found.slice(0, limit).map(({ row }) => reread(row));
    },
    nextDue(after_ms) {
      let next_ms = Infinity;
      for (const row of disk.live.values()) {
        const due_ms = dueOf(row);
        if (due_ms > after_ms && due_ms < next_ms) next_ms = due_ms;
      }
      return next_ms === Infinity ? undefined : next_ms;
    },
    live() {
      const counts: Record<string, number> = {};
      for (const address of disk.live.keys()) {
        counts[kindOf(address)] = (counts[kindOf(address)] ?? 0) + 1;
      }
      return counts;
    },
    forget(before_ms, limit) {
      let forgotten = 0;
      for (const address of disk.done.keys()) {
        const rows = disk.history.get(address) ?? [];
        if (forgotten + rows.length > limit || (rows.at(-1)?.at_ms ?? 0) >= before_ms) break;
        forgotten += rows.length;
        disk.done.delete(address);
        disk.history.delete(address);
      }
      return forgotten;
    },
    /** A simulated disk turns no bits: there is nothing to be found. */
    check: () => ({ rows: 0, whole: true }),
  };
}

function twice(what: string): InvariantError {
  return new InvariantError(`the disk was given ${what} twice`);
}

/** Opens the disk for one process. */
export function openSimulatedJournal(disk: SimulatedDisk, watch: DiskWatch): Journal {
  disk.head = { ...disk.head, starts: disk.head.starts + 1 };
  let failure: Error | undefined;
  return {
    get head() {
      return disk.head;
    },
    commit(batch) {
      failure ??= watch.before(batch);
      if (failure) throw failure;
      disk.write(batch);
      watch.written(batch);
      failure = watch.after(batch);
      if (failure) throw failure;
    },
    actor(address) {
      const row = disk.actor(address);
      return row && reread(row);
    },
    *liveActors() {
      for (const row of [...disk.live.values()]) yield reread(row);
    },
    history(address, { before = Infinity, limit }) {
      const rows = disk.history.get(address) ?? [];
      return rows.filter((row) => row.position < before).slice(-limit).reverse()
        .map((row) => Object.assign({ before: undefined }, reread(row)));
    },
    outbox(after, limit) {
      const rows: OutboxRow[] = [];
      for (const row of disk.outbox.values()) {
        if (row.position > after && rows.push(reread(row)) === limit) break;
      }
      return rows;
    },
    messages: () => [...disk.messages.values()].map(reread),
    shelf: shelfOf(disk),
    addresses(kind, limit) {
      const found = [...disk.done.keys(), ...disk.live.keys()].filter((it) => kindOf(it) === kind);
      return found.reverse().slice(0, limit);
    },
    close() {},
  };
}
