/**
 * What a tick has done so far and nobody has seen yet: it becomes one batch for the journal, and
 * only when that is on the disk does memory follow, are callers answered and commands run.
 */
import type { Command } from "../../actors/messages.ts";
import type { ActorRow, Batch, HistoryRow, MessageRow, OutboxRow } from "../journal/journal.ts";
import type { ActorRecord, Actors } from "./actors.ts";

export interface Arrival {
  readonly message: MessageRow;
  readonly delay_ms: number;
}

const messageKey = (message: MessageRow) => `${message.from} ${message.sequence}`;

export class Draft {
  readonly records = new Map<string, ActorRecord>();
  /** Every step, for those who look on; the journal gets those of durable actors. */
  readonly changes: HistoryRow[] = [];
  readonly #history: HistoryRow[] = [];
  readonly outbox: OutboxRow[] = [];
  readonly settled: number[] = [];
  readonly #written = new Map<string, MessageRow>();
  readonly #taken: MessageRow[] = [];
  /** Messages to arrive once they are committed. */
  readonly arrivals: Arrival[] = [];
  readonly commands: { readonly command: Command; readonly from: string }[] = [];
  feed_cursor: number | undefined;

  constructor(private readonly actors: Actors, readonly at_ms: number) {}

  record(address: string): ActorRecord | undefined {
    return this.records.get(address) ?? this.actors.get(address);
  }

  isGone(address: string): boolean {
    return this.records.get(address)?.done ?? this.actors.isGone(address);
  }

  put(record: ActorRecord): void {
    this.records.set(record.address, record);
  }

  change(row: HistoryRow, durable: boolean): void {
    this.changes.push(row);
    if (durable) this.#history.push(row);
  }

  /** Writes a message down until it is taken. */
  keep(message: MessageRow): void {
    this.#written.set(messageKey(message), message);
  }

  /** A message that was written down, now or earlier, has been taken. */
  taken(message: MessageRow): void {
    if (!this.#written.delete(messageKey(message))) this.#taken.push(message);
  }

  /** Undefined when there is nothing to write. */
  batch(): Batch | undefined {
    const actors: ActorRow[] = [];
    for (const record of this.records.values()) if (record.kind.durable) actors.push(record);
    const batch: Batch = {
      actors,
      history: this.#history,
      outbox_added: this.outbox,
      outbox_settled: this.settled,
      messages_added: [...this.#written.values()],
      messages_delivered: this.#taken,
      ...(this.feed_cursor === undefined ? {} : { feed_cursor: this.feed_cursor }),
    };
    const nothing = actors.length + batch.history.length + batch.outbox_added.length +
            batch.outbox_settled.length + batch.messages_added.length +
            batch.messages_delivered.length === 0 && this.feed_cursor === undefined;
    return nothing ? undefined : batch;
  }
}
