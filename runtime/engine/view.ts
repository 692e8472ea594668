/**
 * An actor as people and callers see it: a record that never changes, its secrets hidden. There is
 * one for every look, so that it is made cheaply.
 */
import type { Address } from "../../actors/messages.ts";
import type { HistoryRow } from "../journal/journal.ts";
import type { ActorRecord } from "./actors.ts";
import type { ActorView } from "./engine.ts";
import type { Masks } from "./mask.ts";

/** Masked and looked up when somebody asks: most who look want to know the state alone. */
export class View implements ActorView {
  readonly address: Address;
  readonly kind: string;
  readonly state: unknown;
  readonly done: boolean;
  readonly #record: ActorRecord;
  readonly #last: (address: string) => HistoryRow | undefined;
  readonly #masks: Masks;

  constructor(
    record: ActorRecord,
    readonly mailbox: number,
    masks: Masks,
    last: (address: string) => HistoryRow | undefined,
  ) {
    this.address = record.address as Address;
    this.kind = record.kind.name;
    this.state = record.value;
    this.done = record.done;
    this.#record = record;
    this.#masks = masks;
    this.#last = last;
  }

  get context(): Record<string, unknown> {
    return this.#masks.of(this.#record.context) as Record<string, unknown>;
  }

  get timers(): ActorView["timers"] {
    return this.#masks.of(this.#record.timers);
  }

  get last_event(): ActorView["last_event"] {
    const { last_ms, last_type } = this.#record;
    if (last_ms !== undefined && last_type !== undefined) {
      return { type: last_type, at_ms: last_ms };
    }
    const row = this.#last(this.address);
    return row ? { type: row.event.type, at_ms: row.at_ms } : null;
  }

  /** All of it, for whoever writes it down. */
  toJSON(): ActorView {
    const { address, kind, state, context, timers, done, mailbox, last_event } = this;
    return { address, kind, state, context, timers, done, mailbox, last_event };
  }
}
