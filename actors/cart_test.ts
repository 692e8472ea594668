/** A walk-out cart to each of its ends: paid, owed, unsold, disputed. */
import assert from "node:assert/strict";
import { limits } from "./limits.ts";
import { charged, closed, inside, paid, priced, submitted, tea } from "./testing/aisle.ts";
import type { Shop } from "./testing/shop.ts";

const sure = { confidence: 0.9, displays: {} };
const types = (at: Shop) => at.asked().map(({ type }) => type);
const line = (units: number, confidence: number) => ({
  gtin: tea,
  units,
  confidence,
  evidence: [],
});

Deno.test("taken, carried out, priced by the retailer, charged by the issuer", () => {
  const at = closed();
  const [submit] = at.asked();
  assert.ok(submit?.type === "retailer.submit_purchase");
  assert.deepEqual(submit.lines, [{ gtin: tea, units: 2 }]);
  assert.equal(submit.left_at_ms - submit.entered_at_ms, 60_000);
  at.post("cart/c1", { type: "retailer.purchase_acknowledged", purchase: "p-1" });
  assert.equal(at.state("cart/c1"), "awaiting_price", "an acknowledgement is no price");
  at.post("cart/c1", priced);
  assert.equal(at.state("payment/c1"), "awaiting_charge");
  assert.equal(at.context("payment/c1")["charge_minor"], 698);
  at.post("cart/c1", charged("captured", "r-1"));
  assert.equal(at.state("payment/c1"), "captured");
  assert.equal(at.state("cart/c1"), "paid");
  assert.equal(at.context("cart/c1")["receipt"], "r-1");
  at.pass(limits.disputable_ms);
  assert.equal(at.state("cart/c1"), "settled");
});

Deno.test("the price may come before the acknowledgement", () => {
  const at = closed();
  at.post("cart/c1", priced);
  assert.equal(at.state("cart/c1"), "paying");
});

Deno.test("what is put back goes out of the cart again", () => {
  const at = inside();
  at.post("cart/c1", { type: "tracker.lines_changed", lines: [line(2, 0.9)], ...sure });
  assert.equal((at.context("cart/c1")["lines"] as unknown[]).length, 1);
  at.post("cart/c1", { type: "tracker.lines_changed", lines: [], ...sure });
  assert.deepEqual(at.context("cart/c1")["lines"], []);
});

Deno.test("what was just taken stands on the display beside its shelf", () => {
  const at = inside();
  at.post("display/aisle", {
    type: "store.display_configured",
    languages: ["en"],
    policy: { show_ms: 1_000, per_shopper: 1, per_display: 1, within_ms: 1_000 },
  });
  const says = (units: number, displays: Record<string, string>) =>
    at.post("cart/c1", {
      type: "tracker.lines_changed",
      lines: [line(units, 0.9)],
      confidence: 0.9,
      displays,
    });
  const beside = { [line(1, 1).gtin]: "aisle" };
  says(1, {});
  assert.equal(at.state("display/aisle"), "idle", "no display beside that shelf");
  says(2, beside);
  assert.equal(at.state("display/aisle"), "choosing");
  const subject = at.context("display/aisle")["subject"] as Record<string, unknown>;
  assert.deepEqual([subject["gtin"], subject["picked"], subject["visit"]], [
    line(1, 1).gtin.padStart(14, "0"),
    true,
    null,
  ]);
  assert.equal(at.context("display/aisle")["look"], 1);
  says(1, beside);
  assert.equal(at.context("display/aisle")["look"], 1, "put back");
});

Deno.test("an empty cart is a trip as well, and nothing is to be paid", () => {
  const at = closed({ lines: [] });
  const [submit] = at.asked();
  assert.ok(submit?.type === "retailer.submit_purchase");
  assert.deepEqual(submit.lines, []);
  at.post("cart/c1", { type: "retailer.purchase_acknowledged", purchase: "p-1" });
  at.post("cart/c1", { type: "issuer.cart_cancelled" });
  assert.equal(at.state("cart/c1"), "cancelled");
});

