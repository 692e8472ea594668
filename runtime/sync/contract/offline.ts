/**
 * What is said about sales that go on while the issuer is away: what it reserves beforehand, what
 * was accepted against it, and what it would not have afterwards.
 */
import { z } from "zod";
import { amount_minor, currency, id, jws, text, time_ms } from "./words.ts";

/** Payload of an allowance: JWS, EdDSA, kid `issuer`. One sale of this visit, at this store, by
 * this gateway, while the issuer is away. Times in seconds as RFC 7519 has them. */
export const allowancePayload = z.object({
  iss: z.literal("issuer"),
  /** The gateway. */
  aud: id,
  jti: id,
  store: id,
  account: id,
  check_in: id,
  amount_minor,
  currency,
  iat: z.int(),
  exp: z.int(),
});

/** What `authorise` asks, and under which allowance it was accepted, when. */
export const forwarding = {
  allowance: jws,
  accepted_at_ms: time_ms,
};

/** Allowances of a visit that is over, which were not used. */
export const release = z.object({ check_in: id, allowances: z.array(id).min(1).max(8) });
/** Those that the issuer keeps nothing back for any more. */
export const released = z.object({ released: z.array(id).max(8) });

/** A sale that a store accepted while the issuer was away, and that nobody is charged for. */
export const refusal = z.object({
  /** In one count with receipts. */
  sequence: z.int(),
  payment: id,
  merchant_name: text,
  store: id,
  amount_minor,
  currency,
  reason: id,
  accepted_at_ms: time_ms,
  refused_at_ms: time_ms,
});

export type AllowancePayload = z.infer<typeof allowancePayload>;
export type Refused = z.infer<typeof refusal>;
