/**
 * The actors in memory, as they were last committed, and the way to those that are only on disk.
 * Records are replaced, never changed, so that a view of one stays what it was.
 */
import type { AnyStateMachine } from "xstate";
import type { Address } from "../../actors/messages.ts";
import { invariant, RuntimeError } from "../errors.ts";
import type { ActorRow, HistoryRow, Journal } from "../journal/journal.ts";
import { limits } from "../limits.ts";
import { type Deadline, Deadlines } from "./deadlines.ts";
import type { ActorView } from "./engine.ts";
import { mask } from "./mask.ts";
import { createStepper, type Stepper } from "./step.ts";

/** What the engine must know of a kind of actor. */
export interface MachineKind {
  /** Takes `{ id }` as input. */
  readonly machine: AnyStateMachine;
  readonly durable: boolean;
  /** Types of event that bring an actor into being where there is none. */
  readonly births: readonly string[];
}

export interface RunningKind {
  readonly name: string;
  readonly durable: boolean;
  readonly births: ReadonlySet<string>;
  readonly stepper: Stepper;
}

export interface ActorRecord extends ActorRow {
  readonly kind: RunningKind;
  /** Undefined until it is told something in this process. */
  readonly last_event: ActorView["last_event"] | undefined;
}

/** The part of an address after the slash. */
export const idOf = (address: string) => address.slice(address.indexOf("/") + 1);

export class Actors {
  readonly deadlines = new Deadlines();
  readonly #kinds = new Map<string, RunningKind>();
  readonly #records = new Map<string, ActorRecord>();
  /** The last steps of actors that are not durable. */
  readonly #recent = new Map<string, HistoryRow[]>();
  readonly #journal: Journal;
  readonly #secretKeys: ReadonlySet<string>;
  #timers = 0;

  constructor(
    kinds: Readonly<Record<string, MachineKind>>,
    journal: Journal,
    secretKeys: ReadonlySet<string>,
  ) {
    this.#journal = journal;
    this.#secretKeys = secretKeys;
    for (const [name, { machine, durable, births }] of Object.entries(kinds)) {
      const stepper = createStepper(machine);
      this.#kinds.set(name, { name, durable, births: new Set(births), stepper });
    }
  }

  get size(): number {
    return this.#records.size;
  }

  /** Undefined for an address of no kind that runs here. */
  kindOf(address: string): RunningKind | undefined {
    return this.#kinds.get(address.slice(0, address.indexOf("/")));
  }

  /** The actor as it was last committed, also when it is done and only on disk. */
  get(address: string): ActorRecord | undefined {
    const record = this.#records.get(address);
    if (record) return record;
    if (!this.kindOf(address)?.durable) return undefined;
    const row = this.#journal.actor(address);
    return row && this.#recordOf(row);
  }

  /** Whether no more messages can come from this actor. */
  isGone(address: string): boolean {
    return this.#records.get(address)?.done ?? true;
  }

  /** Takes in every actor that goes on from where the journal left it. */
  load(): void {
    for (const row of this.#journal.liveActors()) this.#set(this.#recordOf(row));
  }

  /** Takes over what was committed; the done ones are left to the disk. */
  publish(records: Iterable<ActorRecord>, changes: readonly HistoryRow[]): void {
    for (const record of records) this.#set(record);
    for (const change of changes) {
      if (this.kindOf(change.address)?.durable === false) this.#remember(change);
    }
    if (this.deadlines.size > limits.stale_deadlines + 2 * this.#timers) {
      this.deadlines.replace(this.#liveDeadlines());
    }
  }

  /** The next deadline of a timer that still runs. */
  nextDeadline(): Deadline | undefined {
    for (let next = this.deadlines.peek(); next; next = this.deadlines.peek()) {
      const { sequence } = next;
      const timers = this.#records.get(next.address)?.timers;
      if (timers?.some((timer) => timer.sequence === sequence)) return next;
      this.deadlines.pop();
    }
    return undefined;
  }

  history(address: string, options: { before?: number; limit: number }): HistoryRow[] {
    const limit = Math.min(options.limit, limits.history_page);
    if (this.kindOf(address)?.durable) {
      return this.#journal.history(address, { ...options, limit });
    }
    const before = options.before ?? Infinity;
    const recent = this.#recent.get(address) ?? [];
    return recent.filter((row) => row.position < before).reverse().slice(0, limit);
  }

  records(): Iterable<ActorRecord> {
    return this.#records.values();
  }

  /** What people see of an actor. */
  view(record: ActorRecord, mailbox: number): ActorView {
    return {
      address: record.address as Address,
      kind: record.kind.name,
      state: record.value,
      context: mask(record.context, this.#secretKeys) as Record<string, unknown>,
      timers: mask(record.timers, this.#secretKeys),
      done: record.done,
      mailbox,
      last_event: record.last_event ?? this.#lastEvent(record.address),
    };
  }

  #lastEvent(address: string): ActorView["last_event"] {
    const row = this.#journal.history(address, { limit: 1 })[0];
    return row ? { type: row.event.type, at_ms: row.at_ms } : null;
  }

  #recordOf(row: ActorRow): ActorRecord {
    const kind = this.kindOf(row.address);
    const release =
      "run the release that wrote it until it is settled, or name another data folder";
    if (!kind?.durable) {
      throw new RuntimeError("data_version", `no actor like ${row.address} here: ${release}`);
    }
    try {
      kind.stepper.check(row.value);
    } catch (cause) {
      const state = JSON.stringify(row.value);
      throw new RuntimeError(
        "data_version",
        `${row.address} stands in ${state}, which this release does not know: ${release}`,
        { cause },
      );
    }
    return { ...row, kind, last_event: undefined };
  }

  #set(record: ActorRecord): void {
    const { address, timers } = record;
    const known = this.#records.get(address)?.timers ?? [];
    if (timers !== known) {
      this.#timers += timers.length - known.length;
      for (const timer of timers) {
        if (known.includes(timer)) continue;
        this.deadlines.add({ due_ms: timer.due_ms, sequence: timer.sequence, address });
      }
    }
    if (record.done && record.kind.durable) this.#records.delete(address);
    else this.#records.set(address, record);
    invariant(!record.done || timers.length === 0, `${address} is done and has timers`);
  }

  #remember(change: HistoryRow): void {
    const recent = this.#recent.get(change.address);
    if (!recent) this.#recent.set(change.address, [change]);
    else if (recent.push(change) > limits.volatile_history) recent.shift();
  }

  *#liveDeadlines(): Iterable<Deadline> {
    for (const { address, timers } of this.#records.values()) {
      for (const { due_ms, sequence } of timers) yield { due_ms, sequence, address };
    }
  }
}
