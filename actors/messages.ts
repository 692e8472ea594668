/**
 * The words that cross the walls of this room: what the world tells an actor (events, past facts)
 * and what an actor asks of the world (commands, requests). Words between actors stand in the
 * file of the machine that takes them.
 */
// long because the words of the whole room are read together

import type { Allowance } from "./allowance.ts";
import type { AnswerKind, KeyedKind } from "./asked.ts";
import type { Command } from "./commands.ts";

export { type Allowance, standInAddress, type StandInAsked } from "./allowance.ts";
export type { StandInLimits } from "./allowance.ts";
export type { AnswerKind, AskedEvent, ChallengeEvent, KeyedKind } from "./asked.ts";
export { type Command, type DurableCommand, durableCommands } from "./commands.ts";
export type { VolatileCommand } from "./commands.ts";
export type { StoreConfigured } from "./store_words.ts";
export type { ChangeAnswer, ChangeRequest, WantedChange } from "./change_words.ts";
export type { Choice, DisplayEvent, DisplayPolicy } from "./display_words.ts";

/** The kinds of actor a gateway runs. */
export const kinds = [
  "visit",
  "payment",
  "refund",
  "change",
  "lane",
  "beacon",
  "camera",
  "display",
  "link",
  "gate",
  "shelf",
  "cart",
  "stand_in",
] as const;
export type Kind = typeof kinds[number];

/** Where a message goes: `kind/id`. It says nothing about place or memory. */
export type Address = `${Kind}/${string}`;

/** The engine stamps every event it delivers; machines read time only from here. */
export interface Stamped {
  /** When the turn that carries the event began, milliseconds since the epoch, never falling. */
  readonly at_ms: number;
}

/** A line of a sale, as the POS gave it. */
export interface Item {
  readonly name: string;
  readonly gtin?: string;
  readonly quantity: number;
  /** Price of the whole line in minor units of the sale's currency. */
  readonly amount_minor: number;
  /** What one must be to have it: `age_over_18`, or another eligibility that the issuer knows. */
  readonly needs?: string;
}

/** What a POS asks to be paid. `payment` is the id made from the POS's own identifiers. */
export interface Sale {
  readonly payment: string;
  readonly poi_id: string;
  readonly sale_id: string;
  readonly service_id: string;
  readonly amount_minor: number;
  readonly currency: string;
  readonly items: readonly Item[];
  /** The POS takes a part, and the rest otherwise. */
  readonly accept_partial?: boolean;
}

/** `unsure`: it moves as somebody alive does, and as a film does; only a turn of the head that was
 * asked for tells which. */
export type Liveness = "passed" | "not_assessed" | "unsure";

/** Why a charge to a visit is justified. Bound into the authorisation; holds no biometric data. */
export interface FaceEvidence {
  readonly kind: "face_at_pay_position";
  readonly camera: string;
  /** sha256 of the embedder that compared. */
  readonly model: string;
  /** How many frames agreed. */
  readonly frames: number;
  readonly outcome: "identified" | "ambiguous";
  readonly liveness: Liveness;
  readonly seen_at_ms: number;
  /** To so many sides the head was turned, as it was asked to. */
  readonly turns?: number;
  /** What the shopper answered rightly besides, where one was asked for. */
  readonly challenge?: AnswerKind;
}
export type Evidence = FaceEvidence;

/** A visit that the camera holds for the person at the pay position. */
export interface Candidate {
  readonly visit: string;
  readonly evidence: Evidence;
}

/** What the store has decided, as far as a payment must know it. */
export interface PaymentPolicy {
  /** `operator`: a person taps the candidate; `automatic`: an `identified` one is taken. */
  readonly selection: "operator" | "automatic";
  /** Liveness outcomes with which a face may be charged. */
  readonly accept_liveness: readonly Liveness[];
  /** Find out who it is, as if to charge, and charge nobody. */
  readonly shadow?: boolean;
  /** When a shopper must turn the head as asked before being charged: never, where it is not
   * said. */
  readonly turns?: "never" | "when_unsure" | "always";
  /** Charges above this need a turned head whatever `turns` says. */
  readonly turns_above_minor?: number;
  /** The lane's microphone: where several could be meant, prompted digits may be spoken. */
  readonly microphone?: string;
  /** When a shopper must answer before being charged; never, where it is not said. */
  readonly challenge?: "never" | "ambiguous" | "always";
  /** How long a payment waits for somebody to be recognised, and for a tap. */
  readonly selection_timeout_ms: number;
  /** How long a payment waits for the issuer before it gives up and reverses. */
  readonly authorisation_timeout_ms: number;
}

/** Facts from the point of sale and the people at it. `pos.sale_requested` goes to a lane, the
 * others to the payment. */
export type CounterEvent =
  | { readonly type: "pos.sale_requested"; readonly sale: Sale }
  | { readonly type: "pos.cancel_requested" }
  | { readonly type: "operator.selected"; readonly visit: string; readonly operator: string }
  | { readonly type: "operator.cancelled"; readonly operator: string }
  /** The person and the face are the one whom the issuer calls eligible. */
  | { readonly type: "operator.eligibility_confirmed"; readonly operator: string }
  /** Lines of the basket, by their place in it, that this shopper may not have. */
  | {
    readonly type: "operator.items_dropped";
    readonly items: readonly number[];
    /** Lines that had been taken out when the operator looked; another number, and the places are
     * those of another basket. Absent: whatever it is. */
    readonly dropped?: number;
    readonly operator: string;
  }
  | { readonly type: "shopper.answered"; readonly kind: KeyedKind; readonly answer: string };

