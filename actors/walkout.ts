/**
 * The words of a walk-out aisle that cross the walls of this room: who came to a gate, what the
 * tracker makes of the shelves, what retailer and issuer say of a cart.
 */
import type { Item, Liveness } from "./messages.ts";

/** Why somebody was let in; bound into whatever is charged for the trip. */
export type EntryEvidence =
  /** The account's phone signed a code for this moment, and it was shown to the gate. */
  | { readonly kind: "code_at_gate" }
  /** Checked in, and the gate's camera saw the face. */
  | { readonly kind: "face_at_gate"; readonly visit: string; readonly camera: string }
  /** Checked in, and an associate opened. */
  | { readonly kind: "associate"; readonly visit: string; readonly operator: string };

/** What was seen of a change of weight. */
export interface LineEvidence {
  readonly plate: string;
  readonly began_ms: number;
  readonly settled_ms: number;
  readonly delta_g: number;
  /** Who was there, likeliest first. */
  readonly actors: readonly {
    readonly cart: string;
    readonly track: string;
    readonly share: number;
    readonly reached: boolean;
    readonly distance_m?: number | undefined;
  }[];
}

/** A line of a cart: what, how many, how sure that is, and why it is believed. */
export interface CartLine {
  readonly gtin: string;
  readonly units: number;
  /** Probability that the cart holds exactly so many; 1 where a person has decided. */
  readonly confidence: number;
  readonly evidence: readonly LineEvidence[];
}

/** Between what a person decides. */
export interface CartAlternative {
  readonly share: number;
  readonly units: Readonly<Record<string, number>>;
}

export type VisitorType = "SHOPPER" | "ASSOCIATE";

/** Facts about the equipment of an aisle from the configuration, told at every start. */
export type AisleConfigured =
  | {
    readonly type: "store.gate_configured";
    readonly zone: string;
    readonly ways: "in" | "out" | "both";
    /** Which camera says who stands there, and which answers about a live face are enough. */
    readonly face?: { readonly camera: string; readonly accept_liveness: readonly Liveness[] };
  }
  | {
    readonly type: "store.shelf_configured";
    readonly zone: string;
    /** Units of each product that the planogram puts on each plate. */
    readonly plates: Readonly<Record<string, Readonly<Record<string, number>>>>;
  };

/** Facts about a gate. `entry` is the name of the trip that would begin. */
export type GateFact =
  /** A code was shown. Secret until it is spent. */
  | { readonly type: "gate.code_read"; readonly entry: string; readonly entry_code: string }
  | {
    readonly type: "gate.face_seen";
    readonly entry: string;
    readonly visit: string;
    readonly camera: string;
  }
  | {
    readonly type: "operator.let_in";
    readonly entry: string;
    readonly visit: string;
    readonly operator: string;
    readonly people: number;
  }
  /** Somebody went through; `track` is how the tracker calls him. The same at the same
   * `seen_at_ms` is the same passage, told again. */
  | { readonly type: "gate.passed_in"; readonly track: string; readonly seen_at_ms?: number }
  | {
    readonly type: "gate.passed_out";
    readonly track: string;
    readonly seen_at_ms?: number;
    /** Whose cart that is, as far as the tracker knows. */
    readonly cart: string | null;
    readonly bag_g?: number;
  }
  | { readonly type: "gate.stuck"; readonly reason: string };

/** What the issuer and the retailer say about who wants in. */
export type AdmissionAnswer =
  | {
    readonly type: "issuer.admitted";
    readonly entry: string;
    readonly account: string;
    /** By which the retailer's own system knows the account. */
    readonly identity_key: string;
    readonly people: number;
    readonly evidence: EntryEvidence;
  }
  | {
    readonly type: "issuer.not_admitted";
    readonly entry: string;
    readonly reason: string;
    /** It was asked, and what it made of that is not known: a trip may have begun. */
    readonly unanswered?: true;
  }
  | {
    readonly type: "retailer.admitted";
    readonly entry: string;
    readonly visitor: string;
    readonly visitor_type: VisitorType;
  }
  | { readonly type: "retailer.not_admitted"; readonly entry: string; readonly reason: string };

/** What the tracker makes of an open cart. */
export type TrackerFact =
  | {
    readonly type: "tracker.lines_changed";
    readonly lines: readonly CartLine[];
    /** Probability that all of them are right. */
    readonly confidence: number;
    /** The zone of the display beside the shelf of a product, where there is one. */
    readonly displays: Readonly<Record<string, string>>;
  }
  | {
    readonly type: "tracker.cart_closed";
    readonly outcome: "certain" | "review";
    readonly why: string | null;
    readonly confidence: number;
    readonly lines: readonly CartLine[];
    readonly alternatives: readonly CartAlternative[];
  }
  /** What the tracker knew is gone: it was started anew while the shopper was inside. */
  | { readonly type: "tracker.forgot" };

