// long because memory and disk are two halves of one promise: every actor is there when addressed
/**
 * The actors in memory, as they were last committed, and the way to those that are only on disk.
 * Records are replaced, never changed, so that a view of one stays what it was.
 */
import { invariant, isDamage, RuntimeError } from "../errors.ts";
import { type ActorRow, DamagedEnd, type HistoryRow, type Journal } from "../journal/journal.ts";
import { limits } from "../limits.ts";
import { type Deadline, Deadlines } from "./deadlines.ts";
import type { ActorView } from "./engine.ts";
import { type MachineKind, type RunningKind, runningKinds } from "./kinds.ts";
import { Masks } from "./mask.ts";
import type { Rest } from "./options.ts";
import { View } from "./view.ts";

export type { MachineKind, RunningKind } from "./kinds.ts";

export interface ActorRecord extends ActorRow {
  readonly kind: RunningKind;
  /** When it last took an event, and which; undefined until it does so in this process. */
  readonly last_ms: number | undefined;
  readonly last_type: string | undefined;
  /** What the disk has lost of it: that it is done is all that is known. */
  readonly damage?: DamagedEnd;
}

/** The part of an address after the slash. */
export const idOf = (address: string) => address.slice(address.indexOf("/") + 1);

const release = "run the release that wrote it until it is settled, or name another data folder";
const unknownKind = (address: string) =>
  new RuntimeError("data_version", `no actor like ${address} here: ${release}`);

const nothingKnown = {
  ...{ value: undefined, context: {}, timers: [], done: true, sent: 0, heard: [] },
  ...{ last_ms: undefined, last_type: undefined },
} as const;

export class Actors {
  readonly deadlines = new Deadlines();
  readonly #kinds: ReadonlyMap<string, RunningKind>;
  readonly #records = new Map<string, ActorRecord>();
  /** The last steps of actors that are not durable. */
  readonly #recent = new Map<string, HistoryRow[]>();
  readonly #journal: Journal;
  readonly #masks: Masks;
  readonly #rest: Rest;
  #timers = 0;
  /** Durable actors that are not done, by kind, wherever they are. */
  readonly #alive = new Map<string, number>();
  /** Durable actors in memory. */
  #awake = 0;
  /** No actor that is only on disk is due before. */
  #horizon_ms = Infinity;
  #drowsy: Iterator<ActorRecord> | undefined;

  constructor(
    kinds: Readonly<Record<string, MachineKind>>,
    journal: Journal,
    secretKeys: ReadonlySet<string>,
    rest: Rest = limits,
  ) {
    this.#rest = rest;
    this.#journal = journal;
    this.#masks = new Masks(secretKeys);
    this.#kinds = runningKinds(kinds);
  }

  /** In memory. */
  get size(): number {
    return this.#records.size;
  }

