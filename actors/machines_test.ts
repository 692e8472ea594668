/**
 * What holds for every machine: its words are declared, its delays exist, every situation in it
 * can be reached, and none of a payment's situations waits for somebody who may never answer.
 */
import assert from "node:assert/strict";
import {
  type AnyMachineSnapshot,
  type AnyStateMachine,
  initialTransition,
  type StateNode,
  transition,
} from "xstate";
import { actorKinds } from "./kinds.ts";
import { backoff_ms, limits } from "./limits.ts";
import { type FaceEvidence, type Item, type Kind, kinds } from "./messages.ts";
import { samples } from "./testing/samples.ts";
import { seen } from "./testing/shop.ts";
import { vocabulary } from "./testing/vocabulary.ts";

type Loose = { readonly type: string; readonly [key: string]: unknown };
const leaves = (machine: AnyStateMachine) =>
  Object.values(machine.root.states as Record<string, StateNode>);
const wordsOf = (machine: AnyStateMachine) =>
  machine.events.filter((word) => !word.startsWith("xstate.")).toSorted();

/** What is only told of later: no transition depends on it. */
const told: { readonly [K in Kind]?: readonly string[] } = {
  payment: ["reason", "cancelled_by", "receipt", "shopper_left"],
};

/** Every snapshot that up to `depth` happenings lead to, timers among them; one a situation and
 * set of facts that decide. */
function walk(kind: Kind, depth: number): AnyMachineSnapshot[] {
  const { machine } = actorKinds[kind];
  const reached = new Map<string, AnyMachineSnapshot>();
  let edge = [initialTransition(machine, { id: "x" })[0] as AnyMachineSnapshot];
  for (let step = 0; step < depth && edge.length > 0; step += 1) {
    const next: AnyMachineSnapshot[] = [];
    for (const from of edge) {
      const timers = machine.events
        .filter((word) => word.startsWith("xstate.after.") && word.endsWith(`.${from.value}`))
        .map((type): Loose => ({ type }));
      for (const event of [...samples[kind] as readonly Loose[], ...timers]) {
        if (from.status !== "active") continue;
        const stamped = { ...event, at_ms: 100 * (step + 1) };
        const to = transition(machine, from, stamped)[0] as AnyMachineSnapshot;
        assert.notEqual(to.status, "error", `${kind}: ${to.value} on ${event.type}: ${to.error}`);
        const key = JSON.stringify(
          [to.value, to.context],
          (name, value) => name.endsWith("_ms") || told[kind]?.includes(name) ? undefined : value,
        );
        if (reached.has(key)) continue;
        reached.set(key, to);
        next.push(to);
      }
    }
    edge = next.slice(0, 400);
  }
  return [...reached.values()];
}

for (const kind of kinds) {
  const { machine, births } = actorKinds[kind];

  Deno.test(`${kind}: the words in the machine are those that are declared`, () => {
    assert.deepEqual(wordsOf(machine), Object.keys(vocabulary[kind]).toSorted());
    assert.deepEqual(new Set(samples[kind].map(({ type }) => type)), new Set(wordsOf(machine)));
    for (const birth of births) assert.ok(wordsOf(machine).includes(birth), birth);
  });

  Deno.test(`${kind}: every delay, guard and action that is named is there`, () => {
    const { implementations } = machine;
    const delays = new Set(Object.keys(implementations.delays));
    const named = new Set<string>();
    const check = (kinds: string, name: string) =>
      assert.ok(name in (implementations as unknown as Record<string, object>)[kinds]!, name);
    const checkActions = (actions: readonly unknown[]) => {
      for (const action of actions) {
        const { type, delay } = action as { type?: string; delay?: unknown };
        const name = typeof action === "string" ? action : type;
        if (typeof name === "string" && !name.startsWith("xstate.")) check("actions", name);
        if (typeof delay === "string") named.add(delay);
      }
    };
    for (const action of Object.values(implementations.actions)) checkActions([action]);
    for (const node of [machine.root as unknown as StateNode, ...leaves(machine)]) {
      for (const delay of Object.keys(node.config.after ?? {})) named.add(delay);
      checkActions(node.entry);
      checkActions(node.exit);
      for (const transitions of node.transitions.values()) {
        for (const { guard, actions } of transitions) {
          if (typeof guard === "string") check("guards", guard);
          checkActions(actions);
        }
      }
    }
    assert.deepEqual([...named].toSorted(), [...delays].toSorted());
  });

  Deno.test(`${kind}: every situation can be reached`, () => {
    const reached = new Set(walk(kind, 8).map(({ value }) => value));
    assert.deepEqual([...reached].toSorted(), Object.keys(machine.root.states).toSorted());
  });
}

Deno.test("no situation of a payment waits for somebody who may never answer", () => {
  const { machine } = actorKinds.payment;
  /** Their command stays in the outbox until it is answered. */
  const answered = ["awaiting_capture", "accepted_offline", "reversing"];
  const silent = leaves(machine)
    .filter(({ type, config }) => type !== "final" && config.after === undefined)
    .map(({ key }) => key);
  assert.deepEqual(silent, ["unopened", ...answered]);
});

Deno.test("no walk through a payment charges without evidence, or twice", () => {
  const { machine } = actorKinds.payment;
  let authorisations = 0;
  for (const from of walk("payment", 5)) {
    for (const event of samples.payment as readonly Loose[]) {
      if (from.status !== "active") continue;
      const [after, actions] = transition(machine, from, { ...event, at_ms: 700 });
      const asked = (actions as unknown as { type: string; params: { event: Loose } }[])
        .filter(({ type }) => type === "xstate.emit")
        .map(({ params }) => params.event);
      for (const command of asked) {
        if (command.type === "issuer.authorise") {
          authorisations += 1;
          assert.match(String(from.value), /^awaiting_(reservation|eligibility|stand_in)$/);
          assert.equal(command["visit"], from.context.selected);
          const { challenge, turns = 0, ...face } = command["evidence"] as FaceEvidence;
          if (from.context.policy.turns === "always") assert.ok(turns > 0);
          assert.deepEqual(face, seen("ada").evidence);
          assert.equal(from.context.policy.challenge === "always", challenge !== undefined);
          const items = command["items"] as readonly Item[];
          const restricted = items.some(({ needs }) => needs !== undefined);
          assert.equal(restricted, command["confirmed_by"] !== undefined);
          if (restricted) assert.deepEqual(from.context.attested, ["age_over_18"]);
        }
        if (command.type === "issuer.capture") {
          assert.match(String(from.value), /^awaiting_(authorisation|stand_in)$/);
          assert.equal(command["amount_minor"], after.context.charge_minor);
          assert.equal(command["authorisation"], after.context.authorisation);
        }
      }
    }
  }
  assert.ok(authorisations > 0);
});

Deno.test("the ceilings agree with each other", () => {
  assert.ok(limits.spent_tokens >= limits.tokens, "a renewal could bring back a spent token");
  assert.ok(limits.ask_refresh_ms > limits.ask_timeout_ms, "asked again before it is lost");
  for (const pause of [limits.ask_backoff, limits.radio_backoff, limits.camera_backoff]) {
    assert.equal(backoff_ms(1, pause), pause.first_ms);
    assert.equal(backoff_ms(2, pause), 2 * pause.first_ms);
    assert.equal(backoff_ms(1e9, pause), pause.most_ms);
  }
});
