/**
 * Machines made by chance, for comparing steps with XState's own: states within states and side by
 * side, guards, events raised at once and later, cancels, reentry, ends, history, and actions that
 * read and write the context.
 */
import fc from "fast-check";
import {
  type AnyStateMachine,
  assign,
  cancel,
  createMachine,
  emit,
  enqueueActions,
  not,
  raise,
  stateIn,
} from "xstate";

export const generatedEvents = ["a", "b", "c", "d.e", "d.f.g", "raised", "late"] as const;
const descriptors = ["a", "b", "c", "d.e", "d.*", "*", "raised", "late"] as const;

type Context = { count: number; last: string };
type Any = Record<string, unknown>;
interface Shape {
  readonly kind: number;
  readonly children: readonly Shape[];
  readonly on: readonly Way[];
  readonly after: readonly Way[];
  readonly always: readonly Way[];
  readonly entry: readonly number[];
  readonly exit: readonly number[];
  readonly initial: number;
  readonly done: Way | null;
}
interface Way {
  readonly event: number;
  readonly target: number;
  readonly guard: number;
  readonly reenter: boolean;
  readonly actions: readonly number[];
}

const way: fc.Arbitrary<Way> = fc.record({
  event: fc.nat({ max: descriptors.length - 1 }),
  target: fc.nat({ max: 40 }),
  guard: fc.nat({ max: 11 }),
  reenter: fc.boolean(),
  actions: fc.array(fc.nat({ max: actionCount() - 1 }), { maxLength: 3 }),
});
const few = fc.array(fc.nat({ max: actionCount() - 1 }), { maxLength: 2 });

const shapeOf = (depth: number): fc.Arbitrary<Shape> =>
  fc.record({
    kind: fc.nat({ max: 99 }),
    children: depth === 0 ? fc.constant([]) : fc.array(shapeOf(depth - 1), { maxLength: 3 }),
    on: fc.array(way, { maxLength: 5 }),
    after: fc.array(way, { maxLength: 2 }),
    always: fc.array(way, { maxLength: 1 }),
    entry: few,
    exit: few,
    initial: fc.nat(),
    done: fc.option(way),
  });

function actionCount(): number {
  return 11;
}

/** Each is an action that is plain, by name or with params, and pure. */
function action(index: number, node: string): unknown {
  const mark = { type: "marked", by: node };
  return [
    assign({ count: ({ context }: { context: Context }) => (context.count + 1) % 50 }),
    assign(({ context, event }: { context: Context; event: { type: string } }) => ({
      last: `${event.type}@${node}`,
      count: (context.count * 3 + 1) % 50,
    })),
    emit(({ context }: { context: Context }) => ({ ...mark, count: context.count })),
    emit(mark),
    raise({ type: "late" }, { id: `late.${index}`, delay: 30 }),
    raise({ type: "late" }, { delay: ({ context }: { context: Context }) => context.count }),
    cancel(`late.4`),
    "named",
    { type: "named", params: { by: node } },
    // At most a few in one macrostep: the count stops them.
    enqueueActions(({ enqueue, check, context }) => {
      const { count } = context as Context;
      enqueue.assign({ count: (count + 7) % 50 });
      if (count % 5 === 0) enqueue.raise({ type: "raised" });
      if (check("isOdd" as never)) enqueue.emit({ type: `odd ${node}` });
    }),
    { type: "asked", params: ({ context }: { context: Context }) => ({ by: context.count }) },
  ][index];
}

function guard(index: number, states: readonly string[]): unknown {
  const odd = ({ context }: { context: Context }) => context.count % 2 === 1;
  return [
    undefined,
    undefined,
    undefined,
    "isOdd",
    not("isOdd"),
    odd,
    { type: "isOver", params: { least: 10 } },
    { type: "isOver", params: ({ context }: { context: Context }) => ({ least: context.count }) },
    stateIn(`#${states[index % states.length]}`),
    "alias",
    undefined,
    ({ event }: { event: { type: string } }) => event.type !== "c",
  ][index];
}

const implementations = {
  guards: {
    isOdd: ({ context }: { context: Context }) => context.count % 2 === 1,
    isOver: ({ context }: { context: Context }, { least }: { least: number }) =>
      context.count >= least,
    alias: not("isOdd"),
  },
  actions: {
    named: assign((_: unknown, params: { by?: string } | undefined) => ({
      last: params?.by ?? "nobody",
    })),
    asked: emit((_: unknown, params: unknown) => ({ type: "asked", params })),
  },
  delays: { named: ({ context }: { context: Context }) => 5 + context.count },
};

