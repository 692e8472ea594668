/** A step is what XState's own actor does, minus everything that happens. */
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type AnyStateMachine,
  assign,
  cancel,
  createActor,
  createMachine,
  emit,
  enqueueActions,
  fromPromise,
  log,
  raise,
  sendTo,
  setup,
  spawnChild,
} from "xstate";
import type { Emitted } from "../../actors/messages.ts";
import { InvariantError } from "../errors.ts";
import { type ActorState, createStepper, type StampedEvent, type Step } from "./step.ts";
import { ManualClock } from "./testing.ts";

const command = (type: string) => ({ type }) as unknown as Emitted;

/** Nested and parallel states, guards, raised and delayed events, always, final states. */
const clerk = setup({
  types: {
    context: {} as { served: number; rung: number },
    events: {} as { type: string; at_ms?: number },
    emitted: {} as Emitted,
  },
  guards: { tired: ({ context }) => context.served >= 3 },
  actions: {
    serve: assign(({ context }) => ({ served: context.served + 1 })),
    ring: enqueueActions(({ enqueue, context }) => {
      enqueue.assign({ rung: context.rung + 1 });
      if (context.rung < 5) enqueue.emit(command("rung"));
    }),
  },
  delays: { pause: ({ context }) => 100 + context.served },
}).createMachine({
  id: "clerk",
  context: { served: 0, rung: 0 },
  type: "parallel",
  states: {
    counter: {
      initial: "open",
      states: {
        open: {
          initial: "idle",
          after: { 700: "closed" },
          states: {
            idle: { on: { serve: "serving", nap: { target: "pausing", guard: "tired" } } },
            serving: {
              entry: ["serve", raise({ type: "chime" }), emit(command("serving"))],
              exit: emit(command("served")),
              after: { 50: "idle" },
              on: { serve: { target: "serving", reenter: true } },
            },
            pausing: { after: { pause: "idle" }, on: { chime: {} } },
          },
        },
        closed: { on: { open: "open", go: "gone" } },
        gone: { type: "final" },
      },
    },
    bell: {
      initial: "still",
      states: {
        still: {
          on: {
            chime: { actions: "ring" },
            wind: {
              actions: [cancel("wound"), raise({ type: "chime" }, { id: "wound", delay: 120 })],
            },
            rewind: { actions: raise({ type: "chime" }, { id: "wound", delay: 120 }) },
            unwind: { actions: cancel("wound") },
          },
          always: { target: "worn", guard: ({ context }) => context.rung > 6 },
        },
        worn: { type: "final" },
      },
    },
  },
});

/** XState's own actor beside the same steps, both on one clock. */
function pair(machine: AnyStateMachine) {
  const clock = new ManualClock(0);
  const timeouts = new Map<number, () => void>();
  const actor = createActor(machine, {
    clock: {
      setTimeout(call: () => void, delay_ms: number) {
        timeouts.set(timeouts.size, clock.after(delay_ms, call));
        return timeouts.size - 1;
      },
      clearTimeout: (id: number) => timeouts.get(id)?.(),
    },
  });
  const heard: string[] = [];
  actor.on("*", (event: { type: string }) => heard.push(event.type));
  actor.start();
  return { actor, clock, heard };
}

/** An event at a moment; timers that are due by then fire first, in their order. */
function follow(machine: AnyStateMachine, first: StampedEvent) {
  const stepper = createStepper(machine);
  let sequence = 1;
  const emitted: string[] = [];
  let state: ActorState | undefined;
  const keep = (step: Step | undefined) => {
    if (!step) return;
    state = step.state;
    sequence = step.sequence;
    emitted.push(...step.emitted.map((it) => it.type));
  };
  keep(stepper.birth("c", first, sequence));
  return {
    emitted,
    get state() {
      assert.ok(state);
      return state;
    },
    advance(until_ms: number) {
      for (;;) {
        const due = this.state.timers.filter((timer) => timer.due_ms <= until_ms)
          .toSorted((a, b) => a.due_ms - b.due_ms || a.sequence - b.sequence)[0];
        if (!due) return;
        const timers = this.state.timers.filter((timer) => timer !== due);
        state = { ...this.state, timers };
        keep(stepper.step(state, { ...due.event, at_ms: due.due_ms }, sequence));
      }
    },
    send(event: StampedEvent) {
      this.advance(event.at_ms);
      keep(stepper.step(this.state, event, sequence));
    },
  };
}

Deno.test("steps go where XState's actor goes, whatever is sent and however long it waits", () => {
  const event = fc.constantFrom("serve", "nap", "open", "go", "wind", "unwind", "chime", "unknown");
  const moves = fc.array(fc.tuple(event, fc.nat({ max: 400 })), { maxLength: 40 });
  fc.assert(
    fc.property(moves, (list) => {
      const { actor, clock, heard } = pair(clerk);
      const steps = follow(clerk, { type: "serve", at_ms: 0 });
      actor.send({ type: "serve" });
      for (const [type, wait_ms] of list) {
        clock.advance(wait_ms);
        actor.send({ type });
        steps.send({ type, at_ms: clock.now_ms() });
        const snapshot = actor.getSnapshot();
        assert.deepEqual(steps.state.value, snapshot.value);
        assert.deepEqual(steps.state.context, snapshot.context);
        assert.equal(steps.state.done, snapshot.status === "done");
        assert.deepEqual(steps.emitted, heard);
        // What is kept is JSON: a step goes on from its text as from itself.
        assert.deepEqual(JSON.parse(JSON.stringify(steps.state)), steps.state);
      }
    }),
    { numRuns: 150 },
  );
});

