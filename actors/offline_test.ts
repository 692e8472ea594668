/** A lane while the issuer is away: what is accepted, what is not and why, and how it ends. */
import assert from "node:assert/strict";
import type { Candidate } from "./messages.ts";
import { authorised, cancel, tap, types } from "./testing/sale.ts";
import {
  arrives,
  openLane,
  ringsUp,
  seen,
  type Shop,
  shop,
  staffed,
  stands,
} from "./testing/shop.ts";

const limits = {
  per_payment_minor: 5_000,
  per_account_minor: 900,
  total_minor: 1_300,
  age_ms: 3_600_000,
};
const allowance = (name: string, changes: Record<string, unknown> = {}) => ({
  allowance: name,
  amount_minor: 2_000,
  expires_ms: 9e12,
  proof: `signed.${name}`,
  ...changes,
});
const lost = { type: "link.lost", reason: "unplugged" };

/** Lane 1 with its link, and whoever stands in; the issuer was there a moment ago. */
function store(changes: Partial<typeof limits> = {}): Shop {
  const at = shop();
  at.post("stand_in/store", {
    type: "store.stand_in_configured",
    limits: { ...limits, ...changes },
  });
  at.post("link/issuer", { type: "store.link_configured", lanes: ["1"] });
  at.post("link/issuer", { type: "link.connected" });
  return openLane(staffed, at);
}

function goes(at: Shop): void {
  at.post("link/issuer", lost);
  at.pass(3_000);
}

/** Somebody is rung up and tapped. */
function sells(at: Shop, visit: string, payment: string, changes: Record<string, unknown> = {}) {
  stands(at, [seen(visit)] as Candidate[]);
  ringsUp(at, payment, "1", changes);
  at.post(`payment/${payment}`, { type: "operator.selected", visit, operator: "olga" });
  return at.state(`payment/${payment}`);
}

Deno.test("before the store stands in a charge that was forgotten is reversed", () => {
  // Nobody is there yet to say whether the store stands in.
  const at = openLane(staffed, shop());
  arrives(at, "ada", { allowances: [allowance("a1")] });
  assert.equal(sells(at, "ada", "p1"), "awaiting_authorisation");
  at.post("payment/p1", { type: "lane.link_changed", offline_since_ms: at.now_ms() });
  assert.equal(at.state("payment/p1"), "awaiting_stand_in");
  at.asked();
  at.post("payment/p1", { type: "issuer.declined", reason: "payment_captured" });
  assert.equal(at.state("payment/p1"), "reversing");
  assert.deepEqual(types(at.asked()), ["issuer.reverse"]);
  at.post("payment/p1", { type: "issuer.captured", receipt: "r" });
  assert.equal(at.state("payment/p1"), "captured");
});

Deno.test("a lane says at once that the issuer is away, and acts on it a moment later", () => {
  const at = store();
  const since_ms = at.now_ms();
  at.post("link/issuer", lost);
  assert.equal(at.context("lane/1")["offline_since_ms"], since_ms);
  assert.equal(at.context("lane/1")["away"], false);
  at.pass(2_000);
  at.post("link/issuer", { type: "link.connected" });
  assert.equal(at.context("lane/1")["offline_since_ms"], null);
  at.pass(5_000);
  assert.equal(at.state("stand_in/store"), "in_reach");
  goes(at);
  assert.equal(at.state("stand_in/store"), "standing_in");
  assert.equal(at.context("lane/1")["away"], true);
});

Deno.test("accepted against an allowance, told to the till, forwarded, taken in the end", () => {
  const at = store();
  arrives(at, "ada", { allowances: [allowance("al-1"), allowance("al-2")] });
  goes(at);
  at.asked();
  assert.equal(sells(at, "ada", "p1"), "accepted_offline");
  assert.equal(at.state("lane/1"), "idle");
  assert.deepEqual(at.context("lane/1")["last"], { payment: "p1", outcome: "accepted_offline" });
  const [forward, ...others] = at.asked();
  assert.deepEqual(others, []);
  assert.equal(forward?.type, "issuer.forward");
  const { allowance: used, proof, amount_minor, accepted_at_ms } = forward as unknown as Record<
    string,
    unknown
  >;
  assert.deepEqual([used, proof, amount_minor], ["al-1", "signed.al-1", 420]);
  assert.equal(accepted_at_ms, at.now_ms());
  assert.equal(at.context("visit/ada")["held_by"], null);
  at.post("link/issuer", { type: "link.connected" });
  at.post("payment/p1", { type: "issuer.captured", receipt: "r-1" });
  assert.equal(at.state("payment/p1"), "captured");
  assert.deepEqual(at.context("lane/1")["last"], { payment: "p1", outcome: "captured" });
  const { open, taken, taken_minor } = at.context("stand_in/store");
  assert.deepEqual([open, taken, taken_minor], [[], 1, 420]);
});

