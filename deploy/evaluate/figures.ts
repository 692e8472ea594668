/** Everything that `evaluate` says of models and people, as numbers with names that stay. */
import { chanceOf } from "../../hardware/simulated/chance.ts";
import { cosine } from "../../runtime/perception/embed.ts";
import { enrolled, firstRanks, type OpenSet, openSet, picturePairs } from "./compare.ts";
import type { People, Somebody } from "./faces.ts";
import {
  bootstrap,
  equalError,
  type Interval,
  misses,
  scoresOf,
  thresholdFor,
  wilson,
} from "./metrics.ts";

/** Shares are 0..1; thresholds are cosines. */
export interface Figures {
  readonly people: number;
  readonly pictures: number;
  /** Pictures in which no face was found. */
  readonly missed: number;
  /** Faces that a lane would not compare; here they are. */
  readonly unfit: number;
  /** Pictures that make a template. */
  readonly enrol: number;
  /** Equal error of one picture with one other. */
  readonly eer: number;
  /** Probes whose nearest template is their own. */
  readonly rank1: number;
  /** One person's pairs of pictures that match where one in a thousand of others' does. */
  readonly tar_at_far_1e3: number;
  /** Enrolled people's probes named rightly, at a threshold chosen on other people so that one
   * stranger's probe in a hundred, or in a thousand, is given a name. */
  readonly tpir_at_fpir_1e2: number;
  readonly tpir_at_fpir_1e3: number;
  /** What share of strangers' probes was given a name in truth. */
  readonly fpir_met_1e2: number;
  readonly fpir_met_1e3: number;
  /** Threshold for one stranger's probe in a thousand, against `gallery` people. */
  readonly threshold: number;
  readonly threshold_1e2: number;
  readonly gallery: number;
  readonly splits: number;
  /** Whether a threshold followed from counted scores or from a tail fitted to the highest. */
  readonly basis_1e2: OpenSet["basis"];
  readonly basis_1e3: OpenSet["basis"];
  /** Each at 95 %. */
  readonly intervals: Readonly<Record<string, Interval>>;
}

/** People, and comparisons of different people, that are drawn again for intervals. */
const MOST_INTERVAL = 300;
const MOST_REPEATED = 100_000;

/** Measures. Throws `RangeError` where people or pictures are too few to say anything. */
export function figuresOf(seen: People, enrol: number, splits: number): Figures {
  const chance = chanceOf("evaluate");
  const { people, pictures, unfit } = seen;
  const able = people.filter(({ probes }) => probes.length > enrol).length;
  if (able < 6) {
    throw new RangeError(
      `${able} people have more than ${enrol} pictures with a face; at least 6 are needed, ` +
        `since a threshold is chosen on other people than it is tried on`,
    );
  }
  const pairs = picturePairs(people, chance);
  const far = thresholdFor(pairs.others, 1e-3);
  const ranks = firstRanks(enrolled(people, enrol));
  const percent = openSet(people, { enrol, fpir: 1e-2, splits }, chance);
  const permille = openSet(people, { enrol, fpir: 1e-3, splits }, chance);
  const missed = seen.missed.length;
  return {
    people: people.length,
    pictures,
    missed,
    unfit,
    enrol,
    eer: equalError(pairs),
    rank1: ranks.hits / ranks.probes,
    tar_at_far_1e3: 1 - misses(pairs, far),
    tpir_at_fpir_1e2: percent.found,
    tpir_at_fpir_1e3: permille.found,
    fpir_met_1e2: percent.mistaken,
    fpir_met_1e3: permille.mistaken,
    threshold: permille.threshold,
    threshold_1e2: percent.threshold,
    gallery: permille.gallery,
    splits,
    basis_1e2: percent.basis,
    basis_1e3: permille.basis,
    intervals: {
      missed: wilson(missed, pictures),
      rank1: wilson(ranks.hits, ranks.probes),
      ...pairIntervals(people, far),
      tpir_at_fpir_1e2: percent.found_interval,
      tpir_at_fpir_1e3: permille.found_interval,
      fpir_met_1e2: percent.mistaken_interval,
      fpir_met_1e3: permille.mistaken_interval,
    },
  };
}

/** Of the error rates of pairs, by drawing people anew. Of many pairs of different people some
 * stand for all, the same in every round. */
function pairIntervals(
  people: readonly Somebody[],
  far: number,
): Record<"eer" | "tar_at_far_1e3", Interval> {
  const some = people.slice(0, MOST_INTERVAL).map((one, index) => ({ one, index }));
  const pictures = some.reduce((sum, { one }) => sum + one.probes.length, 0);
  const every = Math.ceil(pictures * pictures / 2 / MOST_REPEATED);
  const own = some.map(({ one }) => comparisons(one, one, 1));
  const others = some.map(({ one }, at) =>
    some.slice(0, at).map(({ one: other }) => comparisons(one, other, every))
  );
  const chance = chanceOf("evaluate/intervals");
  const scored = (drawn: typeof some) =>
    scoresOf(
      drawn.flatMap(({ index }) => own[index]!),
      drawn.flatMap(({ index: a }, at) =>
        // Somebody drawn twice is no stranger to themselves.
        drawn.slice(0, at).flatMap(({ index: b }) => others[Math.max(a, b)]![Math.min(a, b)] ?? [])
      ),
    );
  const eer = (drawn: readonly (typeof some)[number][]) => equalError(scored([...drawn]));
  const tar = (drawn: readonly (typeof some)[number][]) => 1 - misses(scored([...drawn]), far);
  return {
    eer: bootstrap(some, eer, chance, 100),
    tar_at_far_1e3: bootstrap(some, tar, chance, 100),
  };
}

/** Likenesses of each picture of one with each of the other, or of one pair in `every`; of one
 * person, of each two. */
function comparisons(one: Somebody, other: Somebody, every: number): number[] {
  let pair = 0;
  return one.probes.flatMap((probe, at) =>
    (one === other ? one.probes.slice(0, at) : other.probes)
      .filter(() => pair++ % every === 0)
      .map((second) => cosine(probe, second))
  );
}
