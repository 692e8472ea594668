/**
 * Whose hand moved how much, where hands came so soon after each other that the plate did not rest
 * between them: a plate's course is the sum of what each hand left there, which comes in by the
 * plate's own settling, and of its push, which rises and falls within a second. What fits best is
 * found by least squares (Levenberg, A method for the solution of certain non-linear problems in
 * least squares, 1944), from several guesses of how long each hand pushed.
 */
import { type Fit, leastSquares, logDeterminant, type Observations } from "./least_squares.ts";
import type { Change } from "./scale.ts";

/** Where a plate stood, measured from before the change. */
export interface Level {
  readonly level_g: number;
  readonly deviation_g: number;
}

/** What is thought of a course before it is seen: what a hand leaves, how hard and how long it
 * pushes, and how well a plate's settling is known, each with its deviation. */
const left_g = 700, pushed_g = 50, pushed_unsure_g = 150;
const pushed_ms = 350, pushed_unsure_ms = 150, settling_unsure = 0.12;
/** Unknowns of a hand: what it left, and of three pushes how hard and how long: more things are
 * seldom let go at once. */
const pushes_of_hand = 3, each = 1 + 2 * pushes_of_hand;
/** Guesses of how long a hand pushed, and how many of all are followed further. */
const guesses_ms = [170, 260, 350, 440, 530] as const;
/** How much is tried to fit a course. */
export interface Effort {
  readonly all: boolean;
  readonly followed: number;
  readonly steps: number;
}
export const carefully: Effort = { all: true, followed: 8, steps: 30 };
export const roughly: Effort = { all: false, followed: 2, steps: 10 };
/** A first look takes how long hands pushed, and the settling, as given. */
const as_given = 1e-3;
const first_steps = 3;
/** A course that is off so much more than is thought has other hands in it than were seen. */
const strange = 8;
/** What hands are thought to have left is fitted again from so many of the best fits, known no
 * better than so. */
const starts_again = 3, steps_again = 15, least_left_g = 1;
/** Courses differ from what is thought of them by so much, and by such a share of their range. */
const off_g = 0.6, off_share = 0.004;
/** Before it was seen to move, a plate was still until so shortly before, up to so much. */
const silence_ms = 100, silent_g = 3;
/** More samples than that add nothing. */
const most_samples = 160;
/** Worse fits than the best by so much in nats are as good as none. */
const behind = 12;

/** A moment of the course: what was measured, and how well. */
interface Moment {
  readonly at_ms: number;
  readonly weight_g: number;
  readonly precision: number;
}

/** What a hand is thought to have left on a plate. */
export interface Left {
  readonly mean_g: number;
  readonly variance: number;
}

/** A plate's course in the light of the hands that came. */
export interface Course {
  /** Where the plate would have come to rest after each hand, the earliest first; the last one is
   * that of the change itself. */
  readonly levels: readonly Level[];
  /** Logarithm of the density of such a course if that is what the hands left: of the whole of it,
   * where a level with a deviation is but its sum. Only where several hands came. */
  readonly fits?: (left: readonly Left[]) => number;
}

