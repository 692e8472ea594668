/**
 * What a payment asks at the lane besides a face: the operator's look at who may have what, and an
 * answer that only one of several knows. Each with every way in which it may end.
 */
import assert from "node:assert/strict";
import { limits } from "./limits.ts";
import type { Item } from "./messages.ts";
import { cancel, tap, types } from "./testing/sale.ts";
import { arrives, openLane, ringsUp, seen, type Shop, staffed, stands } from "./testing/shop.ts";

const bread = { name: "Bread", quantity: 1, amount_minor: 120 };
const wine = { name: "Wine", quantity: 1, amount_minor: 300, needs: "age_over_18" };
const restricted = { items: [bread, wine] };
const attested = { type: "issuer.attested", attempt: 1, eligible: ["age_over_18"] };
const confirm = { type: "operator.eligibility_confirmed", operator: "olga" };

function drops(at: Shop, ...items: number[]): boolean {
  return at.post("payment/p1", { type: "operator.items_dropped", items, operator: "olga" });
}

/** By somebody who saw so many lines taken out. */
function dropsSeen(at: Shop, dropped: number, ...items: number[]): boolean {
  const event = { type: "operator.items_dropped", items, dropped, operator: "olga" };
  return at.post("payment/p1", event);
}

/** Wine is in the basket, Ada was tapped, the issuer was asked what she may have. */
function attesting(basket: { items: readonly Item[] } = restricted): Shop {
  const at = openLane();
  arrives(at, "ada");
  stands(at, [seen("ada")]);
  ringsUp(at, "p1", "1", basket);
  tap(at, "ada");
  assert.equal(at.state("payment/p1"), "awaiting_attestation");
  assert.deepEqual(at.asked(), [{
    type: "issuer.attest",
    payment: "p1",
    visit: "ada",
    attempt: 1,
    needs: ["age_over_18"],
  }]);
  return at;
}

Deno.test("wine waits until the issuer attests and the operator confirms", () => {
  const at = attesting();
  assert.equal(at.post("payment/p1", confirm), false, "not before the issuer has spoken");
  at.post("payment/p1", attested);
  assert.equal(at.state("payment/p1"), "awaiting_eligibility");
  assert.deepEqual(at.asked(), []);
  assert.ok(at.post("payment/p1", confirm));
  const [asked] = at.asked();
  assert.ok(asked?.type === "issuer.authorise");
  assert.equal(asked.confirmed_by, "olga");
  assert.equal(asked.amount_minor, 420);
});

Deno.test("not old enough: the wine is dropped, and the sale goes on without it", () => {
  const at = attesting();
  at.post("payment/p1", { ...attested, eligible: [] });
  assert.equal(at.post("payment/p1", confirm), false, "no operator can overrule the issuer");
  assert.equal(drops(at, 2), false, "there is no third line");
  assert.ok(drops(at, 1));
  const [asked] = at.asked();
  assert.ok(asked?.type === "issuer.authorise");
  assert.deepEqual(asked.items, [bread]);
  assert.equal(asked.amount_minor, 120);
  assert.equal(asked.confirmed_by, undefined);
  assert.deepEqual(at.context("payment/p1")["dropped"], [wine]);
});

Deno.test("a basket of nothing else is cancelled when that is dropped", () => {
  const at = attesting();
  at.post("payment/p1", { ...attested, eligible: [] });
  assert.ok(drops(at, 0));
  assert.equal(at.state("payment/p1"), "awaiting_eligibility", "the wine is still there");
  assert.ok(drops(at, 0));
  assert.equal(at.state("payment/p1"), "cancelled");
  assert.equal(at.context("payment/p1")["reason"], "nothing_left");
  assert.equal(at.context("visit/ada")["held_by"], null);
});

Deno.test("nobody is asked to pay for what is left when that costs nothing", () => {
  const bag = { name: "Bag", quantity: 1, amount_minor: 0 };
  const at = attesting({ items: [bag, wine] });
  at.post("payment/p1", { ...attested, eligible: [] });
  assert.ok(drops(at, 1));
  assert.deepEqual(at.asked(), []);
  assert.equal(at.state("payment/p1"), "cancelled");
  assert.equal(at.context("payment/p1")["reason"], "nothing_left");
  assert.equal(at.context("visit/ada")["held_by"], null);
});

