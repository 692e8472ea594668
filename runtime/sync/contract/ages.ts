/**
 * Ages that a shopper proves from a phone: by an `age_over_NN` out of an identity document on it
 * (ISO/IEC 18013-5), signed by that document's own key for one sale.
 */
import { z } from "zod";
import { base64url, id, need, text, time_ms } from "./words.ts";

const words = z.string().min(1).max(300);

/** What a sale under way needs and the issuer does not know of the account. A wallet answers it as
 * an OpenID4VP request (ISO/IEC 18013-7, annex B) with these `client_id`, `response_uri` and
 * `nonce`. */
const ageQuestion = z.object({
  payment: id,
  merchant_name: text,
  store: id,
  /** `age_over_18`. */
  need,
  client_id: words,
  response_uri: words,
  nonce: base64url(32),
  asked_at_ms: time_ms,
  expires_ms: time_ms,
});
export type AgeQuestion = z.infer<typeof ageQuestion>;
export const ageQuestions = z.object({ questions: z.array(ageQuestion).max(20) });

/** A `DeviceResponse` with one document and its device signature. The issuer takes the age from it
 * and keeps nothing. */
export const proveAge = z.object({
  nonce: base64url(32),
  /** The nonce of the wallet's own, as it stands in the session transcript. */
  wallet_nonce: z.string().min(1).max(100),
  response: base64url(32 * 1024),
});
export const ageProved = z.object({ payment: id, need });
