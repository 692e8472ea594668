/**
 * Tries to make the gallery answer differently from its plain twin: templates and probes chosen to
 * break the bounds, the ties, the block edges and the bookkeeping of adds and removes.
 */
import { Gallery, type SearchOptions } from "./match.ts";
import { compareMatches, type Match, score } from "./match_twin.ts";
import { normalise, randomFrom, unitVector } from "./testing.ts";

type Random = () => number;
/** `known` are vectors there already; `progress` goes from 0 to 1 as a gallery fills. */
type Maker = (
  dim: number,
  random: Random,
  known: readonly Float32Array[],
  progress: number,
) => Float32Array;

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

/** A template at some distance, 0 to 1, from one centre. */
function fan(dim: number, random: Random, distance: number): Float32Array {
  const noise = gaussian(dim, random);
  return normalise(
    unitVector(dim, 0).map((value, i) => value + 0.4 * distance * noise[i]!),
  );
}

/**
 * The pair that uses up the bound: half of the values of each are just too small for a code and lie
 * along the other's large ones, so the codes see no likeness at all and the bound is all there is.
 */
function whisper(dim: number, role: "template" | "probe"): Float32Array {
  const signs = unitVector(dim, dim).map(Math.sign);
  const quiet = role === "template" ? 0.4999 / 64 : 0.4999 / 63;
  const loud = (i: number) => (i < dim / 2) === (role === "template");
  return normalise(signs.map((sign, i) => loud(i) ? sign : sign * quiet));
}

/** What templates may look like. */
const templateMakers: Record<string, Maker> = {
  random: gaussian,
  /** Around three centres, so close that most scores differ in their last bits only. */
  clustered: (dim, random) => {
    const centre = unitVector(dim, Math.floor(random() * 3));
    const noise = gaussian(dim, random);
    const spread = pick([1e-2, 1e-4, 1e-6], random);
    return normalise(centre.map((value, i) => value + spread * noise[i]!));
  },
  /** From one centre outwards: very many rows within each other's bounds, few of them best. */
  fan: (dim, random) => fan(dim, random, random()),
  /** The same in the worst order: each is better than those before. */
  approach: (dim, random, _known, progress) => fan(dim, random, 1 - progress),
  duplicate: (dim, random, known) =>
    known.length === 0 ? gaussian(dim, random) : pick(known, random).slice(),
  nudged: (dim, random, known) =>
    nudged(
      known.length === 0 ? gaussian(dim, random) : pick(known, random),
      random,
    ),
  /** One value holds nearly all: the step is as coarse as can be. */
  spike: (dim, random) => {
    const vector = gaussian(dim, random).map((value) => value * 0.02);
    vector[Math.floor(random() * dim)] = random() < 0.5 ? 1 : -1;
    return normalise(vector);
  },
  /** Every value half a step from its code: the largest quantisation error there can be. */
  halves: (dim, random) => {
    const vector = new Float32Array(dim);
    for (let i = 0; i < dim; i++) {
      vector[i] = Math.floor(random() * 127) - 63 + 0.5;
    }
    vector[Math.floor(random() * dim)] = 64;
    return normalise(vector);
  },
  /** Signs only: no error at all, and ties everywhere. */
  signs: (dim, random) => normalise(new Float32Array(dim).map(() => random() < 0.5 ? 1 : -1)),
  /** Most values denormal: products underflow in f32. */
  denormal: (dim, random) => {
    const vector = new Float32Array(dim).map(() => (random() - 0.5) * 1e-39);
    for (let i = 0; i < 3; i++) {
      vector[Math.floor(random() * dim)] = random() - 0.5;
    }
    vector[0] = 0.7;
    return normalise(vector);
  },
  whisper: (dim) => whisper(dim, "template"),
  /**
   * Scores just below the whispered pair: it ousts that one when the bound is a little too small.
   */
  rival: (dim, random) => {
    const probe = whisper(dim, "probe");
    const target = score(probe, whisper(dim, "template")) *
      (0.9 + 0.0999 * random());
    const other = gaussian(dim, random);
    const along = score(probe, other);
    const across = normalise(
      other.map((value, i) => value - along * probe[i]!),
    );
    const rest = Math.sqrt(1 - target * target);
    return normalise(
      across.map((value, i) => rest * value + target * probe[i]!),
    );
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
  whisper: (dim) => whisper(dim, "probe"),
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
  const total = {
    comparisons: 0,
    searches: 0,
    differences: [] as Difference[],
  };
  for (let round = seed; total.comparisons < comparisons; round++) {
    attackOnce(round, total);
  }
  return total;
}

function attackOnce(
  seed: number,
  total: { comparisons: number; searches: number; differences: Difference[] },
): void {
  const random = randomFrom(seed);
  const dim = pick([16, 16, 32, 48, 64, 128, 512, 1024], random);
  // Sizes walk through every remainder; now and then one crosses segments and fills the candidates.
  const size = seed % 20 === 19 ? 1000 + Math.floor(random() * 2500) : seed % 83;
  const chance = random();
  const kinds = chance < 0.4
    ? [pick(Object.keys(templateMakers), random)]
    : chance < 0.5
    ? ["rival", "rival", "rival", "whisper"]
    : chance < 0.7
    ? [pick(["fan", "approach"], random)]
    : Object.keys(templateMakers);
  const gallery = Gallery.create({
    dim,
    capacity: 1 + Math.floor(random() * size),
  });
  const templates = new Map<string, Float32Array>();
  const add = () => {
    const make = templateMakers[pick(kinds, random)]!;
    const known = [...templates.values()].slice(0, 20);
    const template = make(dim, random, known, templates.size / size);
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
      1,
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
    [...templates].map(([id, template]): Match => ({
      id,
      score: score(probe, template),
    }))
      .sort(compareMatches)
  );
  const check = (
    what: string,
    found: Match[],
    index: number,
    options: SearchOptions,
  ) => {
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
  const ks = [
    1,
    2,
    5,
    1 + Math.floor(random() * 40),
    Math.max(1, size - 1),
    size + 1,
  ]
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
function optionsFor(
  k: number,
  ranked: readonly Match[],
  random: Random,
): SearchOptions {
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
