/**
 * A store's content, annotated as it comes in, and the best of it beside a product that somebody
 * holds: most similar first, each with the thing that links the two and where its text says so.
 */
import { RuntimeError } from "../errors.ts";
import { limits } from "../limits.ts";
import { ancestors, type Catalogue, type Product } from "./catalogue.ts";
import type { ContentItem, ContentPart } from "./document.ts";
import type { Language } from "./languages.ts";
import { createLinker, type Linker, type Mention } from "./link.ts";
import { type Annotation, compare, expanded, Frequencies } from "./similarity.ts";
import { fold, tidyText } from "./words.ts";

/** How much a mention counts by where it stands. */
const fieldWeights: Readonly<Record<ContentPart["field"], number>> = {
  name: 1,
  ingredients: 0.8,
  text: 0.7,
  steps: 0.5,
};
/** What the catalogue says of a product whose page or offer this is. */
const inherited = 0.8;
/** What a product is made of, besides what it is. */
const beside_main = 0.6;
/** Less in common than this is chance. */
const least_similarity = 0.15;

export interface AnnotatedPart extends ContentPart {
  readonly mentions: readonly Mention[];
}

export interface AnnotatedItem {
  readonly item: ContentItem;
  readonly parts: readonly AnnotatedPart[];
  readonly annotation: Annotation;
}

export interface Match {
  readonly item: AnnotatedItem;
  readonly similarity: number;
  /** What links the two. */
  readonly entity: string;
  readonly share: number;
}

export class Library {
  readonly #linker: Linker;
  readonly #items = new Map<string, AnnotatedItem>();
  readonly #brands: ReadonlyMap<string, string>;
  #frequencies: Frequencies | undefined;

  constructor(readonly catalogue: Catalogue) {
    this.#linker = createLinker(catalogue);
    this.#brands = new Map([...catalogue.brands.values()].map(({ id, name }) => [fold(name), id]));
  }

  get size(): number {
    return this.#items.size;
  }

  items(): readonly AnnotatedItem[] {
    return [...this.#items.values()];
  }

  get(id: string): AnnotatedItem | undefined {
    return this.#items.get(id);
  }

  /** Adds an item or replaces the one of its id. Throws `RuntimeError` `overloaded` when full. */
  put(item: ContentItem): AnnotatedItem {
    if (!this.#items.has(item.id) && this.#items.size >= limits.content_items) {
      throw new RuntimeError(
        "overloaded",
        `there are ${limits.content_items} content items already; take one out first`,
      );
    }
    const annotated = this.#annotate(item);
    this.#items.set(item.id, annotated);
    this.#frequencies = undefined;
    return annotated;
  }

  /** False when there was none. */
  remove(id: string): boolean {
    this.#frequencies = undefined;
    return this.#items.delete(id);
  }

  /** What a text is about, as content would be annotated. */
  mentions(text: string, language: string): readonly Mention[] {
    return this.#linker.mentions(tidyText(text), language);
  }

  /**
   * Content in one of these languages that goes with the product, best first: all of the first
   * language that has any. The product's own page is not content beside it.
   */
  beside(product: Product, languages: readonly Language[], now_ms: number): readonly Match[] {
    const about = expanded(this.catalogue, annotationOf(product));
    for (const language of languages) {
      const found = this.items().filter(({ item }) => item.language === language)
        .filter(({ item }) => isNow(item, now_ms))
        .filter((item) => mayStandBeside(item, product))
        .flatMap((item) => this.#match(about, item));
      if (found.length > 0) {
        return found.sort(better);
      }
    }
    return [];
  }

  /** The product's own page in one of these languages. */
  page(gtin: string, languages: readonly Language[]): AnnotatedItem | undefined {
    const own = this.items().filter(({ item }) => item.kind === "product" && item.gtin === gtin);
    return languages.map((language) => own.find(({ item }) => item.language === language))
      .find((found) => found !== undefined);
  }

  /** Places in an item's text that say the entity, or something that is a kind of it. */
  marks(part: AnnotatedPart, entity: string): readonly Mention[] {
    return part.mentions.filter((mention) =>
      mention.entity === entity || ancestors(this.catalogue, mention.entity).has(entity)
    );
  }

  #match(about: Annotation, item: AnnotatedItem): Match[] {
    const other = expanded(this.catalogue, item.annotation);
    const { similarity, shared } = compare(about, other, this.#weights());
    const [link] = shared;
    if (link === undefined || similarity < least_similarity) return [];
    return [{ item, similarity, ...link }];
  }

  #weights(): Frequencies {
    if (this.#frequencies !== undefined) return this.#frequencies;
    const frequencies = new Frequencies();
    for (const { annotation } of this.#items.values()) {
      frequencies.add(expanded(this.catalogue, annotation));
    }
    return this.#frequencies = frequencies;
  }

  #annotate(item: ContentItem): AnnotatedItem {
    const parts = item.parts.map((part) => ({
      ...part,
      mentions: this.#linker.mentions(part.text, item.language),
    }));
    const annotation = new Map<string, number>();
    const note = (entity: string, sure: number) =>
      annotation.set(entity, Math.max(annotation.get(entity) ?? 0, sure));
    for (const { field, mentions } of parts) {
      for (const { entity, score } of mentions) note(entity, score * fieldWeights[field]);
    }
    const brand = item.brand === undefined ? undefined : this.#brands.get(fold(item.brand));
    if (brand !== undefined) note(brand, 1);
    if (item.gtin !== undefined) {
      note(`gtin/${item.gtin}`, 1);
      const product = this.catalogue.products.get(item.gtin);
      for (const entity of product?.about ?? []) note(entity, inherited);
    }
    return { item, parts, annotation };
  }
}

/** What names the very product comes before what only resembles it. */
function better(one: Match, other: Match): number {
  const named = ({ entity }: Match) => entity.startsWith("gtin/") ? 1 : 0;
  return named(other) - named(one) || other.similarity - one.similarity ||
    (one.item.item.id < other.item.item.id ? -1 : 1);
}

function annotationOf({ gtin, brand, about }: Product): Annotation {
  const [main, ...rest] = about;
  const certain = [`gtin/${gtin}`, brand, main].filter((entity) => entity !== undefined);
  return new Map([
    ...rest.map((entity) => [entity, beside_main] as const),
    ...certain.map((entity) => [entity, 1] as const),
  ]);
}

/** Not a product's own page; and an offer or a notice that names products is for those only. */
function mayStandBeside({ item, annotation }: AnnotatedItem, { gtin }: Product): boolean {
  if (item.kind === "product") return item.gtin !== gtin;
  const numbers = [...annotation.keys()].filter((entity) => entity.startsWith("gtin/"));
  return item.kind === "recipe" || numbers.length === 0 || numbers.includes(`gtin/${gtin}`);
}

const isNow = ({ from_ms = -Infinity, until_ms = Infinity }: ContentItem, now_ms: number) =>
  from_ms <= now_ms && now_ms < until_ms;