  /** Not done, and only on disk. */
  get asleep(): number {
    let alive = 0;
    for (const count of this.#alive.values()) alive += count;
    return alive - this.#awake;
  }

  /** How many of each kind are not done. */
  census(): Record<string, number> {
    const counts: Record<string, number> = Object.fromEntries(this.#alive);
    for (const { kind } of this.#records.values()) {
      if (!kind.durable) counts[kind.name] = (counts[kind.name] ?? 0) + 1;
    }
    return counts;
  }

  /** Undefined for an address of no kind that runs here. */
  kindOf(address: string): RunningKind | undefined {
    return this.#kinds.get(address.slice(0, address.indexOf("/")));
  }

  /** The actor as it was last committed, also when it is done and only on disk. */
  get(address: string): ActorRecord | undefined {
    const record = this.#records.get(address);
    if (record) return record;
    const kind = this.kindOf(address);
    if (!kind?.durable) return undefined;
    try {
      const row = this.#journal.actor(address);
      return row && this.#recordOf(row);
    } catch (damage) {
      if (!(damage instanceof DamagedEnd)) throw damage;
      return { ...nothingKnown, address, kind, damage };
    }
  }

  /** Whether no more messages can come from this actor. */
  isGone(address: string): boolean {
    return this.get(address)?.done ?? true;
  }

  /** Takes in the actors that go on from where the journal left them: all of them where they are
   * few, otherwise each when it is addressed or due. */
  load(): void {
    const { shelf } = this.#journal;
    const alive = shelf ? Object.entries(shelf.live()) : [];
    for (const [name, count] of alive) {
      if (!this.#kinds.get(name)?.durable) throw unknownKind(`${name}/*`);
      this.#alive.set(name, count);
    }
    const isFew = !shelf || this.asleep <= this.#rest.awake_actors;
    if (shelf && !isFew) {
      // A journal of another release shows in its first rows.
      for (const row of shelf.due(Number.MAX_SAFE_INTEGER, limits.drowsy_looks)) {
        this.#recordOf(row);
      }
      this.#horizon_ms = -Infinity;
      return;
    }
    for (const row of this.#journal.liveActors()) {
      const record = this.#recordOf(row);
      if (!shelf) this.#count(record.kind, 1);
      this.#set(record);
    }
  }

  /** Takes in those on disk that are due; at most so many. */
  wake(at_ms: number, limit: number): void {
    const { shelf } = this.#journal;
    if (!shelf || at_ms < this.#horizon_ms || this.asleep === 0) return;
    const rows = shelf.due(at_ms, limit);
    for (const row of rows) if (!this.#records.has(row.address)) this.#set(this.#recordOf(row));
    // A full page: there may be more, and these are served first.
    if (rows.length < limit) this.#horizon_ms = shelf.nextDue(at_ms) ?? Infinity;
  }

  /** Leaves some of those to the disk that have been quiet and will be for a while. Those that are
   * looked at take turns. */
  rest(at_ms: number): void {
    if (!this.#journal.shelf) return;
    this.#drowsy ??= this.#records.values();
    for (let looks = 0; looks < limits.drowsy_looks; looks++) {
      if (this.#awake <= this.#rest.awake_actors) return;
      const { done, value: record } = this.#drowsy.next();
      if (done) {
        this.#drowsy = undefined;
        return;
      }
      this.#layDown(record, at_ms);
    }
  }

  #layDown({ address, kind, last_ms = 0, timers }: ActorRecord, at_ms: number): void {
    if (!kind.durable || last_ms > at_ms - this.#rest.quiet_ms) return;
    const due_ms = Math.min(...timers.map((timer) => timer.due_ms));
    if (due_ms < at_ms + this.#rest.quiet_ms) return;
    this.#records.delete(address);
    this.#timers -= timers.length;
    this.#awake--;
    this.#horizon_ms = Math.min(this.#horizon_ms, due_ms);
  }

  #count(kind: RunningKind, more: number): void {
    this.#alive.set(kind.name, (this.#alive.get(kind.name) ?? 0) + more);
  }

  /** Takes over what was committed; the done ones are left to the disk. */
  publish(records: Iterable<ActorRecord>, changes: readonly HistoryRow[]): void {
    for (const record of records) this.#set(record);
    for (const change of changes) {
      const kind = this.kindOf(change.address);
      if (!kind?.durable) this.#remember(change);
      else if (change.before === undefined) this.#count(kind, 1);
    }
    if (this.deadlines.size > limits.stale_deadlines + 1.5 * this.#timers) {
      this.deadlines.replace(this.#liveDeadlines());
    }
  }

  /** When a timer is due next; earlier where those on disk have to be looked at. */
  nextDue(): number | undefined {
    const next_ms = Math.min(
      this.nextDeadline()?.due_ms ?? Infinity,
      this.asleep > 0 ? this.#horizon_ms : Infinity,
    );
    return next_ms === Infinity ? undefined : next_ms;
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

  /** Those in memory, and then those on disk; of one kind or of all, `limit` at most. */
  *records(kind: string | undefined, limit: number): Iterable<ActorRecord> {
    let left = limit;
    for (const record of this.#records.values()) {
      if (kind !== undefined && record.kind.name !== kind) continue;
      if (left-- <= 0) return;
      yield record;
    }
    const { shelf } = this.#journal;
    if (!shelf || this.asleep === 0 || left <= 0) return;
    if (kind !== undefined && !this.#kinds.get(kind)?.durable) return;
    // All of one kind are sought among all on disk; otherwise the next that are due will do.
    const rows = kind === undefined
      ? shelf.due(Number.MAX_SAFE_INTEGER, left + this.#awake)
      : this.#journal.liveActors();
    for (const row of rows) {
      if (this.#records.has(row.address)) continue;
      if (kind !== undefined && this.kindOf(row.address)?.name !== kind) continue;
      if (left-- <= 0) return;
      yield this.#recordOf(row);
    }
  }

  /** What people see of an actor. Throws its damage: how it ended is not made up. */
  view(record: ActorRecord, mailbox: number): ActorView {
    if (record.damage) throw record.damage;
    return new View(
      record,
      mailbox,
      this.#masks,
      (address) => this.#lastOf(address),
    );
  }

  /** Undefined as well where the disk has lost it: the keeper, which reads all again, tells of it,
   * and whoever looks on sees the rest. */
  #lastOf(address: string): HistoryRow | undefined {
    try {
      return this.history(address, { limit: 1 })[0];
    } catch (error) {
      if (isDamage(error)) return undefined;
      throw error;
    }
  }

  #recordOf(row: ActorRow): ActorRecord {
    const kind = this.kindOf(row.address);
    if (!kind?.durable) throw unknownKind(row.address);
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
    return { ...row, kind, last_ms: undefined, last_type: undefined };
  }

  #set(record: ActorRecord): void {
    const { address, kind, timers } = record;
    const before = this.#records.get(address);
    const known = before?.timers ?? [];
    if (timers !== known) {
      this.#timers += timers.length - known.length;
      for (const timer of timers) {
        if (known.includes(timer)) continue;
        this.deadlines.add({ due_ms: timer.due_ms, sequence: timer.sequence, address });
      }
    }
    if (kind.durable && record.done) {
      this.#count(kind, -1);
      if (this.#records.delete(address)) this.#awake--;
    } else {
      if (kind.durable && !before) this.#awake++;
      this.#records.set(address, record);
    }
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
