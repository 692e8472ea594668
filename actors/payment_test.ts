/** What may become of a sale, told as it happens in the shop. */
import assert from "node:assert/strict";
import { limits } from "./limits.ts";
import type { Command } from "./messages.ts";
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

const types = (commands: readonly Command[]) => commands.map((command) => command.type);
const tap = (at: Shop, visit: string) =>
  at.post("payment/p1", { type: "operator.selected", visit, operator: "olga" });
const cancel = (at: Shop) =>
  at.post("payment/p1", { type: "operator.cancelled", operator: "olga" });
const authorised = (at: Shop) =>
  at.post("payment/p1", { type: "issuer.authorised", authorisation: "auth-1", expires_ms: 9e12 });

/** Ada stands at lane 1, the cashier rings up and taps her: the issuer was just asked. */
function authorising(): Shop {
  const at = openLane();
  arrives(at, "ada");
  stands(at, [seen("ada")]);
  ringsUp(at, "p1");
  tap(at, "ada");
  assert.equal(at.state("payment/p1"), "awaiting_authorisation");
  at.asked();
  return at;
}

Deno.test("a shopper is recognised, tapped, authorised, captured, and the lane is free", () => {
  const at = openLane();
  arrives(at, "ada");
  ringsUp(at, "p1");
  assert.equal(at.state("payment/p1"), "awaiting_candidates");
  stands(at, [seen("ada")]);
  assert.equal(at.state("payment/p1"), "awaiting_selection");
  assert.ok(tap(at, "ada"));
  const [asked] = at.asked();
  assert.deepEqual(asked, {
    type: "issuer.authorise",
    payment: "p1",
    visit: "ada",
    token: "first.token.of.ada",
    lane: "1",
    amount_minor: 420,
    currency: "EUR",
    items: [{ name: "Bread", quantity: 1, amount_minor: 420 }],
    evidence: seen("ada").evidence,
    operator: "olga",
  });
  authorised(at);
  assert.deepEqual(at.asked(), [{
    type: "issuer.capture",
    payment: "p1",
    authorisation: "auth-1",
    amount_minor: 420,
    currency: "EUR",
  }]);
  at.post("payment/p1", { type: "issuer.captured", receipt: "r-1" });
  assert.equal(at.state("payment/p1"), "captured");
  assert.equal(at.context("payment/p1")["receipt"], "r-1");
  assert.equal(at.state("lane/1"), "idle");
  assert.deepEqual(at.context("lane/1")["last"], { payment: "p1", outcome: "captured" });
  assert.equal(at.context("visit/ada")["held_by"], null);
  assert.deepEqual(at.context("visit/ada")["tokens"], ["second.token.of.ada"]);
  assert.deepEqual(at.lost, []);
});

Deno.test("nobody is recognised in time: cancelled, and nobody was asked for money", () => {
  const at = openLane();
  ringsUp(at, "p1");
  at.pass(59_999);
  assert.equal(at.state("payment/p1"), "awaiting_candidates");
  at.pass(1);
  assert.equal(at.state("payment/p1"), "cancelled");
  assert.equal(at.context("payment/p1")["reason"], "nobody_recognised");
  assert.equal(at.state("lane/1"), "idle");
  assert.deepEqual(at.asked(), []);
});

Deno.test("a face that comes and goes does not prolong the search", () => {
  const at = openLane();
  ringsUp(at, "p1");
  for (let second = 0; second < 59; second += 1) {
    stands(at, second % 2 === 0 ? [seen("ada")] : []);
    at.pass(1_000);
  }
  assert.equal(at.state("payment/p1"), "awaiting_selection");
  at.pass(1_000);
  assert.equal(at.state("payment/p1"), "cancelled");
  assert.equal(at.context("payment/p1")["reason"], "nobody_selected");
});

Deno.test("two people could be meant: the operator's tap decides, and only among them", () => {
  const at = openLane();
  arrives(at, "ada");
  arrives(at, "bob");
  ringsUp(at, "p1");
  stands(at, [seen("ada", { outcome: "ambiguous" }), seen("bob", { outcome: "ambiguous" })]);
  assert.equal(tap(at, "cem"), false);
  assert.equal(at.state("payment/p1"), "awaiting_selection");
  tap(at, "bob");
  const [asked] = at.asked();
  assert.equal(asked?.type === "issuer.authorise" && asked.visit, "bob");
  assert.equal(at.context("visit/ada")["held_by"], null);
});

Deno.test("an automatic lane takes one identified person, and never one of two", () => {
  const at = openLane({ ...staffed, selection: "automatic" });
  arrives(at, "ada");
  ringsUp(at, "p1");
  stands(at, [seen("ada"), seen("bob")]);
  assert.equal(at.state("payment/p1"), "awaiting_candidates");
  stands(at, [seen("ada", { outcome: "ambiguous" })]);
  assert.equal(tap(at, "ada"), false);
  assert.equal(at.state("payment/p1"), "awaiting_candidates");
  stands(at, [seen("ada")]);
  const [asked] = at.asked();
  assert.equal(asked?.type === "issuer.authorise" && asked.operator, "automatic");
});