/** Facts about a finished trip. */
export type TripFact =
  | {
    readonly type: "operator.cart_decided";
    readonly lines: readonly { readonly gtin: string; readonly units: number }[];
    readonly operator: string;
  }
  /** The retailer has it; what it costs comes by way of the issuer. */
  | { readonly type: "retailer.purchase_acknowledged"; readonly purchase: string }
  | { readonly type: "retailer.purchase_refused"; readonly reason: string }
  | {
    readonly type: "issuer.cart_priced";
    readonly amount_minor: number;
    readonly currency: string;
    readonly items: readonly Item[];
  }
  /** Nothing is to be paid. */
  | { readonly type: "issuer.cart_cancelled" }
  /** What came of the charge: for the cart's payment, which may not have been told of the price. */
  | {
    readonly type: "issuer.trip_charged";
    readonly outcome: "captured" | "owed" | "declined" | "reversed";
    readonly receipt: string | null;
    readonly reason: string | null;
  }
  /** Nothing that comes for the trip later is charged. */
  | { readonly type: "issuer.trip_ended" }
  | {
    readonly type: "issuer.line_disputed";
    readonly dispute: string;
    /** The place of the line in the receipt, and its product where that is known. */
    readonly line: number;
    readonly gtin: string | null;
    readonly units: number;
  }
  | {
    readonly type: "operator.dispute_decided";
    readonly dispute: string;
    readonly granted: boolean;
    readonly operator: string;
  }
  | { readonly type: "issuer.dispute_closed"; readonly dispute: string; readonly granted: boolean }
  /** The retailer knows that the line was given back, or has no ear for it. */
  | { readonly type: "retailer.dispute_noted"; readonly dispute: string };

/** Facts about a shelf. */
export type ShelfFact =
  | { readonly type: "shelf.weighed"; readonly plate: string }
  | { readonly type: "shelf.silent"; readonly plate: string }
  /** Every change of the plate is understood, and this is what its scale says then. */
  | { readonly type: "shelf.rested"; readonly plate: string; readonly weight_g: number };

/** What goes out of a walk-out aisle, kept until it is answered. */
export type DurableTripCommand =
  | {
    readonly type: "retailer.submit_purchase";
    readonly trip: string;
    readonly entered_at_ms: number;
    readonly left_at_ms: number;
    readonly visitor: string;
    readonly visitor_type: VisitorType;
    readonly entry: EntryEvidence["kind"];
    readonly lines: readonly { readonly gtin: string; readonly units: number }[];
  }
  /** So many of a product were never taken, and are given back. */
  | {
    readonly type: "retailer.tell_dispute";
    readonly trip: string;
    readonly dispute: string;
    readonly gtin: string | null;
    readonly units: number;
  }
  | { readonly type: "issuer.end_trip"; readonly trip: string; readonly reason: string }
  | {
    readonly type: "issuer.decide_dispute";
    readonly trip: string;
    readonly dispute: string;
    readonly granted: boolean;
    readonly operator: string;
  };

/** What is done after the commit; whoever waits for an answer gives up in time. */
export type VolatileTripCommand =
  | {
    readonly type: "issuer.admit";
    readonly gate: string;
    readonly entry: string;
    /** Secret until it is spent. */
    readonly entry_code: string | null;
    readonly visit: string | null;
    readonly camera: string | null;
    readonly operator: string | null;
    readonly people: number;
  }
  | {
    readonly type: "retailer.verify_identity";
    readonly gate: string;
    readonly entry: string;
    readonly identity_key: string;
    readonly at_ms: number;
  }
  | { readonly type: "gate.open"; readonly gate: string }
  /** A known face stands before it: the trip that would begin needs a name. */
  | {
    readonly type: "gate.name_entry";
    readonly gate: string;
    readonly visit: string;
    readonly camera: string;
  }
  /** Somebody who works here should look: who went through, or why nobody could. */
  | { readonly type: "gate.warn"; readonly gate: string; readonly reason: string }
  /** The tracker is to follow this track as the cart's. */
  | {
    readonly type: "tracker.enter";
    readonly cart: string;
    readonly track: string;
    readonly at_ms: number;
  }
  | {
    readonly type: "tracker.leave";
    readonly cart: string;
    readonly at_ms: number;
    readonly bag_g: number | null;
  }
  /** The cart is decided: shelves are to know what is gone. `plate`: from where it was seen to be
   * taken; null for what only a person knows of. */
  | {
    readonly type: "shelf.note_taken";
    readonly cart: string;
    readonly lines: readonly {
      readonly gtin: string;
      readonly units: number;
      readonly plate: string | null;
    }[];
  };
