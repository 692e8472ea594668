/**
 * Steps that are looked up instead of worked out: for each state and event what may take it, and
 * for each transition the one list of actions that leaving, going and entering come to. XState
 * works the same out again at every event.
 */
import type { AnyMachineSnapshot, AnyStateMachine } from "xstate";
import { limits } from "../limits.ts";
import type { TimerRow } from "../journal/journal.ts";
import { takes } from "./collect.ts";
import { type Act, compileAction, compileGuard, type Guard, OnlyXState, Run } from "./compile.ts";
import type { EventLike } from "./engine.ts";
import {
  around,
  candidates,
  initialPath,
  isSequential,
  leafOf,
  type Node,
  type Path,
  pathOf,
  rootOf,
  type Transition,
  valueOf,
} from "./nodes.ts";
import type { ActorState, StampedEvent, Step } from "./step.ts";

type Context = Record<string, unknown>;
type Snapshot = (value: unknown, context: unknown) => AnyMachineSnapshot;

/** One transition from one state, worked out. */
interface Plan {
  readonly taken: boolean;
  readonly acts: readonly Act[];
  readonly to: Situation;
  readonly done: boolean;
}

interface Choice {
  readonly guard: Guard | undefined;
  readonly transition: Transition;
  /** Null where only XState knows the way; undefined until it is first asked for. */
  plan: Plan | null | undefined;
}

/** An active state with those around it. */
class Situation {
  readonly value: unknown;
  readonly #choices = new Map<string, readonly Choice[]>();
  /** For the guards that look at a whole snapshot. */
  readonly snapshot: (context: Context) => AnyMachineSnapshot;

  constructor(readonly machine: AnyStateMachine, readonly leaf: Node, snapshot: Snapshot) {
    this.value = valueOf(leaf);
    this.snapshot = (context) => snapshot(this.value, context);
  }

  choices(type: string): readonly Choice[] {
    const known = this.#choices.get(type);
    if (known) return known;
    const found = candidates(this.leaf, type).map((transition): Choice => ({
      transition,
      guard: compileGuard(this.machine, transition.guard),
      plan: undefined,
    }));
    // Types that come from outside are without number.
    if (this.#choices.size >= limits.remembered_events) this.#choices.clear();
    this.#choices.set(type, found);
    return found;
  }
}

export class Memo {
  readonly #root: Node;
  readonly #situations = new Map<Node, Situation>();
  /** By the state's key, for the many machines without nested states. */
  readonly #flat = new Map<string, Situation>();
  #birth: Plan | null | undefined;

  private constructor(
    private readonly machine: AnyStateMachine,
    private readonly snapshot: Snapshot,
  ) {
    this.#root = rootOf(machine);
  }

  /** Undefined for a machine that XState must step: states side by side, `always`. */
  static of(machine: AnyStateMachine, snapshot: Snapshot): Memo | undefined {
    return isSequential(machine) ? new Memo(machine, snapshot) : undefined;
  }

  /** `null` when only XState can tell; undefined when nothing takes the event. */
  step(state: ActorState, event: StampedEvent, sequence: number): Step | undefined | null {
    const situation = this.#situationOf(state.value);
    if (situation === undefined || isForXState(event)) return null;
    try {
      const context = state.context as Context;
      const run = this.#run(event, state.timers, sequence, context, situation);
      return this.#finish(run, this.#follow(run, situation));
    } catch {
      // XState tells what is wrong in its own words.
      return null;
    }
  }

  birth(id: string, event: StampedEvent, sequence: number): Step | undefined | null {
    if (this.#birth === undefined) this.#birth = this.#planOf(initialPath(this.#root), [], true);
    const plan = this.#birth;
    if (plan === null || isForXState(event)) return null;
    try {
      const input = { id };
      const given = this.machine.config.context as unknown;
      const context = typeof given === "function" ? { ...given({ input }) } : given ?? {};
      const init = { type: "xstate.init", input };
      const begin = this.#situation(this.#root);
      const run = this.#run(init as unknown as EventLike, [], sequence, context, begin, event);
      for (const act of plan.acts) act(run);
      const begun = this.#settle(run, plan.to);
      if (plan.done || begun.done) return undefined;
      run.taken = false;
      run.event = event;
      return this.#finish(run, this.#follow(run, begun.to));
    } catch {
      return null;
    }
  }

  #run(
    event: EventLike,
    timers: readonly TimerRow[],
    sequence: number,
    context: Context,
    { snapshot }: Situation,
    { at_ms }: StampedEvent = event as StampedEvent,
  ): Run {
    return new Run(this.machine.id, at_ms, timers, sequence, context, event, snapshot);
  }

