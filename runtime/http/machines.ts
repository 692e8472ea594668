/**
 * A machine as data: its states, the events each takes and where they lead, read from the very
 * definition that runs, so that a drawing of it cannot be out of date.
 */
import { z } from "@hono/zod-openapi";
import type { AnyStateNode, AnyTransitionDefinition } from "xstate";
import type { ActorKind } from "../../actors/kinds.ts";

const transitionShape = z.object({
  event: z.string().openapi({
    description: "The event's type; a delay's name for one that time takes; empty for one at once.",
  }),
  by: z.enum(["event", "time", "itself"]),
  targets: z.array(z.string()).openapi({ description: "Paths of states; empty when it stays." }),
  guard: z.string().nullable(),
  actions: z.array(z.string()),
});
const stateShape = z.object({
  path: z.string().openapi({ description: "Empty for the machine itself." }),
  type: z.enum(["atomic", "compound", "parallel", "final", "history"]),
  initial: z.string().nullable(),
  description: z.string().nullable(),
  entry: z.array(z.string()),
  exit: z.array(z.string()),
  transitions: z.array(transitionShape),
});
/** A kind of actor: what its machine is and how the engine keeps it. */
export const machineBody = z.object({
  kind: z.string(),
  durable: z.boolean(),
  births: z.array(z.string()).openapi({ description: "Events that bring one into being." }),
  events: z.array(z.string()),
  states: z.array(stateShape),
}).openapi("Machine");

export type MachineShape = z.infer<typeof machineBody>;
type StateShape = z.infer<typeof stateShape>;
type TransitionShape = z.infer<typeof transitionShape>;

/** Guards and actions are named, or are functions of the library with a `type` of their own. */
function nameOf(thing: unknown): string {
  if (typeof thing === "string") return thing;
  const { type, name } = thing as { type?: unknown; name?: unknown };
  if (typeof type === "string") return type;
  return typeof name === "string" && name !== "" ? name : "inline";
}

const pathOf = (node: AnyStateNode) => node.path.join(".");

function readTransition(transition: AnyTransitionDefinition): TransitionShape {
  const after = /^xstate\.after\.(.+?)\./.exec(transition.eventType)?.[1];
  return {
    event: after ?? transition.eventType,
    by: after !== undefined ? "time" : transition.eventType === "" ? "itself" : "event",
    targets: (transition.target ?? []).map(pathOf),
    guard: transition.guard === undefined ? null : nameOf(transition.guard),
    actions: transition.actions.map(nameOf),
  };
}

function readStates(node: AnyStateNode): StateShape[] {
  const listed = [...node.transitions.values()].flat();
  const shape: StateShape = {
    path: pathOf(node),
    type: node.type,
    initial: node.type === "compound" ? node.initial.target[0]?.key ?? null : null,
    description: node.description ?? null,
    entry: node.entry.map(nameOf),
    exit: node.exit.map(nameOf),
    transitions: [...listed, ...(node.always ?? [])].map(readTransition),
  };
  return [shape, ...Object.values(node.states).flatMap(readStates)];
}

/** Reads a kind of actor. */
export function machineShape(kind: string, { machine, durable, births }: ActorKind): MachineShape {
  const events = machine.events.filter((event) => !event.startsWith("xstate."));
  return { kind, durable, births: [...births], events, states: readStates(machine.root) };
}
