/**
 * Tries to make the gallery answer differently from its plain twin: templates and probes chosen to
 * break the bounds, the ties, the block edges and the bookkeeping of adds and removes.
 */
import { Gallery, type SearchOptions } from "./match.ts";
import { compareMatches, type Match, score } from "./match_twin.ts";
import { normalise, randomFrom, unitVector } from "./testing.ts";

type Random = () => number;
type Maker = (dim: number, random: Random, known: readonly Float32Array[]) => Float32Array;

const pick = <T>(items: readonly T[], random: Random): T =>
  items[Math.floor(random() * items.length)]!;
const gaussian = (dim: number, random: Random) => unitVector(dim, Math.floor(random() * 2 ** 31));

/** A copy with one value moved by one unit in the last place. */
function nudged(vector: Float32Array, random: Random): Float32Array {
  const copy = vector.slice();
  const bits = new Int32Array(copy.buffer);
  bits[Math.floor(random() * bits.length)]! ^= 1;
  return copy;
}

/** What templates may look like; `known` are those there already. */
const templateMakers: Record<string, Maker> = {
  random: gaussian,
  /** Around three centres, so close that most scores differ in their last bits only. */
  clustered: (dim, random) => {
    const centre = unitVector(dim, Math.floor(random() * 3));
    const noise = gaussian(dim, random);
    const spread = pick([1e-2, 1e-4, 1e-6], random);
    return normalise(centre.map((value, i) => value + spread * noise[i]!));
  },
  duplicate: (dim, random, known) =>
    known.length === 0 ? gaussian(dim, random) : pick(known, random).slice(),
  nudged: (dim, random, known) =>
    nudged(known.length === 0 ? gaussian(dim, random) : pick(known, random), random),
  /** One value holds nearly all: the step is as coarse as can be. */
  spike: (dim, random) => {
    const vector = gaussian(dim, random).map((value) => value * 0.02);
    vector[Math.floor(random() * dim)] = random() < 0.5 ? 1 : -1;
    return normalise(vector);
  },
  /** Every value half a step from its code: the largest quantisation error there can be. */
  halves: (dim, random) => {
    const vector = new Float32Array(dim);
    for (let i = 0; i < dim; i++) vector[i] = Math.floor(random() * 127) - 63 + 0.5;
    vector[Math.floor(random() * dim)] = 64;
    return normalise(vector);
  },
  /** Signs only: no error at all, and ties everywhere. */
  signs: (dim, random) => normalise(new Float32Array(dim).map(() => random() < 0.5 ? 1 : -1)),
  /** Most values denormal: products underflow in f32. */
  denormal: (dim, random) => {
    const vector = new Float32Array(dim).map(() => (random() - 0.5) * 1e-39);
    for (let i = 0; i < 3; i++) vector[Math.floor(random() * dim)] = random() - 0.5;
    vector[0] = 0.7;
    return normalise(vector);
  },
  /** As long or as short as the checks let through. */
  stretched: (dim, random) => {
    const factor = random() < 0.5 ? 1.0009 : 0.9991;
    return gaussian(dim, random).map((value) => value * factor);
  },
};

/** What probes may look like beside all of the above. */
const probeMakers: Record<string, Maker> = {
  known: (dim, random, known) =>
    known.length === 0 ? gaussian(dim, random) : pick(known, random).slice(),
  opposite: (dim, random, known) =>
    known.length === 0 ? gaussian(dim, random) : pick(known, random).map((value) => -value),
  /** Along a template's quantisation error: the bound is as tight as it can be. */
  error: (dim, random, known) => {
    if (known.length === 0) return gaussian(dim, random);
    const template = pick(known, random);
    const step = Math.max(...template.map(Math.abs)) / 64;
    const rest = template.map((value) => value - step * Math.round(value / step));
    return rest.every((value) => Math.abs(value) < 1e-30) ? gaussian(dim, random) : normalise(rest);
  },
};

/** One difference found: enough to find it again. */
export interface Difference {
  readonly seed: number;
  readonly what: string;
}

/** Counts of an attack; `comparisons` are scores that a checked search had to rank rightly. */
export interface AttackResult {
  readonly comparisons: number;
  readonly searches: number;
  readonly differences: readonly Difference[];
}

