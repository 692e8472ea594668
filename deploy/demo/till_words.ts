/**
 * What a till says to its lane and hears of it, whatever way there is between them: over HTTP in a
 * store, and by a call in a simulation.
 */
import { z } from "zod";
import type { KeyedKind } from "../../actors/asked.ts";
import type { WantedChange } from "../../actors/messages.ts";
import type { LineRequest } from "../../runtime/counter.ts";

export interface TillSale {
  readonly poi_id: string;
  readonly sale_id: string;
  /** Ten characters at most; never used for another sale. */
  readonly service_id: string;
  readonly amount_minor: number;
  readonly currency: string;
  readonly items: readonly LineRequest[];
  /** The till takes a part of it, and the rest otherwise. */
  readonly accept_partial?: boolean;
}

/** Money that a shopper is to have back. */
export interface TillRefund {
  /** The try: never used for another refund. */
  readonly service_id: string;
  readonly reason: string;
  readonly amount_minor: number;
}

/** Account data that a shopper wants changed. */
export interface TillChange {
  /** The try: never used for another change. */
  readonly service_id: string;
  readonly initials: string;
  readonly wanted: WantedChange;
}

/** The part of the gateway's answer that a till reads. */
export const saleAnswer = z.object({
  payment: z.string().min(1),
  state: z.string(),
  /** Goods may go at `captured` and at `accepted_offline`. */
  outcome: z.enum([
    "captured",
    "declined",
    "cancelled",
    "reversed",
    "accepted_offline",
    "refused_late",
  ]).nullable(),
  reason: z.string().nullable(),
  receipt: z.string().nullable(),
  /** What is charged: less than was asked where lines were taken out or a part was agreed to. */
  charge_minor: z.int(),
  dropped: z.array(z.string()),
  restricted: z.array(z.object({ item: z.int(), name: z.string(), eligible: z.boolean() })),
  candidates: z.array(
    z.object({ visit: z.string(), initials: z.string(), first_name: z.string() }),
  ),
});
export type SaleAnswer = z.infer<typeof saleAnswer>;

export const refundAnswer = z.object({
  refund: z.string().min(1),
  payment: z.string(),
  outcome: z.enum(["refunded", "refused"]).nullable(),
  reason: z.string(),
  amount_minor: z.int(),
});
export type RefundAnswer = z.infer<typeof refundAnswer>;

export const changeAnswer = z.object({
  change: z.string().min(1),
  outcome: z.enum(["applied", "refused", "withdrawn"]).nullable(),
  reason: z.string(),
  effective_at_ms: z.int().nullable(),
});
export type ChangeAnswer = z.infer<typeof changeAnswer>;

/** Decided by somebody who has signed in. */
export type Decision =
  | { readonly say: "select"; readonly payment: string; readonly visit: string }
  | { readonly say: "cancel"; readonly payment: string }
  | { readonly say: "confirm"; readonly payment: string }
  | {
    readonly say: "drop";
    readonly payment: string;
    readonly drop: readonly number[];
    /** Lines that had been taken out when this was decided. */
    readonly dropped: number;
  };
/** About a sale that is under way. */
export type SaleWord =
  | Decision
  | { readonly say: "look"; readonly payment: string; readonly wait_ms: number }
  | {
    readonly say: "answer";
    readonly payment: string;
    readonly kind: KeyedKind;
    readonly answer: string;
  };

/** What a till says to its lane. */
export type TillWord =
  | SaleWord
  | { readonly say: "open"; readonly sale: TillSale }
  | {
    readonly say: "refund";
    readonly payment: string;
    readonly refund: TillRefund;
    readonly wait_ms: number;
  }
  | { readonly say: "change"; readonly change: TillChange; readonly wait_ms: number }
  | { readonly say: "forget_change"; readonly change: string };

/** Nobody there, the lane is at another sale or past that point, or how it stands. */
export type TillHears = SaleAnswer | RefundAnswer | ChangeAnswer | "away" | "busy";

/** Rejects with `RuntimeError` `request_invalid` when the gateway will not have it, and with any
 * other error when the connection breaks. */
export type TillSay = (word: TillWord, signal: AbortSignal) => Promise<TillHears>;