Deno.test("what the issuer will not have is told to the people of the store", () => {
  const at = store();
  arrives(at, "ada", { allowances: [allowance("al-1")] });
  goes(at);
  sells(at, "ada", "p1");
  at.post("payment/p1", { type: "issuer.forward_refused", reason: "insufficient_funds" });
  assert.equal(at.state("payment/p1"), "refused_late");
  assert.equal(at.context("payment/p1")["reason"], "insufficient_funds");
  const { refused, refused_minor, refused_late } = at.context("stand_in/store");
  assert.deepEqual([refused, refused_minor], [1, 420]);
  assert.deepEqual(refused_late, [{
    payment: "p1",
    lane: "1",
    amount_minor: 420,
    reason: "insufficient_funds",
    at_ms: at.now_ms(),
  }]);
  assert.deepEqual(at.context("lane/1")["last"], { payment: "p1", outcome: "refused_late" });
});

Deno.test("an allowance is used once, also when the issuer offers it again meanwhile", () => {
  const at = store();
  arrives(at, "ada", { allowances: [allowance("al-1")] });
  goes(at);
  assert.equal(sells(at, "ada", "p1"), "accepted_offline");
  arrives(at, "ada", { allowances: [allowance("al-1")] });
  assert.equal(sells(at, "ada", "p2"), "cancelled");
  assert.equal(at.context("payment/p2")["reason"], "offline_no_allowance");
  // Another visit cannot have it either, whatever brought it there.
  arrives(at, "bob", { allowances: [allowance("al-1")] });
  assert.equal(sells(at, "bob", "p3"), "cancelled");
  assert.equal(at.context("payment/p3")["reason"], "allowance_spent");
});

const refusals: [name: string, (at: Shop) => void, Record<string, unknown>, string][] = [
  ["above the limit of a payment", () => {}, { amount_minor: 5_001 }, "offline_over_payment_limit"],
  ["above the allowance", () => {}, { amount_minor: 2_001 }, "offline_over_allowance"],
  ["above what one account may", (at) => void sells(at, "ada", "p0", { amount_minor: 481 }), {
    amount_minor: 420,
  }, "offline_over_account_limit"],
  [
    "above what all may",
    (at) => {
      arrives(at, "bob", { allowances: [allowance("bob-1")] });
      sells(at, "bob", "p0", { amount_minor: 881 });
    },
    { amount_minor: 420 },
    "offline_over_total",
  ],
  ["too long after the issuer was lost", (at) => at.pass(limits.age_ms), {}, "offline_too_long"],
];
for (const [name, before, sale, reason] of refusals) {
  Deno.test(`${name} nothing is accepted, and the visit is free again`, () => {
    const at = store();
    const allowances = [allowance("al-1"), allowance("al-2")];
    arrives(at, "ada", { allowances, lease_expires_ms: 9e12 });
    goes(at);
    before(at);
    assert.equal(sells(at, "ada", "p1", sale), "cancelled");
    assert.equal(at.context("payment/p1")["reason"], reason);
    assert.equal(at.context("visit/ada")["held_by"], null);
  });
}

Deno.test("after a start nothing is accepted before the issuer was there once", () => {
  const at = store();
  arrives(at, "ada", { allowances: [allowance("al-1")] });
  goes(at);
  at.post("stand_in/store", { type: "store.stand_in_configured", limits });
  assert.equal(sells(at, "ada", "p1"), "cancelled");
  assert.equal(at.context("payment/p1")["reason"], "offline_unconfirmed");
  at.post("link/issuer", { type: "link.connected" });
  goes(at);
  assert.equal(sells(at, "ada", "p2"), "accepted_offline");
});

Deno.test("lost in the middle of a sale: accepted, and what was asked before still counts", () => {
  const at = store();
  arrives(at, "ada", { allowances: [allowance("al-1")] });
  stands(at, [seen("ada")]);
  ringsUp(at, "p1");
  tap(at, "ada");
  assert.equal(at.state("payment/p1"), "awaiting_authorisation");
  goes(at);
  assert.equal(at.state("payment/p1"), "accepted_offline");
  assert.deepEqual(types(at.asked()), ["issuer.authorise", "issuer.forward"]);
  authorised(at);
  assert.equal(at.state("payment/p1"), "accepted_offline");
  assert.deepEqual(at.asked(), []);
  at.post("payment/p1", { type: "issuer.captured", receipt: "r-1" });
  assert.equal(at.state("payment/p1"), "captured");
});

