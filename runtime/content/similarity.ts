/**
 * How near two annotations are: the cosine c of their vectors, or (1 + c) / 2 when both name the
 * same product by its number. A component is how sure the thing is, times what its kind tells,
 * times how rare it is among the content (inverse document frequency, ln(1 + N / n)); what is
 * broader than a thing counts for half of it at each step. Cosine over tf-idf: Salton and Buckley,
 * Term-weighting approaches in automatic text retrieval, 1988.
 */
import { ancestors, type Catalogue } from "./catalogue.ts";

/** How sure each thing is, 0 to 1, by entity. */
export type Annotation = ReadonlyMap<string, number>;

/** What one entity adds to the similarity of two. */
export interface Shared {
  readonly entity: string;
  readonly share: number;
}

export interface Comparison {
  /** 0 to 1. */
  readonly similarity: number;
  /** What both are about, the number first, then the weightiest; shares of the cosine. */
  readonly shared: readonly Shared[];
}

/** What is broader counts for this much of the narrower, at each step. */
const broader = 0.5;
/** A brand says little about what a thing is. A number names one product and nothing like it, and
 * is no part of the vector. */
const kindWeights: Readonly<Record<string, number>> = { gtin: 0, brand: 0.4 };
const kindOf = (entity: string) => entity.slice(0, entity.indexOf("/"));
const kindWeight = (entity: string) => kindWeights[kindOf(entity)] ?? 1;

/** The annotation with what its things are kinds of. */
export function expanded(catalogue: Catalogue, annotation: Annotation): Annotation {
  const all = new Map(annotation);
  for (const [entity, sure] of annotation) {
    for (const [above, steps] of ancestors(catalogue, entity)) {
      all.set(above, Math.max(all.get(above) ?? 0, sure * broader ** steps));
    }
  }
  return all;
}

/** In how many expanded annotations each entity is. */
export class Frequencies {
  readonly #count = new Map<string, number>();
  #total = 0;

  add(annotation: Annotation): void {
    this.#total++;
    for (const entity of annotation.keys()) {
      this.#count.set(entity, (this.#count.get(entity) ?? 0) + 1);
    }
  }

  /** Nothing where no content has it: what can link to nothing tells nothing apart. */
  weight(entity: string): number {
    const count = this.#count.get(entity);
    return count === undefined ? 0 : kindWeight(entity) * Math.log(1 + this.#total / count);
  }
}

const length = (annotation: Annotation, by: Frequencies) =>
  Math.hypot(...[...annotation].map(([entity, sure]) => sure * by.weight(entity)));

/** Compares two expanded annotations. */
export function compare(one: Annotation, other: Annotation, by: Frequencies): Comparison {
  const numbered = [...one.keys()].find((entity) => kindOf(entity) === "gtin" && other.has(entity));
  const lengths = length(one, by) * length(other, by);
  const products = [...one].flatMap(([entity, sure]): Shared[] => {
    const product = sure * (other.get(entity) ?? 0) * by.weight(entity) ** 2;
    return product === 0 ? [] : [{ entity, share: product / lengths }];
  });
  const cosine = Math.min(1, products.reduce((sum, { share }) => sum + share, 0));
  const shared = products.map(({ entity, share }) => ({ entity, share: share / cosine }))
    .sort((a, b) => b.share - a.share || (a.entity < b.entity ? -1 : 1));
  if (numbered === undefined) return { similarity: cosine, shared };
  return { similarity: (1 + cosine) / 2, shared: [{ entity: numbered, share: 1 }, ...shared] };
}
