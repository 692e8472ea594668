/**
 * What a change of weight may have been: which products, how many, taken or put back, phase by
 * phase, each way with the logarithm of its likelihood.
 */
import type { Beliefs } from "./beliefs.ts";
import type { Course, Left, Level } from "./course.ts";
import type { Plate, Product } from "./planogram.ts";
import { toldBy } from "./reaches.ts";

/** Units of a product; negative ones left the plate. */
export interface Part {
  readonly product: Product;
  readonly units: number;
}

/** One way to read a change: for each phase what was done in it. Nothing at all in a phase says
 * that somebody only reached or leant. */
export interface ChangeReading {
  readonly phases: readonly (readonly Part[])[];
  readonly weight: number;
}

/** A density so small, for a change of any weight up to some kilograms. */
const any_weight = -Math.log(4_000);
/** Readings kept of one phase and of all, and how far one may be behind the best, in nats. */
const most_between = 96, most = 48;
const behind = 18;
/** Density of a level that was read wrongly. */
const misread = Math.log(0.03 / 2_000);
/** Things of another plate that lie here are taken so seldom, against those that belong here. */
const stray_taken = Math.log(0.1);
/** A reading off by more deviations is none. */
const furthest = 5;

/** Readings of several phases that are held against the whole of the course. */
const most_fitted = 16;
/** Levels and the whole course are believed alike: where one is read wrongly, the other is not. */
const half = Math.log(0.5);
/** A level between hands is off by so much more than it seems in so few of all cases. */
const wide = 4, wide_share = Math.log(0.1);

/** What may have been done in one phase. */
interface Deed {
  readonly parts: readonly Part[];
  readonly mean_g: number;
  readonly variance: number;
  /** How many were moved. */
  readonly packages: number;
  readonly weight: number;
}

interface Way extends Omit<Deed, "parts" | "packages"> {
  readonly phases: readonly (readonly Part[])[];
  readonly left: readonly Left[];
  /** What speaks for it before any weight is looked at. */
  readonly before: number;
}

const start: Way = { phases: [], left: [], mean_g: 0, variance: 0, before: 0, weight: 0 };

/** Ways to read a change of which the plate stood at such levels after each phase, from where it
 * was before. `here` lies on the plate or should; `held` is in somebody's hands. */
export function readingsOf(
  { levels, fits }: Course,
  reaches: readonly number[],
  plate: Plate,
  here: readonly Product[],
  held: readonly Product[],
  beliefs: Beliefs,
): ChangeReading[] {
  const deeds = deedsOf(plate, here, held, beliefs);
  let ways: Way[] = [start];
  for (const [index, level] of levels.entries()) {
    const longer: Way[] = [];
    const told = toldBy(reaches[index]!, beliefs);
    for (const way of ways) {
      for (const deed of deeds) {
        const variance = way.variance + deed.variance;
        const off_g = level.level_g - way.mean_g - deed.mean_g;
        const spread = variance + level.deviation_g ** 2;
        // A level between two hands may be read wrongly altogether; the last is at rest.
        const far = off_g ** 2 > furthest ** 2 * spread;
        if (far && index === levels.length - 1) continue;
        const { mean_g } = deed;
        const weight = deed.weight + told(deed.packages);
        longer.push({
          phases: [...way.phases, deed.parts],
          left: [...way.left, { mean_g, variance: deed.variance }],
          mean_g: way.mean_g + mean_g,
          variance,
          before: way.before + weight,
          weight: way.weight + weight +
            (far ? misread : densityOf(off_g, spread, index < levels.length - 1)),
        });
      }
    }
    ways = likeliest(longer, index === levels.length - 1 ? most : most_between);
  }
  if (fits !== undefined) {
    ways = ways.map((way, index) => ({
      ...way,
      weight: half +
        (index < most_fitted ? either(way.weight, way.before + fits(way.left)) : way.weight),
    }));
  }
  // Nothing that is known: as if every phase were empty, at any level. However unlikely, it is the
  // one that is always possible: of the others nobody may have had what was put back.
  const unknown: ChangeReading = {
    phases: levels.map(() => []),
    weight: Math.log(beliefs.unexplained) + any_weight * levels.length,
  };
  return [...likeliest(ways, most), unknown];
}

/** Logarithm of the sum of what two logarithms stand for. */
const either = (one: number, other: number) =>
  Math.max(one, other) + Math.log1p(Math.exp(-Math.abs(one - other)));

/** Logarithm of the density of a level that is off by so much. */
function densityOf(off_g: number, spread: number, between: boolean): number {
  const near = -0.5 * (off_g ** 2 / spread + Math.log(2 * Math.PI * spread));
  if (!between) return near;
  const wider = wide ** 2 * spread;
  return Math.max(near, wide_share - 0.5 * (off_g ** 2 / wider + Math.log(2 * Math.PI * wider)));
}

function likeliest(ways: Way[], count: number): Way[] {
  ways.sort((a, b) => b.weight - a.weight);
  const least = (ways[0]?.weight ?? 0) - behind;
  return ways.slice(0, count).filter(({ weight }) => weight >= least);
}

function deedsOf(
  plate: Plate,
  here: readonly Product[],
  held: readonly Product[],
  beliefs: Beliefs,
): Deed[] {
  const one_of_here = -Math.log(Math.max(1, here.length));
  const taken = here.flatMap((product) => {
    const home = Object.hasOwn(plate.stock, product.gtin);
    return singles(product, -1, one_of_here + (home ? 0 : stray_taken), beliefs);
  });
  const put = held.flatMap((product) => {
    const home = Object.hasOwn(plate.stock, product.gtin);
    const where = Math.log(home ? 1 - beliefs.misplaced : beliefs.misplaced);
    return singles(product, 1, where, beliefs);
  });
  const all = [...taken, ...put];
  const nothing = {
    parts: [],
    mean_g: 0,
    variance: 0,
    packages: 0,
    weight: Math.log(beliefs.leant_on),
  };
  // More than that at once is not thought of in pairs; two may take the same.
  const few = all.filter(({ parts: [part] }) => part!.units >= -3 && part!.units <= 1);
  const pairs = few.flatMap((one, index) =>
    few.slice(index).map((other, ahead): Deed => ({
      parts: [...one.parts, ...other.parts],
      mean_g: one.mean_g + other.mean_g,
      variance: one.variance + other.variance,
      packages: one.packages + other.packages,
      // Either may be named first.
      weight: one.weight + other.weight + (ahead === 0 ? 0 : Math.LN2),
    }))
  );
  return [nothing, ...all, ...pairs];
}

function singles(
  product: Product,
  sign: 1 | -1,
  prior: number,
  { units, put_back }: Beliefs,
): Deed[] {
  const direction = Math.log(sign === 1 ? put_back : 1 - put_back);
  return units.map((share, index) => ({
    parts: [{ product, units: sign * (index + 1) }],
    mean_g: sign * (index + 1) * product.unit_g,
    variance: (index + 1) * product.deviation_g ** 2,
    packages: index + 1,
    weight: Math.log(share) + direction + prior,
  }));
}

/** Logarithm of the density of such a level if that was done; undefined when it cannot be. */
export function fitOf(
  { level_g, deviation_g }: Level,
  parts: readonly Part[],
): number | undefined {
  let mean_g = 0;
  let variance = deviation_g ** 2;
  for (const { product, units } of parts) {
    mean_g += units * product.unit_g;
    variance += Math.abs(units) * product.deviation_g ** 2;
  }
  const off = (level_g - mean_g) ** 2 / variance;
  if (off > furthest ** 2) return;
  return -0.5 * (off + Math.log(2 * Math.PI * variance));
}
