/**
 * The journal without a disk, for tests and simulation. Rows are kept as JSON text, so that a row
 * changed after its commit, or one that JSON cannot hold, shows here as it would on a disk.
 */
import { InvariantError, RuntimeError } from "../errors.ts";
import { headAfter } from "./head.ts";
import type {
  ActorRow,
  Batch,
  HistoryRow,
  Journal,
  JournalHead,
  MessageRow,
  OutboxRow,
  Shelf,
} from "./journal.ts";

interface Stored {
  head: JournalHead;
  actors: Map<string, { kind: string; done: boolean; text: string }>;
  /** Per address, ascending by position. */
  history: Map<string, { position: number; text: string }[]>;
  positions: Set<number>;
  outbox: Map<number, { key: string; text: string }>;
  messages: Map<string, string>;
  bytes: number;
}

const kindOf = (address: string) => address.slice(0, address.indexOf("/"));
const messageKey = (row: { from: string; sequence: number }) => `${row.from} ${row.sequence}`;

/** What outlives a journal: open it again after a stop, copy it to see what a crash would leave. */
export class MemoryDisk {
  stored: Stored = {
    head: { position: 0, turn: 0, at_ms: 0, feed_cursor: 0, starts: 0 },
    actors: new Map(),
    history: new Map(),
    positions: new Set(),
    outbox: new Map(),
    messages: new Map(),
    bytes: 0,
  };
  locked = false;

  /** The disk as it is at this moment, not locked by anyone. */
  copy(): MemoryDisk {
    const disk = new MemoryDisk();
    disk.stored = structuredClone(this.stored);
    return disk;
  }
}

export interface MemoryJournalOptions {
  /** Room for rows, in characters of JSON; beyond it commits fail as on a full disk. */
  readonly max_bytes?: number;
}

/** A batch in the form it is kept in; making it can fail, applying it cannot. */
interface Written {
  readonly actors: readonly { address: string; done: boolean; text: string }[];
  readonly history: readonly { position: number; address: string; text: string }[];
  readonly outbox: readonly { position: number; key: string; text: string }[];
  readonly messages: readonly { key: string; text: string }[];
  readonly bytes: number;
}

function write(batch: Batch): Written {
  const { actors, history, outbox_added, messages_added } = batch;
  const written = {
    actors: actors.map(({ address, value, context, timers, done, sent, heard, remembered }) => ({
      address,
      done,
      text: JSON.stringify({ address, value, context, timers, done, sent, heard, remembered }),
    })),
    history: history.map((row) => ({
      position: row.position,
      address: row.address,
      text: JSON.stringify(row),
    })),
    outbox: outbox_added.map((row) => ({
      position: row.position,
      key: row.key,
      text: JSON.stringify(row),
    })),
    messages: messages_added.map((row) => ({ key: messageKey(row), text: JSON.stringify(row) })),
  };
  const bytes = Object.values(written).flat().reduce((sum, { text }) => sum + text.length, 0);
  return { ...written, bytes };
}

/** Whether an element occurs twice, or is among those already there. */
function repeats<T>(elements: readonly T[], there?: { has(element: T): boolean }): boolean {
  return new Set(elements).size < elements.length ||
    (there !== undefined && elements.some((element) => there.has(element)));
}

class MemoryJournal implements Journal {
  readonly #disk: MemoryDisk;
  readonly #max_bytes: number;
  readonly shelf: Shelf;
  #failure: Error | undefined;
  #open = true;

  constructor(disk: MemoryDisk, options: MemoryJournalOptions) {
    this.#disk = disk;
    this.#max_bytes = options.max_bytes ?? Infinity;
    disk.stored.head = { ...disk.stored.head, starts: disk.stored.head.starts + 1 };
    this.shelf = {
      due: (until_ms, limit) =>
        this.#deadlines().filter(({ due_ms }) => due_ms <= until_ms).slice(0, limit)
          .map(({ row }) => row),
      nextDue: (after_ms) => this.#deadlines().find(({ due_ms }) => due_ms > after_ms)?.due_ms,
      live: () => this.#live(),
      forget: (before_ms, limit) => this.#forget(before_ms, limit),
      // Memory is as it was written.
      check: () => ({ rows: 0, whole: true }),
    };
  }

  get #stored(): Stored {
    if (!this.#open) throw new RuntimeError("disk_failed", "the journal is closed: open it again");
    return this.#disk.stored;
  }

  get head(): JournalHead {
    return this.#disk.stored.head;
  }

