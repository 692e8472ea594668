/**
 * What an actor asks of the world: requests to the issuer that are kept until they are answered,
 * and what is done after the commit and asked again by whoever still wants it.
 */
import type { WantedChange } from "./change_words.ts";
import type { Evidence, Item, KeyedKind } from "./messages.ts";
import type { DurableTripCommand, VolatileTripCommand } from "./walkout.ts";

/** A charge as the issuer is asked for it: at once, or of what was accepted while it was away. */
export type ChargeRequest = {
  readonly payment: string;
  readonly visit: string;
  /** One-time transaction token. Secret. */
  readonly token: string;
  readonly lane: string;
  readonly amount_minor: number;
  readonly currency: string;
  readonly items: readonly Item[];
  readonly evidence: Evidence;
  readonly operator: string;
  /** Who confirmed that the shopper may have what is not for everybody. */
  readonly confirmed_by?: string;
};

/** What goes to the issuer through the outbox: kept until answered, each under its own key. */
export type DurableCommand =
  | DurableTripCommand
  | { readonly type: "issuer.authorise" } & ChargeRequest
  /** Goes on with a charge to which the shopper agreed on the phone. */
  | {
    readonly type: "issuer.conduct";
    readonly payment: string;
    readonly approval: string;
    readonly amount_minor: number;
    readonly currency: string;
  }
  | {
    readonly type: "issuer.attest";
    readonly payment: string;
    readonly visit: string;
    readonly attempt: number;
    readonly needs: readonly string[];
  }
  | {
    readonly type: "issuer.capture";
    readonly payment: string;
    readonly authorisation: string;
    readonly amount_minor: number;
    readonly currency: string;
  }
  /** What was accepted while the issuer was away, under an allowance of its own. */
  | {
    readonly type: "issuer.forward";
    readonly allowance: string;
    /** Secret. */
    readonly proof: string;
    readonly accepted_at_ms: number;
  } & ChargeRequest
  /** The visit is over, and these allowances were not used. */
  | {
    readonly type: "issuer.release";
    readonly visit: string;
    readonly allowances: readonly string[];
  }
  /** Give back what was captured, or a part of it. */
  | {
    readonly type: "issuer.refund";
    readonly refund: string;
    readonly payment: string;
    readonly amount_minor: number;
    readonly currency: string;
    readonly operator: string;
    readonly reason: string;
  }
  /** Announces a change of account data; the issuer answers with a nonce for the proof. */
  | {
    readonly type: "issuer.begin_change";
    readonly change: string;
    readonly lane: string;
    readonly visit: string;
    readonly operator: string;
    /** Personal: the history does not show it. */
    readonly wanted: WantedChange;
  }
  /** Ends it where it is open, and tells how it ended. */
  | { readonly type: "issuer.end_change"; readonly change: string }
  /** Undo whatever the issuer holds for this payment; also when nothing arrived there. */
  | { readonly type: "issuer.reverse"; readonly payment: string; readonly reason: string };

/** What is done after the commit and asked again after a restart by whoever still wants it. */
export type VolatileCommand =
  | VolatileTripCommand
  | {
    readonly type: "issuer.fetch_account_data";
    readonly hardware_id: string;
    readonly code: string;
    /** Secret. */
    readonly nonce: string;
  }
  | {
    readonly type: "radio.advertise";
    readonly hardware_id: string;
    readonly code: string;
    /** Secret: given to the beacon for whoever stands beside it, never on the air. */
    readonly nonce: string;
    readonly until_ms: number;
  }
  /** Which of these visits an answer belongs to. */
  | {
    readonly type: "challenge.check";
    readonly payment: string;
    readonly attempt: number;
    readonly kind: KeyedKind;
    /** Secret. */
    readonly answer: string;
    readonly visits: readonly string[];
  }
  /** Take the face at the pay position from now on, and give it to the issuer to compare. */
  | {
    readonly type: "change.prove";
    readonly change: string;
    readonly lane: string;
    readonly camera: string;
    readonly visit: string;
    /** Secret. */
    readonly nonce: string;
  }
  /** What goes with this product? */
  | {
    readonly type: "content.choose";
    readonly display: string;
    readonly look: number;
    readonly gtin: string;
    readonly languages: readonly string[];
  }
  /** Show it on the phone of this visit as well. */
  | {
    readonly type: "issuer.show_content";
    readonly visit: string;
    readonly gtin: string;
    readonly picked: boolean;
    readonly content: string;
    readonly entity: string;
    readonly personal: boolean;
  }
  /** Ask whoever stands before the camera to turn the head, and tell what came of it. */
  | {
    readonly type: "turn.pose";
    readonly payment: string;
    readonly lane: string;
    readonly attempt: number;
    /** Tries of this payment that failed: the next is harder to guess. */
    readonly failed: number;
  }
  /** Show digits at the lane, hear them spoken, and tell which of these visits spoke. */
  | {
    readonly type: "voice.ask";
    readonly payment: string;
    readonly lane: string;
    readonly microphone: string;
    readonly attempt: number;
    readonly visits: readonly string[];
  }
  /** Listen no longer: the answer was keyed, or none is needed. */
  | { readonly type: "voice.hush"; readonly payment: string; readonly lane: string }
  | { readonly type: "gallery.wipe"; readonly visit: string }
  | { readonly type: "camera.restart"; readonly camera: string }
  /** Forget whoever was seen, and tell anew from frames that are yet to be taken. */
  | { readonly type: "camera.look_again"; readonly camera: string; readonly glance: number };

export type Command = DurableCommand | VolatileCommand;

export const durableCommands: readonly DurableCommand["type"][] = [
  "issuer.authorise",
  "issuer.conduct",
  "issuer.attest",
  "issuer.capture",
  "issuer.forward",
  "issuer.release",
  "issuer.refund",
  "issuer.begin_change",
  "issuer.end_change",
  "issuer.reverse",
  "retailer.submit_purchase",
  "retailer.tell_dispute",
  "issuer.end_trip",
  "issuer.decide_dispute",
];
