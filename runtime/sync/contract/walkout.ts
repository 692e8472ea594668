/**
 * The words of a walk-out trip: who may come in, how a trip ends without a charge, what a shopper
 * sees of it and says about it. What retailers say stands in `deploy/issuer/http/retailer.ts`, in
 * the shapes that are published for them.
 */
import { z } from "zod";
import { amount_minor, currency, id, items, jws, publicKey, text, time_ms } from "./words.ts";

/** Payload of the code that a phone shows to a gate: JWS, EdDSA, kid `device:ACCOUNT`, for thirty
 * seconds and one trip. Times in seconds as RFC 7519 has them. */
export const entryPayload = z.object({
  iss: id,
  /** The store, where the phone knows in which it is. */
  aud: id.optional(),
  jti: id,
  iat: z.int(),
  exp: z.int(),
  /** People who come in under this account. */
  people: z.int().min(1).max(8).default(1),
});

/** Who stands at a gate: a code, or a check-in with a camera or an associate that vouches. */
export const admit = z.object({
  /** The trip that begins if he is admitted; the same again is the same. */
  trip: id,
  gate: id,
  code: jws.optional(),
  check_in: id.optional(),
  camera: id.optional(),
  operator: id.optional(),
  people: z.int().min(1).max(8).default(1),
});
export const admitted = z.discriminatedUnion("outcome", [
  z.object({
    outcome: z.literal("admitted"),
    account: id,
    /** By which the retailer's own system knows the account. */
    identity_key: z.string().min(1).max(700),
    people: z.int().min(1).max(8),
  }),
  z.object({ outcome: z.literal("refused"), reason: id }),
]);

/** So many come in with whoever checked in, counted with him, when a gate knows the face. */
export const sayPeople = z.object({ people: z.int().min(1).max(8) });
export const peopleSaid = z.object({ check_in: id, people: z.int(), until_ms: time_ms });

/** Nothing that comes for the trip later is charged; unless it was priced before. */
export const endTrip = z.object({ trip: id, reason: text });
export const tripEnded = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("ended") }),
  z.object({ outcome: z.literal("priced"), amount_minor, currency, items }),
  z.object({ outcome: z.literal("cancelled") }),
]);

/** What the store says to a line that a shopper disputes. */
export const decideDispute = z.object({ dispute: id, granted: z.boolean(), operator: id });
export const disputeDecided = z.object({ dispute: id, granted: z.boolean() });

const tripStates = [
  "open",
  "ended",
  "cancelled",
  "charging",
  "awaiting_approval",
  "held",
  "paid",
  "owed",
  "unpaid",
] as const;
/** A trip as its shopper sees it. */
export const trip = z.object({
  trip: id,
  store: id,
  merchant_name: text,
  entered_at_ms: time_ms,
  state: z.enum(tripStates),
  amount_minor: z.int().min(0),
  refunded_minor: z.int().min(0),
  currency,
  items: z.array(items.element).max(200),
  /** Why it is not paid. */
  reason: z.string().max(200).nullable(),
  disputes: z.array(z.object({
    dispute: id,
    line: z.int().min(0),
    units: z.int().min(1),
    amount_minor: z.int().min(0),
    /** Null while the store looks at it. */
    granted: z.boolean().nullable(),
  })).max(50),
});
export const trips = z.object({ trips: z.array(trip).max(50) });
/** A line of the receipt, by its place, and how many of it were never taken. */
export const disputeLine = z.object({ line: z.int().min(0).max(199), units: z.int().min(1) });
export const lineDisputed = z.object({ dispute: id });
/** What is owed is charged once more. */
export const settleTrip = z.object({ trip: id });
export const tripSettled = z.object({ trip: id, state: z.enum(tripStates) });

/** The key with which a retailer signs what it asks of the issuer: keyid `retailer:MERCHANT`. */
export const registerRetailer = z.object({ merchant: id, signing_public_key: publicKey });

/** What the feed tells of a trip. */
export const tripItems = [
  z.object({ type: z.literal("trip.priced"), trip: id, amount_minor, currency, items }),
  z.object({ type: z.literal("trip.cancelled"), trip: id }),
  z.object({
    type: z.literal("trip.charged"),
    trip: id,
    outcome: z.enum(["captured", "owed", "declined", "reversed"]),
    receipt: id.nullable(),
    reason: z.string().max(200).nullable(),
  }),
  z.object({
    type: z.literal("trip.refunded"),
    trip: id,
    refund: id,
    amount_minor,
    currency,
    receipt: id,
    reason: text,
  }),
  z.object({
    type: z.literal("trip.disputed"),
    trip: id,
    dispute: id,
    line: z.int().min(0),
    units: z.int().min(1),
    gtin: z.string().nullable(),
  }),
] as const;

export type EntryPayload = z.infer<typeof entryPayload>;
export type Trip = z.infer<typeof trip>;
