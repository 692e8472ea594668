/** What a simulated aisle is made of, how busy it is, and what is told of it. */
import type { PlanPlate, PlateGoods } from "./plate.ts";

/** What a configuration knows of an aisle. */
export interface AislePlan {
  readonly gates: readonly { readonly id: string; readonly ways: "in" | "out" | "both" }[];
  readonly plates: readonly PlanPlate[];
  readonly goods: readonly PlateGoods[];
}

/** How busy the aisle is. Times are means. */
export interface AislePace {
  readonly away_ms: number;
  readonly dwell_ms: number;
  /** How long somebody holds a code before a gate. */
  readonly patience_ms: number;
  readonly walk_metres_per_s: number;
  readonly inside_at_most: number;
  readonly stops_at_most: number;
  /** The share of those who take nothing. */
  readonly looks_only: number;
  /** Shares of what was taken that goes back, and of that, where it does not belong. */
  readonly puts_back: number;
  readonly misplaces: number;
}

export const usualPace: AislePace = {
  away_ms: 6_000,
  dwell_ms: 1_200,
  patience_ms: 10_000,
  walk_metres_per_s: 1.4,
  inside_at_most: 3,
  stops_at_most: 3,
  looks_only: 0.12,
  puts_back: 0.25,
  misplaces: 0.1,
};

/** What happens in the aisle. */
export type AisleTold =
  & { readonly shopper: string; readonly at_ms: number }
  & (
    | { readonly type: "shows_code" | "turned_away"; readonly gate: string }
    | { readonly type: "enters"; readonly gate: string; readonly track: string }
    | { readonly type: "takes" | "puts_back"; readonly gtin: string; readonly plate: string }
    | {
      readonly type: "walks_out";
      readonly gate: string;
      /** Units of each product: the truth. */
      readonly holds: Readonly<Record<string, number>>;
    }
  );
