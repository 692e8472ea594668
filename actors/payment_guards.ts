/**
 * What a payment can tell apart, by name: the guards of its machine.
 */
import { isOwnAnswer, takes } from "./approval_facts.ts";
import { limits } from "./limits.ts";
import { isCoverable } from "./offline_facts.ts";
import {
  candidatesAfter,
  isDrop,
  mayCharge,
  needsOf,
  type PaymentContext,
  type PaymentEvent,
  policyAfter,
  remaining,
} from "./payment_facts.ts";
import { meetsPolicy, posesChallenge, posesTurn, soleIdentified } from "./policy.ts";

interface At {
  readonly context: PaymentContext;
  readonly event: PaymentEvent;
}

/** Why nobody has attested anything: there was nobody to be asked. */
export const unasked = "issuer_away";

/** The issuer's words for a charge under the same name that is not over, or was taken. */
const chargesOfBefore: ReadonlySet<string> = new Set([
  "payment_under_way",
  "payment_awaiting_approval",
  "payment_authorised",
  "payment_capturing",
  "payment_captured",
]);

/** Whoever had turned, said or keyed the wrong thing once too often. */
const isTurnFailedTooOften = ({ context, event }: At) =>
  event.type === "turn.judged" && event.attempt === context.turns_posed &&
  event.outcome === "failed" && context.failed_turns + 1 >= limits.failed_turns;
const turnsAreOver = ({ context }: At) => context.failed_turns + 1 >= limits.failed_turns;
const isHeardWrongTooOften = ({ context, event }: At) =>
  event.type === "voice.heard" && event.attempt === context.prompts &&
  event.outcome === "wrong" && context.wrong_answers + 1 >= limits.wrong_answers;
const isWrongTooOften = ({ context, event }: At) =>
  event.type === "challenge.checked" && event.attempt === context.answers &&
  event.outcome === "wrong" && context.wrong_answers + 1 >= limits.wrong_answers;
const triesAreOver = ({ context }: At) => context.tries >= limits.tries;
/** All that costs something: there is no charge of nothing. */
const dropsAll = ({ context, event }: At) =>
  isDrop(context, event) &&
  remaining(context, event).every(({ amount_minor }) => amount_minor === 0);

/** The same of a sale in whose middle the gateway was started. */
const resumed = (guard: (at: At) => boolean) => (at: At) => at.context.resumed && guard(at);

