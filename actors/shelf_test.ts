/** What a shelf knows: what decided carts took from it, and whether its scales are heard. */
import assert from "node:assert/strict";
import { limits } from "./limits.ts";
import { closed, opened, tea } from "./testing/aisle.ts";
import type { Shop } from "./testing/shop.ts";

Deno.test("shelves hear of what a cart took when it is decided, by whomever", () => {
  const seen = { plate: "p", began_ms: 1, settled_ms: 2, delta_g: -125, actors: [] };
  const guess = { lines: [{ gtin: tea, units: 2, confidence: 0.5, evidence: [seen] }] };
  const told = (at: Shop) =>
    at.asked().flatMap((command) => command.type === "shelf.note_taken" ? [command.lines] : []);
  assert.deepEqual(told(closed(guess)), [[{ gtin: tea, units: 2, plate: "p" }]]);

  const review = closed({ ...guess, outcome: "review", why: "ambiguous" });
  assert.deepEqual(told(review), []);
  const coffee = "2000000000022";
  const lines = [{ gtin: tea, units: 1 }, { gtin: coffee, units: 1 }];
  review.post("cart/c1", { type: "operator.cart_decided", lines, operator: "olga" });
  assert.deepEqual(told(review), [[
    { gtin: tea, units: 1, plate: "p" },
    { gtin: coffee, units: 1, plate: null },
  ]]);

  const forgotten = closed({ ...guess, outcome: "review", why: "ambiguous" });
  forgotten.pass(limits.review_ms);
  assert.deepEqual(told(forgotten), [[{ gtin: tea, units: 2, plate: "p" }]], "gone all the same");
});

Deno.test("a shelf knows what decided carts took, and which of its scales are not heard", () => {
  const at = opened();
  at.post("shelf/s", { type: "cart.took", cart: "c1", plate: "p", gtin: tea, units: 2 });
  assert.deepEqual(at.context("shelf/s")["taken"], { p: { [tea]: 2 } });
  const same = { type: "store.shelf_configured", zone: "aisle", plates: { p: { [tea]: 3 } } };
  at.post("shelf/s", same);
  assert.deepEqual(at.context("shelf/s")["taken"], { p: { [tea]: 2 } }, "a start changes nothing");
  at.post("shelf/s", { ...same, plates: { p: { [tea]: 9 } } });
  assert.deepEqual(at.context("shelf/s")["taken"], {}, "filled anew");
  at.post("shelf/s", { type: "shelf.silent", plate: "p" });
  assert.equal(at.state("shelf/s"), "silent");
  at.post("shelf/s", { type: "shelf.weighed", plate: "p" });
  assert.equal(at.state("shelf/s"), "heard");
});
