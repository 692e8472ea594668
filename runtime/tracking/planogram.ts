/**
 * What should lie where: products with the weight of a unit and how it varies, and plates with
 * their place and stock. A planogram that the scales cannot tell apart is refused with its names.
 */
import { RuntimeError } from "../errors.ts";

export interface Product {
  readonly gtin: string;
  /** Mean weight of a unit with its package, and its deviation. */
  readonly unit_g: number;
  readonly deviation_g: number;
}

export interface Plate {
  readonly id: string;
  /** Where one stands before it. */
  readonly x_m: number;
  readonly y_m: number;
  /** Units of each product at the start. */
  readonly stock: Readonly<Record<string, number>>;
}

export interface Planogram {
  readonly products: ReadonlyMap<string, Product>;
  readonly plates: ReadonlyMap<string, Plate>;
}

/** Products of one plate must differ by so many deviations of the lighter one's package and scale
 * together, or only counts could tell them apart. */
const least_apart = 3;

/** Throws `RuntimeError` `config_invalid` when a plate names an unknown product or holds two that
 * no scale can tell apart. */
export function planogramOf(
  products: readonly Product[],
  plates: readonly Plate[],
  scale_deviation_g: number,
): Planogram {
  const known = new Map(products.map((product) => [product.gtin, product]));
  for (const { id, stock } of plates) {
    const here = Object.keys(stock).map((gtin) => {
      const product = known.get(gtin);
      if (product !== undefined) return product;
      throw new RuntimeError("config_invalid", `plate ${id} holds ${gtin}: name that product`);
    }).toSorted((a, b) => a.unit_g - b.unit_g);
    for (const [index, heavier] of here.entries()) {
      const lighter = here[index - 1];
      if (lighter === undefined) continue;
      const spread = Math.hypot(lighter.deviation_g, heavier.deviation_g, scale_deviation_g);
      if (heavier.unit_g - lighter.unit_g >= least_apart * spread) continue;
      throw new RuntimeError(
        "config_invalid",
        `plate ${id} holds ${lighter.gtin} and ${heavier.gtin}, which weigh the same: ` +
          `move one to another plate`,
      );
    }
  }
  return { products: known, plates: new Map(plates.map((plate) => [plate.id, plate])) };
}
