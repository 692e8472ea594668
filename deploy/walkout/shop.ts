/**
 * A walk-out store for evaluations: aisles of plates in rows, and goods on them that a scale can
 * tell apart, drawn by a seed.
 */
import type { Chance } from "../../hardware/simulated/chance.ts";
import { goods } from "./noise.ts";

/** A product as it really is, and as its catalogue says. */
export interface Good {
  readonly gtin: string;
  readonly true_unit_g: number;
  readonly deviation_g: number;
  readonly catalogue_unit_g: number;
}

export interface ShopPlate {
  readonly id: string;
  readonly x_m: number;
  readonly y_m: number;
  readonly stock: Readonly<Record<string, number>>;
}

export interface Shop {
  readonly goods: ReadonlyMap<string, Good>;
  readonly plates: readonly ShopPlate[];
  readonly width_m: number;
  readonly depth_m: number;
}

export interface Size {
  readonly aisles: number;
  readonly bays: number;
  readonly levels: number;
  readonly kinds: number;
  /** Of each kind. */
  readonly units: number;
}

/** 120 plates on some 51 square metres: a small grocery. */
export const usualSize: Size = { aisles: 3, bays: 5, levels: 4, kinds: 3, units: 8 };
const bay_m = 0.9, aisle_m = 1.8, gondola_m = 0.8;
const pitch_m = aisle_m + gondola_m;
/** Kinds on one plate differ by at least this share of the lighter one: the planogram's rule. */
const apart = 0.18;

/** Check digit by GS1's General Specifications, section 7.9. */
export function gtin13(twelve: string): string {
  const sum = [...twelve].reduce(
    (all, digit, at) => all + Number(digit) * (at % 2 === 0 ? 1 : 3),
    0,
  );
  return `${twelve}${(10 - sum % 10) % 10}`;
}

/** How wide and deep the store is, with the way along its doors. */
function extentOf({ aisles, bays }: Size) {
  return { width_m: aisles * pitch_m, depth_m: 2 + bays * bay_m };
}

/** Its floor. */
export function floorOf(size: Size): number {
  const { width_m, depth_m } = extentOf(size);
  return width_m * depth_m;
}

/** The deviation that the law on prepackages implies for a nominal weight. */
function deviationOf(unit_g: number): number {
  const [, error] = goods.tolerable_negative_error.find(([bound]) => unit_g <= bound)!;
  return (error < 1 ? error * unit_g : error) / goods.deviations_in_error;
}

export function shopOf(chance: Chance, size: Size = usualSize): Shop {
  const known = new Map<string, Good>();
  const plates: ShopPlate[] = [];
  const stockOf = () => {
    const weights: number[] = [];
    while (weights.length < size.kinds) {
      // Weights of packages in a grocery spread over two decades, most of some hundred grams.
      const weight = Math.round(Math.exp(chance.normal(5.8, 0.8)));
      const fits = weights.every((other) =>
        Math.abs(weight - other) > Math.max(apart * Math.min(weight, other), 16)
      );
      if (weight >= 25 && weight <= 2_500 && fits) weights.push(weight);
    }
    const stock: Record<string, number> = {};
    for (const true_unit_g of weights) {
      const gtin = gtin13(`200${String(known.size).padStart(9, "0")}`);
      const deviation_g = deviationOf(true_unit_g);
      const catalogue_unit_g = chance.normal(
        true_unit_g,
        deviation_g / Math.sqrt(goods.pieces_weighed_for_catalogue),
      );
      known.set(gtin, { gtin, true_unit_g, deviation_g, catalogue_unit_g });
      stock[gtin] = size.units;
    }
    return stock;
  };
  for (let aisle = 0; aisle < size.aisles; aisle++) {
    for (const side of [0, 1]) {
      for (let bay = 0; bay < size.bays; bay++) {
        for (let level = 0; level < size.levels; level++) {
          plates.push({
            id: `${aisle + 1}${side === 0 ? "L" : "R"}${bay + 1}-${level + 1}`,
            x_m: aisle * pitch_m + (side === 0 ? 0.4 : aisle_m - 0.4),
            y_m: 1 + (bay + 0.5) * bay_m,
            stock: stockOf(),
          });
        }
      }
    }
  }
  return { goods: known, plates, ...extentOf(size) };
}
