/**
 * A machine's states as XState builds them, and the geometry of its transitions: which states are
 * left and entered, in which order. Only for machines in which one state is active at a time, with
 * those around it; the rules are those of SCXML as XState applies them.
 */
import type { AnyStateMachine } from "xstate";
import { invariant } from "../errors.ts";

/** The parts of a state node that are looked at; XState's types hide some of them. */
export interface Node {
  readonly id: string;
  readonly key: string;
  readonly type: "atomic" | "compound" | "parallel" | "final" | "history";
  readonly parent: Node | undefined;
  readonly order: number;
  readonly states: Readonly<Record<string, Node>>;
  readonly invoke: readonly unknown[];
  readonly entry: readonly unknown[];
  readonly exit: readonly unknown[];
  readonly always: readonly unknown[] | undefined;
  readonly output: unknown;
  readonly transitions: ReadonlyMap<string, readonly Transition[]>;
  readonly initial: { readonly target: readonly Node[]; readonly actions: readonly unknown[] };
}

export interface Transition {
  readonly source: Node;
  readonly target: readonly Node[] | undefined;
  readonly reenter: boolean;
  readonly guard: unknown;
  readonly actions: readonly unknown[];
}

/** What a transition leaves and enters, in order. */
export interface Path {
  readonly exits: readonly Node[];
  readonly entries: readonly Node[];
  /** Those of the entries that are entered by default, whose initial transition runs. */
  readonly defaults: ReadonlySet<Node>;
  /** The innermost active state afterwards. */
  readonly leaf: Node;
}

export const rootOf = (machine: AnyStateMachine) => machine.root as unknown as Node;

/** The machine's states, outermost first. */
export function* nodesOf(node: Node): Iterable<Node> {
  yield node;
  for (const child of Object.values(node.states)) yield* nodesOf(child);
}

/** Throws `InvariantError` for a machine that asks for children. */
export function assertSteppable(machine: AnyStateMachine): void {
  for (const node of nodesOf(rootOf(machine))) {
    invariant(node.invoke.length === 0, `state ${node.id} invokes: ask for effects by commands`);
  }
}

/** Whether a transition leads to the root: XState enters it without leaving what is in it, and more
 * than one state may be active afterwards. */
function leadsToRoot({ transitions }: Node): boolean {
  return [...transitions.values()].flat().some(({ target = [] }) =>
    target.some((node) => node.parent === undefined)
  );
}

/** Whether more must be known of an actor than its value: there are states side by side, such as
 * remember where they were, or ways to the root. */
export function isOfSeveralMinds(machine: AnyStateMachine): boolean {
  return [...nodesOf(rootOf(machine))].some((node) =>
    node.type === "parallel" || node.type === "history" || leadsToRoot(node)
  );
}

/** Whether one state at a time is active and moves only on events. */
export function isSequential(machine: AnyStateMachine): boolean {
  const { maxIterations = Infinity } = machine.options;
  return maxIterations === Infinity && !isOfSeveralMinds(machine) &&
    [...nodesOf(rootOf(machine))].every((node) => node.always === undefined);
}

/** The states around this one, innermost first, as far as but without `until`. */
export function around(node: Node, until?: Node): Node[] {
  const found: Node[] = [];
  if (node === until) return found;
  for (let at = node.parent; at !== undefined && at !== until; at = at.parent) found.push(at);
  return found;
}

const isWithin = (node: Node, outer: Node) => around(node).includes(outer);

/** Follows the initial transitions inwards from a state; calls for each state on the way. */
function inwards(node: Node, enter: (child: Node) => void): Node {
  let at = node;
  while (at.type === "compound") {
    const child: Node | undefined = at.initial.target[0];
    invariant(child, `state ${at.id} has no initial state`);
    enter(child);
    at = child;
  }
  return at;
}

/** The innermost state that holds both ends and is not itself left. */
function domainOf({ source, reenter }: Transition, target: Node): Node | undefined {
  if (!reenter && (target === source || isWithin(target, source))) return source;
  return around(target).find((outer) => isWithin(source, outer));
}

/** The way of a transition from the leaf that is active, or undefined where only XState knows it:
 * several targets, or the root as one end of a reentry. */
export function pathOf(transition: Transition, leaf: Node): Path | undefined {
  if (transition.target === undefined) {
    return { exits: [], entries: [], defaults: new Set(), leaf };
  }
  const [target, ...others] = transition.target;
  const domain = target && domainOf(transition, target);
  if (target?.parent === undefined || domain === undefined || others.length > 0) return undefined;
  const entries = new Set<Node>();
  const defaults = new Set<Node>();
  const { source, reenter } = transition;
  const enterByDefault = (node: Node) => {
    entries.add(node);
    defaults.add(node);
  };
  if (source !== target || source !== domain || reenter) enterByDefault(target);
  const end = inwards(target, enterByDefault);
  for (const node of around(target, domain)) entries.add(node);
  return {
    exits: [leaf, ...around(leaf)].filter((node) => isWithin(node, domain)),
    entries: [...entries].sort((a, b) => a.order - b.order),
    defaults,
    leaf: end,
  };
}

/** The way into a new actor's first state. */
export function initialPath(root: Node): Path {
  const entries: Node[] = [root];
  const leaf = inwards(root, (node) => entries.push(node));
  return { exits: [], entries, defaults: new Set(entries), leaf };
}

/** The state value in which this is the innermost state, in XState's form. */
export function valueOf(leaf: Node): unknown {
  if (leaf.parent === undefined) return {};
  let value: unknown = leaf.key;
  for (let at = leaf.parent; at.parent !== undefined; at = at.parent) value = { [at.key]: value };
  return value;
}

/** The innermost state of a value, or undefined when there is none such. */
export function leafOf(root: Node, value: unknown): Node | undefined {
  let at: Node | undefined = root;
  let rest = value;
  while (at !== undefined && typeof rest === "object" && rest !== null) {
    const keys: string[] = Object.keys(rest);
    const [key] = keys;
    if (key === undefined) return at.type === "compound" ? undefined : at;
    if (keys.length > 1) return undefined;
    at = Object.hasOwn(at.states, key) ? at.states[key] : undefined;
    rest = (rest as Record<string, unknown>)[key];
  }
  if (at === undefined || typeof rest !== "string" || !Object.hasOwn(at.states, rest)) {
    return undefined;
  }
  const leaf = at.states[rest];
  return leaf?.type === "compound" ? undefined : leaf;
}

/** Whether a key under `on` names this type: by itself, `*`, or a beginning and `.*`. */
function describes(descriptor: string, type: string): boolean {
  if (descriptor === "*") return true;
  if (!descriptor.endsWith(".*")) return false;
  const words = descriptor.split(".");
  const typed = type.split(".");
  for (const [index, word] of words.entries()) {
    if (word === "*") return index === words.length - 1;
    if (word !== typed[index]) return false;
  }
  return false;
}

/** What may take an event while this leaf is active, in the order in which it is tried. */
export function candidates(leaf: Node, type: string): Transition[] {
  return [leaf, ...around(leaf)].flatMap(({ transitions }) => {
    const general = [...transitions.keys()]
      .filter((descriptor) => descriptor !== type && describes(descriptor, type))
      .sort((a, b) => b.length - a.length);
    return [type, ...general].flatMap((descriptor) => transitions.get(descriptor) ?? []);
  });
}