Deno.test("lost while the money is taken: accepted, captured by whichever answer is first", () => {
  const at = store();
  arrives(at, "ada", { allowances: [allowance("al-1")] });
  stands(at, [seen("ada")]);
  ringsUp(at, "p1");
  tap(at, "ada");
  authorised(at);
  assert.equal(at.state("payment/p1"), "awaiting_capture");
  goes(at);
  assert.equal(at.state("payment/p1"), "accepted_offline");
  at.post("payment/p1", { type: "issuer.captured", receipt: "r-1" });
  assert.equal(at.state("payment/p1"), "captured");
  assert.deepEqual(at.context("stand_in/store")["open"], []);
});

Deno.test("without an allowance a sale under way waits, and its lane does not", () => {
  const at = store();
  arrives(at, "ada");
  stands(at, [seen("ada")]);
  ringsUp(at, "p1");
  tap(at, "ada");
  goes(at);
  assert.equal(at.state("payment/p1"), "awaiting_authorisation");
  at.pass(15_000);
  assert.equal(at.state("payment/p1"), "reversing");
  assert.equal(at.state("lane/1"), "idle");
  at.post("payment/p1", { type: "issuer.reversed" });
  assert.equal(at.state("payment/p1"), "reversed");
});

Deno.test("restricted lines can only be taken out, and the rest is accepted", () => {
  const at = store();
  arrives(at, "ada", { allowances: [allowance("al-1")] });
  goes(at);
  at.asked();
  const items = [
    { name: "Bread", quantity: 1, amount_minor: 20 },
    { name: "Wine", quantity: 1, amount_minor: 400, needs: "age_over_18" },
  ];
  assert.equal(sells(at, "ada", "p1", { items }), "awaiting_eligibility");
  assert.equal(at.context("payment/p1")["reason"], "issuer_away");
  assert.deepEqual(at.asked(), []);
  const operator = "olga";
  assert.ok(!at.post("payment/p1", { type: "operator.eligibility_confirmed", operator }));
  at.post("payment/p1", { type: "operator.items_dropped", items: [1], operator });
  assert.equal(at.state("payment/p1"), "accepted_offline");
  const [forward] = at.asked() as unknown as { amount_minor: number }[];
  assert.equal(forward?.amount_minor, 20);
});

Deno.test("a stay outlasts its lease while the issuer is not heard", () => {
  const at = store();
  const expires_ms = at.now_ms() + 900_000;
  arrives(at, "ada", {
    lease_expires_ms: at.now_ms() + 90_000,
    allowances: [allowance("al-1", { expires_ms })],
  });
  goes(at);
  at.pass(90_000);
  assert.equal(at.state("visit/ada"), "held_over");
  assert.equal(sells(at, "ada", "p1"), "accepted_offline");
  at.post("link/issuer", { type: "link.connected" });
  assert.notEqual(sells(at, "ada", "p2"), "awaiting_authorisation");
  cancel(at);
  at.asked();
  at.pass(900_000);
  assert.equal(at.state("visit/ada"), "away");
  assert.ok(types(at.asked()).includes("gallery.wipe"));
});

Deno.test("what was not used goes back to the issuer when the visit ends", () => {
  const at = store();
  arrives(at, "ada", { allowances: [allowance("al-1"), allowance("al-2")] });
  goes(at);
  sells(at, "ada", "p1");
  at.asked();
  at.post("visit/ada", { type: "issuer.check_in_ended", reason: "left" });
  const [release] = at.asked().filter(({ type }) => type === "issuer.release");
  assert.deepEqual(release, { type: "issuer.release", visit: "ada", allowances: ["al-2"] });
});

Deno.test("what a payment holds of a visit that ends goes back when it is not used", () => {
  const at = store();
  arrives(at, "ada", { allowances: [allowance("al-1")] });
  stands(at, [seen("ada")]);
  ringsUp(at, "p1");
  tap(at, "ada");
  at.asked();
  at.post("visit/ada", { type: "issuer.check_in_ended", reason: "left" });
  assert.deepEqual(types(at.asked()), ["gallery.wipe"]);
  at.post("payment/p1", { type: "issuer.declined", reason: "declined" });
  assert.equal(at.state("visit/ada"), "left");
  const [release] = at.asked();
  assert.deepEqual(release, { type: "issuer.release", visit: "ada", allowances: ["al-1"] });
});