Deno.test("not certain: a person decides with what was seen, or nobody does", () => {
  const review = () => closed({ outcome: "review", why: "ambiguous", lines: [line(1, 0.6)] });
  const at = review();
  assert.equal(at.state("cart/c1"), "in_review");
  assert.deepEqual(types(at), []);
  const lines = [{ gtin: tea, units: 1 }, { gtin: "2000000000022", units: 0 }];
  assert.ok(at.post("cart/c1", { type: "operator.cart_decided", lines, operator: "olga" }));
  const [submit] = at.asked();
  assert.ok(submit?.type === "retailer.submit_purchase");
  assert.deepEqual(submit.lines, [{ gtin: tea, units: 1 }]);
  assert.equal(at.context("cart/c1")["decided_by"], "olga");
  const silent = review();
  silent.pass(limits.review_ms);
  assert.deepEqual(silent.asked(), [
    { type: "shelf.note_taken", cart: "c1", lines: [{ gtin: tea, units: 1, plate: null }] },
    { type: "issuer.end_trip", trip: "c1", reason: "nobody_reviewed" },
  ]);
  silent.post("cart/c1", { type: "issuer.trip_ended" });
  assert.equal(silent.state("cart/c1"), "unsold");
});

Deno.test("a tracker that was started anew meanwhile is certain of nothing", () => {
  const at = inside();
  at.post("cart/c1", { type: "tracker.forgot" });
  at.post("gate/g", { type: "gate.passed_out", track: "t1", cart: "c1" });
  at.post("cart/c1", {
    type: "tracker.cart_closed",
    outcome: "certain",
    why: null,
    confidence: 1,
    lines: [line(1, 1)],
    alternatives: [],
  });
  assert.equal(at.state("cart/c1"), "in_review");
  assert.equal(at.context("cart/c1")["reason"], "tracker_forgot");
});

Deno.test("a tracker that says nothing, and a shopper whom nobody saw leave", () => {
  const at = inside();
  at.pass(limits.stay_ms);
  assert.equal(at.state("cart/c1"), "closing");
  assert.deepEqual(types(at), ["tracker.leave"]);
  at.pass(limits.closing_ms);
  assert.equal(at.state("cart/c1"), "in_review");
  assert.equal(at.context("cart/c1")["reason"], "tracker_silent");
});

Deno.test("the retailer never prices it: ended at the issuer, nobody is charged", () => {
  const at = submitted();
  at.pass(limits.pricing_ms);
  assert.deepEqual(at.asked(), [
    { type: "issuer.end_trip", trip: "c1", reason: "retailer_silent" },
  ]);
  const late = submitted();
  late.pass(limits.pricing_ms);
  late.post("cart/c1", priced);
  assert.equal(late.state("cart/c1"), "paying", "the price was there first after all");
  at.post("cart/c1", { type: "issuer.trip_ended" });
  assert.equal(at.state("cart/c1"), "unsold");
});

Deno.test("the retailer refuses the trip, or it is an associate's: not sold", () => {
  const refused = closed();
  refused.post("cart/c1", { type: "retailer.purchase_refused", reason: "400" });
  const associate = submitted("ASSOCIATE");
  for (const [at, reason] of [[refused, "400"], [associate, "associate"]] as const) {
    assert.equal(at.state("cart/c1"), "ending");
    at.post("cart/c1", { type: "issuer.trip_ended" });
    assert.equal(at.state("cart/c1"), "unsold");
    assert.equal(at.context("cart/c1")["reason"], reason);
  }
});

Deno.test("declined after the exit: owed, and paid from the phone or never", () => {
  const owing = () => {
    const at = submitted();
    at.post("cart/c1", priced);
    at.post("cart/c1", charged("owed", "insufficient_funds"));
    assert.equal(at.state("payment/c1"), "owing");
    return at;
  };
  const paidLater = owing();
  paidLater.post("cart/c1", charged("captured", "r-2"));
  assert.equal(paidLater.state("cart/c1"), "paid");
  const never = owing();
  never.post("cart/c1", charged("declined", "expired"));
  assert.equal(never.state("cart/c1"), "unpaid");
  const silent = owing();
  silent.asked();
  silent.pass(limits.charge_ms);
  assert.deepEqual(types(silent), ["issuer.reverse"]);
});

Deno.test("the retailer cancels what is held: reversed", () => {
  const at = submitted();
  at.post("cart/c1", priced);
  at.post("cart/c1", charged("reversed", "retailer_cancelled"));
  assert.equal(at.state("payment/c1"), "reversed");
  assert.equal(at.state("cart/c1"), "unpaid");
});

