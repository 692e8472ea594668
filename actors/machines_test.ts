/**
 * What holds for every machine: its words are declared, its delays exist, every situation in it
 * can be reached, and none of a payment's situations waits for somebody who may never answer.
 */
// long because every machine is walked with samples of all its words
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
import { displaySamples } from "./testing/display_samples.ts";
import { seen, staffed } from "./testing/shop.ts";
import { aisleSamples } from "./testing/aisle_samples.ts";
import { type Takes, vocabulary } from "./testing/vocabulary.ts";

type Loose = { readonly type: string; readonly [key: string]: unknown };
type Unstamped<E> = E extends unknown ? Omit<E, "at_ms"> : never;
type Samples = { readonly [K in keyof Takes]: readonly Unstamped<Takes[K]>[] };

const sale = {
  payment: "x",
  poi_id: "poi",
  sale_id: "till",
  service_id: "1",
  amount_minor: 1,
  currency: "EUR",
  items: [{ name: "Bread", quantity: 1, amount_minor: 1 }],
};
const wine = { ...sale, items: [{ ...sale.items[0]!, needs: "age_over_18" }] };
const asking = { ...staffed, challenge: "always" } as const;
const voiced = { ...asking, microphone: "m" } as const;
const turning = { ...staffed, turns: "always" } as const;
const automatic = { ...staffed, selection: "automatic" } as const;
const opened = {
  type: "issuer.visit_opened",
  account: "a",
  first_name: "Ada",
  initials: "AL",
  zone: "front",
  tokens: ["a.token.of-hers"],
  template: true,
  lease_expires_ms: 1_000,
} as const;
const allowance = { allowance: "al-1", amount_minor: 9, expires_ms: 9_000, proof: "signed" };
const code = {
  type: "issuer.code_set",
  code: "aa",
  nonce: "n",
  from_ms: 0,
  until_ms: 500,
} as const;