  commit(batch: Batch): void {
    if (this.#failure) throw this.#failure;
    const stored = this.#stored;
    const written = write(batch);
    this.#failure = this.#refusal(stored, written);
    if (this.#failure) throw this.#failure;
    for (const { address, done, text } of written.actors) {
      stored.actors.set(address, { kind: kindOf(address), done, text });
    }
    for (const { position, address, text } of written.history) {
      stored.positions.add(position);
      const rows = stored.history.get(address);
      if (rows) rows.push({ position, text });
      else stored.history.set(address, [{ position, text }]);
    }
    for (const { position, key, text } of written.outbox) {
      stored.outbox.set(position, { key, text });
    }
    for (const position of batch.outbox_settled) stored.outbox.delete(position);
    for (const { key, text } of written.messages) stored.messages.set(key, text);
    for (const delivered of batch.messages_delivered) stored.messages.delete(messageKey(delivered));
    stored.head = headAfter(stored.head, batch);
    stored.bytes += written.bytes;
  }

  #refusal(stored: Stored, written: Written): Error | undefined {
    const { actors, history, outbox, messages } = written;
    const orphan = history.find(({ address }) =>
      !stored.actors.has(address) && !actors.some((row) => row.address === address)
    );
    if (orphan) return new InvariantError(`history of ${orphan.address}, which has no row`);
    const keys = outbox.length === 0
      ? []
      : [...stored.outbox.values(), ...outbox].map(({ key }) => key);
    const twice = repeats(history.map(({ position }) => position), stored.positions) ||
      repeats(outbox.map(({ position }) => position), stored.outbox) || repeats(keys) ||
      repeats(messages.map(({ key }) => key), stored.messages);
    if (twice) return new InvariantError("the journal in memory was given a row twice");
    if (stored.bytes + written.bytes > this.#max_bytes) {
      return new RuntimeError("disk_full", "no room in the journal in memory: raise its max_bytes");
    }
    return undefined;
  }

  #deadlines(): { readonly due_ms: number; readonly row: ActorRow }[] {
    return [...this.liveActors()].flatMap((row) => {
      const due_ms = Math.min(...row.timers.map((timer) => timer.due_ms));
      return due_ms < Infinity ? [{ due_ms, row }] : [];
    }).sort((a, b) => a.due_ms - b.due_ms);
  }

  #live(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { kind, done } of this.#stored.actors.values()) {
      if (!done) counts[kind] = (counts[kind] ?? 0) + 1;
    }
    return counts;
  }

  #forget(before_ms: number, limit: number): number {
    const { history, actors } = this.#stored;
    const rows = [...history].flatMap(([address, kept]) =>
      kept.map(({ position, text }) => ({ address, position, at_ms: JSON.parse(text).at_ms }))
    ).sort((a, b) => a.position - b.position).slice(0, limit);
    const young = rows.findIndex(({ at_ms }) => at_ms >= before_ms);
    const old = young < 0 ? rows : rows.slice(0, young);
    for (const { address } of old) {
      const kept = history.get(address);
      kept?.shift();
      if (kept?.length !== 0) continue;
      history.delete(address);
      if (actors.get(address)?.done) actors.delete(address);
    }
    return old.length;
  }

  actor(address: string): ActorRow | undefined {
    const row = this.#stored.actors.get(address);
    return row && JSON.parse(row.text);
  }

  *liveActors(): Iterable<ActorRow> {
    for (const { done, text } of this.#stored.actors.values()) if (!done) yield JSON.parse(text);
  }

  history(address: string, options: { before?: number; limit: number }): HistoryRow[] {
    const rows = this.#stored.history.get(address) ?? [];
    const before = options.before ?? Infinity;
    const found: HistoryRow[] = [];
    for (let i = rows.length - 1; i >= 0 && found.length < options.limit; i--) {
      const row = rows[i];
      // An absent `before` is kept by JSON as an absent key: read back as undefined.
      if (row && row.position < before) {
        found.push({ before: undefined, ...JSON.parse(row.text) });
      }
    }
    return found;
  }

  outbox(after: number, limit: number): OutboxRow[] {
    return [...this.#stored.outbox]
      .filter(([position]) => position > after)
      .sort(([a], [b]) => a - b)
      .slice(0, limit)
      .map(([, { text }]) => JSON.parse(text));
  }

  messages(): MessageRow[] {
    return [...this.#stored.messages.values()].map((text) => JSON.parse(text));
  }

  addresses(kind: string, limit: number): string[] {
    const found = [...this.#stored.actors].filter(([, row]) => row.kind === kind);
    return found.reverse().slice(0, limit).map(([address]) => address);
  }

  close(): void {
    if (this.#open) this.#disk.locked = false;
    this.#open = false;
  }
}

/** Opens a journal on a disk in memory, a new one unless given; throws `RuntimeError` `busy` when
 * another journal has it open. */
export function openMemoryJournal(
  disk: MemoryDisk = new MemoryDisk(),
  options: MemoryJournalOptions = {},
): Journal {
  if (disk.locked) {
    throw new RuntimeError("busy", "the journal in memory is in use: close the other one first");
  }
  disk.locked = true;
  return new MemoryJournal(disk, options);
}
