/** A walk-out aisle for tests: one gate, and carts that come to where a story needs them. */
import assert from "node:assert/strict";
import { type Shop, shop } from "./shop.ts";

export const tea = "2000000000015";
const code = { type: "gate.code_read", entry: "c1", entry_code: "j.w.s" };

/** A gate that is closed. */
export function aisle(): Shop {
  const at = shop();
  at.post("gate/g", { type: "store.gate_configured", zone: "aisle", ways: "both" });
  at.post("shelf/s", {
    type: "store.shelf_configured",
    zone: "aisle",
    plates: { p: { [tea]: 3 } },
  });
  return at;
}

export const admitted = (changes: Record<string, unknown> = {}) => ({
  type: "issuer.admitted",
  entry: "c1",
  account: "ana",
  identity_key: "ana",
  people: 1,
  evidence: { kind: "code_at_gate" },
  ...changes,
});

export const visitor = (visitor_type = "SHOPPER") => ({
  type: "retailer.admitted",
  entry: "c1",
  visitor: "anna",
  visitor_type,
});

/** Ana shows her code, and both know her. */
export function opened(people = 1, visitor_type = "SHOPPER", at: Shop = aisle()): Shop {
  assert.ok(at.post("gate/g", code));
  assert.ok(at.post("gate/g", admitted({ people })));
  assert.ok(at.post("gate/g", visitor(visitor_type)));
  assert.equal(at.state("gate/g"), "open");
  at.asked();
  return at;
}

/** She is inside. */
export function inside(visitor_type = "SHOPPER"): Shop {
  const at = opened(1, visitor_type);
  at.post("gate/g", { type: "gate.passed_in", track: "t1" });
  assert.equal(at.state("cart/c1"), "shopping");
  at.asked();
  return at;
}

/** She has gone, and the tracker has spoken. */
export function closed(changes: Record<string, unknown> = {}, visitor_type = "SHOPPER"): Shop {
  const at = inside(visitor_type);
  at.pass(60_000);
  at.post("gate/g", { type: "gate.passed_out", track: "t1", cart: "c1", bag_g: 250 });
  assert.equal(at.state("cart/c1"), "closing");
  at.asked();
  at.post("cart/c1", {
    type: "tracker.cart_closed",
    outcome: "certain",
    why: null,
    confidence: 0.999,
    lines: [{ gtin: tea, units: 2, confidence: 0.999, evidence: [] }],
    alternatives: [],
    ...changes,
  });
  return at;
}

/** The retailer has it. */
export function submitted(visitor_type = "SHOPPER"): Shop {
  const at = closed({}, visitor_type);
  at.asked();
  at.post("cart/c1", { type: "retailer.purchase_acknowledged", purchase: "p-1" });
  return at;
}

export const priced = {
  type: "issuer.cart_priced",
  amount_minor: 698,
  currency: "EUR",
  items: [{ name: "Green tea", gtin: tea, quantity: 2, amount_minor: 698 }],
};

/** What the issuer says of the charge. */
export const charged = (outcome: string, word: string) => ({
  type: "issuer.trip_charged",
  outcome,
  receipt: outcome === "captured" ? word : null,
  reason: outcome === "captured" ? null : word,
});

/** It has its price, and is paid. */
export function paid(): Shop {
  const at = submitted();
  assert.ok(at.post("cart/c1", priced));
  assert.ok(at.post("cart/c1", charged("captured", "r-1")));
  assert.equal(at.state("cart/c1"), "paid");
  return at;
}
