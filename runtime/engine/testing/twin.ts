/**
 * An actor twice: stepped as the engine does it, and as an actor of XState's own with everything it
 * does. Both are told the same, and whatever they differ in is an error that says where.
 */
import { type AnyStateMachine, createActor } from "xstate";
import { type ActorState, createStepper, type StampedEvent, type Stepper } from "../step.ts";

/** The parts of XState's actor and system that are looked at; its types hide them. */
interface Scheduled {
  readonly id: string;
  readonly event: { readonly type: string };
  readonly delay: number;
}
interface System {
  readonly scheduler: { cancel(source: unknown, id: string): void };
  readonly _snapshot: { readonly _scheduledEvents: Readonly<Record<string, Scheduled>> };
}

export class Difference extends Error {
  override readonly name = "Difference";
}

/** The machine goes round for ever, with XState as with any other. */
export class Endless extends Error {
  override readonly name = "Endless";
}

/** Equal as JSON is, key by key; what is undefined must be so in both. */
function same(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one !== "object" || typeof other !== "object" || !one || !other) return false;
  const [keys, others] = [Object.keys(one), Object.keys(other)];
  return keys.length === others.length && Array.isArray(one) === Array.isArray(other) &&
    keys.every((key) =>
      Object.hasOwn(other, key) &&
      same(one[key as keyof typeof one], other[key as keyof typeof other])
    );
}

/** An id that was given, or nothing for one that was made up. */
const named = (id: string) => id.includes(".") && !id.startsWith("timer.") ? id : "";

const noClock = { setTimeout: () => 0, clearTimeout: () => {} };

export class Twins {
  state: ActorState;
  #sequence: number;
  readonly #actor;
  readonly #system: System;
  readonly #told: unknown[] = [];
  readonly #heard: unknown[] = [];
  #taken = false;
  /** The deadlines of XState's timers, which it does not keep. */
  readonly #due_ms = new WeakMap<Scheduled, number>();

  private constructor(
    private readonly stepper: Stepper,
    reference: AnyStateMachine,
    id: string,
    first: StampedEvent,
  ) {
    this.#actor = createActor(reference, {
      input: { id },
      clock: noClock,
      inspect: (event) => {
        if (event.type !== "@xstate.microstep") return;
        this.#taken ||= event._transitions.some((it) =>
          it.target !== undefined || it.actions.length > 0
        );
      },
    });
    this.#actor.on("*", (event) => this.#heard.push(event));
    // XState's errors are compared by the state they leave.
    this.#actor.subscribe({ error: () => {} });
    this.#system = this.#actor.system as unknown as System;
    this.#actor.start();
    this.#taken = false;
    this.#note(first.at_ms);
    this.#actor.send(first);
    this.#note(first.at_ms);
    this.#assertEnds();
    const step = stepper.birth(id, first, 1);
    if ((step === undefined) === this.#taken) throw new Difference("one took its birth");
    this.state = step?.state ?? { value: undefined, context: {}, timers: [], done: true };
    this.#sequence = step?.sequence ?? 1;
    this.#told.push(...step?.emitted ?? []);
    if (step) this.#compare(first);
  }

  /** `reference` is the machine that XState's own actor runs. */
  static born(
    machine: AnyStateMachine,
    id: string,
    first: StampedEvent,
    reference = machine,
    stepper = createStepper(machine),
  ): Twins {
    return new Twins(stepper, reference, id, first);
  }

  /** The timer that is due next, if any. */
  next() {
    return this.state.timers.toSorted((a, b) => a.due_ms - b.due_ms || a.sequence - b.sequence)[0];
  }

  /** Fires the timer that is due next, at its deadline or at `at_ms`. */
  fire(at_ms: number): boolean {
    const timer = this.next();
    if (timer === undefined) return false;
    // XState gives a timer without an id one by chance.
    const theirs = Object.values(this.#system._snapshot._scheduledEvents).find((it) =>
      it.id === timer.id || named(it.id) === named(timer.id) &&
        it.event.type === timer.event.type && this.#due_ms.get(it) === timer.due_ms
    );
    if (theirs) this.#system.scheduler.cancel(this.#actor, theirs.id);
    const timers = this.state.timers.filter((other) => other !== timer);
    this.state = { ...this.state, timers };
    return this.send({ ...timer.event, at_ms });
  }

  /** Answers whether the event was taken. */
  send(event: StampedEvent): boolean {
    this.#taken = false;
    this.#actor.send(event);
    this.#note(event.at_ms);
    this.#assertEnds();
    const step = this.stepper.step(this.state, event, this.#sequence);
    if (step !== undefined) {
      this.state = step.state;
      this.#sequence = step.sequence;
      this.#told.push(...step.emitted);
    }
    if ((step !== undefined) !== this.#taken) {
      throw new Difference(`${event.type}: taken ${step !== undefined}, by XState ${this.#taken}`);
    }
    this.#compare(event);
    return step !== undefined;
  }

  #assertEnds(): void {
    const { status, error } = this.#actor.getSnapshot();
    if (status !== "error") return;
    throw String(error).includes("Infinite loop") ? new Endless("it goes round") : error;
  }

  #note(at_ms: number): void {
    for (const timer of Object.values(this.#system._snapshot._scheduledEvents)) {
      if (this.#due_ms.has(timer)) continue;
      this.#due_ms.set(timer, at_ms + Math.ceil(timer.delay));
    }
  }

  #compare({ type }: StampedEvent): void {
    const { status, value, context } = this.#actor.getSnapshot();
    const scheduled = Object.values(this.#system._snapshot._scheduledEvents);
    const theirs = status === "done" ? [] : scheduled
      .map((it) => `${named(it.id)} ${it.event.type} ${this.#due_ms.get(it)}`).sort();
    const ours = this.state.timers
      .map((it) => `${named(it.id)} ${it.event.type} ${it.due_ms}`).sort();
    const pairs = {
      value: [this.state.value, value],
      context: [this.state.context, context],
      done: [this.state.done, status === "done"],
      emitted: [this.#told, this.#heard],
      timers: [ours, theirs],
    };
    for (const [what, [our, their]] of Object.entries(pairs)) {
      if (same(our, their)) continue;
      throw new Difference(
        `${what} after ${type}: ${JSON.stringify(our)}, by XState ${JSON.stringify(their)}`,
      );
    }
    this.#told.length = this.#heard.length = 0;
  }
}
