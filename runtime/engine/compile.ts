/**
 * A machine's guards and actions as plain functions over what a step gathers, looked up once
 * instead of at every event. What only XState can run is not compiled.
 */
import type { AnyMachineSnapshot, AnyStateMachine } from "xstate";
import type { Emitted } from "../../actors/messages.ts";
import { Collector } from "./collect.ts";
import type { EventLike } from "./engine.ts";

type Context = Record<string, unknown>;
/** What XState passes to the functions of a machine. */
interface Args {
  readonly context: Context;
  readonly event: EventLike;
  readonly self: undefined;
  readonly system: undefined;
  readonly spawn: () => never;
}
type Expression = (args: unknown, params: unknown) => unknown;

/** Only XState can go on; thrown and caught within the stepper. */
export class OnlyXState extends Error {
  override readonly name = "OnlyXState";
}

const spawn = () => {
  throw new OnlyXState("a child");
};

/** A step under way. */
export class Run extends Collector {
  /** Events raised without delay, and how many of them were taken. */
  readonly queue: EventLike[] = [];
  #args: Args | undefined;

  constructor(
    machine: string,
    at_ms: number,
    timers: Collector["timers"],
    sequence: number,
    public context: Context,
    public event: EventLike,
    /** Of the state in which the present microstep began. */
    public snapshot: (context: Context) => AnyMachineSnapshot,
  ) {
    super(machine, at_ms, timers, sequence);
  }

  get args(): Args {
    const { context, event } = this;
    if (this.#args?.context === context && this.#args.event === event) return this.#args;
    return this.#args = { context, event, self: undefined, system: undefined, spawn };
  }
}

export type Act = (run: Run) => void;
export type Guard = (run: Run) => boolean;

interface Builtin {
  readonly type: string;
  readonly assignment?: unknown;
  readonly event?: unknown;
  readonly id?: string;
  readonly delay?: unknown;
  readonly sendId?: unknown;
  readonly resolve: (...parts: unknown[]) => [unknown, unknown, unknown[] | undefined];
}
interface Reference {
  readonly type: string;
  readonly params?: unknown;
}

const value = (expression: unknown, run: Run, params: unknown) =>
  typeof expression === "function" ? (expression as Expression)(run.args, params) : expression;

/** What an action or a guard is given beside its context and event. */
function paramsOf(reference: unknown): (run: Run) => unknown {
  if (typeof reference !== "object" || reference === null || !("params" in reference)) {
    return () => undefined;
  }
  const { params } = reference as Reference;
  if (typeof params !== "function") return () => params;
  return ({ context, event }) => (params as (args: unknown) => unknown)({ context, event });
}

const nameOf = (reference: unknown) =>
  typeof reference === "string" ? reference : (reference as Reference).type;

/** Undefined for an action that is not among those a step may run. */
export function compileAction(machine: AnyStateMachine, action: unknown): Act | undefined {
  const found = typeof action === "function"
    ? action
    : machine.implementations.actions[nameOf(action)];
  if (found === undefined || !("resolve" in (found as object))) return undefined;
  const builtin = found as unknown as Builtin;
  const params = typeof action === "function" ? () => undefined : paramsOf(action);
  switch (builtin.type) {
    case "xstate.assign":
      return assigning(builtin.assignment, params);
    case "xstate.emit":
      return (run) => {
        run.emitted.push(value(builtin.event, run, params(run)) as Emitted);
      };
    case "xstate.cancel":
      return (run) => run.cancel(value(builtin.sendId, run, params(run)) as string);
    case "xstate.raise":
      return raising(machine, builtin, params);
    case "xstate.enqueueActions":
      return enqueuing(machine, builtin, params);
    default:
      return undefined;
  }
}

function assigning(assignment: unknown, params: (run: Run) => unknown): Act {
  if (typeof assignment === "function") {
    return (run) => {
      const changes = (assignment as Expression)(run.args, params(run));
      run.context = { ...run.context, ...changes as Context };
    };
  }
  const properties = Object.entries(assignment as Context);
  return (run) => {
    const { args } = run;
    const given = params(run);
    const context = { ...run.context };
    for (const [key, expression] of properties) {
      context[key] = typeof expression === "function"
        ? (expression as Expression)(args, given)
        : expression;
    }
    run.context = context;
  };
}

function raising(machine: AnyStateMachine, builtin: Builtin, params: (run: Run) => unknown): Act {
  const { delay, id } = builtin;
  const expression = typeof delay === "string" ? machine.implementations.delays[delay] : delay;
  return (run) => {
    const given = params(run);
    const event = value(builtin.event, run, given) as EventLike;
    if (typeof event === "string") throw new OnlyXState("an event that is a text");
    const delay_ms = value(expression, run, given);
    if (typeof delay_ms !== "number") run.queue.push(event);
    run.raise(event, id, delay_ms as number | undefined);
  };
}

function enqueuing(machine: AnyStateMachine, builtin: Builtin, params: (run: Run) => unknown): Act {
  return (run) => {
    const { args } = run;
    const snapshot = run.snapshot(run.context);
    const [, , actions = []] = builtin.resolve(
      undefinedScope,
      snapshot,
      args,
      params(run),
      builtin,
    );
    for (const action of actions) {
      const act = compileAction(machine, action);
      if (act === undefined) throw new OnlyXState("an action that is not pure");
      act(run);
    }
  };
}
const undefinedScope = { self: undefined, system: undefined };

/** Undefined where there is nothing to ask. */
export function compileGuard(machine: AnyStateMachine, guard: unknown): Guard | undefined {
  if (guard === undefined) return undefined;
  const inline = typeof guard === "function";
  const found = inline ? guard : machine.implementations.guards[nameOf(guard)];
  if (typeof found !== "function") {
    // A name may stand for another guard.
    return found === undefined ? cannotAsk : compileGuard(machine, found) ?? cannotAsk;
  }
  const params = inline ? () => undefined : paramsOf(guard);
  if ("check" in found) {
    const check = found.check as (...parts: unknown[]) => boolean;
    return (run) => {
      const { context, event } = run;
      return check(run.snapshot(context), { context, event }, found);
    };
  }
  const ask = found as unknown as (args: unknown, params: unknown) => boolean;
  return (run) => ask(run.args, params(run));
}
const cannotAsk = () => {
  throw new OnlyXState("a guard that is not there");
};
