/**
 * The situations of a payment in which its payer is found: recognised, chosen or told by an
 * answer, reserved, and found to be one who may have what is in the basket.
 */
import { turns } from "./payment_asking.ts";
import { because, cancels, givesUp, givesUpIf, letsGo, unspent } from "./payment_endings.ts";
import { unasked } from "./payment_guards.ts";
import { paymentSetup } from "./payment_setup.ts";

const candidateLeft = because("candidate_left");
const visitSilent = because("visit_silent");

export const unopened = paymentSetup.createStateConfig({
  on: {
    "lane.sale_opened": [
      {
        guard: "posesTurn",
        target: "awaiting_turn",
        actions: ["open", "tellOpened", "countTurn", "poseTurn"],
      },
      {
        guard: "posesChallenge",
        target: "awaiting_answer",
        actions: ["open", "tellOpened"],
      },
      {
        guard: "offersChoice",
        target: "awaiting_selection",
        actions: ["open", "tellOpened"],
      },
      { target: "awaiting_candidates", actions: ["open", "tellOpened"] },
    ],
    "cart.priced": { target: "awaiting_charge", actions: "openCart" },
  },
});

/** Nobody stands at the pay position whom this payment could charge. */
export const awaiting_candidates = paymentSetup.createStateConfig({
  on: {
    "lane.candidates_changed": [
      {
        guard: "takesSole",
        target: "awaiting_reservation",
        actions: ["updateCandidates", "chooseSole", "askReservation"],
      },
      turns,
      { guard: "posesChallenge", target: "awaiting_answer", actions: "updateCandidates" },
      { guard: "offersChoice", target: "awaiting_selection", actions: "updateCandidates" },
      { actions: "updateCandidates" },
    ],
    ...cancels,
  },
  after: {
    untilSelectionEnds: givesUp(because("nobody_recognised")),
  },
});

/** Somebody was recognised, and the operator has yet to choose. */
export const awaiting_selection = paymentSetup.createStateConfig({
  on: {
    "lane.candidates_changed": [
      turns,
      { guard: "posesChallenge", target: "awaiting_answer", actions: "updateCandidates" },
      { guard: "offersChoice", actions: "updateCandidates" },
      { target: "awaiting_candidates", actions: "updateCandidates" },
    ],
    "operator.selected": {
      guard: "isCandidate",
      target: "awaiting_reservation",
      actions: ["chooseTapped", "askReservation"],
    },
    ...cancels,
  },
  after: {
    untilSelectionEnds: givesUp(because("nobody_selected")),
  },
});

/** The chosen one is no longer before the camera: the visit is free again, and the search goes
 * on. */
const searchAgain = [
  {
    guard: "takesSole" as const,
    target: "awaiting_reservation",
    reenter: true,
    actions: [
      unspent,
      "updateCandidates" as const,
      "chooseSole" as const,
      "askReservation" as const,
    ],
  },
  {
    guard: "posesTurn" as const,
    target: "awaiting_turn",
    actions: [
      candidateLeft,
      unspent,
      "updateCandidates" as const,
      "chooseAgain" as const,
      "countTurn" as const,
      "poseTurn" as const,
    ],
  },
  {
    guard: "posesChallenge" as const,
    target: "awaiting_answer",
    actions: [candidateLeft, unspent, "updateCandidates" as const, "chooseAgain" as const],
  },
  {
    guard: "offersChoice" as const,
    target: "awaiting_selection",
    actions: [candidateLeft, unspent, "updateCandidates" as const, "chooseAgain" as const],
  },
  {
    target: "awaiting_candidates",
    actions: [candidateLeft, unspent, "updateCandidates" as const, "chooseAgain" as const],
  },
];

