/**
 * The engine: takes facts, turns them into steps, commits a tick's steps together, and only then
 * answers, acts and tells.
 *
 * A tick begins in `defer`, by default the end of the present task: facts that arrive together are
 * committed together, and a lone one waits for nothing. A simulation that wants to choose the
 * moment passes its own. Everything else that has to do with time goes through the clock.
 */
import {
  type Address,
  type Command,
  durableCommands as allDurableCommands,
  secretKeys as allSecretKeys,
} from "../../actors/messages.ts";
import { invariant, RuntimeError } from "../errors.ts";
import type { HistoryRow, Journal, OutboxRow } from "../journal/journal.ts";
import { limits } from "../limits.ts";
import type { Clock } from "../world.ts";
import { Actors } from "./actors.ts";
import { Admission } from "./admission.ts";
import { type Arrival, Draft } from "./draft.ts";
import type { EngineOptions } from "./options.ts";
import type { ActorView, Change, Engine, EngineStatistics, EventLike, Posted } from "./engine.ts";
import { type Caller, Inbox, type Item } from "./inbox.ts";
import { Keeper } from "./keeper.ts";
import { type AnyEffect, Listeners } from "./listeners.ts";
import { Mail } from "./mail.ts";
import { MonotoneTime } from "./monotone.ts";
import { Tick, type TickState } from "./tick.ts";
import { Turns } from "./turn.ts";

export type { EngineOptions } from "./options.ts";

type State = "new" | "running" | "stopped";
const hex = (bytes: Uint8Array) =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

class RunningEngine implements Engine {
  readonly failed: Promise<Error>;
  readonly #fail: (error: Error) => void;
  readonly #time: MonotoneTime;
  readonly #ticks: TickState;
  readonly #listeners: Listeners;
  readonly #first_turn: number;
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #defer: (call: () => void) => void;
  readonly #arriving = new Set<() => void>();
  #alarm: { readonly due_ms: number; readonly cancel: () => void } | undefined;
  #state: State = "new";
  #accepting = true;
  #deferred = false;
  /** Facts that were posted before the start. */
  #first = 0;
  #commits = 0;
  readonly #admission: Admission;
  readonly #keeper: Keeper;
  #stopped = new RuntimeError("stopped", "the gateway has stopped: start it and ask again");

