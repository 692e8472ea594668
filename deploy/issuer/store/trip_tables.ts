/** The tables of walk-out trips, apart from the others; `tables.ts` joins them. */
import { table } from "./shape.ts";

/** A walk-out trip, from the gate to its end. Its payment, if it comes to one, has its name. */
export interface TripRow {
  readonly trip: string;
  readonly store: string;
  readonly account: string;
  readonly gateway: string;
  readonly gate: string;
  /** As in the contract's `tripStates`. */
  readonly state: string;
  /** JSON: why somebody was let in. */
  readonly evidence: string;
  readonly people: number;
  readonly entered_at_ms: number;
  /** Later the retailer cannot price it, and once it has, charge nothing for it. */
  readonly expires_ms: number;
  /** What the retailer's checkout was answered, and a hash of what it said. */
  readonly order_id: string | null;
  readonly checkout_hash: string | null;
  /** `checkout`: the issuer captures by itself. `service`: the retailer says when. */
  readonly mode: string | null;
  readonly total_minor: number;
  readonly currency: string;
  /** JSON. */
  readonly items: string | null;
  /** 1 while the acquirer must be asked something. */
  readonly due: number;
  readonly reason: string | null;
  readonly ended_at_ms: number | null;
}

/** How many come in with whoever checked in, where his phone has said so. */
export interface PartyRow {
  readonly check_in: string;
  readonly people: number;
  /** What was said long ago is not said of who stands there now. */
  readonly until_ms: number;
}

/** A code that was shown to a gate: each opens once. */
export interface EntryRow {
  readonly account: string;
  readonly jti: string;
  readonly trip: string;
  readonly expires_s: number;
}

/** A line that its shopper says is wrong. */
export interface DisputeRow {
  readonly dispute: string;
  readonly trip: string;
  readonly account: string;
  readonly line: number;
  readonly units: number;
  readonly amount_minor: number;
  /** 1: given back; null while the store looks at it. */
  readonly granted: number | null;
  readonly operator: string | null;
  readonly raised_at_ms: number;
}

/** The key with which a merchant's own system signs. */
export interface RetailerRow {
  readonly merchant: string;
  readonly signing_public_key: string;
}

export const tripShapes = {
  trip: table<TripRow>()({
    columns: {
      trip: "text",
      store: "text",
      account: "text",
      gateway: "text",
      gate: "text",
      state: "text",
      evidence: "text",
      people: "integer",
      entered_at_ms: "integer",
      expires_ms: "integer",
      order_id: "text?",
      checkout_hash: "text?",
      mode: "text?",
      total_minor: "integer",
      currency: "text",
      items: "text?",
      due: "integer",
      reason: "text?",
      ended_at_ms: "integer?",
    },
    key: ["trip"],
    indexes: {
      of_account: { by: ["account"], order: ["entered_at_ms"] },
      due: { order: ["entered_at_ms"], where: { column: "due", above: 0 } },
      unended: { order: ["expires_ms"], where: { column: "ended_at_ms", is: null } },
    },
    references: { account: "account", store: "store", gateway: "gateway" },
  }),
  party: table<PartyRow>()({
    columns: { check_in: "text", people: "integer", until_ms: "integer" },
    key: ["check_in"],
    references: { check_in: "check_in" },
  }),
  entry: table<EntryRow>()({
    columns: { account: "text", jti: "text", trip: "text", expires_s: "integer" },
    key: ["account", "jti"],
    indexes: { by_expiry: { order: ["expires_s"] } },
    references: { account: "account" },
  }),
  dispute: table<DisputeRow>()({
    columns: {
      dispute: "text",
      trip: "text",
      account: "text",
      line: "integer",
      units: "integer",
      amount_minor: "integer",
      granted: "integer?",
      operator: "text?",
      raised_at_ms: "integer",
    },
    key: ["dispute"],
    indexes: {
      of_trip: { by: ["trip"], order: ["raised_at_ms"] },
      undecided: { order: ["raised_at_ms"], where: { column: "granted", is: null } },
    },
    references: { trip: "trip", account: "account" },
  }),
  retailer: table<RetailerRow>()({
    columns: { merchant: "text", signing_public_key: "text" },
    key: ["merchant"],
    references: { merchant: "merchant" },
  }),
};