/** Somebody was chosen; the visit has yet to say that no other lane charges it. */
export const awaiting_reservation = paymentSetup.createStateConfig({
  on: {
    "visit.reservation_granted": [
      { guard: "isShadow", target: "cancelled", actions: [because("shadow"), unspent] },
      {
        guard: "mayChargeIfEligibleOffline",
        target: "awaiting_eligibility",
        actions: ["keepToken", because(unasked)],
      },
      {
        guard: "mayChargeIfEligible",
        target: "awaiting_attestation",
        actions: ["keepToken", "askAttestation"],
      },
      {
        guard: "mayChargeOffline",
        target: "awaiting_stand_in",
        actions: ["keepToken", "askStandIn"],
      },
      {
        guard: "mayCharge",
        target: "awaiting_authorisation",
        actions: ["keepToken", "authorise"],
      },
    ],
    "visit.reservation_refused": [
      { guard: "isStale" },
      ...givesUpIf("triesAreOver", "noteReason"),
      {
        guard: "posesChallenge",
        target: "awaiting_answer",
        actions: ["noteReason", "chooseAgain"],
      },
      {
        guard: "offersChoice",
        target: "awaiting_selection",
        actions: ["noteReason", "chooseAgain"],
      },
      { target: "awaiting_candidates", actions: ["noteReason", "chooseAgain"] },
    ],
    "lane.candidates_changed": [
      { guard: "selectedStays", actions: "updateCandidates" },
      ...givesUpIf("triesAreOver", candidateLeft, unspent),
      ...searchAgain,
    ],
    ...letsGo,
  },
  after: {
    reservationTimeout: [
      ...givesUpIf("triesAreOver", visitSilent, unspent),
      {
        guard: "posesChallenge",
        target: "awaiting_answer",
        actions: [visitSilent, unspent, "chooseAgain"],
      },
      {
        guard: "offersChoice",
        target: "awaiting_selection",
        actions: [visitSilent, unspent, "chooseAgain"],
      },
      { target: "awaiting_candidates", actions: [visitSilent, unspent, "chooseAgain"] },
    ],
  },
});

const whoStandsThere = [
  { guard: "selectedStays" as const, actions: "updateCandidates" as const },
  ...givesUpIf("triesAreOver", candidateLeft, unspent),
  ...searchAgain,
];

/** Something in the basket is not for everybody; the issuer has yet to say what this account may
 * have. */
export const awaiting_attestation = paymentSetup.createStateConfig({
  on: {
    "issuer.attested": {
      guard: "isAttested",
      target: "awaiting_eligibility",
      actions: "noteAttested",
    },
    "issuer.attestation_refused": {
      guard: "isAttested",
      target: "awaiting_eligibility",
      actions: "noteReason",
    },
    "lane.candidates_changed": whoStandsThere,
    ...letsGo,
  },
  after: {
    attestationTimeout: {
      target: "awaiting_eligibility",
      actions: because("attestation_silent"),
    },
  },
});

/** The operator has yet to confirm that the person and the face are the one who may have it, or
 * to take it out of the basket. */
export const awaiting_eligibility = paymentSetup.createStateConfig({
  on: {
    "operator.eligibility_confirmed": [
      {
        guard: "isEligibleOffline",
        target: "awaiting_stand_in",
        actions: ["noteConfirmed", "askStandIn"],
      },
      {
        guard: "isEligible",
        target: "awaiting_authorisation",
        actions: ["noteConfirmed", "authorise"],
      },
    ],
    "operator.items_dropped": [
      ...givesUpIf("dropsAll", because("nothing_left"), unspent),
      {
        guard: "dropsEnoughOffline",
        target: "awaiting_stand_in",
        actions: ["drop", "askStandIn"],
      },
      {
        guard: "dropsEnough",
        target: "awaiting_authorisation",
        actions: ["drop", "authorise"],
      },
      { guard: "dropsSome", actions: "drop" },
    ],
    /** Beside the wait, which gets no longer by it; the rest may be sold meanwhile. */
    "lane.link_changed": [
      { guard: "isUnasked", actions: ["noteLink", because("issuer_back"), "askAttestation"] },
      { actions: "noteLink" },
    ],
    "issuer.eligibility_proved": { target: "awaiting_attestation", actions: "askAttestation" },
    /** Later than it was waited for, or to the question after: its last word counts. */
    "issuer.attested": { guard: "isAttested", actions: "noteAttested" },
    "issuer.attestation_refused": { guard: "isAttested", actions: "noteReason" },
    "lane.candidates_changed": whoStandsThere,
    ...letsGo,
  },
  after: {
    eligibilityTimeout: givesUp(because("eligibility_unconfirmed"), unspent),
  },
});