/** A machine, and the same for XState's actor, which gives up where it would go round for ever. */
export interface Generated {
  readonly machine: AnyStateMachine;
  readonly reference: AnyStateMachine;
}

/** The machine of a shape. `sequential`: no states side by side, no history, no `always`. */
function build(root: Shape, sequential: boolean): Generated {
  const ids: string[] = [];
  const number = (shape: Shape, id: string) => {
    ids.push(id);
    shape.children.forEach((child, index) => number(child, `${id}_${index}`));
  };
  number(root, "n");
  const histories: string[] = [];
  const targets = () => [...ids, ...histories];

  function transition(it: Way, node: string, eventless = false): Any {
    const all = targets();
    const target = all[it.target % (all.length + 2)];
    const asked = guard(it.guard, ids);
    // Without a guard that fails at last, eventless transitions would go round for ever.
    const stops = ({ context }: { context: Context }) => context.count % 7 === it.guard % 7;
    return {
      ...(target === undefined ? {} : { target: `#${target}` }),
      ...(it.reenter ? { reenter: true } : {}),
      ...(eventless ? { guard: stops } : asked === undefined ? {} : { guard: asked }),
      actions: eventless
        ? [assign({ count: ({ context }: { context: Context }) => (context.count + 1) % 50 })]
        : it.actions.map((index) => action(index, node)),
    };
  }

  function state(shape: Shape, id: string, depth: number): Any {
    const actions = {
      entry: shape.entry.map((index) => action(index, id)),
      exit: shape.exit.map((index) => action(index, id)),
    };
    if (shape.children.length === 0 && depth > 0 && shape.kind < 12) {
      return { id, type: "final", ...actions };
    }
    const on: Record<string, unknown[]> = {};
    for (const it of shape.on) {
      (on[descriptors[it.event] ?? "a"] ??= []).push(transition(it, id));
    }
    const after = Object.fromEntries(
      shape.after.map((it, index) => [index === 0 ? "named" : 20 + it.event, transition(it, id)]),
    );
    const always = sequential ? [] : shape.always.map((it) => transition(it, id, true));
    const own = { id, on, after, ...actions, ...(always.length > 0 ? { always } : {}) };
    if (shape.children.length === 0) return own;
    const states: Record<string, Any> = {};
    shape.children.forEach((child, index) => {
      states[`s${index}`] = state(child, `${id}_${index}`, depth + 1);
    });
    const parallel = !sequential && shape.kind >= 80;
    if (!sequential && shape.kind % 4 === 0) {
      states.back = {
        id: `${id}_h`,
        type: "history",
        history: shape.kind % 8 ? "deep" : "shallow",
      };
    }
    return {
      ...own,
      states,
      ...(parallel
        ? { type: "parallel" }
        : { initial: `s${shape.initial % shape.children.length}` }),
      ...(shape.done === null || depth === 0 ? {} : { onDone: transition(shape.done, id) }),
    };
  }

  if (!sequential) {
    const find = (shape: Shape, id: string) => {
      if (shape.children.length > 0 && shape.kind % 4 === 0) histories.push(`${id}_h`);
      shape.children.forEach((child, index) => find(child, `${id}_${index}`));
    };
    find(root, "n");
  }
  const config = { ...state(root, "n", 0), context: { count: 0, last: "" } };
  const make = (options: object) =>
    createMachine({ ...config, ...options } as never, implementations as never) as AnyStateMachine;
  const pair = { machine: make({}), reference: make({ options: { maxIterations: 100 } }) };
  // Shown when a test fails; a machine itself is a circle of thousands of parts.
  const text = () => JSON.stringify(config);
  return Object.defineProperty(pair, fc.toStringMethod, { value: text });
}

/** Machines in which one state is active at a time, and machines of every other kind. */
export const generatedMachine: fc.Arbitrary<Generated> = fc.tuple(
  fc.array(shapeOf(2), { minLength: 1, maxLength: 4 }),
  shapeOf(0),
  fc.nat({ max: 3 }),
).map(([children, root, kind]) => build({ ...root, children }, kind > 0));
