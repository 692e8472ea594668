/** The figures on scores few enough to count by hand. */
import assert from "node:assert/strict";
import { chanceOf } from "../../hardware/simulated/chance.ts";
import {
  below,
  bootstrap,
  equalError,
  falseMatches,
  identificationRate,
  matchRateFor,
  misses,
  scoresOf,
  thresholdFor,
  wilson,
} from "./metrics.ts";
import { chooseThreshold } from "./tail.ts";

function near(actual: number, expected: number, within = 1e-9): void {
  assert.ok(Math.abs(actual - expected) <= within, `${actual} is not ${expected}`);
}

Deno.test("rates count what reaches a threshold", () => {
  const scores = scoresOf([0.9, 0.4, 0.7, 0.5], [0.1, 0.6, 0.2, 0.3, 0.2]);
  assert.equal(below(scores.others, 0.2), 1);
  assert.equal(falseMatches(scores, 0.6), 1 / 5);
  assert.equal(falseMatches(scores, 0.61), 0);
  assert.equal(misses(scores, 0.5), 1 / 4);
  assert.equal(misses(scores, 0.51), 2 / 4);
});

Deno.test("the equal error lies where misses pass false matches", () => {
  assert.equal(equalError(scoresOf([0.8, 0.9], [0.1, 0.2])), 0);
  assert.equal(equalError(scoresOf([0.1, 0.2], [0.8, 0.9])), 1);
  // At 0.5, one of four is missed (0.4) and one of four matches (0.6).
  assert.equal(equalError(scoresOf([0.4, 0.7, 0.8, 0.9], [0.1, 0.2, 0.3, 0.6])), 0.25);
  // From 0.6 on nobody matches, and one of two is missed at 0.7: misses go from 0 at 0.5, where
  // one of three matches, to 1 of 2 above, in a line that crosses at 0.2.
  near(equalError(scoresOf([0.5, 0.9], [0.1, 0.2, 0.5])), 0.2);
});

Deno.test("a threshold lets no more pass than its rate", () => {
  const others = Float64Array.from([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95]);
  const passing = (rate: number) => {
    const threshold = thresholdFor(others, rate);
    return others.filter((score) => score >= threshold).length;
  };
  assert.deepEqual([0, 0.05, 0.1, 0.3, 0.99, 1].map(passing), [0, 0, 1, 3, 9, 10]);
  // Equal scores pass or fail together.
  const threshold = thresholdFor(Float64Array.from([0.1, 0.5, 0.5]), 1 / 3);
  assert.ok(threshold > 0.5 && threshold < 0.500001);
});

Deno.test("the rate of a gallery follows from that of one comparison, and back", () => {
  near(identificationRate(0.01, 1), 0.01);
  near(identificationRate(0.5, 2), 0.75);
  near(identificationRate(0.001, 100), 1 - 0.999 ** 100);
  near(matchRateFor(0.75, 2), 0.5);
  near(identificationRate(matchRateFor(1e-4, 500), 500), 1e-4, 1e-15);
});

Deno.test("Wilson's interval is the published one, and holds at the ends", () => {
  // Newcombe 1998, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
  const published = [[81, 263, 0.2553, 0.3662], [15, 148, 0.0624, 0.1605], [0, 20, 0, 0.1611], [
    1,
    29,
    0.0061,
    0.1718,
  ]];
  for (const [hits, trials, low, high] of published) {
    const interval = wilson(hits!, trials!);
    near(interval[0], low!, 6e-5);
    near(interval[1], high!, 6e-5);
  }
  assert.deepEqual(wilson(0, 0), [0, 1]);
  assert.equal(wilson(20, 20)[1], 1);
});

Deno.test("a bootstrap holds the mean of what it was drawn from", () => {
  const people = Array.from({ length: 100 }, (_, i) => i);
  const mean = (drawn: readonly number[]) => drawn.reduce((a, b) => a + b) / drawn.length;
  const [low, high] = bootstrap(people, mean, chanceOf("bootstrap"));
  // The standard error of the mean of 0..99 is 2.9.
  assert.ok(low > 40 && low < 47 && high > 52 && high < 59, `${low} to ${high}`);
  assert.deepEqual(bootstrap([3, 3], mean, chanceOf("same")), [3, 3]);
});

Deno.test("a rare rate's threshold follows from the tail, a frequent one's is counted", () => {
  // Scores whose Fisher values fall off exponentially: 1 in e for each 0.1.
  const count = 4000;
  const scores = Float64Array.from(
    { length: count },
    (_, i) => Math.tanh(-0.1 * Math.log((i + 0.5) / count)),
  ).sort();
  const counted = chooseThreshold(scores, 0.05);
  assert.equal(counted.basis, "counted");
  near(Math.atanh(counted.threshold), -0.1 * Math.log(0.05), 1e-3);
  const fitted = chooseThreshold(scores, 1e-4);
  assert.equal(fitted.basis, "fitted");
  near(Math.atanh(fitted.threshold), -0.1 * Math.log(1e-4), 0.02);
  assert.throws(() => chooseThreshold(scores, 1e-8), /4000 comparisons .* say nothing/);
  assert.throws(() => chooseThreshold(scores.slice(0, 14), 0.01), RangeError);
});

Deno.test("a threshold stays below 1, however rare the rate", () => {
  const scores = Float64Array.from({ length: 1000 }, (_, i) => i / 1000);
  const { threshold } = chooseThreshold(scores, 1e-5);
  assert.ok(threshold > 0.999 && threshold < 1, `${threshold}`);
});
