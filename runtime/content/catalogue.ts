/**
 * What a store knows of its goods: the things they are made of and the shelves they stand on with
 * their names in several languages, the brands, and the products with their numbers.
 */
import { z } from "zod";
import { RuntimeError } from "../errors.ts";
import { limits } from "../limits.ts";
import { gtin14 } from "./gtin.ts";
import { languages } from "./languages.ts";

const name = z.string().min(1).max(80);
const names = z.partialRecord(z.enum(languages), z.array(name).min(1).max(16));
const conceptId = z.string().max(60).regex(
  /^(category|ingredient)\/[a-z0-9-]+$/,
  "write category/NAME or ingredient/NAME",
);
const brandId = z.string().max(60).regex(/^brand\/[a-z0-9-]+$/, "write brand/NAME");

const concept = z.strictObject({
  id: conceptId,
  labels: names.describe("Singular nouns, by language; plurals and cases are known."),
  broader: z.array(conceptId).max(4).default([]).describe("What it is a kind of."),
  common: names.optional().describe("Labels that are ordinary words too: they need company."),
  not: names.optional().describe("Words and phrases that hold a label and mean something else."),
  cues: names.optional().describe("Words beside which a common label means this."),
});

const brand = z.strictObject({
  id: brandId,
  name,
  common: z.array(z.enum(languages)).max(languages.length).default([])
    .describe("Languages in which the name is an ordinary word or place."),
});

const product = z.strictObject({
  gtin: z.string().transform((digits, context) => {
    const number = gtin14(digits);
    if (number !== undefined) return number;
    context.addIssue(`${digits.slice(0, 20)} is no GTIN with a right check digit`);
    return z.NEVER;
  }),
  name: z.partialRecord(z.enum(languages), name),
  brand: brandId.optional(),
  about: z.array(conceptId).max(32).default([]).describe(
    "Its categories and ingredients, what it is first.",
  ),
});

const catalogueSchema = z.strictObject({
  concepts: z.array(concept).max(limits.concepts),
  brands: z.array(brand).max(limits.brands),
  products: z.array(product).max(limits.products),
});

export type Concept = z.output<typeof concept>;
export type Brand = z.output<typeof brand>;
export type Product = z.output<typeof product>;

export interface Catalogue {
  readonly concepts: ReadonlyMap<string, Concept>;
  readonly brands: ReadonlyMap<string, Brand>;
  /** By GTIN, 14 digits. */
  readonly products: ReadonlyMap<string, Product>;
}

function unusable(where: string, what: string): RuntimeError {
  return new RuntimeError("config_invalid", `catalogue ${where}: ${what}`);
}

function byId<T>(where: string, things: readonly T[], id: (thing: T) => string): Map<string, T> {
  const all = new Map(things.map((thing) => [id(thing), thing]));
  if (all.size === things.length) return all;
  const twice = things.map(id).find((one, place, ids) => ids.indexOf(one) !== place);
  throw unusable(where, `${twice} is there twice; take one out`);
}

/**
 * A catalogue from the text of its file. Throws `RuntimeError` of kind `config_invalid` that names
 * the file and the place.
 */
export function parseCatalogue(text: string, where: string): Catalogue {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw unusable(where, "is not JSON; look for a missing comma, quote or bracket");
  }
  const parsed = catalogueSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw unusable(where, `${issue?.path.join(".") || "the file"}: ${issue?.message ?? "wrong"}`);
  }
  const concepts = byId(where, parsed.data.concepts, ({ id }) => id);
  const brands = byId(where, parsed.data.brands, ({ id }) => id);
  const products = byId(where, parsed.data.products, ({ gtin }) => gtin);
  const known = (id: string, by: string) => {
    if (!concepts.has(id) && !brands.has(id)) throw unusable(where, `${by} names ${id}; add it`);
  };
  for (const { id, broader } of concepts.values()) for (const one of broader) known(one, id);
  for (const { gtin, brand, about } of products.values()) {
    for (const one of brand === undefined ? about : [brand, ...about]) known(one, gtin);
  }
  return { concepts, brands, products };
}

/** A concept's ancestors, each with how many steps away it is; a circle ends where it began. */
export function ancestors({ concepts }: Catalogue, id: string): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  let now = [id];
  for (let steps = 1; now.length > 0; steps++) {
    now = now.flatMap((one) => concepts.get(one)?.broader ?? [])
      .filter((one) => one !== id && !found.has(one));
    for (const one of now) found.set(one, steps);
  }
  return found;
}
