/**
 * Who is compared with whom: every picture with every other, probes with templates, and open sets
 * in which the threshold was chosen on other people than those it is tried on.
 */
import type { Chance } from "../../hardware/simulated/chance.ts";
import { cosine, middle } from "../../runtime/perception/embed.ts";
import type { Somebody } from "./faces.ts";
import { bootstrap, type Interval, matchRateFor, type Scores, scoresOf } from "./metrics.ts";
import { chooseThreshold, type Chosen } from "./tail.ts";

/** Pairs of different people that are compared at most; of more, some are drawn. */
const MOST_PAIRS = 400_000;
/** People of one split at most. */
const MOST_SPLIT = 80;
/** Share of them that the threshold is chosen on: chosen on few, it is too low for the others. */
const CHOOSING = 2 / 3;

/** Likenesses of all pairs of pictures: verification of one picture by one other. */
export function picturePairs(people: readonly Somebody[], chance: Chance): Scores {
  const own: number[] = [], others: number[] = [];
  const all = people.flatMap(({ probes }, person) => probes.map((probe) => ({ probe, person })));
  const kept = Math.min(1, MOST_PAIRS / (all.length * (all.length - 1) / 2));
  all.forEach((first, at) => {
    for (let i = at + 1; i < all.length; i++) {
      const second = all[i]!;
      const same = first.person === second.person;
      if (!same && kept < 1 && !chance.happens(kept)) continue;
      (same ? own : others).push(cosine(first.probe, second.probe));
    }
  });
  return scoresOf(own, others);
}

/** Somebody with a template of some pictures; the others are left to be recognised by. */
export interface Enrolled {
  readonly person: string;
  readonly template: Float32Array | undefined;
  readonly probes: readonly Float32Array[];
}

/** Makes templates of the first `enrol` pictures, or of as many drawn ones where chance is given.
 * Who has no picture left to be recognised by is a stranger always. */
export function enrolled(
  people: readonly Somebody[],
  enrol: number,
  chance?: Chance,
): Enrolled[] {
  return people.map(({ person, probes }) => {
    if (probes.length <= enrol) return { person, template: undefined, probes };
    const order = chance === undefined ? [...probes] : shuffled(probes, chance);
    return { person, template: middle(order.slice(0, enrol)), probes: order.slice(enrol) };
  });
}

/** Likenesses of probes with templates, their own and those of others. */
export function templatePairs(people: readonly Enrolled[]): Scores {
  const own: number[] = [], others: number[] = [];
  for (const one of people) {
    for (const other of people) {
      if (other.template === undefined) continue;
      for (const probe of one.probes) {
        (one === other ? own : others).push(cosine(probe, other.template));
      }
    }
  }
  return scoresOf(own, others);
}

/** Of the probes of those who are enrolled, how many are nearest to their own template. */
export function firstRanks(people: readonly Enrolled[]): { hits: number; probes: number } {
  let hits = 0, probes = 0;
  for (const one of people) {
    if (one.template === undefined) continue;
    for (const probe of one.probes) {
      probes++;
      if (bestOf(probe, people).best === one) hits++;
    }
  }
  return { hits, probes };
}

/** The nearest template but that of `except`. */
export function bestOf(
  probe: Float32Array,
  people: readonly Enrolled[],
  except?: Enrolled,
): { readonly best: Enrolled | undefined; readonly score: number } {
  let best: Enrolled | undefined, score = -Infinity;
  for (const other of people) {
    if (other.template === undefined || other === except) continue;
    const likeness = cosine(probe, other.template);
    if (likeness > score) [best, score] = [other, likeness];
  }
  return { best, score };
}

/** What identification in an open set comes to. */
export interface OpenSet {
  /** People enrolled on the side that is tried. */
  readonly gallery: number;
  readonly splits: number;
  /** Share of probes of enrolled people that were named rightly (TPIR). */
  readonly found: number;
  readonly found_interval: Interval;
  /** Share of strangers' probes that somebody's name was given to: what came of the wish. */
  readonly mistaken: number;
  readonly mistaken_interval: Interval;
  /** Mean of the splits' thresholds. */
  readonly threshold: number;
  readonly basis: Chosen["basis"];
}

interface Tally {
  own: number;
  found: number;
  strange: number;
  mistaken: number;
}

/**
 * Splits people by chance, again and again: on two thirds the threshold is chosen that lets a
 * stranger pass against the gallery of the others as often as `fpir` says; on the others it is
 * tried, each of them once enrolled and once a stranger to a gallery of the rest. Throws
 * `RangeError` for too few people to do so.
 */
export function openSet(
  people: readonly Somebody[],
  options: { readonly enrol: number; readonly fpir: number; readonly splits: number },
  chance: Chance,
): OpenSet {
  const tallies = new Map<Somebody, Tally>();
  let thresholds = 0, galleries = 0, fitted = 0;
  for (let split = 0; split < options.splits; split++) {
    const drawn = shuffled(people, chance).slice(0, MOST_SPLIT);
    const part = Math.round(drawn.length * CHOOSING);
    const known = enrolled(drawn.slice(0, part), options.enrol, chance);
    const tried = enrolled(drawn.slice(part), options.enrol, chance);
    const gallery = tried.filter(({ template }) => template !== undefined).length;
    const rate = matchRateFor(options.fpir, gallery);
    const { threshold, basis } = chooseThreshold(templatePairs(known).others, rate);
    thresholds += threshold;
    galleries += gallery;
    if (basis === "fitted") fitted++;
    tried.forEach((one, at) => {
      const tally = count(one, tried, threshold);
      const before = tallies.get(drawn[part + at]!);
      tallies.set(drawn[part + at]!, before === undefined ? tally : sum([before, tally]));
    });
  }
  const all = [...tallies.values()];
  const found = (drawn: readonly Tally[]) => share(drawn, "found", "own");
  const mistaken = (drawn: readonly Tally[]) => share(drawn, "mistaken", "strange");
  return {
    gallery: galleries / options.splits,
    splits: options.splits,
    found: found(all),
    found_interval: bootstrap(all, found, chance),
    mistaken: mistaken(all),
    mistaken_interval: bootstrap(all, mistaken, chance),
    threshold: thresholds / options.splits,
    basis: fitted > 0 ? "fitted" : "counted",
  };
}

function count(one: Enrolled, tried: readonly Enrolled[], threshold: number): Tally {
  const tally = { own: 0, found: 0, strange: 0, mistaken: 0 };
  for (const probe of one.probes) {
    const other = bestOf(probe, tried, one);
    tally.strange++;
    if (other.score >= threshold) tally.mistaken++;
    if (one.template === undefined) continue;
    const score = cosine(probe, one.template);
    tally.own++;
    if (score >= threshold && score > other.score) tally.found++;
  }
  return tally;
}

function sum(tallies: readonly Tally[]): Tally {
  const total = { own: 0, found: 0, strange: 0, mistaken: 0 };
  for (const tally of tallies) {
    for (const part of ["own", "found", "strange", "mistaken"] as const) total[part] += tally[part];
  }
  return total;
}

function share(tallies: readonly Tally[], hits: keyof Tally, trials: keyof Tally): number {
  const total = sum(tallies);
  return total[trials] === 0 ? 0 : total[hits] / total[trials];
}

/** In an order of chance (Fisher and Yates). */
export function shuffled<Of>(list: readonly Of[], chance: Chance): Of[] {
  const order = [...list];
  for (let i = order.length - 1; i > 0; i--) {
    const j = chance.whole(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}
