/** The tracker against the noise: most carts come out right, nothing is lost, and a seed says it
 * all. The bars are those that it clears with room; what it reaches is in the docs. */
import assert from "node:assert/strict";
import { readingSchema } from "../../runtime/tracking/readings.ts";
import { halved } from "./ablation.ts";
import { crowdingPlot } from "./chart.ts";
import { usual, WalkOutFloor } from "./floor.ts";
import { evaluate } from "./evaluate.ts";
import { gtin13, shopOf, usualSize } from "./shop.ts";
import { chanceOf } from "../../hardware/simulated/chance.ts";

const quiet = { ...usual, crowd: 3 };

Deno.test("trial: of thirty trips in a quiet store at least 29 carts are exactly right", () => {
  const result = evaluate(77, 30, quiet);
  assert.equal(result.trips, 30);
  assert.equal(result.exact + result.review + result.confident_wrong, 30);
  assert.ok(result.exact >= 29, JSON.stringify(result));
  assert.equal(result.confident_wrong, 0, JSON.stringify(result));
});

Deno.test("trial: the same seed gives the same carts", () => {
  assert.deepEqual(evaluate(5, 8, quiet), evaluate(5, 8, quiet));
});

Deno.test("trial: without the hands more is in doubt", () => {
  const seeing = evaluate(78, 25, quiet);
  const blind = evaluate(78, 25, { ...quiet, hands_right_share: 0 });
  assert.ok(blind.exact < seeing.exact, `${blind.exact} without, ${seeing.exact} with hands`);
});

Deno.test("trial: what the floor tells keeps to the schema that outside trackers keep to", () => {
  const kinds = new Set<string>();
  for (const reading of new WalkOutFloor(3, { ...quiet, trips: 4 }).readings()) {
    if (kinds.has(reading.type) && reading.type !== "shopper.left") continue;
    kinds.add(readingSchema.parse(reading).type);
  }
  assert.equal(kinds.size, 7);
});

Deno.test("trial: the shop's products have valid numbers, and each plate its kinds", () => {
  assert.equal(gtin13("400638133393"), "4006381333931");
  const shop = shopOf(chanceOf("shop"));
  assert.equal(shop.plates.length, usualSize.aisles * 2 * usualSize.bays * usualSize.levels);
  for (const { stock } of shop.plates) assert.equal(Object.keys(stock).length, usualSize.kinds);
});

Deno.test("trial: the plot has a curve for each outcome", () => {
  const point = { people: 2, trips: 10, exact: 9, review: 1, confident_wrong: 0 };
  const svg = crowdingPlot([point, { ...point, people: 4, exact: 8, confident_wrong: 1 }], 10);
  assert.equal(svg.match(/<polyline/g)?.length, 3);
});

Deno.test("trial: half of the counts are those of half of the plates, always the same", () => {
  const filter = halved("counts", "1");
  const plates = Array.from({ length: 200 }, (_, plate) => `p${plate}`);
  const heard = () =>
    plates.filter((plate) =>
      filter({ type: "plate.counted", plate, at_ms: 0, counts: {} }) !== undefined
    );
  const first = heard();
  assert.deepEqual(heard(), first);
  assert.ok(first.length > 60 && first.length < 140, `${first.length} of 200 are counted`);
});
