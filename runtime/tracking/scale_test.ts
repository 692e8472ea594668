/** One plate's scale: what was taken and put back, and what is only drift or a hand. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { beliefs } from "./beliefs.ts";
import { type Change, Scale } from "./scale.ts";

/** A plate with this on it, untared, and who plays with it: `[grams, seconds]`, ten a second. */
function plate(empty_g: number) {
  const scale = new Scale("plate-1", beliefs);
  let at_ms = 0;
  const weigh = (...stretches: readonly (readonly [grams: number, seconds: number])[]) => {
    const changes: Change[] = [];
    for (const [grams, seconds] of stretches) {
      for (let tick = 0; tick < seconds * 10; tick++) {
        const change = scale.take(at_ms += 100, empty_g + grams);
        if (change !== undefined) changes.push(change);
      }
    }
    return changes.map(({ delta_g }) => Math.round(delta_g));
  };
  return { scale, weigh };
}

Deno.test("a bottle is taken, another put back, whatever the empty plate weighs", () => {
  for (const empty_g of [0, 1_200, -350]) {
    const { weigh } = plate(empty_g);
    assert.deepEqual(weigh([3_000, 2], [2_250, 2], [3_000, 2]), [-750, 750]);
  }
});

Deno.test("a hand that leans on a plate leaves no weight behind", () => {
  const { weigh } = plate(0);
  assert.deepEqual(weigh([3_000, 2], [4_200, 0.2], [3_600, 0.2], [3_000, 2]), [0]);
});

Deno.test("what still swings when a plate seems to rest is no movement, nor was it taken", () => {
  const scale = new Scale("plate-1", beliefs);
  const changes: Change[] = [];
  for (let at_ms = 0; at_ms < 12_000; at_ms += 16) {
    // It settles faster than it is thought to.
    const left = Math.exp((2_000 - at_ms) / 150);
    const change = scale.take(at_ms, at_ms < 2_000 ? 5_000 : 4_000 + 1_000 * left);
    if (change !== undefined) changes.push(change);
  }
  assert.equal(changes.length, 1);
  assert.ok(Math.abs(changes[0]!.delta_g + 1_000) < 0.1, `${changes[0]!.delta_g} g`);
});

Deno.test("warmth moves the scale over an hour: nobody has put anything there", () => {
  const { weigh, scale } = plate(0);
  weigh([1_000, 2]);
  for (let minute = 1; minute <= 60; minute++) {
    assert.deepEqual(weigh([1_000 + minute * 0.5, 60]), []);
  }
  assert.equal(Math.round(scale.level_g!), 1_030);
  assert.deepEqual(weigh([1_430, 2]), [400]);
});

Deno.test("noise below the least weight never becomes a change, whatever its order", () => {
  const noise = fc.array(fc.double({ min: -2, max: 2, noNaN: true }));
  fc.assert(fc.property(noise, (grams) => {
    const { weigh } = plate(500);
    weigh([0, 2]);
    assert.deepEqual(weigh(...grams.map((one) => [one, 0.5] as const)), []);
  }));
});

Deno.test("a clock that is set back in the middle of a movement holds up no change", () => {
  const scale = new Scale("plate-1", beliefs);
  const change = (from_ms: number, grams: readonly number[]) =>
    grams.map((weight_g, at) => scale.take(from_ms + 100 * at, weight_g)).find(Boolean);
  const still = (weight_g: number, samples: number) => Array<number>(samples).fill(weight_g);
  assert.equal(change(100_000, still(3_000, 20)), undefined);
  assert.equal(change(102_000, [2_600, 2_300]), undefined);
  const taken = change(98_000, still(2_250, 20));
  assert.equal(Math.round(taken?.delta_g ?? 0), -750);
  assert.ok(taken!.began_ms < taken!.settled_ms, "in the time that the clock shows now");
  assert.ok(taken!.course.every(({ at_ms }) => at_ms <= taken!.settled_ms));
  assert.equal(Math.round(change(101_000, still(3_000, 20))?.delta_g ?? 0), 750);
});