/** Enough of what may happen to an actor to bring it everywhere. */
const samples: Samples = {
  visit: [
    opened,
    { ...opened, tokens: [] },
    { ...opened, allowances: [allowance] },
    { type: "payment.reservation_asked", payment: "p", attempt: 1, offline: false },
    {
      type: "payment.reservation_released",
      payment: "p",
      token_spent: true,
      allowance_used: true,
      receipt: "r",
    },
    {
      type: "payment.reservation_released",
      payment: "p",
      token_spent: false,
      allowance_used: false,
      receipt: null,
    },
    { type: "issuer.check_in_ended", reason: "left" },
    { type: "display.offers_asked", display: "hall", look: 1 },
  ],
  payment: [
    { type: "lane.sale_opened", lane: "1", sale, policy: staffed, candidates: [] },
    { type: "lane.sale_opened", lane: "1", sale, policy: automatic, candidates: [seen("ada")] },
    {
      type: "lane.sale_opened",
      lane: "1",
      sale: wine,
      policy: automatic,
      candidates: [seen("ada")],
    },
    { type: "lane.sale_opened", lane: "1", sale, policy: asking, candidates: [seen("ada")] },
    { type: "lane.sale_opened", lane: "1", sale, policy: voiced, candidates: [seen("ada")] },
    { type: "lane.sale_opened", lane: "1", sale, policy: turning, candidates: [seen("ada")] },
    { type: "lane.candidates_changed", candidates: [seen("ada", { turns: 3 })] },
    { type: "turn.judged", attempt: 1, outcome: "met" },
    { type: "turn.judged", attempt: 1, outcome: "failed" },
    { type: "voice.heard", attempt: 1, outcome: "right", visit: "ada" },
    { type: "voice.heard", attempt: 1, outcome: "wrong" },
    { type: "voice.heard", attempt: 1, outcome: "unheard" },
    { type: "operator.eligibility_confirmed", operator: "olga" },
    { type: "operator.items_dropped", items: [0], operator: "olga" },
    { type: "shopper.answered", kind: "initials", answer: "AL" },
    { type: "challenge.checked", attempt: 1, outcome: "right", visit: "ada" },
    { type: "challenge.checked", attempt: 1, outcome: "wrong" },
    { type: "issuer.attested", attempt: 1, eligible: ["age_over_18"] },
    { type: "issuer.attestation_refused", attempt: 1, reason: "unknown" },
    { type: "issuer.approval_needed", approval: "q", reason: "limit", until_ms: 900 },
    { type: "issuer.approval_given", approval: "q", amount_minor: 1 },
    { type: "issuer.approval_refused", approval: "q", reason: "shopper_refused" },
    { type: "lane.candidates_changed", candidates: [] },
    { type: "lane.candidates_changed", candidates: [seen("ada")] },
    { type: "lane.withdrawn" },
    { type: "store.sale_resumed" },
    { type: "operator.selected", visit: "ada", operator: "olga" },
    { type: "operator.cancelled", operator: "olga" },
    { type: "pos.cancel_requested" },
    {
      type: "visit.reservation_granted",
      visit: "ada",
      attempt: 1,
      token: "t",
      account: "a",
      allowance,
    },
    { type: "lane.link_changed", offline_since_ms: 1 },
    { type: "stand_in.granted" },
    { type: "stand_in.refused", reason: "offline_too_long" },
    { type: "issuer.forward_refused", reason: "no" },
    { type: "visit.reservation_refused", visit: "ada", attempt: 1, reason: "no_token" },
    { type: "visit.left", visit: "ada" },
    { type: "issuer.authorised", authorisation: "auth", expires_ms: 900 },
    { type: "issuer.declined", reason: "no" },
    { type: "issuer.captured", receipt: "r" },
    { type: "issuer.capture_refused", reason: "no" },
    { type: "issuer.reversed" },
    {
      type: "cart.priced",
      cart: "c",
      gate: "in",
      amount_minor: 1,
      currency: "EUR",
      items: sale.items,
    },
    { type: "issuer.charge_owed", reason: "declined" },
  ],
  refund: [
    {
      type: "operator.refund_requested",
      payment: "p",
      lane: "1",
      amount_minor: 1,
      currency: "EUR",
      operator: "olga",
      reason: "spoiled",
    },
    { type: "issuer.refunded", receipt: "r" },
    { type: "issuer.refund_refused", reason: "no" },
    {
      type: "issuer.refund_made",
      payment: "p",
      amount_minor: 1,
      currency: "EUR",
      receipt: "r",
      reason: "spoiled",
    },
  ],
  change: [
    {
      type: "operator.change_requested",
      lane: "1",
      camera: "c",
      visit: "ada",
      operator: "olga",
      wanted: { what: "phone", phone: "+4930123456" },
    },
    { type: "operator.change_cancelled", operator: "olga" },
    { type: "issuer.change_begun", nonce: "n" },
    { type: "issuer.change_refused", reason: "changes_locked" },
    { type: "change.not_proved", reason: "no_face" },
    ...(["applied", "refused", "withdrawn"] as const).map((outcome) => ({
      type: "issuer.change_ended" as const,
      outcome,
      reason: null,
      tries_left: null,
      effective_at_ms: null,
    })),
  ],
  lane: [
    { type: "store.lane_configured", zone: "front", camera: "c", policy: staffed },
    { type: "pos.sale_requested", sale },
    { type: "camera.candidates_changed", candidates: [seen("ada")], glance: 0 },
    { type: "payment.opened", payment: "x" },
    { type: "payment.opened", payment: "y" },
    { type: "payment.ended", payment: "x", outcome: "captured" },
    { type: "payment.let_go", payment: "x" },
    { type: "link.offline", since_ms: 1 },
    { type: "link.away", since_ms: 1 },
    { type: "link.online" },
  ],
  beacon: [
    { type: "store.beacon_configured", zone: "front", hardware_id: "b" },
    code,
    { ...code, code: "bb", from_ms: 400, until_ms: 900 },
    { type: "issuer.check_in_announced" },
    { type: "issuer.account_data_answered", visits: 1 },
    { type: "issuer.account_data_refused", reason: "stale" },
    { type: "radio.advertising", code: "aa" },
    { type: "radio.failed", reason: "unplugged" },
    { type: "beacon.ask_due" },
    { type: "beacon.ask_wanted" },
  ],
  camera: [
    { type: "store.camera_configured", zone: "front", lane: "1" },
    { type: "camera.started", device: "d" },
    { type: "camera.stalled" },
    { type: "camera.failed", reason: "unplugged" },
    {
      type: "frame.matched",
      outcome: "identified",
      faces: 1,
      candidates: [seen("ada")],
      glance: 0,
    },
    { type: "frame.matched", outcome: "nobody", faces: 0, candidates: [], glance: 0 },
    { type: "lane.look_again", glance: 1 },
  ],
  display: displaySamples,
  link: [
    { type: "store.link_configured", lanes: ["1"] },
    { type: "link.connected" },
    { type: "link.lost", reason: "unplugged" },
  ],
  ...aisleSamples,
  stand_in: [
    {
      type: "store.stand_in_configured",
      limits: { per_payment_minor: 9, per_account_minor: 9, total_minor: 9, age_ms: 9_000 },
    },
    { type: "link.away", since_ms: 1 },
    { type: "link.online" },
    {
      type: "payment.stand_in_asked",
      payment: "p",
      lane: "1",
      account: "a",
      amount_minor: 5,
      allowance,
    },
    { type: "payment.stand_in_returned", payment: "p" },
    { type: "payment.stand_in_settled", payment: "p", refused: null },
    { type: "payment.stand_in_settled", payment: "p", refused: "no" },
  ],
};

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
