/**
 * What one commit takes in: timers that are due, in the order of their deadlines; then facts in
 * the order in which they came. All of it happens at one time, that of the tick.
 */
import { limits } from "../limits.ts";
import type { Actors } from "./actors.ts";
import type { Draft } from "./draft.ts";
import type { EventLike, Posted } from "./engine.ts";
import type { Inbox, Item } from "./inbox.ts";
import type { Mail } from "./mail.ts";
import type { Turns } from "./turn.ts";

/** What ticks share. */
export interface TickState {
  readonly actors: Actors;
  readonly mail: Mail;
  readonly turns: Turns;
  readonly inbox: Inbox;
  /** Who asked, for every row of the outbox that waits for its answer. */
  readonly unsettled: Map<number, string>;
  /** Answers to rows of which none waits. */
  unawaited: number;
  /** How far the issuer's feed was taken in. */
  feed_cursor: number;
}

/** Events that a machine tells itself; nobody else may. */
const isInternal = (event: EventLike) => event.type.startsWith("xstate.");

export class Tick {
  /** Whose callers wait for this commit. */
  readonly taken: Item[] = [];
  /** To be given after the commit. */
  readonly answers: (() => void)[] = [];

  constructor(private readonly state: TickState, readonly draft: Draft) {}

  /** Stops at the ceiling; what remains is for the next tick. The first so many facts come before
   * the timers, in however many ticks. */
  run(first = 0): void {
    let room = limits.turns_per_commit;
    for (let count = 0; count < first && room > 0; count++) room -= this.#next();
    if (this.taken.length < first && this.state.inbox.length > 0) return;
    room -= this.#fireTimers();
    while (room > 0 && this.state.inbox.length > 0) room -= this.#next();
  }

  #next(): number {
    const item = this.state.inbox.shift();
    if (!item) return 0;
    this.taken.push(item);
    return this.#take(item);
  }

  /** A timer fires at the time of the tick, not at its deadline: a machine never hears that it is
   * earlier than it is, and after an outage each timeout in a row gives the world its full time. */
  #fireTimers(): number {
    const { actors, turns } = this.state;
    actors.wake(this.draft.at_ms, limits.turns_per_commit);
    let fired = 0;
    while (fired < limits.turns_per_commit) {
      const due = actors.deadlines.peek();
      if (!due || due.due_ms > this.draft.at_ms) break;
      actors.deadlines.pop();
      const { address: to, sequence } = due;
      const timer = this.draft.record(to)?.timers.find((it) => it.sequence === sequence);
      if (!timer) continue;
      turns.run(this.draft, { to, event: timer.event, from: "timer", timer: sequence });
      fired++;
    }
    return fired;
  }

  /** Answers how many turns it was. */
  #take(item: Item): number {
    switch (item.type) {
      case "fact": {
        const { to, event, caller } = item;
        const accepted = this.#turn(to, event);
        this.answers.push(() => caller.resolve(this.#posted(to, accepted)));
        return 1;
      }
      case "answer":
        return this.#settle(item);
      case "feed": {
        const { cursor, deliveries, caller } = item;
        this.answers.push(() => caller.resolve());
        // The feed begins again behind the cursor after a lost connection.
        if (cursor <= this.state.feed_cursor) return 1;
        this.state.feed_cursor = this.draft.feed_cursor = cursor;
        for (const { to, event } of deliveries) this.#turn(to, event);
        return 1 + deliveries.length;
      }
      case "arrival": {
        const { actors, mail, turns } = this.state;
        let taken = 0;
        for (const message of mail.arrive(item.message)) {
          if (actors.kindOf(message.to)?.durable) this.draft.taken(message);
          turns.run(this.draft, turns.incoming(message));
          taken++;
        }
        return taken;
      }
    }
  }

  #settle({ position, event, caller }: Extract<Item, { type: "answer" }>): number {
    const to = this.state.unsettled.get(position);
    if (to === undefined) {
      this.state.unawaited++;
      this.answers.push(() => caller.resolve({ accepted: false, view: undefined }));
      return 1;
    }
    this.state.unsettled.delete(position);
    this.draft.settled.push(position);
    const accepted = this.#turn(to, event);
    this.answers.push(() => caller.resolve(this.#posted(to, accepted)));
    return 1;
  }

  #turn(to: string, event: EventLike): boolean {
    if (isInternal(event)) {
      this.state.turns.refused++;
      return false;
    }
    return this.state.turns.run(this.draft, { to, event, from: "outside" });
  }

  /** The view is made when somebody looks, of the actor as this commit left it. */
  #posted(to: string, accepted: boolean): Posted {
    const record = this.draft.record(to);
    const { actors, inbox } = this.state;
    return {
      accepted,
      get view() {
        return record && actors.view(record, inbox.waiting(to));
      },
    };
  }
}
