/** What a cart weighs by what its plates measured, and how well a bag tells it. */
import assert from "node:assert/strict";
import { beliefs } from "./beliefs.ts";
import { Holding, type Step } from "./holding.ts";
import { planogramOf } from "./planogram.ts";
import { Store } from "./store.ts";
import { plates, products } from "./testing.ts";

const step = (gtin: string, units: number, grams: number, variance = 4): Step => ({
  change: "1.0",
  plate: "tea",
  at_ms: 0,
  gtin,
  units,
  grams,
  variance,
});
const held = (...steps: readonly Step[]) =>
  steps.reduce((holding, one) => holding.with(one, 1, true), Holding.empty);

Deno.test("holding: what was put back to the last unit weighs nothing, and leaves no doubt", () => {
  const holding = held(step("a", 1, 303), step("b", 1, 500), step("a", -1, -298));
  assert.deepEqual(holding.weight, { grams: 500, variance: 4 });
});

Deno.test("holding: of two of which one was put back the other is known less well", () => {
  const holding = held(step("a", 2, 603, 4), step("a", -1, -300, 3));
  assert.deepEqual(holding.weight, { grams: 303, variance: 7 });
  assert.deepEqual(holding.unit("a"), { grams: 303, variance: 7 });
  assert.equal(holding.unit("b"), undefined);
});

Deno.test("holding: the scale of bags is trusted less with a heavy one", () => {
  const store = new Store(planogramOf(products, plates, beliefs.scale_deviation_g), beliefs);
  for (
    const [cart, grams, deviation_g] of [
      ["light", 2_000, beliefs.bag_deviation_g],
      ["heavy", 6_000, beliefs.bag_heavy_deviation_g],
    ] as const
  ) {
    store.open(cart, held(step("20000001", 1, grams, 0)));
    assert.equal(store.beside(grams + 24, store.marginal(cart)[0]!.holding), 24 / deviation_g);
  }
});