Deno.test("the same lines are taken out once, however often that is said", () => {
  const rum = { name: "Rum", quantity: 1, amount_minor: 900, needs: "age_over_18" };
  const at = attesting({ items: [bread, wine, rum] });
  at.post("payment/p1", { ...attested, eligible: [] });
  assert.ok(dropsSeen(at, 0, 1));
  assert.equal(dropsSeen(at, 0, 1), false, "the rum is the second line by now");
  assert.equal(dropsSeen(at, 2, 1), false);
  assert.equal(at.state("payment/p1"), "awaiting_eligibility");
  assert.deepEqual(at.context("payment/p1")["items"], [bread, rum]);
  assert.ok(dropsSeen(at, 1, 1));
  assert.deepEqual(types(at.asked()), ["issuer.authorise"]);
  const other = attesting();
  other.post("payment/p1", { ...attested, eligible: [] });
  assert.equal(dropsSeen(other, 1, 0, 1), false, "nor does an old word cancel a sale");
  assert.ok(dropsSeen(other, 0, 0, 1));
  assert.equal(other.state("payment/p1"), "cancelled");
});

Deno.test("an issuer that is silent or refuses attests nothing: the rest may still be sold", () => {
  const silent = attesting();
  silent.pass(limits.attestation_timeout_ms);
  const refusing = attesting();
  refusing.post("payment/p1", {
    type: "issuer.attestation_refused",
    attempt: 1,
    reason: "check_in_ended",
  });
  for (const at of [silent, refusing]) {
    assert.equal(at.state("payment/p1"), "awaiting_eligibility");
    assert.equal(at.post("payment/p1", confirm), false);
    assert.ok(drops(at, 1));
    assert.deepEqual(types(at.asked()), ["issuer.authorise"]);
  }
});

Deno.test("the issuer attests late, or anew: its last word counts, and the sale goes on", () => {
  const at = attesting();
  at.pass(limits.attestation_timeout_ms);
  at.post("payment/p1", { type: "issuer.eligibility_proved" });
  assert.equal(at.state("payment/p1"), "awaiting_attestation");
  assert.deepEqual(types(at.asked()), ["issuer.attest"]);
  // To the first question, from before the proof; and then to the second.
  at.post("payment/p1", { ...attested, eligible: [] });
  assert.equal(at.post("payment/p1", confirm), false);
  assert.ok(at.post("payment/p1", attested));
  assert.ok(at.post("payment/p1", confirm));
  assert.deepEqual(types(at.asked()), ["issuer.authorise"]);
});

Deno.test("nobody decides: cancelled in time, the visit free, its token unspent", () => {
  const at = attesting();
  at.post("payment/p1", attested);
  at.pass(limits.eligibility_timeout_ms);
  assert.equal(at.state("payment/p1"), "cancelled");
  assert.equal(at.context("payment/p1")["reason"], "eligibility_unconfirmed");
  assert.equal((at.context("visit/ada")["tokens"] as string[]).length, 2);
});

Deno.test("the one who was attested walks off: whoever steps up is asked about anew", () => {
  const at = attesting();
  at.post("payment/p1", attested);
  arrives(at, "bob");
  stands(at, [seen("bob")]);
  assert.equal(at.state("payment/p1"), "awaiting_selection");
  tap(at, "bob");
  assert.equal(at.post("payment/p1", attested), false, "that was about Ada");
  assert.equal(at.post("payment/p1", confirm), false);
  assert.equal(at.context("visit/ada")["held_by"], null);
});

const challenged = { ...staffed, challenge: "ambiguous" } as const;
const both = [seen("ada", { outcome: "ambiguous" }), seen("bob", { outcome: "ambiguous" })];
const says = { type: "shopper.answered", kind: "initials", answer: "AL" };

function answering(policy = challenged): Shop {
  const at = openLane(policy);
  for (const name of ["ada", "bob"]) arrives(at, name);
  ringsUp(at, "p1");
  stands(at, both);
  assert.equal(at.state("payment/p1"), "awaiting_answer");
  return at;
}

