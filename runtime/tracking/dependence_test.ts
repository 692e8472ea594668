/** Which carts are thought of together. */
import assert from "node:assert/strict";
import type { Hypothesis } from "./cluster.ts";
import { dependent } from "./dependence.ts";
import { Holding } from "./holding.ts";

/** Anna and Ben may each have taken something else, or not; she has the tea, or, so seldom, he. */
function two(seldom: number): Hypothesis[] {
  const units = (tea: boolean, other: number) =>
    Holding.of({ ...(tea ? { tea: 1 } : {}), ...(other > 0 ? { other } : {}) });
  return [0, 1].flatMap((hers) =>
    [0, 1].flatMap((his) =>
      [true, false].map((tea) => ({
        weight: Math.log((tea ? 1 - seldom : seldom) / 4),
        contents: new Map([["anna", units(tea, hers)], ["ben", units(!tea, his)]]),
      }))
    )
  );
}

Deno.test("dependence: whoever may have what another has hears of her bag, seldom as it is", () => {
  assert.deepEqual(dependent(two(1e-3), ["anna", "ben"]), [["anna", "ben"]]);
});

Deno.test("dependence: what is next to impossible ties nobody to anybody", () => {
  assert.deepEqual(dependent(two(1e-4), ["anna", "ben"]), [["anna"], ["ben"]]);
});
