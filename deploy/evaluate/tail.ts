/**
 * Thresholds rarer than what was seen: the highest scores of strangers are taken to fall off
 * exponentially, as the tails of many laws do (peaks over threshold, Pickands 1975). A cosine ends
 * at 1, so that is done on Fisher's scale, `atanh`, which has no end.
 */
import { thresholdFor } from "./metrics.ts";

/** Share of the scores that the tail is fitted to; of few scores a third, up to 20 of them. */
const TAIL_SHARE = 0.1;
const MOST_SHARE = 1 / 3;
const ENOUGH_EXCESSES = 20;
const LEAST_EXCESSES = 5;
/** A rate that so many scores exceed is counted, not fitted. */
const COUNTED = 20;
/** Least share of one comparison that may be asked for: further out the form is all there is. */
const FURTHEST = 1e-3;

/** Two pictures that are the same have the cosine 1, or a little more. */
const LARGEST = 1 - 1e-6;

/** A threshold, and whether scores as high were counted or only follow from the tail's form. */
export interface Chosen {
  readonly threshold: number;
  readonly basis: "counted" | "fitted";
}

/**
 * The threshold that `rate` of scores like these reach. Where fewer than 20 of them do, it follows
 * from the mean by which the highest tenth exceeds the rest. The tail's own shape is not fitted:
 * it cannot be told from the scores of a few people. Throws `RangeError` where the scores are
 * too few to say anything of so small a rate.
 */
export function chooseThreshold(ascending: Float64Array, rate: number): Chosen {
  if (rate * ascending.length >= COUNTED) {
    return { threshold: thresholdFor(ascending, rate), basis: "counted" };
  }
  const few = Math.min(ENOUGH_EXCESSES, Math.floor(ascending.length * MOST_SHARE));
  const count = Math.max(Math.floor(ascending.length * TAIL_SHARE), few);
  if (count < LEAST_EXCESSES || rate * ascending.length < FURTHEST) {
    throw new RangeError(
      `${ascending.length} comparisons of different people say nothing of a rate of ` +
        `${rate.toExponential(1)}; bring more people, or ask for a higher rate`,
    );
  }
  const at = (index: number) => Math.atanh(Math.min(ascending[index]!, LARGEST));
  const first = ascending.length - count;
  const from = at(first - 1);
  let scale = 0;
  for (let i = first; i < ascending.length; i++) scale += (at(i) - from) / count;
  return {
    threshold: Math.tanh(from - scale * Math.log(rate * ascending.length / count)),
    basis: "fitted",
  };
}