/** The course of a change of which the hands began at these times, the earliest first. */
export function courseOf(
  change: Change,
  from_ms: readonly number[],
  settling_ms: number,
): Course {
  const last = { level_g: change.delta_g, deviation_g: change.deviation_g };
  if (from_ms.length < 2) return { levels: [last] };
  const { likely, best, prior, unsure, observations, moments } = fitted(
    change,
    from_ms,
    settling_ms,
    carefully,
  );
  const worse = worseOf(best, moments);
  const free = Math.max(...likely.map((fit) => evidenceOf(fit, unsure, worse)));
  const starts = likely.toSorted((a, b) => a.cost - b.cost).slice(0, starts_again);
  const fits = (left: readonly Left[]): number => {
    const told = { prior: Float64Array.from(prior), unsure: Float64Array.from(unsure) };
    let unseen = 0;
    for (const [hand, { mean_g, variance }] of left.entries()) {
      told.prior[each * hand] = mean_g;
      told.unsure[each * hand] = Math.max(least_left_g, Math.sqrt(variance));
      unseen -= 0.5 * (mean_g / left_g) ** 2 / worse + Math.log(left_g * Math.sqrt(2 * Math.PI));
    }
    const told_so = starts.map(({ values }) => {
      const start = Float64Array.from(values);
      for (const [hand, { mean_g }] of left.entries()) start[each * hand] = mean_g;
      const fit = leastSquares(start, told.prior, told.unsure, observations, steps_again);
      return evidenceOf(fit, told.unsure, worse);
    });
    return Math.max(...told_so) - free + unseen;
  };
  const levels = from_ms.map((_, hand) => {
    if (hand === from_ms.length - 1) return last;
    let sum = 0, mean = 0, square = 0;
    for (const { cost, values, covariance } of likely) {
      const share = Math.exp((best - cost) / 2 / worse);
      const size = values.length;
      let level_g = 0, variance = 0;
      for (let one = 0; one <= hand; one++) {
        level_g += values[each * one]!;
        for (let other = 0; other <= hand; other++) {
          variance += covariance[each * one * size + each * other]!;
        }
      }
      sum += share;
      mean += share * level_g;
      square += share * (level_g ** 2 + worse * variance);
    }
    const level_g = mean / sum;
    const spread = Math.sqrt(Math.max(0, square / sum - level_g ** 2));
    return { level_g, deviation_g: Math.hypot(spread, change.deviation_g) };
  });
  return worse < strange ? { levels, fits } : { levels };
}

/** How much worse the course is fitted by hands that began at these times than is thought of any
 * course, as a share: far above 1 says that there were others. */
export function offOf(
  change: Change,
  from_ms: readonly number[],
  settling_ms: number,
  effort: Effort,
): number {
  const { best, moments } = fitted(change, from_ms, settling_ms, effort);
  return best / moments;
}

/** A course that nothing fits says as much less. */
const worseOf = (best: number, moments: number) => Math.max(1, best / moments);

function fitted(
  change: Change,
  from_ms: readonly number[],
  settling_ms: number,
  { all, followed, steps }: Effort,
) {
  const moments = momentsOf(change, from_ms[0]!);
  const observations = observationsOf(change, moments, from_ms);
  const guesses = guessesOf(from_ms.length, all)
    .map((pushes) => guessed(change, pushes, settling_ms, observations))
    .sort((a, b) => a.cost - b.cost).slice(0, followed);
  const { prior, unsure } = thoughtOf(from_ms.length, settling_ms);
  const found = guesses.map(({ values }) =>
    leastSquares(values, prior, unsure, observations, steps)
  );
  const best = Math.min(...found.map(({ cost }) => cost));
  const within = 2 * behind * worseOf(best, moments.length);
  const likely = found.filter(({ cost }) => cost - best < within);
  return { likely, best, prior, unsure, observations, moments: moments.length };
}

/** Logarithm of how likely the observations are around a fit (Laplace's approximation), up to what
 * all fits to them have in common. */
function evidenceOf({ cost, covariance }: Fit, unsure: Float64Array, worse: number): number {
  const thought = unsure.reduce((sum, one) => sum + Math.log(one), 0);
  return -cost / 2 / worse + logDeterminant(covariance, unsure.length) / 2 - thought;
}

function momentsOf(change: Change, from_ms: number): Moment[] {
  const { course, began_ms, level_g } = change;
  const weights = course.map(({ weight_g }) => weight_g - level_g);
  const range_g = Math.max(0, ...weights) - Math.min(0, ...weights);
  const precision = 1 / Math.hypot(off_g, off_share * range_g) ** 2;
  const moments: Moment[] = [];
  // A plate that tells nothing does not move.
  for (let at_ms = from_ms; at_ms < began_ms - silence_ms; at_ms += silence_ms / 2) {
    moments.push({ at_ms, weight_g: 0, precision: 1 / silent_g ** 2 });
  }
  const every = Math.ceil(course.length / most_samples);
  for (let index = 0; index < course.length; index += every) {
    moments.push({ at_ms: course[index]!.at_ms, weight_g: weights[index]!, precision });
  }
  return moments;
}