  constructor(options: EngineOptions) {
    const { journal, clock, gateway } = options;
    const failed = Promise.withResolvers<Error>();
    this.failed = failed.promise;
    this.#fail = failed.resolve;
    this.#journal = journal;
    this.#clock = clock;
    this.#keeper = new Keeper(options);
    this.#defer = options.defer ?? queueMicrotask;
    this.#time = new MonotoneTime(clock, journal.head.at_ms);
    const secretKeys = new Set(options.secretKeys ?? allSecretKeys);
    const actors = new Actors(options.kinds, journal, secretKeys, options.rest);
    const mail = new Mail(options.deliver);
    const listeners = this.#listeners = new Listeners(options.log ?? (() => {}));
    const { turn, feed_cursor } = journal.head;
    const turns = new Turns({
      actors,
      mail,
      gateway,
      incarnation: hex(options.random.bytes(8)),
      durableCommands: new Set(options.durableCommands ?? allDurableCommands),
      secretKeys,
      hasEffect: (type) => listeners.hasEffect(type),
      onDamage: (damage, incoming) => this.#keeper.refused(damage, incoming),
      head: journal.head,
    });
    this.#first_turn = turn;
    this.#ticks = {
      actors,
      mail,
      turns,
      inbox: new Inbox(),
      unsettled: new Map(),
      unawaited: 0,
      feed_cursor,
    };
    this.#admission = new Admission(this.#ticks);
  }

  start(): void {
    invariant(this.#state === "new", "an engine starts once");
    const { actors, mail, unsettled } = this.#ticks;
    actors.load();
    for (let after = 0;;) {
      const page = this.#journal.outbox(after, limits.history_page);
      for (const { position, from } of page) unsettled.set(position, from);
      const last = page.at(-1);
      if (!last) break;
      after = last.position;
    }
    this.#state = "running";
    this.#first = this.#ticks.inbox.length;
    for (const message of this.#journal.messages()) {
      for (const delay_ms of mail.restore(message)) this.#schedule({ message, delay_ms });
    }
    this.#goOn();
  }

  stop(): Promise<void> {
    this.#accepting = false;
    while (this.#state === "running" && this.#ticks.inbox.length > 0) this.#tick();
    this.#close(this.#stopped);
    return Promise.resolve();
  }

  post(to: Address, event: EventLike): Promise<Posted> {
    const full = this.#accepting ? this.#admission.refusal(to, event) : undefined;
    if (full) return Promise.reject(full);
    return this.#ask<Posted>((caller) => ({ type: "fact", to, event, caller }));
  }

  settle(position: number, event: EventLike): Promise<Posted> {
    return this.#ask<Posted>((caller) => ({ type: "answer", position, event, caller }));
  }

  feed(
    cursor: number,
    deliveries: readonly { readonly to: Address; readonly event: EventLike }[],
  ): Promise<void> {
    return this.#ask<void>((caller) => ({ type: "feed", cursor, deliveries, caller }));
  }

  #ask<T>(item: (caller: Caller<T>) => Item): Promise<T> {
    if (!this.#accepting) return Promise.reject(this.#stopped);
    return new Promise<T>((resolve, reject) => this.#enqueue(item({ resolve, reject })));
  }

  #enqueue(item: Item): void {
    this.#ticks.inbox.push(item);
    if (this.#state !== "running" || this.#deferred) return;
    this.#deferred = true;
    this.#defer(() => {
      this.#deferred = false;
      this.#tick();
    });
  }

  #tick(): void {
    if (this.#state !== "running") return;
    const tick = new Tick(this.#ticks, new Draft(this.#ticks.actors, this.#time.read()));
    const { draft } = tick;
    try {
      tick.run(this.#first);
      this.#first = Math.max(0, this.#first - tick.taken.length);
      const batch = draft.batch();
      if (batch) {
        this.#journal.commit(batch);
        this.#commits++;
        this.#keeper.after(draft.at_ms);
      }
      this.#ticks.actors.publish(draft.records.values(), draft.changes);
    } catch (error) {
      this.#break(error, tick.taken);
      return;
    }
    this.#afterCommit(tick);
    this.#goOn();
  }

  #afterCommit({ draft, answers }: Tick): void {
    for (const { position, from } of draft.outbox) this.#ticks.unsettled.set(position, from);
    for (const arrival of draft.arrivals) this.#schedule(arrival);
    for (const answer of answers) answer();
    this.#listeners.tell(draft);
    this.#ticks.actors.rest(draft.at_ms);
  }

  #schedule({ message, delay_ms }: Arrival): void {
    const cancel = this.#clock.after(delay_ms, () => {
      this.#arriving.delete(cancel);
      this.#enqueue({ type: "arrival", message });
    });
    this.#arriving.add(cancel);
  }

  /** Sees to it that what remains is taken: at once, but not before the world had its say, or at
   * the next deadline. */
  #goOn(): void {
    if (this.#state !== "running") return;
    const next_ms = this.#ticks.actors.nextDue();
    const now_ms = this.#time.read();
    const waiting = this.#ticks.inbox.length > 0 && !this.#deferred;
    const due_ms = waiting ? now_ms : next_ms;
    if (this.#alarm?.due_ms === due_ms) return;
    this.#alarm?.cancel();
    this.#alarm = due_ms === undefined ? undefined : {
      due_ms,
      cancel: this.#clock.after(Math.max(0, due_ms - now_ms), () => {
        this.#alarm = undefined;
        this.#tick();
      }),
    };
  }

  #break(error: unknown, taken: readonly Item[]): void {
    const reason = error instanceof Error ? error : new Error(String(error));
    const message = `the gateway has stopped: ${reason.message}`;
    this.#stopped = new RuntimeError("stopped", message, { cause: reason });
    for (const item of taken) if (item.type !== "arrival") item.caller.reject(this.#stopped);
    this.#close(this.#stopped);
    this.#fail(reason);
  }

  #close(reason: Error): void {
    this.#state = "stopped";
    this.#accepting = false;
    this.#alarm?.cancel();
    for (const cancel of this.#arriving) cancel();
    this.#arriving.clear();
    for (let item = this.#ticks.inbox.shift(); item; item = this.#ticks.inbox.shift()) {
      if (item.type !== "arrival") item.caller.reject(reason);
    }
  }

  timeOf = (clock_ms: number) => this.#time.at(clock_ms);

  view(address: Address): ActorView | undefined {
    const { actors, inbox } = this.#ticks;
    const record = actors.get(address);
    return record && actors.view(record, inbox.waiting(address));
  }

  views(kind?: string): ActorView[] {
    const { actors, inbox } = this.#ticks;
    return Array.from(
      actors.records(kind, Math.max(limits.listed_actors, actors.size)),
      (record) => actors.view(record, inbox.waiting(record.address)),
    );
  }

  census(): Readonly<Record<string, number>> {
    return this.#ticks.actors.census();
  }

  history(address: Address, options: { before?: number; limit: number }): HistoryRow[] {
    return this.#ticks.actors.history(address, options);
  }

  outbox(after: number, limit: number): OutboxRow[] {
    return this.#journal.outbox(after, limit);
  }

  subscribe(listener: (change: Change) => void): () => void {
    return this.#listeners.watch(listener);
  }

  onOutbox(listener: () => void): () => void {
    return this.#listeners.watchOutbox(listener);
  }

  effect<T extends Command["type"]>(
    type: T,
    run: (command: Extract<Command, { type: T }>, from: Address) => void,
  ): void {
    invariant(this.#state === "new", `the effect ${type} comes after the start`);
    this.#listeners.setEffect(type, run as AnyEffect);
  }

  statistics(): EngineStatistics {
    return {
      turns: this.#ticks.turns.turn - this.#first_turn,
      events: this.#ticks.turns.events,
      refused: this.#ticks.turns.refused,
      commits: this.#commits,
      outbox: this.#ticks.unsettled.size,
      unawaited: this.#ticks.unawaited,
      actors: this.#ticks.actors.size,
      asleep: this.#ticks.actors.asleep,
      mailbox: this.#ticks.inbox.length,
      overloaded: this.#admission.overloaded,
      shed: Object.fromEntries(this.#admission.shed),
      checked_rows: this.#keeper.checked_rows,
      damaged: this.#keeper.damaged,
    };
  }
}

/** Makes an engine that has not started: it takes facts, and turns them from `start` on. */
export function createEngine(options: EngineOptions): Engine {
  return new RunningEngine(options);
}
