/** Money is given back once, or not at all. */
import assert from "node:assert/strict";
import { shop } from "./testing/shop.ts";

const request = {
  type: "operator.refund_requested",
  payment: "p1",
  lane: "1",
  amount_minor: 120,
  currency: "EUR",
  operator: "olga",
  reason: "spoiled",
};

Deno.test("asked once, however often the till asks, and ended by the issuer's answer", () => {
  const at = shop();
  assert.ok(at.post("refund/r1", request));
  assert.ok(at.post("refund/r1", request));
  assert.deepEqual(at.asked(), [{
    type: "issuer.refund",
    refund: "r1",
    payment: "p1",
    amount_minor: 120,
    currency: "EUR",
    operator: "olga",
    reason: "spoiled",
  }]);
  at.pass(86_400_000);
  assert.equal(at.state("refund/r1"), "asking", "an issuer that is away answers later");
  at.post("refund/r1", { type: "issuer.refunded", receipt: "back-1" });
  assert.equal(at.state("refund/r1"), "refunded");
  assert.equal(at.context("refund/r1")["receipt"], "back-1");
  assert.equal(at.post("refund/r1", request), false);
});

Deno.test("refused: the reason is kept, and nothing is asked again", () => {
  const at = shop();
  at.post("refund/r1", request);
  at.asked();
  at.post("refund/r1", { type: "issuer.refund_refused", reason: "more_than_captured" });
  assert.equal(at.state("refund/r1"), "refused");
  assert.equal(at.context("refund/r1")["reason"], "more_than_captured");
  assert.deepEqual(at.asked(), []);
});
