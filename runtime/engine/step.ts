/**
 * One step of one actor as a pure function: state and event in, state and wishes out. Most steps
 * are looked up (see `memo.ts`); the others run on XState's own transition code, with a scope that
 * only listens, so that nothing happens in it.
 */
import type { AnyActorScope, AnyMachineSnapshot, AnyStateMachine } from "xstate";
import type { Emitted, Stamped } from "../../actors/messages.ts";
import { InvariantError } from "../errors.ts";
import { limits } from "../limits.ts";
import type { Remembered, TimerRow } from "../journal/journal.ts";
import { Collector, type Microstep, type ResolvedAction } from "./collect.ts";
import type { EventLike } from "./engine.ts";
import { Memo } from "./memo.ts";
import { assertSteppable, isOfSeveralMinds } from "./nodes.ts";

/** All that a machine must be given to go on. JSON throughout, never changed in place. */
export interface ActorState {
  readonly value: unknown;
  readonly context: unknown;
  readonly timers: readonly TimerRow[];
  readonly done: boolean;
  /** Only for machines with states side by side or history states. */
  readonly remembered?: Remembered;
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

/**
 * Makes the stepper of a machine; throws `InvariantError` for one with invocations.
 * `lookUp: false` has XState work out every step, for comparison.
 */
export function createStepper(
  machine: AnyStateMachine,
  { lookUp = true }: { readonly lookUp?: boolean } = {},
): Stepper {
  assertSteppable(machine);
  const plain = xstateStepper(machine);
  const memo = lookUp ? Memo.of(machine, plain.snapshot) : undefined;
  if (memo === undefined) return plain;
  const checked = new Set<unknown>();
  return {
    birth(id, event, sequence) {
      const step = memo.birth(id, event, sequence);
      return step === null ? plain.birth(id, event, sequence) : step;
    },
    step(state, event, sequence) {
      const step = memo.step(state, event, sequence);
      return step === null ? plain.step(state, event, sequence) : step;
    },
    check(value) {
      if (typeof value === "string" && checked.has(value)) return;
      plain.check(value);
      if (typeof value === "string") checked.add(value);
    },
  };
}

interface XStateStepper extends Stepper {
  snapshot(value: unknown, context: unknown): AnyMachineSnapshot;
}

/** Every step by `machine.transition`. */
function xstateStepper(machine: AnyStateMachine): XStateStepper {
  const templates = new Map<string, AnyMachineSnapshot>();
  const remembers = isOfSeveralMinds(machine);
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
  function snapshot(value: unknown, context: unknown, remembered?: Remembered): AnyMachineSnapshot {
    const plain = typeof value === "string" && remembered === undefined;
    const key = plain ? value : JSON.stringify([value, remembered]);
    let template = templates.get(key);
    if (!template) {
      const historyValue = Object.fromEntries(
        Object.entries(remembered?.history ?? {}).map(([id, ids]) => [id, ids.map(nodeOf)]),
      );
      template = machine.resolveState({ value: value as never, context: {}, historyValue });
      // XState's own actors can get into states that cannot be worked out from their value.
      if (remembered) Object.assign(template, { _nodes: remembered.active.map(nodeOf), value });
      if (templates.size >= limits.remembered_states) templates.clear();
      templates.set(key, template);
    }
    return { ...template, context } as AnyMachineSnapshot;
  }
  const nodeOf = (id: string) => machine.getStateNodeById(id);

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
    const remembered = remembers ? { remembered: rememberedOf(next) } : {};
    return {
      state: { value: next.value, context: next.context, timers, done, ...remembered },
      emitted: collector.emitted,
      sequence: collector.sequence,
    };
  }

  return {
    snapshot,
    birth(id, event, sequence) {
      collector = new Collector(machine.id, event.at_ms, [], sequence);
      const initial = machine.getInitialSnapshot(scope, { id }) as AnyMachineSnapshot;
      if (initial.status === "error") throw broken(machine, "its birth", initial.error);
      if (initial.status === "done") return undefined;
      collector.taken = false;
      const next = transition(initial, event);
      return collector.taken ? result(next) : undefined;
    },
    step(state, event, sequence) {
      collector = new Collector(machine.id, event.at_ms, state.timers, sequence);
      const next = transition(snapshot(state.value, state.context, state.remembered), event);
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

function rememberedOf({ _nodes, historyValue }: AnyMachineSnapshot): Remembered {
  const idsOf = (nodes: readonly { readonly id: string }[]) => nodes.map(({ id }) => id);
  const history = Object.entries(historyValue as Record<string, readonly { id: string }[]>);
  return {
    active: idsOf(_nodes),
    history: Object.fromEntries(history.map(([id, nodes]) => [id, idsOf(nodes)])),
  };
}

function broken(machine: AnyStateMachine, on: string, cause: unknown): InvariantError {
  if (cause instanceof InvariantError) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new InvariantError(`${machine.id} broke on ${on}: ${reason}`, { cause });
}