Deno.test("an automatic lane charges whom it already sees when the sale begins", () => {
  const at = openLane({ ...staffed, selection: "automatic" });
  arrives(at, "ada");
  stands(at, [seen("ada")]);
  ringsUp(at, "p1");
  assert.deepEqual(types(at.asked()), ["issuer.authorise"]);
});

Deno.test("a face whose liveness the store does not accept cannot be tapped", () => {
  const at = openLane();
  arrives(at, "ada");
  ringsUp(at, "p1");
  stands(at, [seen("ada", { liveness: "not_assessed" })]);
  assert.equal(tap(at, "ada"), false);
  assert.deepEqual(at.asked(), []);
});

Deno.test("a candidate who walks off before the tap cannot be tapped", () => {
  const at = openLane();
  arrives(at, "ada");
  ringsUp(at, "p1");
  stands(at, [seen("ada")]);
  stands(at, []);
  assert.equal(tap(at, "ada"), false);
  assert.equal(at.state("payment/p1"), "awaiting_candidates");
});

Deno.test("two lanes want one shopper: the second is refused and may choose again", () => {
  const at = openLane(staffed, openLane(), "2");
  arrives(at, "ada");
  for (const lane of ["1", "2"]) {
    stands(at, [seen("ada")], lane);
    ringsUp(at, `p${lane}`, lane);
    at.post(`payment/p${lane}`, { type: "operator.selected", visit: "ada", operator: "olga" });
  }
  assert.equal(at.state("payment/p1"), "awaiting_authorisation");
  assert.equal(at.state("payment/p2"), "awaiting_selection");
  assert.equal(at.context("payment/p2")["reason"], "held_elsewhere");
  assert.deepEqual(types(at.asked()), ["issuer.authorise"]);
});

Deno.test("a shopper without a token is refused, and pays after the phone gave new ones", () => {
  const at = openLane();
  arrives(at, "ada", { tokens: [] });
  assert.equal(at.state("visit/ada"), "entered");
  stands(at, [seen("ada")]);
  ringsUp(at, "p1");
  tap(at, "ada");
  assert.equal(at.context("payment/p1")["reason"], "no_token");
  arrives(at, "ada");
  tap(at, "ada");
  assert.equal(at.state("payment/p1"), "awaiting_authorisation");
});

Deno.test("after as many refusals as the ceiling allows the sale is cancelled", () => {
  const at = openLane();
  arrives(at, "ada", { tokens: [] });
  stands(at, [seen("ada")]);
  ringsUp(at, "p1");
  for (let attempt = 1; attempt <= limits.tries; attempt += 1) {
    assert.equal(at.state("payment/p1"), "awaiting_selection");
    tap(at, "ada");
  }
  assert.equal(at.state("payment/p1"), "cancelled");
  assert.equal(at.context("payment/p1")["reason"], "no_token");
});

Deno.test("a visit that is gone says nothing: the operator may choose again", () => {
  const at = openLane();
  stands(at, [seen("ghost")]);
  ringsUp(at, "p1");
  tap(at, "ghost");
  assert.equal(at.state("payment/p1"), "awaiting_reservation");
  at.pass(limits.reservation_timeout_ms);
  assert.equal(at.state("payment/p1"), "awaiting_selection");
  assert.equal(at.context("payment/p1")["reason"], "visit_silent");
});

Deno.test("the chosen one walks off while the visit is asked: not charged", () => {
  const at = openLane();
  stands(at, [seen("ghost")]);
  ringsUp(at, "p1");
  tap(at, "ghost");
  stands(at, [seen("bob")]);
  assert.equal(at.state("payment/p1"), "awaiting_selection");
  assert.equal(at.context("payment/p1")["reason"], "candidate_left");
  assert.deepEqual(at.lost.map(({ event }) => event.type), [
    "payment.reservation_asked",
    "payment.reservation_released",
  ]);
});

Deno.test("a reservation that comes after its try was given up is not charged", () => {
  const at = openLane();
  stands(at, [seen("ghost")]);
  ringsUp(at, "p1");
  tap(at, "ghost");
  at.pass(limits.reservation_timeout_ms);
  tap(at, "ghost");
  const granted = { type: "visit.reservation_granted", visit: "ghost", token: "t" };
  at.post("payment/p1", { ...granted, attempt: 1 });
  assert.deepEqual(at.asked(), []);
  at.post("payment/p1", { ...granted, attempt: 2 });
  assert.deepEqual(types(at.asked()), ["issuer.authorise"]);
});

