/** A closed cart: its lines with the evidence of each, or what a person must look at. */
import type { Holding } from "./holding.ts";

/** What was seen of a change of weight. */
export interface Evidence {
  readonly plate: string;
  readonly began_ms: number;
  readonly settled_ms: number;
  readonly delta_g: number;
  /** Who was there, likeliest first: how sure it is that the track was that shopper, whether a
   * hand was seen, and how far away he stood. */
  readonly actors: readonly {
    readonly cart: string;
    readonly track: string;
    readonly share: number;
    readonly reached: boolean;
    readonly distance_m?: number;
  }[];
}

export interface Line {
  readonly gtin: string;
  readonly units: number;
  /** Probability that the cart holds exactly so many. */
  readonly confidence: number;
  readonly evidence: readonly Evidence[];
}

export interface Closed {
  readonly cart: string;
  /** `review`: a person decides; `alternatives` says between what. */
  readonly outcome: "certain" | "review";
  readonly why?: "ambiguous" | "bag_too_light";
  /** Probability that all lines are right. */
  readonly confidence: number;
  readonly lines: readonly Line[];
  readonly alternatives: readonly {
    readonly share: number;
    readonly units: Readonly<Record<string, number>>;
  }[];
}

/** What a cart may hold: with its share. */
interface Candidate {
  readonly share: number;
  readonly holding: Holding;
}

/** Alternatives that a person is shown. */
const shown = 4;

export function closedOf(
  cart: string,
  certain: boolean,
  too_light: boolean,
  candidates: readonly Candidate[],
  evidence: ReadonlyMap<string, Evidence>,
): Closed {
  const [likeliest] = candidates;
  const lines = [...likeliest?.holding.units ?? []].toSorted(([a], [b]) => a < b ? -1 : 1)
    .map(([gtin, units]): Line => ({
      gtin,
      units,
      confidence: candidates.filter(({ holding }) => holding.count(gtin) === units)
        .reduce((sum, { share }) => sum + share, 0),
      evidence: likeliest!.holding.steps.filter((step) => step.gtin === gtin)
        .flatMap(({ change }) => evidence.get(change) ?? []),
    }));
  return {
    cart,
    outcome: certain ? "certain" : "review",
    ...(certain ? {} : { why: too_light ? "bag_too_light" : "ambiguous" }),
    confidence: likeliest?.share ?? 0,
    lines,
    alternatives: certain ? [] : candidates.slice(0, shown).map(({ share, holding }) => ({
      share,
      units: Object.fromEntries(holding.units),
    })),
  };
}