  #finish(run: Run, end: Pick<Plan, "to" | "done">): Step | undefined {
    if (!run.taken) return undefined;
    const { context, emitted, sequence } = run;
    const timers = end.done ? [] : run.timers;
    return { state: { value: end.to.value, context, timers, done: end.done }, emitted, sequence };
  }

  /** The run's event, and then those that were raised on the way. */
  #follow(run: Run, from: Situation): Pick<Plan, "to" | "done"> {
    const plan = this.#choose(run, from);
    if (plan === undefined) return { to: from, done: false };
    return plan.done ? plan : this.#settle(run, plan.to);
  }

  #settle(run: Run, from: Situation): Pick<Plan, "to" | "done"> {
    let to = from;
    for (let next = 0; next < run.queue.length; next++) {
      const event = run.queue[next];
      if (event === undefined) break;
      run.event = event;
      const plan = this.#choose(run, to);
      if (plan?.done) return plan;
      if (plan !== undefined) to = plan.to;
    }
    run.queue.length = 0;
    return { to, done: false };
  }

  /** Takes the first transition whose guard agrees. */
  #choose(run: Run, from: Situation): Plan | undefined {
    run.snapshot = from.snapshot;
    for (const choice of from.choices(run.event.type)) {
      if (choice.guard !== undefined && !choice.guard(run)) continue;
      if (choice.plan === undefined) {
        const { transition } = choice;
        const path = pathOf(transition, from.leaf);
        choice.plan = path ? this.#planOf(path, transition.actions, takes(transition)) : null;
      }
      if (choice.plan === null) throw new OnlyXState("a way of its own");
      for (const act of choice.plan.acts) act(run);
      run.taken ||= choice.plan.taken;
      return choice.plan;
    }
    return undefined;
  }

  #planOf(path: Path, actions: readonly unknown[], taken: boolean): Plan | null {
    const { leaf, exits, entries, defaults } = path;
    const last = entries.at(-1);
    const done = last?.type === "final" && last.parent === this.#root;
    if (last?.type === "final" && (last.output !== undefined || this.#root.output !== undefined)) {
      return null;
    }
    const list = [...exits.flatMap((node) => node.exit), ...actions];
    for (const node of entries) {
      list.push(...node.entry);
      if (defaults.has(node)) list.push(...node.initial.actions);
    }
    const acts = list.map((action) => compileAction(this.machine, action));
    if (last?.type === "final" && !done) acts.push(doneEvent(last));
    if (done) {
      const exit = [leaf, ...around(leaf)].flatMap((node) => node.exit);
      acts.push(...exit.map((action) => compileAction(this.machine, action)));
    }
    if (acts.includes(undefined)) return null;
    return { taken, acts: acts as Act[], to: this.#situation(leaf), done };
  }

  #situation(leaf: Node): Situation {
    let known = this.#situations.get(leaf);
    if (known === undefined) {
      known = new Situation(this.machine, leaf, this.snapshot);
      this.#situations.set(leaf, known);
      if (typeof known.value === "string") this.#flat.set(known.value, known);
    }
    return known;
  }

  #situationOf(value: unknown): Situation | undefined {
    if (typeof value === "string") {
      const known = this.#flat.get(value);
      if (known) return known;
    }
    const leaf = leafOf(this.#root, value);
    return leaf && this.#situation(leaf);
  }
}

/** XState means something of its own by these. */
const isForXState = ({ type }: EventLike) =>
  type.startsWith("xstate.") && !type.startsWith("xstate.after.");

/** The end of a nested state's states is an event for those around it. */
function doneEvent({ parent }: Node): Act {
  const event = { type: `xstate.done.state.${parent?.id}`, output: undefined };
  return (run) => void run.queue.push(event);
}