const disputes = (gtin: string | null, dispute = "d1") => ({
  type: "issuer.line_disputed",
  dispute,
  line: 0,
  units: 1,
  gtin,
});

Deno.test("a line is disputed: the store looks at it, decides, or the shopper is believed", () => {
  const at = paid();
  at.asked();
  assert.ok(at.post("cart/c1", disputes(tea)));
  assert.equal(at.state("cart/c1"), "disputed");
  assert.ok(at.post("cart/c1", disputes(tea)), "the same again is the same");
  assert.equal((at.context("cart/c1")["disputes"] as unknown[]).length, 1);
  const decided = { type: "operator.dispute_decided", dispute: "d1", operator: "olga" };
  assert.ok(at.post("cart/c1", { ...decided, granted: false }));
  assert.deepEqual(at.asked(), [{
    type: "issuer.decide_dispute",
    trip: "c1",
    dispute: "d1",
    granted: false,
    operator: "olga",
  }]);
  assert.equal(at.state("cart/c1"), "paid");
  const silent = paid();
  silent.post("cart/c1", disputes(tea));
  silent.asked();
  silent.pass(limits.dispute_ms);
  const [granted] = silent.asked();
  assert.ok(granted?.type === "issuer.decide_dispute" && granted.granted);
});

Deno.test("a line is disputed before the gateway has heard of the charge: it waits for it", () => {
  const at = submitted();
  at.post("cart/c1", priced);
  at.asked();
  assert.ok(at.post("cart/c1", disputes(tea)));
  assert.equal(at.state("cart/c1"), "paying");
  at.post("cart/c1", charged("captured", "r-1"));
  assert.equal(at.state("cart/c1"), "disputed");
  at.pass(limits.dispute_ms);
  assert.deepEqual(types(at), ["issuer.decide_dispute"]);
  assert.equal(at.state("cart/c1"), "paid");
  const soon = submitted();
  soon.post("cart/c1", priced);
  soon.asked();
  soon.post("cart/c1", disputes(tea));
  const decided = { type: "operator.dispute_decided", dispute: "d1", operator: "olga" };
  assert.ok(soon.post("cart/c1", { ...decided, granted: true }));
  assert.deepEqual(types(soon), ["issuer.decide_dispute"]);
  soon.post("cart/c1", charged("captured", "r-1"));
  assert.equal(soon.state("cart/c1"), "paid");
});

Deno.test("a line of which the tracker was not sure is given back at once", () => {
  const at = paid();
  at.asked();
  assert.ok(at.post("cart/c1", disputes(null)));
  assert.equal(at.state("cart/c1"), "paid");
  const [granted] = at.asked();
  assert.ok(granted?.type === "issuer.decide_dispute" && granted.granted);
});

Deno.test("the retailer is told of a line that was given back, and of no other", () => {
  const at = paid();
  at.post("cart/c1", disputes(tea));
  at.post("cart/c1", disputes(null, "d2"));
  at.asked();
  at.post("cart/c1", { type: "issuer.dispute_closed", dispute: "d1", granted: true });
  const told = { type: "retailer.tell_dispute", trip: "c1", dispute: "d1", gtin: tea, units: 1 };
  assert.deepEqual(at.asked(), [told]);
  at.post("cart/c1", { type: "issuer.dispute_closed", dispute: "d2", granted: false });
  at.post("cart/c1", { type: "issuer.dispute_closed", dispute: "of nobody", granted: true });
  assert.deepEqual(at.asked(), []);
  assert.ok(at.post("cart/c1", { type: "retailer.dispute_noted", dispute: "d1" }));
});

Deno.test("nobody need look any more once the issuer has closed the last dispute", () => {
  const at = paid();
  for (const raised of [disputes(tea), disputes(null, "d2")]) at.post("cart/c1", raised);
  const decided = { type: "operator.dispute_decided", operator: "olga", granted: true };
  at.post("cart/c1", { ...decided, dispute: "d1" });
  assert.equal(at.state("cart/c1"), "disputed", "of the other the issuer has yet to say so");
  at.post("cart/c1", { type: "issuer.dispute_closed", dispute: "d1", granted: true });
  at.post("cart/c1", { type: "issuer.dispute_closed", dispute: "d2", granted: true });
  assert.equal(at.state("cart/c1"), "paid");
});