/** Attacks with cases from `seed` on until so many scores were compared. */
export function attack(seed: number, comparisons: number): AttackResult {
  const total = { comparisons: 0, searches: 0, differences: [] as Difference[] };
  for (let round = seed; total.comparisons < comparisons; round++) attackOnce(round, total);
  return total;
}

function attackOnce(
  seed: number,
  total: { comparisons: number; searches: number; differences: Difference[] },
): void {
  const random = randomFrom(seed);
  const dim = pick([16, 16, 32, 48, 64, 128, 512, 1024], random);
  // Sizes walk through every remainder; now and then one crosses segments and fills the candidates.
  const size = seed % 40 === 39 ? 1000 + Math.floor(random() * 2500) : seed % 83;
  const kinds = random() < 0.5 ? [pick(Object.keys(templateMakers), random)] : Object.keys(
    templateMakers,
  );
  const gallery = Gallery.create({ dim, capacity: 1 + Math.floor(random() * size) });
  const templates = new Map<string, Float32Array>();
  const add = () => {
    const make = templateMakers[pick(kinds, random)]!;
    const template = make(dim, random, [...templates.values()].slice(0, 20));
    const id = `v${Math.floor(random() * 1e9).toString(36)}`;
    if (templates.has(id)) return;
    gallery.add(id, template);
    templates.set(id, template);
  };
  while (templates.size < size) {
    add();
    if (random() < 0.2) {
      const id = pick([...templates.keys()].slice(0, 50), random);
      gallery.remove(id);
      templates.delete(id);
      // Removing must not outpace adding in the largest galleries.
      add();
    }
  }
  const makers = { ...templateMakers, ...probeMakers };
  const probes = Array.from({ length: size > 500 ? 5 : 9 }, () => {
    return makers[pick(Object.keys(makers), random)]!(
      dim,
      random,
      [...templates.values()].slice(-30),
    );
  });
  compare(seed, gallery, templates, probes, random, total);
}

function compare(
  seed: number,
  gallery: Gallery,
  templates: ReadonlyMap<string, Float32Array>,
  probes: readonly Float32Array[],
  random: Random,
  total: { comparisons: number; searches: number; differences: Difference[] },
): void {
  const size = templates.size;
  const ranked = probes.map((probe) =>
    [...templates].map(([id, template]): Match => ({ id, score: score(probe, template) }))
      .sort(compareMatches)
  );
  const check = (what: string, found: Match[], index: number, options: SearchOptions) => {
    const wanted = ranked[index]!.filter((match) => match.score >= (options.threshold ?? -Infinity))
      .slice(0, options.k);
    total.comparisons += size;
    total.searches += 1;
    if (same(found, wanted)) return;
    total.differences.push({
      seed,
      what: `${what}, probe ${index}, ${size} templates, k ${options.k}, threshold ` +
        `${options.threshold}: found ${found.length} of ${wanted.length}`,
    });
  };
  const ks = [1, 2, 5, 1 + Math.floor(random() * 40), Math.max(1, size - 1), size + 1]
    .map((k) => Math.min(k, 1024));
  for (const k of ks) {
    probes.forEach((probe, index) => {
      const options = optionsFor(k, ranked[index]!, random);
      check("search", gallery.search(probe, options), index, options);
    });
    const options = optionsFor(k, ranked[0]!, random);
    gallery.searchBatch(probes, options).forEach((found, index) => {
      check("batch", found, index, options);
    });
  }
}

/** With no threshold, one that a score just meets or just misses, or any. */
function optionsFor(k: number, ranked: readonly Match[], random: Random): SearchOptions {
  const chance = random();
  if (chance < 0.4 || ranked.length === 0) return { k };
  const meets = pick(ranked, random).score;
  if (chance < 0.7) return { k, threshold: meets };
  if (chance < 0.9) return { k, threshold: meets + Math.abs(meets) * 1e-9 };
  return { k, threshold: random() * 2 - 1 };
}

function same(found: readonly Match[], wanted: readonly Match[]): boolean {
  return found.length === wanted.length &&
    found.every((match, i) =>
      match.id === wanted[i]!.id && Object.is(match.score, wanted[i]!.score)
    );
}
