/**
 * What a change of weight may have been: which products, how many, taken or put back, by one or by
 * two people, each with the logarithm of its likelihood.
 */
import type { Beliefs } from "./beliefs.ts";
import type { Product } from "./planogram.ts";

/** Units of a product; negative ones left the plate. */
export interface Part {
  readonly product: Product;
  readonly units: number;
}

/** A change of so many grams, and the deviation of that. */
export interface Weighed {
  readonly delta_g: number;
  readonly deviation_g: number;
}

/** One way to read a change. An empty one says that nothing was taken or put. */
export interface ChangeReading {
  readonly parts: readonly Part[];
  readonly weight: number;
}

/** A density so small, for a change of any weight up to some kilograms. */
const any_weight = -Math.log(4_000);
/** What somebody puts back is one of some things that he holds. */
const one_of_held = Math.log(4);
/** Readings kept, and how far one may be behind the best, in nats. */
const most = 32;
const behind = 18;
/** A reading off by more deviations is none. */
const furthest = 5;

/** Ways to read a change of so many grams. `here` lies on the plate or should; `held` is in
 * somebody's hands. */
export function readingsOf(
  change: Weighed,
  here: readonly Product[],
  held: readonly Product[],
  beliefs: Beliefs,
): ChangeReading[] {
  const one_of_here = -Math.log(Math.max(1, here.length));
  const taken = here.flatMap((product) =>
    singles(product, -1, beliefs).map((one) => ({ ...one, weight: one.weight + one_of_here }))
  );
  const put = held.flatMap((product) => {
    const home = here.includes(product);
    const where = Math.log(home ? 1 - beliefs.misplaced : beliefs.misplaced) - one_of_held;
    return singles(product, 1, beliefs).map((one) => ({ ...one, weight: one.weight + where }));
  });
  const all = [...taken, ...put];
  const found: ChangeReading[] = [{
    parts: [],
    weight: Math.log(beliefs.unexplained) + any_weight,
  }];
  const consider = (parts: readonly Part[], prior: number) => {
    const fit = fitOf(change, parts);
    if (fit !== undefined) found.push({ parts, weight: prior + fit });
  };
  for (const { part, weight } of all) consider([part], weight);
  for (const [index, one] of all.entries()) {
    for (const other of all.slice(index)) {
      consider([one.part, other.part], one.weight + other.weight);
    }
  }
  found.sort((a, b) => b.weight - a.weight);
  return found.slice(0, most).filter(({ weight }) => weight > found[0]!.weight - behind);
}

interface Single {
  readonly part: Part;
  readonly weight: number;
}

function singles(product: Product, sign: 1 | -1, { units, put_back }: Beliefs): Single[] {
  const direction = Math.log(sign === 1 ? put_back : 1 - put_back);
  return units.map((share, index) => ({
    part: { product, units: sign * (index + 1) },
    weight: Math.log(share) + direction,
  }));
}

/** Logarithm of the density of such a change if that was it; undefined when it cannot be. */
export function fitOf(
  { delta_g, deviation_g }: Weighed,
  parts: readonly Part[],
): number | undefined {
  let mean_g = 0;
  let variance = deviation_g ** 2;
  for (const { product, units } of parts) {
    mean_g += units * product.unit_g;
    variance += Math.abs(units) * product.deviation_g ** 2;
  }
  const off = (delta_g - mean_g) ** 2 / variance;
  if (off > furthest ** 2) return;
  return -0.5 * (off + Math.log(2 * Math.PI * variance));
}
