/**
 * One step of one actor as a pure function: state and event in, state and wishes out. It runs on
 * XState's own transition code, with a scope that only listens, so that nothing happens in it.
 */
import type { AnyActorScope, AnyMachineSnapshot, AnyStateMachine } from "xstate";
import type { Emitted, Stamped } from "../../actors/messages.ts";
import { invariant, InvariantError } from "../errors.ts";
import type { TimerRow } from "../journal/journal.ts";
import type { EventLike } from "./engine.ts";

/** All that a machine must be given to go on. JSON throughout, never changed in place. */
export interface ActorState {
  readonly value: unknown;
  readonly context: unknown;
  readonly timers: readonly TimerRow[];
  readonly done: boolean;
}

export interface Step {
  readonly state: ActorState;
  /** What the machine emitted, in order. */
  readonly emitted: readonly Emitted[];
  /** The next free sequence for timers. */
  readonly sequence: number;
}

export type StampedEvent = EventLike & Stamped;

/**
 * Steps the actors of one machine. Both functions answer undefined when no transition takes the
 * event, and throw `InvariantError` when the machine throws or asks for what a step cannot give
 * (children, invocations, custom actions, logging, a delay that is no time).
 */
export interface Stepper {
  /** The first step of a new actor: its initial state, and then the event. */
  birth(id: string, event: StampedEvent, sequence: number): Step | undefined;
  step(state: ActorState, event: StampedEvent, sequence: number): Step | undefined;
  /** Throws `InvariantError` when the machine has no such state. */
  check(value: unknown): void;
}

/** An action as XState hands it to its executor. */
interface ResolvedAction {
  readonly type: string;
  readonly params?: unknown;
}
interface Raise {
  readonly event: EventLike;
  readonly id: string | undefined;
  readonly delay: number | undefined;
}
interface Microstep {
  readonly _transitions?: readonly {
    readonly target?: unknown;
    readonly actions: readonly unknown[];
  }[];
}
/** The parts of a state node that are looked at, and XState's types hide. */
interface Node {
  readonly id: string;
  readonly type: string;
  readonly invoke: readonly unknown[];
  readonly states: Readonly<Record<string, Node>>;
}

function assertSteppable(node: Node): void {
  invariant(node.invoke.length === 0, `state ${node.id} invokes: ask for effects by commands`);
  invariant(node.type !== "history", `state ${node.id} is a history state, which is not kept`);
  for (const child of Object.values(node.states)) assertSteppable(child);
}

/** What one step collects while XState runs it. */
class Collector {
  taken = false;
  emitted: Emitted[] = [];
  constructor(
    readonly machine: string,
    readonly at_ms: number,
    public timers: readonly TimerRow[],
    public sequence: number,
  ) {}

  action({ type, params }: ResolvedAction): void {
    switch (type) {
      case "xstate.emit":
        this.emitted.push((params as { event: Emitted }).event);
        return;
      case "xstate.raise":
        return this.#raise(params as Raise);
      case "xstate.cancel":
        return this.#cancel((params as { sendId: string }).sendId);
      default:
        throw new InvariantError(
          `${this.machine} runs the action ${type}: only assign, emit, raise and cancel are pure`,
        );
    }
  }

  /** Without a delay XState raises by itself. An id that is in use passes to the new timer, where
   * XState's own actor would let the old one fire, out of reach of any cancel. */
  #raise({ event, id, delay }: Raise): void {
    if (delay === undefined) {
      // XState takes a delay that it does not know for none, and would fire at once.
      invariant(
        !event.type.startsWith("xstate.after."),
        `${this.machine} has no delay for ${event.type}`,
      );
      return;
    }
    invariant(
      Number.isFinite(delay) && delay >= 0,
      `${this.machine} delays ${event.type} by ${delay} ms`,
    );
    const sequence = this.sequence++;
    const timer = {
      id: id ?? `timer.${sequence}`,
      event,
      due_ms: this.at_ms + Math.ceil(delay),
      sequence,
    };
    this.timers = [...this.timers.filter((other) => other.id !== timer.id), timer];
  }

  #cancel(id: string): void {
    if (this.timers.some((timer) => timer.id === id)) {
      this.timers = this.timers.filter((timer) => timer.id !== id);
    }
  }

  /** XState tells every microstep; a transition without target and actions forbids the event. */
  microstep({ _transitions }: Microstep): void {
    this.taken ||= _transitions !== undefined &&
      _transitions.some((it) => it.target !== undefined || it.actions.length > 0);
  }
}

/** Makes the stepper of a machine; throws `InvariantError` for one with invocations or history. */
export function createStepper(machine: AnyStateMachine): Stepper {
  assertSteppable(machine.root as unknown as Node);
  const templates = new Map<string, AnyMachineSnapshot>();
  let collector = new Collector(machine.id, 0, [], 0);

  // `actionExecutor` is wrapped and restored by XState within a microstep, hence the plain object.
  const scope = {
    actionExecutor: (action: ResolvedAction) => collector.action(action),
    system: { _sendInspectionEvent: (event: Microstep) => collector.microstep(event) },
    self: undefined,
    id: machine.id,
    sessionId: machine.id,
    logger: () => {},
    defer: () => {},
    emit: () => {},
    stopChild: () => {},
  } as unknown as AnyActorScope;

  /** All but the context is the same for every actor in one state, and resolved once. */
  function snapshot(value: unknown, context: unknown): AnyMachineSnapshot {
    const key = typeof value === "string" ? value : JSON.stringify(value);
    let template = templates.get(key);
    if (!template) {
      template = machine.resolveState({ value: value as never, context: {} });
      templates.set(key, template);
    }
    return { ...template, context } as AnyMachineSnapshot;
  }

  function transition(from: AnyMachineSnapshot, event: StampedEvent): AnyMachineSnapshot {
    try {
      return machine.transition(from, event, scope) as AnyMachineSnapshot;
    } catch (error) {
      throw broken(machine, event.type, error);
    }
  }

  function result(next: AnyMachineSnapshot): Step {
    const done = next.status === "done";
    const timers = done ? [] : collector.timers;
    return {
      state: { value: next.value, context: next.context, timers, done },
      emitted: collector.emitted,
      sequence: collector.sequence,
    };
  }

  return {
    birth(id, event, sequence) {
      collector = new Collector(machine.id, event.at_ms, [], sequence);
      const initial = machine.getInitialSnapshot(scope, { id }) as AnyMachineSnapshot;
      if (initial.status === "error") throw broken(machine, "its birth", initial.error);
      collector.taken = false;
      const next = transition(initial, event);
      return collector.taken ? result(next) : undefined;
    },
    step(state, event, sequence) {
      collector = new Collector(machine.id, event.at_ms, state.timers, sequence);
      const next = transition(snapshot(state.value, state.context), event);
      return collector.taken ? result(next) : undefined;
    },
    check(value) {
      try {
        snapshot(value, {});
      } catch (error) {
        throw broken(machine, `the state ${JSON.stringify(value)}`, error);
      }
    },
  };
}

function broken(machine: AnyStateMachine, on: string, cause: unknown): InvariantError {
  if (cause instanceof InvariantError) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new InvariantError(`${machine.id} broke on ${on}: ${reason}`, { cause });
}