Deno.test("the issuer declines: final, the token is spent, the lane is free", () => {
  const at = authorising();
  at.post("payment/p1", { type: "issuer.declined", reason: "limit_exceeded" });
  assert.equal(at.state("payment/p1"), "declined");
  assert.equal(at.context("payment/p1")["reason"], "limit_exceeded");
  assert.equal(at.state("lane/1"), "idle");
  assert.deepEqual(at.context("visit/ada")["tokens"], ["second.token.of.ada"]);
});

Deno.test("the issuer is silent: the payment is reversed, and only its answer ends it", () => {
  const at = authorising();
  at.pass(15_000);
  assert.equal(at.state("payment/p1"), "reversing");
  assert.deepEqual(at.asked(), [
    { type: "issuer.reverse", payment: "p1", reason: "issuer_silent" },
  ]);
  at.pass(3_600_000);
  assert.equal(at.state("lane/1"), "selling");
  at.post("payment/p1", { type: "issuer.reversed" });
  assert.equal(at.state("payment/p1"), "reversed");
  assert.equal(at.state("lane/1"), "idle");
});

for (const wish of ["operator.cancelled", "pos.cancel_requested"]) {
  Deno.test(`${wish} before the issuer was asked ends the sale at once`, () => {
    for (const candidates of [[], [seen("ada")]]) {
      const at = openLane();
      arrives(at, "ada");
      stands(at, candidates);
      ringsUp(at, "p1");
      assert.ok(at.post("payment/p1", { type: wish, operator: "olga" }));
      assert.equal(at.state("payment/p1"), "cancelled");
      assert.equal(at.state("lane/1"), "idle");
      assert.deepEqual(at.asked(), []);
    }
  });

  Deno.test(`${wish} after the issuer was asked is in progress until it is reversed`, () => {
    const at = authorising();
    assert.ok(at.post("payment/p1", { type: wish, operator: "olga" }));
    assert.deepEqual(types(at.asked()), ["issuer.reverse"]);
    assert.ok(at.post("payment/p1", { type: wish, operator: "olga" }));
    assert.deepEqual(at.asked(), []);
    at.post("payment/p1", { type: "issuer.reversed" });
    assert.equal(at.state("payment/p1"), "reversed");
    assert.equal(at.context("visit/ada")["held_by"], null);
  });
}

Deno.test("cancelled while the visit is asked: the visit is free and its token unspent", () => {
  const at = openLane();
  ringsUp(at, "p1");
  stands(at, [seen("ada")]);
  tap(at, "ada");
  assert.equal(at.state("payment/p1"), "awaiting_reservation");
  cancel(at);
  assert.equal(at.state("payment/p1"), "cancelled");
  assert.deepEqual(at.lost.at(-1)?.event, {
    type: "payment.reservation_released",
    payment: "p1",
    token_spent: false,
    receipt: null,
  });
});

Deno.test("an authorisation that arrives after the cancel is not captured", () => {
  const at = authorising();
  cancel(at);
  at.asked();
  authorised(at);
  assert.deepEqual(at.asked(), []);
  assert.equal(at.state("payment/p1"), "reversing");
});

Deno.test("after the capture was asked it is too late to cancel: the capture decides", () => {
  const at = authorising();
  authorised(at);
  assert.equal(cancel(at), false);
  at.asked();
  at.post("payment/p1", { type: "issuer.captured", receipt: "r-1" });
  assert.equal(at.state("payment/p1"), "captured");
});

Deno.test("a refused capture is reversed", () => {
  const at = authorising();
  authorised(at);
  at.asked();
  at.post("payment/p1", { type: "issuer.capture_refused", reason: "authorisation_expired" });
  assert.deepEqual(at.asked(), [
    { type: "issuer.reverse", payment: "p1", reason: "authorisation_expired" },
  ]);
  at.post("payment/p1", { type: "issuer.reversed" });
  assert.equal(at.state("payment/p1"), "reversed");
});

Deno.test("a shopper who leaves in mid-sale is still charged for it, and gone afterwards", () => {
  const at = authorising();
  at.post("visit/ada", { type: "issuer.check_in_ended", reason: "left" });
  assert.equal(at.state("visit/ada"), "leaving");
  assert.deepEqual(at.asked(), [{ type: "gallery.wipe", visit: "ada" }]);
  assert.equal(at.context("payment/p1")["shopper_left"], true);
  authorised(at);
  at.post("payment/p1", { type: "issuer.captured", receipt: "r-1" });
  assert.equal(at.state("payment/p1"), "captured");
  assert.equal(at.state("visit/ada"), "left");
});

Deno.test("a payment that its lane gave up is cancelled", () => {
  const at = shop();
  at.post("payment/p1", {
    type: "lane.sale_opened",
    lane: "9",
    sale: { payment: "p1", amount_minor: 1, currency: "EUR", items: [] },
    policy: staffed,
    candidates: [],
  });
  at.post("payment/p1", { type: "lane.withdrawn" });
  assert.equal(at.state("payment/p1"), "cancelled");
  assert.equal(at.context("payment/p1")["reason"], "lane_withdrawn");
});
