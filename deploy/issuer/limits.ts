/**
 * Every ceiling of the issuer, once, with its reason. Relations between them are checked by
 * `assertIssuerLimits`, which runs when an issuer is built.
 */
import { invariant } from "../../runtime/errors.ts";

export const issuerLimits = {
  /** Bytes of a request body: a voice of eighty words in 16 bits a number, the largest of all. */
  request_bytes: 288 * 1024,
  /** How long a body may take to come: nobody sends the largest of all so slowly on purpose. */
  body_ms: 15_000,
  /** Requests under way at once; more are told to come back. */
  requests_in_flight: 512,
  /** How far a signer's clock may be off. */
  clock_tolerance_s: 120,
  /** Signatures remembered: 1 000 requests a second over the whole tolerance. */
  replay_window: 240_000,
  /** A shopper's phone may claim to have heard a code this long ago; a wall clock may be ahead. */
  heard_ago_ms: 300_000,
  /** Beacons of one gateway. */
  beacons: 64,
  /** Codes kept at hand, so that each report of one costs no new working out. */
  codes_remembered: 4_096,
  /** Check-ins that live at one beacon: what one answer with account data may hold. */
  check_ins_per_beacon: 2_000,
  /** Periods that a beacon's clock may be off, as its gateway proves. */
  drift_periods: 3,
  /** Unspent tokens of one check-in. */
  tokens_held: 4,
  /** How long an ended check-in is kept, with what was attested in it: until nothing that was
   * reserved for it is known any more. Payments keep its name. */
  check_in_kept_ms: 8 * 86_400_000,
  /** Longest life of a token. */
  token_life_s: 3_600,
  /** Devices that may answer for one account, besides its own. */
  devices: 5,
  /** Questions that a phone reads at once. */
  approvals_page: 20,
  /** How long an answer is worth telling the gateway: it has given up long before. */
  answer_life_ms: 600_000,
  /** Ages that may be asked of one stay: a basket has one or two, a search for the age has more. */
  ages_per_check_in: 3,
  /** How long an age may be proved for a sale: a lane waits for it about as long. */
  age_question_ms: 300_000,
  /** Questions that a phone reads at once, and former ones that a proof is held against. */
  age_questions_page: 20,
  /** The day begins this much later in the last place on earth: a birthday counts from then on. */
  latest_day_ms: 12 * 3_600_000,
  /** Wrong phrases in one stay, over all its sales. */
  wrong_phrases: 6,
  /** Contents kept of one stay, and stays of which any are kept: some 4 KB each. */
  contents_shown: 20,
  stays_shown: 2_000,
  /** A change of account data must be proved by then: to step up and be seen. */
  change_life_ms: 90_000,
  /** Frames in which the camera saw the face that is to prove it. */
  change_frames: 3,
  /** Faces that may differ within a day before the account is locked for changes. */
  change_tries: 3,
  change_lock_ms: 86_400_000,
  /** After a change took effect its owner may take it back for so long. */
  change_undo_ms: 7 * 86_400_000,
  /** Changes are forgotten after this. */
  change_kept_ms: 30 * 86_400_000,
  changes_page: 50,
  /** Rotations kept worked out: those of a thousand stores on one day. */
  rotations_kept: 1_024,
  /** Gateways to which an encapsulation is kept, and how long each serves. */
  sealers_kept: 1_024,
  sealer_ms: 600_000,
  /** In which accounts are counted that one address opens: a shop's own network brings many new
   * shoppers on its first day, and no one of them opens two. */
  opening_ms: 600_000,
  /** In which sales are counted before one is unusual. */
  velocity_ms: 600_000,
  /** What is counted together: limits over some minutes are as exact as this. */
  tally_slot_ms: 30_000,
  /** Faster than this nobody gets from store to store. */
  travel_km_per_h: 900,
  /** Tries to authorise one payment: a declined one may be tried with another shopper. */
  payment_tries: 16,
  /** Evidence is of this sale, not of one long ago. */
  evidence_age_ms: 900_000,
  /** Allowances of one visit: so many sales it may make while the issuer is away. */
  allowances_per_visit: 2,
  /** Less than this is not worth reserving. */
  allowance_least_minor: 100,
  /** How long after its end what was accepted under an allowance may still be brought. */
  forward_ms: 86_400_000,
  /** How long Idempotency-Keys are kept: longer than the longest store and forward. */
  idempotency_ms: 7 * 86_400_000,
  /** How long feed items stay readable for a gateway that was restored from a backup. */
  feed_kept_ms: 86_400_000,
  /** How long the end of a check-in is worth telling. */
  feed_life_ms: 86_400_000,
  /** Feed items read from disk at once. */
  feed_batch: 64,
  /** Between two signs of life on a feed; readers give up after three are missing. */
  feed_heartbeat_ms: 5_000,
  /** Wake-ups for a beacon within this time become one. */
  announcement_ms: 100,
  /** From one sync of the log to the next, also where the disk is faster: each is work as well,
   * and what comes meanwhile goes together. */
  syncs_apart_ms: 4,
  /** Rows that one sweep changes. */
  sweep_rows: 500,
  sweep_ms: 1_000,
  /** The acquirer answers within this, or gives none: a scheme has decided long before, and a till
   * has stopped waiting. */
  acquirer_ms: 20_000,
  /** How long an issuer that stops waits for answers of the acquirer: whoever asked hears of none,
   * and asks the next one. Less than its process waits for it. */
  stop_ms: 500,
  /** Asked of the acquirer at once beside what gateways ask: reversals, refunds and trips, each. */
  asked_at_once: 8,
  /** Longest pause before what got no answer is asked for again. */
  ask_again_ms: 30_000,
  receipts_page: 100,
  /** Longest life of a code that a phone shows to a gate. */
  entry_code_s: 30,
  /** How long what a phone says of its company counts: from the door to the gate, and a queue. */
  party_ms: 10 * 60_000,
  /** Trips of one account that have not ended: nobody is in more stores at once. */
  open_trips: 4,
  /** Trips that a phone reads at once. */
  trips_page: 50,
  /** Disputes of one trip. */
  disputes_of_trip: 50,
  /** How long what became of a trip is worth telling a gateway: as long as its carts wait. */
  trip_feed_ms: 7 * 86_400_000,
  ledger_page: 1_000,
  /** Lines of a settlement that are told at once. */
  settlement_page: 500,
} as const;

/** Throws `InvariantError` when two ceilings contradict each other. */
export function assertIssuerLimits(): void {
  const { replay_window, clock_tolerance_s, feed_heartbeat_ms, idempotency_ms } = issuerLimits;
  invariant(replay_window >= clock_tolerance_s * 2 * 100, "too few signatures are remembered");
  invariant(feed_heartbeat_ms <= 5_000, "readers of the feed give up after 15 s of silence");
  const { change_kept_ms, change_undo_ms } = issuerLimits;
  invariant(change_kept_ms > 2 * change_undo_ms, "a change is forgotten before it can be undone");
  const { check_in_kept_ms } = issuerLimits;
  invariant(check_in_kept_ms > idempotency_ms, "allowances must not outlive their check-in");
  invariant(idempotency_ms > 2 * issuerLimits.forward_ms, "keys must outlive store and forward");
}