export const guards = {
  isResumed: ({ context }: At) => context.resumed,
  isTurnFailedTooOften,
  turnsAreOver,
  isHeardWrongTooOften,
  isWrongTooOften,
  triesAreOver,
  dropsAll,
  isTurnFailedTooOftenResumed: resumed(isTurnFailedTooOften),
  turnsAreOverResumed: resumed(turnsAreOver),
  isHeardWrongTooOftenResumed: resumed(isHeardWrongTooOften),
  isWrongTooOftenResumed: resumed(isWrongTooOften),
  triesAreOverResumed: resumed(triesAreOver),
  dropsAllResumed: resumed(dropsAll),
  isOwnLane: ({ context, event }: At) =>
    event.type === "lane.sale_opened" && event.lane === context.lane,
  takesSole: ({ context, event }: At) =>
    soleIdentified(policyAfter(context, event), candidatesAfter(context, event)) !== undefined,
  posesTurn: ({ context, event }: At) =>
    posesTurn(policyAfter(context, event), candidatesAfter(context, event)),
  /** A head that turns away may be nobody's for some frames. */
  isTurning: ({ context, event }: At) => {
    const candidates = candidatesAfter(context, event);
    return candidates.length === 0 || posesTurn(policyAfter(context, event), candidates);
  },
  isTurnMet: ({ context, event }: At) =>
    event.type === "turn.judged" && event.attempt === context.turns_posed &&
    event.outcome === "met",
  isTurnFailed: ({ context, event }: At) =>
    event.type === "turn.judged" && event.attempt === context.turns_posed &&
    event.outcome === "failed",
  /** What somebody said who still stands there. */
  isHeardRight: ({ context, event }: At) =>
    event.type === "voice.heard" && event.attempt === context.prompts &&
    event.outcome === "right" && context.candidates.some(({ visit }) => visit === event.visit),
  isHeardWrong: ({ context, event }: At) =>
    event.type === "voice.heard" && event.attempt === context.prompts &&
    event.outcome === "wrong",
  isHeard: ({ context, event }: At) =>
    event.type === "voice.heard" && event.attempt === context.prompts,
  posesChallenge: ({ context, event }: At) =>
    posesChallenge(policyAfter(context, event), candidatesAfter(context, event)),
  offersChoice: ({ context, event }: At) =>
    policyAfter(context, event).selection === "operator" &&
    candidatesAfter(context, event).length > 0,
  isCandidate: ({ context, event }: At) =>
    event.type === "operator.selected" && context.policy.selection === "operator" &&
    context.candidates.some((candidate) =>
      candidate.visit === event.visit && meetsPolicy(context.policy, candidate)
    ),
  selectedStays: ({ context, event }: At) =>
    candidatesAfter(context, event).some(({ visit }) => visit === context.selected),
  mayCharge: ({ context, event }: At) =>
    context.policy.shadow !== true && mayCharge(context, event),
  /** As `mayCharge`, in a store that only tries out whom it would charge. */
  isShadow: ({ context, event }: At) => context.policy.shadow === true && mayCharge(context, event),
  /** An answer to a try that was given up. */
  isStale: ({ context, event }: At) =>
    event.type === "visit.reservation_refused" &&
    (event.visit !== context.selected || event.attempt !== context.tries),
  /** The issuer answers the question that was asked last. */
  isAttested: ({ context, event }: At) =>
    (event.type === "issuer.attested" || event.type === "issuer.attestation_refused") &&
    event.attempt === context.tries,
  /** As `mayCharge`, and something in the basket is not for everybody. */
  mayChargeIfEligible: ({ context, event }: At) =>
    context.policy.shadow !== true && mayCharge(context, event) &&
    needsOf(context.items).length > 0,
  /** As `mayCharge`, while the issuer is away. */
  mayChargeOffline: ({ context, event }: At) =>
    context.policy.shadow !== true && mayCharge(context, event) &&
    context.offline_since_ms !== null,
  mayChargeIfEligibleOffline: ({ context, event }: At) =>
    context.policy.shadow !== true && mayCharge(context, event) &&
    needsOf(context.items).length > 0 && context.offline_since_ms !== null,
  dropsEnoughOffline: ({ context, event }: At) =>
    isDrop(context, event) && needsOf(remaining(context, event)).length === 0 &&
    context.offline_since_ms !== null,
  /** The issuer is lost, and has reserved enough for this before. */
  mayStandIn: ({ context, event }: At) =>
    event.type === "lane.link_changed" && event.offline_since_ms !== null &&
    isCoverable(context, event.at_ms),
  /** The issuer is there again, and was never asked what this account may have. */
  isUnasked: ({ context, event }: At) =>
    event.type === "lane.link_changed" && event.offline_since_ms === null &&
    context.reason === unasked,
  isCapturing: ({ context }: At) => context.asked === "capture",
  isAuthorising: ({ context }: At) => context.asked === "authorisation",
  /** It came back at that very moment. */
  isInReach: ({ event }: At) =>
    event.type === "stand_in.refused" && event.reason === "issuer_in_reach",
  /** The issuer attested it before it was lost. */
  isEligibleOffline: ({ context }: At) =>
    context.offline_since_ms !== null &&
    needsOf(context.items).every((need) => context.attested.includes(need)),
  isEligible: ({ context }: At) =>
    needsOf(context.items).every((need) => context.attested.includes(need)),
  dropsEnough: ({ context, event }: At) =>
    isDrop(context, event) && needsOf(remaining(context, event)).length === 0,
  dropsSome: ({ context, event }: At) => isDrop(context, event),
  isChecked: ({ context, event }: At) =>
    event.type === "challenge.checked" && event.attempt === context.answers,
  /** The right answer of somebody who still stands there. */
  isRight: ({ context, event }: At) =>
    event.type === "challenge.checked" && event.attempt === context.answers &&
    event.outcome === "right" &&
    context.candidates.some(({ visit }) => visit === event.visit),
  isWrong: ({ context, event }: At) =>
    event.type === "challenge.checked" && event.attempt === context.answers &&
    event.outcome === "wrong",
  /** The shopper's word came before the issuer's that it waits for one. */
  isApproved: ({ context, event }: At) =>
    isOwnAnswer(event, context.approval_answer) && takes(context, context.approval_answer),
  isRefused: ({ context, event }: At) =>
    isOwnAnswer(event, context.approval_answer) && context.approval_answer?.amount_minor === 0,
  isAnswered: ({ context, event }: At) => isOwnAnswer(event, context.approval_answer),
  takesApproval: ({ context, event }: At) =>
    event.type === "issuer.approval_given" && event.approval === context.approval &&
    takes(context, event),
  isOwnApproval: ({ context, event }: At) =>
    "approval" in event && event.approval === context.approval,
  /** The issuer has a charge under this payment's name that an old backup had forgotten. */
  isKnown: ({ event }: At) => event.type === "issuer.declined" && chargesOfBefore.has(event.reason),
  isSelected: ({ context, event }: At) =>
    event.type === "visit.left" && event.visit === context.selected,
};
