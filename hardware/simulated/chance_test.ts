/** Chance that can be repeated, and is spread as chance should be. */
import assert from "node:assert/strict";
import { chanceOf } from "./chance.ts";

Deno.test("the same seed draws the same numbers, another seed draws others", () => {
  const draw = (seed: number | string) => {
    const chance = chanceOf(seed);
    return Array.from({ length: 20 }, () => chance.next());
  };
  assert.deepEqual(draw(7), draw(7));
  assert.notDeepEqual(draw(7), draw(8));
  assert.notDeepEqual(draw("a"), draw("b"));
});

Deno.test("a fork depends on its name and not on what was drawn before it", () => {
  const early = chanceOf(7).fork("radio").next();
  const chance = chanceOf(7);
  chance.next();
  assert.equal(chance.fork("radio").next(), early);
  assert.notEqual(chance.fork("walk").next(), early);
});

Deno.test("numbers are spread evenly, and the bell curve has its mean and deviation", () => {
  const chance = chanceOf(1);
  const buckets = new Array<number>(10).fill(0);
  for (let draw = 0; draw < 10_000; draw++) {
    const bucket = chance.whole(10);
    buckets[bucket] = (buckets[bucket] ?? 0) + 1;
  }
  for (const count of buckets) assert.ok(Math.abs(count - 1000) < 150, String(buckets));
  const draws = Array.from({ length: 10_000 }, () => chance.normal(5, 2));
  const mean = draws.reduce((sum, value) => sum + value, 0) / draws.length;
  const variance = draws.reduce((sum, value) => sum + (value - mean) ** 2, 0) / draws.length;
  assert.ok(Math.abs(mean - 5) < 0.1 && Math.abs(Math.sqrt(variance) - 2) < 0.1);
  assert.throws(() => chance.pick([]), RangeError);
});
