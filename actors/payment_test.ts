/** How a payer is found for a sale: recognised, chosen, reserved, or not. */
import assert from "node:assert/strict";
import { limits } from "./limits.ts";
import { arrives, openLane, ringsUp, seen, staffed, stands } from "./testing/shop.ts";
import { authorised, tap, types } from "./testing/sale.ts";

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

Deno.test("a store in shadow mode finds out who it is, and charges nobody", () => {
  for (const selection of ["operator", "automatic"] as const) {
    const at = openLane({ ...staffed, selection, shadow: true });
    arrives(at, "ada");
    ringsUp(at, "p1");
    stands(at, [seen("ada")]);
    if (selection === "operator") tap(at, "ada");
    assert.equal(at.state("payment/p1"), "cancelled");
    const { reason, selected, evidence, token } = at.context("payment/p1");
    assert.deepEqual([reason, selected, token], ["shadow", "ada", null]);
    assert.deepEqual(evidence, seen("ada").evidence);
    const asked = at.asked().filter(({ type }) => type.startsWith("issuer."));
    assert.deepEqual(asked, [], "nobody was asked for money");
    assert.equal(at.context("visit/ada")["held_by"], null);
    assert.equal((at.context("visit/ada")["tokens"] as unknown[]).length, 2, "no token is spent");
    assert.equal(at.state("lane/1"), "idle");
  }
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
  const asked = at.asked().find(({ type }) => type === "issuer.authorise");
  assert.equal(asked?.type === "issuer.authorise" && asked.operator, "automatic");
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
