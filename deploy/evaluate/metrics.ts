/**
 * What scores are worth: rates of false matches and misses, the error where both are equal, and
 * intervals for each. Pure arithmetic on sorted scores, so that it can be checked by hand.
 */
import type { Chance } from "../../hardware/simulated/chance.ts";

/** Likenesses of one person with themselves and of different people, each ascending. */
export interface Scores {
  readonly own: Float64Array;
  readonly others: Float64Array;
}

/** Least and greatest plausible value, at 95 %. */
export type Interval = readonly [low: number, high: number];

/** Scores in the form that the functions here take. */
export function scoresOf(own: readonly number[], others: readonly number[]): Scores {
  return { own: Float64Array.from(own).sort(), others: Float64Array.from(others).sort() };
}

/** How many of ascending values are below a limit. */
export function below(ascending: Float64Array, limit: number): number {
  let low = 0, high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle]! < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Share of different people's comparisons that reach a threshold (FMR). */
export function falseMatches({ others }: Scores, threshold: number): number {
  return (others.length - below(others, threshold)) / others.length;
}

/** Share of one person's comparisons below a threshold (FNMR). */
export function misses({ own }: Scores, threshold: number): number {
  return below(own, threshold) / own.length;
}

/**
 * The error where as many of one person's comparisons are missed as of different people's match,
 * in a straight line between the two neighbouring thresholds where they pass each other.
 */
export function equalError(scores: Scores): number {
  const thresholds = Float64Array.from(new Set([...scores.own, ...scores.others])).sort();
  let missed = 0, matched = 1;
  for (const threshold of [...thresholds, Infinity]) {
    const next_missed = misses(scores, threshold);
    const next_matched = threshold === Infinity ? 0 : falseMatches(scores, threshold);
    if (next_missed >= next_matched) {
      const before = matched - missed, after = next_missed - next_matched;
      const share = before + after === 0 ? 1 : before / (before + after);
      return missed + share * (next_missed - missed);
    }
    [missed, matched] = [next_missed, next_matched];
  }
  return 1;
}

/** The least threshold that at most `rate` of ascending scores reach. */
export function thresholdFor(ascending: Float64Array, rate: number): number {
  // A rate such as 0.3 of 10 must allow 3, though the product is a little less.
  const allowed = Math.floor(rate * ascending.length + 1e-9);
  if (allowed >= ascending.length) return -1;
  return ascending[ascending.length - 1 - allowed]! + Number.EPSILON;
}

/** The false-match rate of one comparison with which a stranger passes against any of `gallery`
 * people as often as `fpir` says: `fpir = 1 - (1 - fmr)^gallery`. */
export function matchRateFor(fpir: number, gallery: number): number {
  return -Math.expm1(Math.log1p(-fpir) / gallery);
}

/** How often a stranger passes against any of `gallery` people. */
export function identificationRate(fmr: number, gallery: number): number {
  return -Math.expm1(gallery * Math.log1p(-fmr));
}

/** Wilson's interval for a share of independent trials (Wilson 1927), at 95 %. */
export function wilson(hits: number, trials: number): Interval {
  if (trials === 0) return [0, 1];
  const z = 1.959964, share = hits / trials, spread = z * z / trials;
  const centre = (share + spread / 2) / (1 + spread);
  const half = z / (1 + spread) * Math.sqrt(share * (1 - share) / trials + spread / trials / 4);
  return [
    hits === 0 ? 0 : Math.max(0, centre - half),
    hits === trials ? 1 : Math.min(1, centre + half),
  ];
}

/**
 * An interval for what a function makes of people: people are drawn again with replacement, since
 * pictures of one person are no independent trials (bootstrap, Efron 1979), at 95 %.
 */
export function bootstrap<Person>(
  people: readonly Person[],
  measure: (drawn: readonly Person[]) => number,
  chance: Chance,
  rounds = 400,
): Interval {
  const values = new Float64Array(rounds);
  for (let round = 0; round < rounds; round++) {
    values[round] = measure(people.map(() => chance.pick(people)));
  }
  values.sort();
  return [values[Math.floor(0.025 * rounds)]!, values[Math.ceil(0.975 * rounds) - 1]!];
}
