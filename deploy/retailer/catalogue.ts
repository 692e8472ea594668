/** What the shop sells: products with their numbers, prices, taxes, deposits and ages, and the
 * promotions that apply to them. Money is in minor units; tax in basis points. */

export interface Product {
  readonly sku: string;
  readonly gtin: string;
  readonly name: string;
  readonly brand: string;
  readonly category: string;
  readonly price_minor: number;
  readonly tax_basis_points: number;
  readonly deposit_minor?: number;
  /** Youngest who may buy it. */
  readonly age_over?: number;
  readonly unit_g: number;
}

export type Promotion =
  | { readonly kind: "percentage"; readonly sku: string; readonly basis_points: number }
  | { readonly kind: "fixed"; readonly sku: string; readonly off_minor: number }
  /** For every so many, one is free. */
  | { readonly kind: "one_free"; readonly sku: string; readonly of: number };

export interface Catalogue {
  readonly currency: string;
  readonly products: readonly Product[];
  readonly promotions: readonly Promotion[];
}

const reduced = 700, standard = 1_900;

/** A small shop; numbers are from the range that is free for use within a store. */
export const sampleCatalogue: Catalogue = {
  currency: "EUR",
  products: [
    product("TEA-01", "2000000000015", "Green tea", "Nordlicht", "tea", 349, reduced, 125),
    product("TEA-02", "2000000000022", "Black tea", "Nordlicht", "tea", 329, reduced, 160),
    product("COF-01", "2000000000039", "Coffee beans", "Sankt Pauli", "coffee", 899, reduced, 520),
    product("OIL-01", "2000000000046", "Olive oil", "Fattoria", "oil", 1_199, reduced, 950),
    product("PAS-01", "2000000000053", "Spaghetti", "Fattoria", "pasta", 179, reduced, 505),
    product("SAU-01", "2000000000060", "Tomato sauce", "Fattoria", "sauce", 229, reduced, 610),
    product("CHO-01", "2000000000077", "Dark chocolate", "Kakaohaus", "sweets", 249, reduced, 106),
    product("MIL-01", "2000000000084", "Oat drink", "Haferhof", "drinks", 199, standard, 1_040),
    {
      ...product("WAT-01", "2000000000091", "Water", "Quelle", "drinks", 99, standard, 1_045),
      deposit_minor: 25,
    },
    {
      ...product("BEE-01", "2000000000107", "Pale ale", "Hafenbräu", "beer", 189, standard, 890),
      deposit_minor: 8,
      age_over: 16,
    },
    {
      ...product("WIN-01", "2000000000114", "Red wine", "Cascina", "wine", 799, standard, 1_250),
      age_over: 18,
    },
    product("SOA-01", "2000000000121", "Soap", "Seifert", "care", 299, standard, 102),
  ],
  promotions: [
    { kind: "percentage", sku: "COF-01", basis_points: 1_000 },
    { kind: "fixed", sku: "OIL-01", off_minor: 200 },
    { kind: "one_free", sku: "CHO-01", of: 3 },
  ],
};

function product(
  sku: string,
  gtin: string,
  name: string,
  brand: string,
  category: string,
  price_minor: number,
  tax_basis_points: number,
  unit_g: number,
): Product {
  return { sku, gtin, name, brand, category, price_minor, tax_basis_points, unit_g };
}
