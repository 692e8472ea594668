/**
 * What is asked of a shopper and about one: limits and the yes above them, phrases that tell people
 * apart, what somebody may have that not everybody may.
 */
import { z } from "zod";
import { amount_minor, currency, id, items, need, publicKey, text, time_ms } from "./words.ts";

/** Up to these a charge is conducted at once; above any of them the shopper is asked. */
export const spendingLimits = z.object({
  /** Of one sale. */
  sale_minor: amount_minor,
  /** Of all sales within a day, wherever. */
  day_minor: amount_minor,
  /** Of all sales that stores may accept while the issuer is away; 0 for none. */
  offline_minor: z.int().min(0).max(100_000_000).optional(),
  /** Of one sale at a merchant, where the shopper wants another limit there. */
  merchants: z.array(z.object({ merchant: id, sale_minor: z.int().min(0).max(100_000_000) }))
    .max(100).default([]),
});
/** Another device of the same person, signed in by one that is known: it may read what is asked
 * and answer it. Its keyid is `device:ACCOUNT~DEVICE`. */
export const addDevice = z.object({ device_public_key: publicKey, name: text });
export const deviceAdded = z.object({ device: id });
/** A charge about which the shopper is asked. */
export const approval = z.object({
  approval: id,
  merchant_name: text,
  store: id,
  amount_minor,
  currency,
  items,
  /** The limit it is above. */
  reason: id,
  asked_at_ms: time_ms,
  expires_ms: time_ms,
});
export const approvals = z.object({ approvals: z.array(approval).max(20) });
/** Yes to `amount_minor` (without it, to all), or no. */
export const answerApproval = z.discriminatedUnion("answer", [
  z.object({ answer: z.literal("yes"), amount_minor: amount_minor.optional() }),
  z.object({ answer: z.literal("no") }),
]);
/** What counts: the first answer of any device, whoever asks. 0 is no. */
export const approvalAnswered = z.object({ approval: id, amount_minor: z.int().min(0) });
/** A phrase by which its owner can be told from others at a till. Kept only as a slow hash. */
export const setPhrase = z.object({ phrase: z.string().min(4).max(60) });
export const phraseSet = z.object({ set_at_ms: time_ms });

/** What is known of a person, proved elsewhere. No gateway ever learns the date. */
export const setEligibility = z.object({
  birth_date: z.iso.date().optional(),
  eligibilities: z.array(need).max(20).default([]),
});
export const eligibilitySet = z.object({ account: id });

/** Goes on with a charge to which the shopper agreed: no more than that. */
export const conduct = z.object({ payment: id, approval: id, amount_minor, currency });
export const attest = z.object({
  payment: id,
  check_in: id,
  needs: z.array(need).min(1).max(8),
});
/** Those of the needs that the account meets; why it does not meet the others is not said. */
export const attested = z.object({ eligible: z.array(need).max(8) });
/** Which of those who stand at one lane a phrase belongs to. */
export const checkAnswer = z.object({
  payment: id,
  answer: z.string().min(1).max(60),
  check_ins: z.array(id).min(1).max(8),
});
export const answerChecked = z.object({ check_in: id.nullable() });