Deno.test("timers are deadlines that start with the event, and end with the actor", () => {
  const steps = follow(clerk, { type: "serve", at_ms: 5_000 });
  const deadlines = () => steps.state.timers.map((timer) => [timer.due_ms, timer.sequence]);
  assert.deepEqual(deadlines(), [[5_700, 1], [5_050, 2]]);
  steps.send({ type: "serve", at_ms: 5_010 });
  assert.deepEqual(deadlines(), [[5_700, 1], [5_060, 3]]);
  steps.send({ type: "wind", at_ms: 5_020 });
  steps.send({ type: "rewind", at_ms: 5_030 });
  assert.deepEqual(deadlines().slice(2), [[5_150, 5]], "an id in use goes to the new timer");
  steps.send({ type: "unwind", at_ms: 5_040 });
  assert.deepEqual(deadlines(), [[5_700, 1], [5_060, 3]]);
  steps.advance(5_700);
  assert.deepEqual(steps.state.timers, []);
});

Deno.test("an actor that is done has no timers", () => {
  const stepper = createStepper(createMachine({
    initial: "open",
    after: { 1_000: ".open" },
    states: { open: { on: { stay: "open", close: "closed" } }, closed: { type: "final" } },
  }));
  const born = stepper.birth("c", { type: "stay", at_ms: 0 }, 1)?.state;
  assert.equal(born?.timers.length, 1);
  const closed = stepper.step(born, { type: "close", at_ms: 1 }, 2)?.state;
  assert.deepEqual([closed?.done, closed?.timers], [true, []]);
});

Deno.test("an event that no transition takes, or that is forbidden, gives no step", () => {
  const stepper = createStepper(clerk);
  const start = stepper.birth("c", { type: "serve", at_ms: 0 }, 1);
  assert.ok(start);
  assert.equal(stepper.birth("c", { type: "unknown", at_ms: 0 }, 1), undefined);
  assert.equal(stepper.step(start.state, { type: "unknown", at_ms: 0 }, 9), undefined);
  const guarded = stepper.step(start.state, { type: "nap", at_ms: 0 }, 9);
  assert.equal(guarded, undefined);
  const forbidding = createStepper(
    setup({}).createMachine({ on: { hear: {}, say: { actions: assign({}) } } }),
  );
  const state = forbidding.birth("c", { type: "say", at_ms: 0 }, 1)?.state;
  assert.ok(state);
  assert.equal(forbidding.step(state, { type: "hear", at_ms: 0 }, 9), undefined);
});

Deno.test("a step changes neither what it was given nor the machine", () => {
  const stepper = createStepper(clerk);
  const start = stepper.birth("c", { type: "serve", at_ms: 0 }, 1);
  assert.ok(start);
  const text = JSON.stringify(start);
  const one = stepper.step(start.state, { type: "serve", at_ms: 10 }, 9);
  stepper.step(start.state, { type: "wind", at_ms: 10 }, 9);
  assert.deepEqual(stepper.step(start.state, { type: "serve", at_ms: 10 }, 9), one);
  assert.equal(JSON.stringify(start), text);
});

const child = fromPromise(() => Promise.resolve(1));
const impure: Record<string, () => unknown> = {
  "a custom action": () => () => {},
  "a log": () => log("hello"),
  "a child": () => spawnChild(child),
  "a message to a child": () => sendTo("other", { type: "x" }),
  "a delay below nothing": () => raise({ type: "x" }, { delay: -1 }),
  "a delay that is no number": () => raise({ type: "x" }, { delay: NaN }),
  "a broken assign": () =>
    assign(() => {
      throw new Error("broken");
    }),
};

Deno.test("a machine that does what a step cannot give is an invariant broken", () => {
  for (const [what, action] of Object.entries(impure)) {
    const onEvent = setup({}).createMachine({ on: { x: { actions: action() as never } } });
    const onEntry = setup({}).createMachine({
      initial: "a",
      states: { a: { entry: action() as never, on: { x: "b" } }, b: {} },
    });
    for (const machine of [onEvent, onEntry]) {
      const birth = () => createStepper(machine).birth("c", { type: "x", at_ms: 0 }, 1);
      assert.throws(birth, InvariantError, what);
    }
  }
  const wrongDelay = createMachine({
    initial: "a",
    states: { a: { after: { unknown: "b" } }, b: {} },
  });
  assert.throws(() => createStepper(wrongDelay).birth("c", { type: "x", at_ms: 0 }, 1), {
    name: "InvariantError",
    message: /has no delay for xstate.after.unknown/,
  });
});

Deno.test("machines with invocations are not taken", () => {
  const invoking = setup({ actors: { child } }).createMachine({
    initial: "a",
    states: { a: { invoke: { src: "child" } } },
  });
  assert.throws(() => createStepper(invoking), { message: /\.a invokes/ });
});

Deno.test("a state that the machine does not have is told", () => {
  const stepper = createStepper(clerk);
  stepper.check({ counter: { open: "idle" }, bell: "still" });
  assert.throws(() => stepper.check({ counter: "gone fishing", bell: "still" }), InvariantError);
  assert.throws(() => stepper.check("idle"), InvariantError);
});