/** How long each hand may have pushed: all ways for two, else one after the other otherwise. */
function guessesOf(hands: number, all: boolean): number[][] {
  if (hands === 2 && all) {
    return guesses_ms.flatMap((one) => guesses_ms.map((other) => [one, other]));
  }
  const usual: number[] = Array.from({ length: hands }, () => pushed_ms);
  const others = guesses_ms.filter((guess_ms) => guess_ms !== pushed_ms);
  return [
    usual,
    ...usual.flatMap((_, hand) => others.map((guess_ms) => usual.with(hand, guess_ms))),
  ];
}

/** What is thought of the values: for each hand what it left, how hard it pushed and for how long;
 * last the settling. */
function thoughtOf(hands: number, settling_ms: number) {
  const prior = new Float64Array(each * hands + 1);
  const unsure = new Float64Array(each * hands + 1);
  for (let hand = 0; hand < hands; hand++) {
    prior[each * hand] = 0;
    unsure[each * hand] = left_g;
    for (let at = each * hand + 1; at < each * (hand + 1); at += 2) {
      prior.set([pushed_g, pushed_ms], at);
      unsure.set([pushed_unsure_g, pushed_unsure_ms], at);
    }
  }
  prior[each * hands] = settling_ms;
  unsure[each * hands] = settling_unsure * settling_ms;
  return { prior, unsure };
}

/** The best fit if the hands pushed for so long. */
function guessed(
  { delta_g }: Change,
  pushes_ms: readonly number[],
  settling_ms: number,
  observations: Observations,
): Fit {
  const hands = pushes_ms.length;
  const { prior, unsure } = thoughtOf(hands, settling_ms);
  const start = Float64Array.from(prior);
  for (const [hand, push_ms] of pushes_ms.entries()) {
    const other_ms = 2 * pushed_ms - push_ms + 40;
    start[each * hand] = delta_g / hands;
    for (const [at, ms] of [[2, push_ms], [4, other_ms], [6, pushed_ms]] as const) {
      prior[each * hand + at] = ms;
      unsure[each * hand + at] = as_given;
    }
  }
  unsure[each * hands] = as_given;
  return leastSquares(start, prior, unsure, observations, first_steps);
}

function observationsOf(
  { delta_g, deviation_g }: Change,
  moments: readonly Moment[],
  from_ms: readonly number[],
): Observations {
  return (values, slopes, observe) => {
    for (const { at_ms, weight_g, precision } of moments) {
      observe(weight_g - courseAt(at_ms, from_ms, values, slopes), precision);
    }
    slopes.fill(0);
    let sum = 0;
    for (let hand = 0; hand < from_ms.length; hand++) {
      slopes[each * hand] = 1;
      sum += values[each * hand]!;
    }
    observe(delta_g - sum, 1 / deviation_g ** 2);
  };
}

/** What the plate weighs then if these are the values, and by how much more for more of each. */
function courseAt(
  at_ms: number,
  from_ms: readonly number[],
  values: Float64Array,
  slopes: Float64Array,
): number {
  const size = values.length;
  const settling_ms = Math.max(40, values[size - 1]!);
  slopes.fill(0);
  let weight_g = 0;
  for (const [hand, hand_ms] of from_ms.entries()) {
    const since_ms = at_ms - hand_ms;
    if (since_ms <= 0) continue;
    const left = values[each * hand]!;
    const still = Math.exp(-since_ms / settling_ms);
    weight_g += left * (1 - still);
    slopes[each * hand] = 1 - still;
    slopes[size - 1] = slopes[size - 1]! - left * still * since_ms / settling_ms ** 2;
    for (let at = each * hand + 1; at < each * (hand + 1); at += 2) {
      const push = values[at]!;
      const push_ms = Math.max(80, values[at + 1]!);
      if (since_ms >= push_ms) continue;
      const angle = Math.PI * since_ms / push_ms;
      weight_g += push * Math.sin(angle);
      slopes[at] = Math.sin(angle);
      slopes[at + 1] = -push * Math.cos(angle) * angle / push_ms;
    }
  }
  return weight_g;
}
