/** Above a limit the shopper is asked on the phone: every way in which that may end. */
import assert from "node:assert/strict";
import { limits } from "./limits.ts";
import { authorised, authorising, cancel, types } from "./testing/sale.ts";
import type { Shop } from "./testing/shop.ts";

const until = 1_060_000;
const needed = { type: "issuer.approval_needed", approval: "q1", reason: "over_sale_limit" };
const given = { type: "issuer.approval_given", approval: "q1", amount_minor: 420 };
const no = { type: "issuer.approval_refused", approval: "q1", reason: "shopper_refused" };

/** The issuer was asked and wants the shopper's yes. */
function asking(changes: Record<string, unknown> = {}): Shop {
  const at = authorising(changes);
  assert.ok(at.post("payment/p1", { ...needed, until_ms: until }));
  assert.equal(at.state("payment/p1"), "awaiting_approval");
  return at;
}

Deno.test("above a limit: the shopper says yes, and the sale goes on to its capture", () => {
  const at = asking();
  assert.ok(at.post("payment/p1", given));
  assert.deepEqual(at.asked(), [{
    type: "issuer.conduct",
    payment: "p1",
    approval: "q1",
    amount_minor: 420,
    currency: "EUR",
  }]);
  authorised(at);
  assert.deepEqual(types(at.asked()), ["issuer.capture"]);
  at.post("payment/p1", { type: "issuer.captured", receipt: "r-1" });
  assert.equal(at.state("payment/p1"), "captured");
});

Deno.test("the shopper says no: declined, and the lane is free", () => {
  const at = asking();
  assert.ok(at.post("payment/p1", no));
  assert.equal(at.state("payment/p1"), "declined");
  assert.equal(at.context("payment/p1")["reason"], "shopper_refused");
  assert.equal(at.state("lane/1"), "idle");
});

Deno.test("the shopper says nothing: reversed after the issuer's time and a little more", () => {
  const at = asking();
  at.pass(until - at.now_ms() + limits.approval_grace_ms - 1);
  assert.equal(at.state("payment/p1"), "awaiting_approval");
  at.pass(1);
  assert.deepEqual(at.asked(), [
    { type: "issuer.reverse", payment: "p1", reason: "approval_silent" },
  ]);
  assert.equal(at.post("payment/p1", given), false, "a late yes changes nothing");
  at.post("payment/p1", { type: "issuer.reversed" });
  assert.equal(at.state("payment/p1"), "reversed");
});

Deno.test("an issuer whose clock is far ahead does not hold up a lane", () => {
  const at = authorising();
  at.post("payment/p1", { ...needed, until_ms: 9e12 });
  at.pass(limits.approval_most_ms);
  assert.equal(at.state("payment/p1"), "reversing");
});

Deno.test("an answer to another question is none to this one", () => {
  const at = asking();
  assert.equal(at.post("payment/p1", { ...given, approval: "q0" }), false);
  assert.equal(at.post("payment/p1", { ...no, approval: "q0" }), false);
  assert.equal(at.state("payment/p1"), "awaiting_approval");
});

Deno.test("the shopper agrees to less: taken where the POS takes a part", () => {
  const at = asking({ accept_partial: true });
  assert.ok(at.post("payment/p1", { ...given, amount_minor: 200 }));
  authorised(at);
  const [, captured] = at.asked();
  assert.ok(captured?.type === "issuer.capture");
  assert.equal(captured.amount_minor, 200);
});

Deno.test("the shopper agrees to less, and the POS takes all or nothing: reversed", () => {
  const at = asking();
  at.post("payment/p1", { ...given, amount_minor: 200 });
  assert.deepEqual(at.asked(), [
    { type: "issuer.reverse", payment: "p1", reason: "partial_not_taken" },
  ]);
});

Deno.test("nobody can be made to pay more than the sale", () => {
  const at = asking({ accept_partial: true });
  at.post("payment/p1", { ...given, amount_minor: 421 });
  assert.equal(at.state("payment/p1"), "reversing");
});

Deno.test("a quick shopper answers before the issuer's own answer has come", () => {
  for (const [word, state] of [[given, "awaiting_authorisation"], [no, "declined"]] as const) {
    const at = authorising();
    assert.ok(at.post("payment/p1", word));
    at.post("payment/p1", { ...needed, until_ms: until });
    assert.equal(at.state("payment/p1"), state);
    assert.deepEqual(types(at.asked()), state === "declined" ? [] : ["issuer.conduct"]);
  }
  const at = authorising();
  at.post("payment/p1", { ...given, amount_minor: 100 });
  at.post("payment/p1", { ...needed, until_ms: until });
  assert.equal(at.state("payment/p1"), "reversing");
});

Deno.test("cancelled while the phone is asked: in progress until it is reversed", () => {
  const at = asking();
  assert.ok(cancel(at));
  assert.equal(at.state("payment/p1"), "reversing");
  at.post("payment/p1", { type: "issuer.reversed" });
  assert.equal(at.state("payment/p1"), "reversed");
});