/** An operator gives money back for a captured payment. */
export interface RefundRequest {
  readonly type: "operator.refund_requested";
  readonly payment: string;
  readonly lane: string;
  readonly amount_minor: number;
  readonly currency: string;
  readonly operator: string;
  readonly reason: string;
}
/** The issuer's answer to that. */
export type RefundAnswer =
  | { readonly type: "issuer.refunded"; readonly receipt: string }
  | { readonly type: "issuer.refund_refused"; readonly reason: string }
  /** Given back without having been asked for here: by the retailer, or for a disputed line. */
  | {
    readonly type: "issuer.refund_made";
    readonly payment: string;
    readonly amount_minor: number;
    readonly currency: string;
    readonly receipt: string;
    readonly reason: string;
  };

/** Facts from the issuer about a visit; the visit is its check-in. */
export type PresenceEvent =
  | {
    /** Answer to a proven request for account data: a shopper is here. Renews when repeated. */
    readonly type: "issuer.visit_opened";
    readonly account: string;
    readonly first_name: string;
    readonly initials: string;
    readonly zone: string;
    /** One-time transaction tokens that are not spent. Secret. */
    readonly tokens: readonly string[];
    /** The template is on the cameras of the zone. */
    readonly template: boolean;
    /** The account's template was made by another model than the store's: only enrolling again
     * puts one on the cameras. */
    readonly enrol_again?: boolean;
    /** The account has agreed to be shown offers. */
    readonly offers?: boolean;
    readonly lease_expires_ms: number;
    /** Those that the issuer holds for this visit, the used ones that it has not heard of too. */
    readonly allowances?: readonly Allowance[];
  }
  | { readonly type: "issuer.check_in_ended"; readonly reason: CheckInEnd };
export type CheckInEnd = "left" | "expired" | "revoked" | "erased";

/** Facts from the issuer about one payment: answers to commands, and what the shopper said on the
 * phone. */
export type IssuerAnswer =
  | {
    readonly type: "issuer.authorised";
    readonly authorisation: string;
    readonly expires_ms: number;
  }
  | { readonly type: "issuer.declined"; readonly reason: string }
  /** Above a limit: the shopper is asked on the phone until then. */
  | {
    readonly type: "issuer.approval_needed";
    readonly approval: string;
    readonly reason: string;
    readonly until_ms: number;
  }
  /** The shopper's yes, to this much. */
  | {
    readonly type: "issuer.approval_given";
    readonly approval: string;
    readonly amount_minor: number;
  }
  | {
    readonly type: "issuer.approval_refused";
    readonly approval: string;
    readonly reason: string;
  }
  /** Which of the needs that were asked the account meets; nothing else about it. */
  | {
    readonly type: "issuer.attested";
    readonly attempt: number;
    readonly eligible: readonly string[];
  }
  | {
    readonly type: "issuer.attestation_refused";
    readonly attempt: number;
    readonly reason: string;
  }
  /** The shopper has proved something to the issuer meanwhile: it is worth asking again. */
  | { readonly type: "issuer.eligibility_proved" }
  | { readonly type: "issuer.captured"; readonly receipt: string }
  | { readonly type: "issuer.capture_refused"; readonly reason: string }
  /** What was accepted while it was away it will not have. */
  | { readonly type: "issuer.forward_refused"; readonly reason: string }
  | { readonly type: "issuer.reversed" };

/** Facts about a beacon's code and radio. */
export type BeaconEvent =
  | {
    /** The issuer sets the code and nonce of a period. */
    readonly type: "issuer.code_set";
    /** 8 bytes as 16 hex digits: the Eddystone-EID ephemeral identifier. */
    readonly code: string;
    /** Base64url. Secret. */
    readonly nonce: string;
    readonly from_ms: number;
    readonly until_ms: number;
  }
  /** A wake-up: somebody checked in at this beacon; who, only a proven request tells. */
  | { readonly type: "issuer.check_in_announced" }
  | { readonly type: "issuer.account_data_answered"; readonly visits: number }
  | { readonly type: "issuer.account_data_refused"; readonly reason: string }
  | { readonly type: "radio.advertising"; readonly code: string }
  | { readonly type: "radio.failed"; readonly reason: string };

/** Facts about a camera, made by perception from its frames. */
export type CameraEvent =
  | { readonly type: "camera.started"; readonly device: string }
  | { readonly type: "camera.stalled" }
  | { readonly type: "camera.failed"; readonly reason: string }
  | {
    /** Who the person at the pay position may be; told only when the answer changes. */
    readonly type: "frame.matched";
    readonly outcome: "identified" | "ambiguous" | "unknown" | "nobody";
    readonly faces: number;
    readonly candidates: readonly Candidate[];
    /** Every frame behind this was taken after the `camera.look_again` of this number; 0: none. */
    readonly glance: number;
  };

export type LinkEvent =
  | { readonly type: "link.connected" }
  | { readonly type: "link.lost"; readonly reason: string };

/** A message from one actor to another; the engine delivers it. */
export interface Tell {
  readonly type: "tell";
  readonly to: Address;
  readonly event: { readonly type: string };
}

/** A message of a declared type, so that a wrong word does not pass the compiler:
 * `tell<LaneMessage>("lane/3", { type: "payment.opened", payment })`. */
export function tell<M extends { readonly type: string }>(to: Address, event: M): Tell {
  return { type: "tell", to, event };
}

export type Emitted = Command | Tell;

/** Keys whose values leave the gateway only towards the issuer: history, logs and the debug
 * endpoint show `[secret]` in their place. */
export const secretKeys: readonly string[] = [
  "token",
  "tokens",
  "spent_tokens",
  "nonce",
  "answer",
  "wanted",
  "entry_code",
  "proof",
];
