/**
 * What the issuer may refuse, once: each kind with its status and title. It is the last part of
 * the `type` of an RFC 9457 problem; clients decide by it and never by the words.
 */

export const problems = {
  /* The request as such. */
  request_invalid: [400, "The request is not what the contract says"],
  content_type_unsupported: [415, "The body must be application/json"],
  body_too_large: [413, "The body is longer than this route takes"],
  not_found: [404, "There is nothing here"],
  method_not_allowed: [405, "This route takes other methods"],
  idempotency_key_missing: [400, "This route needs an Idempotency-Key"],
  idempotency_key_reused: [422, "This Idempotency-Key was used for another request"],
  idempotency_in_progress: [409, "The first request with this Idempotency-Key is still under way"],
  /* Who asks. */
  signature_missing: [401, "The request must be signed"],
  signature_malformed: [401, "The signature fields are not what RFC 9421 says"],
  signature_incomplete: [401, "The signature must cover the whole request"],
  signature_wrong: [401, "The signature does not hold"],
  signature_stale: [401, "The signature is too old, or its clock is slow: sign again"],
  clock_fast: [401, "The clock of whoever signed is fast: set it, and sign again"],
  signature_replayed: [401, "This signature was used before: sign again"],
  digest_wrong: [401, "The content digest does not fit the body"],
  key_unknown: [401, "This route does not know the key"],
  administrator_unknown: [401, "This needs the administrator's key"],
  /* Accounts. */
  consent_unknown: [403, "There is no consent of this account for this"],
  template_unreadable: [422, "The template was not sealed to this issuer for this account"],
  account_unknown: [404, "There is no such account"],
  openings_enough: [429, "Too many accounts were opened from here lately: come back later"],
  devices_enough: [409, "The account has as many devices as it may"],
  /* Merchants, gateways, beacons. */
  merchant_unknown: [404, "This merchant is not registered"],
  store_unknown: [404, "This store is not registered"],
  already_registered: [409, "This id is taken by something else"],
  gateway_unknown: [404, "This gateway is not registered"],
  enrolment_refused: [403, "The enrolment code does not fit, or was used"],
  beacon_unknown: [404, "This beacon is not registered"],
  beacon_foreign: [403, "This beacon belongs to another gateway"],
  beacons_enough: [409, "The gateway has as many beacons as it may"],
  /* Presence. */
  code_wrong: [403, "This code was never on the air of this beacon"],
  code_stale: [403, "This code is not on the air any more"],
  nonce_wrong: [403, "The nonce does not belong to this code"],
  proof_needed: [403, "Send the beacon's code and nonce: the last proof is too old"],
  stay_over: [409, "This phone has been here for too long: it is taken for left behind"],
  check_in_unknown: [404, "There is no such check-in"],
  check_in_ended: [409, "The check-in has ended: check in again"],
  token_unreadable: [422, "The token is not signed by this account's device"],
  token_expired: [422, "The token is expired, or lives too long"],
  token_store_wrong: [422, "The token is for another store"],
  token_check_in_wrong: [422, "The token is for another check-in"],
  token_used: [409, "The token was given before"],
  tokens_enough: [409, "The check-in holds as many tokens as it may"],
  /* Changes of account data at a lane. */
  changes_locked: [409, "Too many faces differed: no data of this account is changed for a while"],
  change_under_way: [409, "A change of the same data waits to take effect: undo it first"],
  change_unknown: [404, "There is no such change"],
  change_over: [409, "The change cannot be undone any more"],
  template_missing: [409, "The account has no template to compare a face with"],
  /* Payments. */
  payment_foreign: [403, "This payment belongs to another gateway"],
  payment_unknown: [404, "There is no such payment"],
  approval_unknown: [404, "This account is asked no such thing"],
  approval_over: [409, "It is too late: the sale has ended without an answer"],
  age_question_unknown: [404, "This account is asked no such age"],
  age_question_over: [409, "It is too late to prove an age for this sale"],
  age_proofs_untaken: [404, "This issuer takes no ages from identity documents"],
  age_proof_unreadable: [422, "This is no response of one identity document"],
  age_proof_untrusted: [422, "No authority that is trusted here has signed the document"],
  age_proof_forged: [422, "The document is not as its authority signed it"],
  age_proof_expired: [422, "The document is not valid now"],
  age_proof_device_wrong: [422, "The document's own key has not signed this"],
  age_proof_replayed: [422, "The document's key has signed this for another sale"],
  age_proof_missing: [422, "The document says nothing of this age"],
  age_proof_under: [422, "The document says that its owner is younger"],
  attestations_enough: [409, "No more ages are told of this stay"],
  answers_enough: [409, "Too many wrong answers in this stay: pay in another way"],
  payment_busy: [409, "The acquirer is being asked for this payment: try again"],
  /* Walk-out trips. */
  trip_unknown: [404, "There is no such trip"],
  trip_under_way: [409, "A walk-out trip may still be charged: erase the account after it"],
  trip_over_limit: [409, "No sale may be as high as this trip: pay it at the shop"],
  trip_tried_enough: [409, "This trip was tried too often: pay it at the shop"],
  dispute_unknown: [404, "There is no such dispute"],
  dispute_differs: [409, "This line is disputed already, for another number of units"],
  dispute_over: [409, "It is too late to dispute this trip"],
  disputes_enough: [409, "No more lines of this trip can be disputed"],
  /* The house. */
  overloaded: [429, "Too much at once: come back later"],
  acquirer_unreachable: [503, "The acquirer gave no answer: try again with the same key"],
  internal: [500, "The issuer failed: try again"],
  storage_full: [507, "The issuer cannot write: its disk is full"],
  opening: [503, "The issuer has only just started: sign again in a second"],
  stopping: [503, "The issuer is stopping: try again"],
} as const satisfies Record<string, readonly [number, string]>;

export type ProblemKind = keyof typeof problems;

const prefix = "https://saunter.invalid/problems/";

/** The `type` of a problem. */
export function problemType(kind: ProblemKind): string {
  return prefix + kind;
}

/** The kind in a problem's `type`; undefined when it is not one of these. */
export function problemKind(type: string): ProblemKind | undefined {
  const kind = type.startsWith(prefix) ? type.slice(prefix.length) : "";
  return Object.hasOwn(problems, kind) ? kind as ProblemKind : undefined;
}
