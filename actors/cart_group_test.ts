/** Several who shop on one account: one cart, from the first who comes to the last who goes. */
import assert from "node:assert/strict";
import { opened } from "./testing/aisle.ts";

/** What a tracker says of an empty cart. */
const nothing = {
  outcome: "certain",
  why: null,
  confidence: 1,
  lines: [],
  alternatives: [],
};

Deno.test("a group has gone when the last of it has", () => {
  const at = opened(2);
  for (const track of ["t1", "t2"]) at.post("gate/g", { type: "gate.passed_in", track });
  at.post("gate/g", { type: "gate.passed_out", track: "t1", cart: "c1" });
  assert.equal(at.state("cart/c1"), "shopping");
  at.post("gate/g", { type: "gate.passed_out", track: "t2", cart: "c1" });
  assert.equal(at.state("cart/c1"), "closing");
});

Deno.test("a group whose first has left goes on with the next, as long as it is one trip", () => {
  const at = opened(3);
  const goes = (way: "in" | "out", track: string) =>
    at.post("gate/g", { type: `gate.passed_${way}`, track, cart: "c1" });
  goes("in", "t1");
  goes("out", "t1");
  assert.equal(at.state("cart/c1"), "closing");
  at.asked();
  goes("in", "t2");
  assert.equal(at.state("cart/c1"), "shopping");
  assert.deepEqual(at.asked(), [
    { type: "tracker.enter", cart: "c1", track: "t2", at_ms: at.now_ms() },
  ]);
  const { gone, left_at_ms, tracks } = at.context("cart/c1");
  assert.deepEqual([gone, left_at_ms, tracks], [1, null, ["t1", "t2"]]);
  goes("out", "t2");
  assert.equal(at.state("cart/c1"), "closing");
  at.post("cart/c1", { type: "tracker.cart_closed", ...nothing });
  assert.equal(at.state("cart/c1"), "submitting");
  at.asked();
  goes("in", "t3");
  assert.deepEqual(at.asked(), [{ type: "gate.warn", gate: "g", reason: "trip_over" }]);
});

Deno.test("a cart that the tracker closed as another of the group came in goes to a person", () => {
  const at = opened(2);
  at.post("gate/g", { type: "gate.passed_in", track: "t1" });
  at.post("gate/g", { type: "gate.passed_out", track: "t1", cart: "c1" });
  at.post("gate/g", { type: "gate.passed_in", track: "t2" });
  assert.ok(at.post("cart/c1", { type: "tracker.cart_closed", ...nothing }));
  assert.equal(at.state("cart/c1"), "shopping");
  at.post("gate/g", { type: "gate.passed_out", track: "t2", cart: "c1" });
  at.post("cart/c1", { type: "tracker.cart_closed", ...nothing });
  assert.deepEqual([at.state("cart/c1"), at.context("cart/c1")["reason"]], [
    "in_review",
    "tracker_forgot",
  ]);
});

Deno.test("what a group's bags weigh together is held against their cart", () => {
  const leaving = (bags: readonly (number | undefined)[]) => {
    const at = opened(2);
    for (const track of ["t1", "t2"]) at.post("gate/g", { type: "gate.passed_in", track });
    at.asked();
    for (const [index, bag_g] of bags.entries()) {
      const bag = bag_g === undefined ? {} : { bag_g };
      const track = `t${index + 1}`;
      at.post("gate/g", { type: "gate.passed_out", track, cart: "c1", ...bag });
    }
    return at.asked().map((asked) => "bag_g" in asked ? asked.bag_g : asked.type);
  };
  assert.deepEqual(leaving([250, 820]), [1_070]);
  assert.deepEqual(leaving([undefined, 820]), [null], "hers may hold the rest");
  assert.deepEqual(leaving([250, undefined]), [null]);
});
