/**
 * Content as people see it: its texts cut where the thing that links it to the product is named, so
 * that it can be marked, and a sentence on why it is shown.
 */
import { z } from "zod";
import { type AnnotatedPart, type Library } from "./library.ts";
import type { Language } from "./languages.ts";
import { labelOf, nameIn, whyShown } from "./why.ts";

export const segments = z.array(z.object({ text: z.string(), mark: z.boolean() }));
export const contentView = z.object({
  id: z.string(),
  kind: z.enum(["product", "offer", "recipe", "notice"]),
  language: z.string(),
  name: segments,
  text: segments,
  ingredients: segments,
  price: z.object({ amount_minor: z.int(), currency: z.string() }).nullable(),
  personal: z.boolean(),
  link: z.object({ entity: z.string(), label: z.string() }),
  why: z.string(),
});
export type ContentView = z.output<typeof contentView>;
export type Segments = z.output<typeof segments>;

export interface Seen {
  readonly content: string;
  readonly entity: string;
  readonly gtin: string;
  readonly picked: boolean;
}

/** The content beside a product; undefined when it has gone since. */
export function viewOf(library: Library, seen: Seen): ContentView | undefined {
  const found = library.get(seen.content);
  const product = library.catalogue.products.get(seen.gtin);
  if (found === undefined || product === undefined) return undefined;
  const { item, parts } = found;
  // A number is seldom in the text: then what the product is stands for it.
  const says = (entity: string) => parts.some((part) => library.marks(part, entity).length > 0);
  const marked = says(seen.entity) ? seen.entity : product.about[0] ?? seen.entity;
  const cut = (field: AnnotatedPart["field"]): Segments =>
    parts.filter((part) => part.field === field)
      .flatMap((part) => segmentsOf(part, library.marks(part, marked)));
  const link = labelOf(library.catalogue, seen.entity, item.language);
  const name = nameIn(product.name, item.language) ?? seen.gtin;
  const { id, kind, language, personal, price = null } = item;
  return {
    id,
    kind,
    language,
    name: cut("name"),
    text: cut("text"),
    ingredients: cut("ingredients"),
    price,
    personal,
    link: { entity: seen.entity, label: link },
    why: whyShown({ ...seen, language, kind, product: name, link, personal }),
  };
}

/** The text in pieces, those that are named by a place marked. */
function segmentsOf(
  { text }: { readonly text: string },
  places: readonly { readonly start: number; readonly end: number }[],
): Segments {
  const pieces: Segments = [];
  let at = 0;
  for (const { start, end } of places) {
    if (start < at) continue;
    if (start > at) pieces.push({ text: text.slice(at, start), mark: false });
    pieces.push({ text: text.slice(start, end), mark: true });
    at = end;
  }
  if (at < text.length) pieces.push({ text: text.slice(at), mark: false });
  return pieces;
}

export interface ProductView {
  readonly gtin: string;
  readonly name: string;
  readonly brand: string | null;
  readonly about: readonly string[];
  /** Its own page's text. */
  readonly text: string | null;
}

/** A product as a display names it. */
export function productView(
  library: Library,
  gtin: string,
  languages: readonly Language[],
): ProductView | undefined {
  const { catalogue } = library;
  const product = catalogue.products.get(gtin);
  if (product === undefined) return undefined;
  const language = languages.find((one) => product.name[one] !== undefined) ?? languages[0] ?? "en";
  const page = library.page(gtin, languages)?.parts.find(({ field }) => field === "text");
  return {
    gtin,
    name: nameIn(product.name, language) ?? gtin,
    brand: product.brand === undefined ? null : catalogue.brands.get(product.brand)?.name ?? null,
    about: product.about.map((entity) => labelOf(catalogue, entity, language)),
    text: page?.text ?? null,
  };
}
