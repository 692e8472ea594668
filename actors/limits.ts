/**
 * Every ceiling of the machines, once, with its reason: how many of each thing an actor holds,
 * and how long it waits for somebody who may never answer.
 */

export const limits = {
  /** Candidates a payment holds. More people than this do not stand at one pay position; a longer
   * list is a fault of the camera and no help to an operator. */
  candidates: 8,
  /** Reservations a payment asks for before it gives up: bounds a quarrel between lanes. */
  tries: 5,
  /** Lines of one sale; the wire contract has the same number. */
  items: 200,
  /** Tokens a visit keeps ready. Phones hand over four at a time. */
  tokens: 8,
  /** Spent tokens a visit remembers, so that a late answer cannot bring one back. The issuer
   * refuses older ones itself. */
  spent_tokens: 64,
  /** Allowances that a visit keeps ready. */
  allowances: 4,
  /** Payments accepted without the issuer and not settled; terminals that store and forward hold
   * some thousand. */
  stand_in_open: 1_000,
  /** Used allowances that might be offered again: each is forgotten when it has expired. */
  stand_in_spent: 4_000,
  /** Late refusals that are shown. */
  refused_late: 50,
  /** Wrong answers to a challenge, then another way to pay. */
  wrong_answers: 3,
  /** Failed turns of the head, then another way to pay: a film that guesses sides gets no more. */
  failed_turns: 3,
  /** Answers of which nothing was heard, then the lane listens no longer, and one may still key. */
  unheard_answers: 3,
  /** Periods of a beacon's code known ahead. */
  codes: 4,

  /** Content that a display weighs for one product: where the best eight were shown too often, more
   * would not please anybody. */
  choices: 8,
  /** Showings remembered for the caps: a busy display shows some 120 things in ten minutes. */
  showings: 256,
  /** Content is looked up in memory: longer, and something is wrong with it. */
  choice_timeout_ms: 2_000,
  /** Tills name a try for so long: within this time after a start on a disk that may be old, a sale
   * that it does not know may be one that it has forgotten. */
  till_names_ms: 48 * 3_600_000,
  /** A visit answers at once, where there is one. */
  consent_timeout_ms: 2_000,

  /** A visit answers in the same turn, or after one delay between gateways; longer means gone. */
  reservation_timeout_ms: 5_000,
  /** The same for an answer about standing in. */
  stand_in_timeout_ms: 5_000,
  /** The same for a payment that a lane has opened. */
  opening_timeout_ms: 5_000,
  /** An issuer that is there says at once what an account may have. */
  attestation_timeout_ms: 10_000,
  /** An operator looks at a face and a basket; longer, and a queue stands behind. */
  eligibility_timeout_ms: 120_000,
  /** An answer to a challenge is compared at once, here or at the issuer. */
  check_timeout_ms: 10_000,
  /** An issuer that is there says at once whether a change may be asked for. */
  change_begin_timeout_ms: 15_000,
  /** To step up, be seen, turn the head and be compared: what an issuer keeps open is longer. */
  change_proof_timeout_ms: 80_000,
  /** A connection that broke is back within this, or the issuer is away. */
  away_after_ms: 3_000,
  /** Longest that a lane waits for a shopper's phone, whatever the issuer says. */
  approval_most_ms: 120_000,
  /** The issuer's end of an approval is under way to us, and its clock is not ours. */
  approval_grace_ms: 5_000,
  /** Three turns with the way back, each with its time and the pause before them; more, with less
   * time for each: who turns as asked needs two or three seconds. */
  turn_timeout_ms: 45_000,
  /** Long enough to read why, and to face the camera again. */
  turn_pause_ms: 2_000,
  /** The last stretch of a lease in which nothing renewed it. */
  fading_ms: 20_000,
  /** The same of a short lease. Phones renew when a third is left: who is there does not fade. */
  fading_share: 2 / 9,
  /** A visit whose lease ran out while the issuer was away may come back for this long. */
  away_ms: 3_600_000,

  /** A request for account data that is not answered by then is taken for lost. */
  ask_timeout_ms: 30_000,
  /** Account data is asked for again after this even when nobody was announced: it renews the
   * leases of those who are still there. */
  ask_refresh_ms: 60_000,
  /** Pause after a refused request: long enough not to press an issuer in trouble. */
  ask_backoff: { first_ms: 1_000, most_ms: 60_000 },
  /** A radio that says neither yes nor no by then has failed. */
  advertise_timeout_ms: 10_000,
  /** Pause before a failed radio is tried again: phones miss at most a few advertisements. */
  radio_backoff: { first_ms: 500, most_ms: 30_000 },

  /** Opening a device and loading two models, on a slow gateway. */
  camera_start_timeout_ms: 60_000,
  /** A stalled stream comes back by itself within this, or is opened anew. */
  camera_stall_ms: 10_000,
  /** Pause before a failed camera is opened again. */
  camera_backoff: { first_ms: 1_000, most_ms: 60_000 },
  /** Somebody stands at the gate: an issuer that is there says at once whether he is known … */
  gate_identity_ms: 8_000,
  /** … and so does the retailer's own system. */
  gate_retailer_ms: 8_000,
  /** Whoever was turned away, or has gone in, is not asked about again by his face for so long. */
  gate_face_again_ms: 20_000,
  /** How long a gate waits for whoever was let in, and for the others of a group. */
  gate_passage_ms: 15_000,
  /** Passages that a gate remembers, should they be told again: what a broker brings once more. */
  passages_of_gate: 64,
  /** People who come in under one account. */
  people_of_entry: 8,
  /** Lines of one cart; the retailer's contract takes a thousand. */
  cart_lines: 200,
  /** Nobody shops for longer: whoever was not seen to leave has left. */
  stay_ms: 6 * 3_600_000,
  /** The tracker's own deadline is ten minutes; longer, and it is gone. */
  closing_ms: 15 * 60_000,
  /** How long a cart waits for a person who decides it: over a weekend. */
  review_ms: 72 * 3_600_000,
  /** How long a retailer may take to price a cart. With all that a trip may wait for before, well
   * within the four and a half days after which the issuer takes no price for it. */
  pricing_ms: 24 * 3_600_000,
  /** How long the issuer may try to have a cart paid. It gives up 46 hours after the price. */
  charge_ms: 72 * 3_600_000,
  /** A shopper may dispute a line for a day, as the issuer counts it, and the word of it may be a
   * while on its way; … */
  disputable_ms: 26 * 3_600_000,
  /** … a store may take so long to look at it, … */
  dispute_ms: 48 * 3_600_000,
  /** … of so many disputes in a cart; the shopper is believed in the others, … */
  disputes: 20,
  /** … and of a line that the tracker was less sure of than this. */
  dispute_certain: 0.99,
  /** A stream that held this long is sound: its failures are forgotten. */
  camera_steady_ms: 30_000,
} as const;

/** Pause before the next try after so many failures in a row (1 or more): doubles up to a top. */
export function backoff_ms(
  failures: number,
  { first_ms, most_ms }: { readonly first_ms: number; readonly most_ms: number },
): number {
  return Math.min(most_ms, first_ms * 2 ** Math.min(30, Math.max(0, failures - 1)));
}
