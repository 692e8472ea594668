/**
 * Drawn people in front of the models that come with the software: as many as are wanted, none of
 * whom training saw, so that rates of one in a thousand can be counted instead of inferred.
 */
import { type Chance, chanceOf } from "../../hardware/simulated/chance.ts";
import type { Networks } from "../../runtime/perception/networks.ts";
import { crowdScene, photograph } from "../model/crowd.ts";
import { bestOf, type Enrolled, enrolled, shuffled } from "./compare.ts";
import { embeddingOf, embeddingsOf, type People, type Somebody } from "./faces.ts";
import { falseMatches, type Interval, type Scores, thresholdFor, wilson } from "./metrics.ts";

/** Identities from here on are never trained with. */
const HELD_OUT = 3_000_000_000;
const STRANGERS = 3_500_000_000;

/** Strangers in one picture: it costs little more than one with a single face. */
const TOGETHER = 6;

/** A picture of people in some poses and some light, by its number. */
function pictureOf(identities: readonly number[], index: number, most_size: number) {
  const name = `evaluate/${identities[0]}/${index}`;
  const size = [45, most_size] as const;
  return photograph(crowdScene(name, { width: 320, height: 240, identities, size })).picture;
}

/** Looks at drawn people, so many pictures of each. */
export async function lookAtDrawn(
  networks: Networks,
  count: number,
  pictures_each: number,
): Promise<People> {
  const people: Somebody[] = [];
  const missed: string[] = [];
  let unfit = 0;
  for (let person = 0; person < count; person++) {
    const probes: Float32Array[] = [];
    for (let index = 0; index < pictures_each; index++) {
      const seen = await embeddingOf(networks, pictureOf([HELD_OUT + person], index, 110));
      if (seen === undefined) missed.push(`person ${person}, picture ${index}`);
      else probes.push(seen.probe);
      if (seen?.fit === false) unfit++;
    }
    people.push({ person: `${person}`, probes });
  }
  return { people, pictures: count * pictures_each, missed, unfit };
}

/** What drawn strangers come to before galleries of drawn people. */
export interface Strangers {
  readonly probes: number;
  readonly gallery: number;
  /** At the threshold that a false-positive rate demands, by that rate. */
  readonly at: readonly {
    readonly fpir: number;
    readonly threshold: number;
    /** Strangers that passed it, of `probes`. */
    readonly passed: number;
    readonly passed_interval: Interval;
    /** Share of enrolled people's probes that were named rightly. */
    readonly found: number;
  }[];
}

/**
 * Shows so many strangers, each once, to galleries drawn anew for each from the enrolled people,
 * and tells how many of those people's own probes are named at the thresholds at which the wanted
 * shares of strangers pass.
 */
export async function showStrangers(
  networks: Networks,
  people: readonly Somebody[],
  options: {
    readonly probes: number;
    readonly gallery: number;
    readonly enrol: number;
    readonly rates: readonly number[];
    readonly progress: (done: number) => void;
  },
): Promise<Strangers> {
  const chance = chanceOf("evaluate/strangers");
  const known = enrolled(people, options.enrol).filter(({ template }) => template !== undefined);
  const others: number[] = [];
  for (let first = STRANGERS; others.length < options.probes; first += TOGETHER) {
    const identities = Array.from({ length: TOGETHER }, (_, i) => first + i);
    for (const { probe } of await embeddingsOf(networks, pictureOf(identities, 0, 70))) {
      if (others.length === options.probes) break;
      others.push(bestOf(probe, someOf(known, options.gallery, chance)).score);
      if (others.length % 1000 === 0) options.progress(others.length);
    }
  }
  const scores: Scores = { own: new Float64Array(), others: Float64Array.from(others).sort() };
  const at = options.rates.map((fpir) => {
    const threshold = thresholdFor(scores.others, fpir);
    const passed = Math.round(falseMatches(scores, threshold) * others.length);
    return {
      fpir,
      threshold,
      passed,
      passed_interval: wilson(passed, others.length),
      found: foundAt(known, threshold, options.gallery, chance),
    };
  });
  return { probes: others.length, gallery: options.gallery, at };
}

function someOf(known: readonly Enrolled[], count: number, chance: Chance): Enrolled[] {
  return shuffled(known, chance).slice(0, count);
}

function foundAt(
  known: readonly Enrolled[],
  threshold: number,
  gallery: number,
  chance: Chance,
): number {
  let found = 0, probes = 0;
  for (const one of known) {
    const others = someOf(known.filter((other) => other !== one), gallery - 1, chance);
    for (const probe of one.probes) {
      const { best, score } = bestOf(probe, [one, ...others]);
      probes++;
      if (best === one && score >= threshold) found++;
    }
  }
  return found / probes;
}
