/** One run of a store against the tracker: how many carts came out exactly right, how many went to
 * a person, how many were wrong without anybody's knowing, and why. */
import { Carts } from "../../runtime/tracking/carts.ts";
import { type Beliefs, beliefs as usualBeliefs } from "../../runtime/tracking/beliefs.ts";
import type { Closed } from "../../runtime/tracking/closed.ts";
import { planogramOf } from "../../runtime/tracking/planogram.ts";
import type { Reading } from "../../runtime/tracking/readings.ts";
import { type Setting, WalkOutFloor } from "./floor.ts";
import type { Deed } from "./people.ts";
import type { Shop } from "./shop.ts";

export interface Result {
  trips: number;
  exact: number;
  review: number;
  confident_wrong: number;
  /** In review, and the likeliest alternative was right all the same. */
  review_right: number;
  readings: number;
  readonly causes: Record<string, number>;
}

export const nothing = (): Result => ({
  trips: 0,
  exact: 0,
  review: 0,
  confident_wrong: 0,
  review_right: 0,
  readings: 0,
  causes: {},
});

export function planogramOfShop(shop: Shop, beliefs: Beliefs) {
  const products = [...shop.goods.values()].map(({ gtin, catalogue_unit_g, deviation_g }) => ({
    gtin,
    unit_g: catalogue_unit_g,
    deviation_g,
  }));
  return planogramOf(products, shop.plates, beliefs.scale_deviation_g);
}

/** Lets a reading through, changed, or not at all. */
export type Filter = (reading: Reading) => Reading | undefined;

/** Runs one session and adds it to the result. `told` hears of every cart that was not exact. */
export function session(
  seed: number | string,
  setting: Setting,
  result: Result,
  options: {
    readonly beliefs?: Beliefs;
    readonly filter?: Filter;
    readonly told?: (
      closed: Closed,
      truth: ReadonlyMap<string, number>,
      floor: WalkOutFloor,
    ) => void;
  } = {},
): void {
  const beliefs = options.beliefs ?? usualBeliefs;
  const floor = new WalkOutFloor(seed, setting);
  const closed = new Map<string, Closed>();
  const carts = new Carts(planogramOfShop(floor.shop, beliefs), beliefs, (cart) => {
    closed.set(cart.cart, cart);
  });
  for (const reading of floor.readings()) {
    const passed = options.filter === undefined ? reading : options.filter(reading);
    result.readings++;
    if (passed !== undefined) carts.take(passed);
  }
  for (const { cart, units } of floor.trips) {
    const outcome = closed.get(cart);
    if (outcome === undefined) throw new Error(`seed ${seed}: ${cart} was never closed`);
    result.trips++;
    const wrong = differences(outcome, units);
    if (outcome.outcome === "review") {
      result.review++;
      if (wrong.length === 0) result.review_right++;
    } else if (wrong.length === 0) result.exact++;
    else result.confident_wrong++;
    if (outcome.outcome === "certain" && wrong.length === 0) continue;
    const cause = causeOf(cart, wrong, outcome, floor.deeds);
    result.causes[cause] = (result.causes[cause] ?? 0) + 1;
    options.told?.(outcome, units, floor);
  }
}

/** Products of which the cart has another number than there were. */
function differences(closed: Closed, units: ReadonlyMap<string, number>): string[] {
  const found = new Map(closed.lines.map((line) => [line.gtin, line.units]));
  const gtins = new Set([...found.keys(), ...units.keys()]);
  return [...gtins].filter((gtin) => found.get(gtin) !== units.get(gtin));
}

/** Why a cart came out otherwise: what was hard about the deeds with the products in question. */
function causeOf(
  cart: string,
  wrong: readonly string[],
  closed: Closed,
  deeds: readonly Deed[],
): string {
  const disputed = new Set([
    ...wrong,
    ...closed.lines.filter(({ confidence }) => confidence < 0.99).map(({ gtin }) => gtin),
    ...closed.alternatives.flatMap(({ units }) =>
      Object.keys(units).filter((gtin) =>
        closed.alternatives.some((other) => other.units[gtin] !== units[gtin])
      )
    ),
  ]);
  const concerned = deeds.filter(({ gtin }) => disputed.has(gtin));
  const own = concerned.filter((deed) => deed.cart === cart);
  const among = own.length > 0 ? own : concerned;
  const together = among.some((deed) =>
    deeds.some((other) =>
      other.cart !== deed.cart && other.plate === deed.plate &&
      Math.abs(other.at_ms - deed.at_ms) < 3_000
    )
  );
  if (among.some(({ exchanged }) => exchanged)) return "identities exchanged";
  if (together) return "two people at once";
  if (among.some(({ home, units }) => !home && units < 0)) return "put on another plate";
  if (among.some(({ hand }) => hand === "neighbour")) return "hand given to a neighbour";
  if (among.some(({ hand }) => hand === "missed")) return "hand not seen";
  if (among.some(({ crowded }) => crowded)) return "crowded";
  return among.length === 0 ? "nobody's deed" : "weights alike";
}