function wrong(at: Shop, attempt: number): void {
  assert.ok(at.post("payment/p1", says));
  at.post("payment/p1", { type: "challenge.checked", attempt, outcome: "wrong" });
}

Deno.test("two could be meant: the right answer chooses, and is part of the evidence", () => {
  const at = answering();
  assert.equal(tap(at, "bob"), false, "a tap is no answer");
  assert.ok(at.post("payment/p1", says));
  assert.deepEqual(at.asked(), [{
    type: "challenge.check",
    payment: "p1",
    attempt: 1,
    kind: "initials",
    answer: "AL",
    visits: ["ada", "bob"],
  }]);
  const right = { type: "challenge.checked", attempt: 1, outcome: "right", visit: "bob" };
  assert.ok(at.post("payment/p1", right));
  const [asked] = at.asked();
  assert.ok(asked?.type === "issuer.authorise");
  assert.equal(asked.visit, "bob");
  assert.equal(asked.operator, "shopper");
  assert.deepEqual(asked.evidence, { ...both[1]?.evidence, challenge: "initials" });
  assert.ok(!JSON.stringify(at.context("payment/p1")).includes('"AL"'), "the answer is kept");
});

Deno.test("three wrong answers end in another way to pay", () => {
  const at = answering();
  for (let attempt = 1; attempt < limits.wrong_answers; attempt += 1) {
    wrong(at, attempt);
    assert.equal(at.state("payment/p1"), "awaiting_answer");
  }
  wrong(at, limits.wrong_answers);
  assert.equal(at.state("payment/p1"), "cancelled");
  assert.equal(at.context("payment/p1")["reason"], "challenge_failed");
});

Deno.test("an answer that could not be compared counts for nothing, nor does an old one", () => {
  const at = answering();
  at.post("payment/p1", says);
  at.post("payment/p1", { type: "challenge.checked", attempt: 1, outcome: "unchecked" });
  assert.equal(at.state("payment/p1"), "awaiting_answer");
  at.post("payment/p1", says);
  at.pass(limits.check_timeout_ms);
  assert.equal(at.state("payment/p1"), "awaiting_answer");
  at.post("payment/p1", says);
  const old = { type: "challenge.checked", attempt: 2, outcome: "right", visit: "ada" };
  assert.equal(at.post("payment/p1", old), false);
  assert.equal(at.context("payment/p1")["wrong_answers"], 0);
});

Deno.test("the right answer of somebody who has stepped away chooses nobody", () => {
  const at = answering();
  at.post("payment/p1", says);
  stands(at, [seen("ada", { outcome: "ambiguous" })]);
  at.post("payment/p1", { type: "challenge.checked", attempt: 1, outcome: "right", visit: "bob" });
  assert.equal(at.state("payment/p1"), "awaiting_answer");
  assert.deepEqual(types(at.asked()), ["challenge.check"]);
});

Deno.test("nobody answers, or the cashier gives up: cancelled", () => {
  const silent = answering();
  silent.pass(60_000);
  assert.equal(silent.context("payment/p1")["reason"], "nobody_answered");
  for (const at of [silent, answering()]) {
    if (at.state("payment/p1") !== "cancelled") cancel(at);
    assert.equal(at.state("payment/p1"), "cancelled");
    assert.equal(at.state("lane/1"), "idle");
  }
});

Deno.test("the other one steps back: nothing need be asked any more", () => {
  const at = answering();
  stands(at, [seen("ada")]);
  assert.equal(at.state("payment/p1"), "awaiting_selection");
  const automatic = answering({ ...challenged, selection: "automatic" } as never);
  stands(automatic, [seen("ada")]);
  assert.equal(automatic.state("payment/p1"), "awaiting_authorisation");
});

Deno.test("a store may want an answer of everybody, at automatic lanes too", () => {
  const at = openLane({ ...staffed, selection: "automatic", challenge: "always" });
  arrives(at, "ada");
  ringsUp(at, "p1");
  stands(at, [seen("ada")]);
  assert.equal(at.state("payment/p1"), "awaiting_answer");
});
