/**
 * The port between those who ask at a lane and the counter that answers: what a sale is to a POS,
 * what may be decided about it, and what whoever stands there is asked to show or say. `intake`
 * fills it, `http` calls it.
 */
import type { Item, KeyedKind, WantedChange } from "../actors/messages.ts";
import type { ActorView, Posted } from "./engine/engine.ts";
import type { ChallengeState } from "./world.ts";

/** How the POS names a try; `service_id` is unique per POI within 48 hours (nexo, ServiceID). */
export interface PosIdentifiers {
  readonly poi_id: string;
  readonly sale_id: string;
  readonly service_id: string;
}

/** A sale as a POS asks for it. */
export interface SaleRequest extends PosIdentifiers {
  readonly amount_minor: number;
  readonly currency: string;
  readonly items: readonly LineRequest[];
  /** The till takes a part, and the rest otherwise. */
  readonly accept_partial?: boolean;
}

/** Lines to take out of a basket. */
export interface Drop {
  /** By their place in it. */
  readonly items: readonly number[];
  /** Lines that had been taken out when this was decided: said again, it takes no others out. */
  readonly dropped?: number | undefined;
}

/** A line as a POS gives it: what it needs, or a category that says so. */
export interface LineRequest extends Item {
  readonly category?: string;
}

/** A change of account data as a lane asks for it, of one visit or of one with these initials. */
export interface ChangeAsked {
  /** The try; the same again is the same change. */
  readonly service_id: string;
  readonly visit?: string;
  readonly initials?: string;
  readonly operator: string;
  readonly wanted: WantedChange;
}

/** Changes of account data at a lane. Rejections are `RuntimeError`s. */
export interface Changes {
  /** Rejects with `not_found` (no such lane), `busy` (the lane is at a sale), or `request_invalid`
   * where nobody is meant who is here, or several are. */
  request(lane: string, asked: ChangeAsked): Promise<{ change: string }>;
  /** Undefined when there is none of that id at that lane. */
  change(lane: string, change: string): ActorView | undefined;
  /** Rejects with `not_found`; `accepted` is false when it has ended. */
  cancel(lane: string, change: string, operator: string): Promise<Posted>;
}

/** The counter's side of the gateway. Rejections are `RuntimeError`s. */
export interface Counter {
  /**
   * Opens the sale at the lane, or finds the one that this try opened before. Rejects with
   * `RuntimeError` `request_invalid` (amounts that do not add up, another currency, a known try
   * with other contents), `not_found` (no such lane) or `busy` (the lane is at another sale).
   */
  requestSale(lane: string, request: SaleRequest): Promise<{ payment: string }>;
  /** Undefined when there is none of that id at that lane. */
  payment(lane: string, payment: string): ActorView | undefined;
  /** Rejects with `not_found`; `accepted` is false when the payment is past that point. */
  select(lane: string, payment: string, visit: string, operator: string): Promise<Posted>;
  cancel(lane: string, payment: string, operator: string): Promise<Posted>;
  /** The person who stands there is the one whom the issuer calls eligible. */
  confirmEligibility(lane: string, payment: string, operator: string): Promise<Posted>;
  /** Takes lines out of the basket. */
  dropItems(lane: string, payment: string, drop: Drop, operator: string): Promise<Posted>;
  /** Gives money back, or finds the refund that this try asked for before. Rejects with
   * `not_found`, or with `request_invalid` for a payment that is not captured. */
  refund(
    lane: string,
    payment: string,
    request: {
      readonly service_id: string;
      readonly operator: string;
      readonly reason: string;
      /** Without it, all that was charged. */
      readonly amount_minor?: number;
    },
  ): Promise<{ refund: string }>;
  /** What the shopper keyed or said. */
  answer(lane: string, payment: string, kind: KeyedKind, answer: string): Promise<Posted>;
}

/** What somebody at a lane is asked, for the pages that show it. */
export interface LanePrompts {
  /** Asks for so many turns of the head, in place of what was asked before. Rejects with
   * `RuntimeError`: `not_found` for no lane of the store, `stopped` where its camera cannot. */
  askTurns(lane: string, turns: number): Promise<void>;
  /** Where the turns that were asked for last stand; undefined when none were. */
  turns(lane: string): ChallengeState | undefined;
  /** They are asked for a change of account data, beside any sale. */
  proving(lane: string): boolean;
  /** Digits to be said now. */
  digits(lane: string): readonly number[] | undefined;
  /** Calls at each change with its lane, until the result is called. */
  watch(changed: (lane: string) => void): () => void;
}
