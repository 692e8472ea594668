/**
 * What a payment can tell apart and do, by name: guards, delays and actions of its machine. The
 * situations in which they are used stand in `payment_search.ts` and `payment_settling.ts`.
 */
// long because XState wants every name of a machine in one place
import { assign, emit, enqueueActions, setup } from "xstate";
import type { CartMessage } from "./cart_facts.ts";
import { approvalAnswered, approvalNeeded, isOwnAnswer, takes } from "./approval_facts.ts";
import type { LaneMessage } from "./lane.ts";
import { limits } from "./limits.ts";
import { type Emitted, standInAddress, tell } from "./messages.ts";
import {
  answered,
  authorise,
  candidatesAfter,
  chosen,
  dropped,
  isDrop,
  mayCharge,
  needsOf,
  opened,
  type PaymentContext,
  type PaymentEvent,
  type PaymentOutcome,
  policyAfter,
  reasonOf,
  remaining,
} from "./payment_facts.ts";
import { priced } from "./payment_walkout.ts";
import { forward, isCoverable, offlineAfter, standInAsked } from "./offline_facts.ts";
import { meetsPolicy, posesChallenge, posesTurn, soleIdentified } from "./policy.ts";
import type { StandInMessage } from "./stand_in.ts";
import type { VisitMessage } from "./visit.ts";

/** The issuer's words for a charge under the same name that is not over, or was taken. */
const chargesOfBefore: ReadonlySet<string> = new Set([
  "payment_under_way",
  "payment_awaiting_approval",
  "payment_authorised",
  "payment_capturing",
  "payment_captured",
]);

/** What the visit is told when this payment needs it no more. */
const releasing = (
  { selected, payment, receipt }: PaymentContext,
  token_spent: boolean,
  allowance_used: boolean,
) =>
  tell<VisitMessage>(`visit/${selected}`, {
    type: "payment.reservation_released",
    payment,
    token_spent,
    allowance_used,
    receipt,
  });

export const paymentSetup = setup({
  types: {} as {
    context: PaymentContext;
    events: PaymentEvent;
    emitted: Emitted;
    input: { id: string };
  },
  guards: {
    isOwnLane: ({ context, event }) =>
      event.type === "lane.sale_opened" && event.lane === context.lane,
    takesSole: ({ context, event }) =>
      soleIdentified(policyAfter(context, event), candidatesAfter(context, event)) !== undefined,
    posesTurn: ({ context, event }) =>
      posesTurn(policyAfter(context, event), candidatesAfter(context, event)),
    /** A head that turns away may be nobody's for some frames. */
    isTurning: ({ context, event }) => {
      const candidates = candidatesAfter(context, event);
      return candidates.length === 0 || posesTurn(policyAfter(context, event), candidates);
    },
    isTurnMet: ({ context, event }) =>
      event.type === "turn.judged" && event.attempt === context.turns_posed &&
      event.outcome === "met",
    isTurnFailed: ({ context, event }) =>
      event.type === "turn.judged" && event.attempt === context.turns_posed &&
      event.outcome === "failed",
    isTurnFailedTooOften: ({ context, event }) =>
      event.type === "turn.judged" && event.attempt === context.turns_posed &&
      event.outcome === "failed" && context.failed_turns + 1 >= limits.failed_turns,
    turnsAreOver: ({ context }) => context.failed_turns + 1 >= limits.failed_turns,
    /** What somebody said who still stands there. */
    isHeardRight: ({ context, event }) =>
      event.type === "voice.heard" && event.attempt === context.prompts &&
      event.outcome === "right" && context.candidates.some(({ visit }) => visit === event.visit),
    isHeardWrong: ({ context, event }) =>
      event.type === "voice.heard" && event.attempt === context.prompts &&
      event.outcome === "wrong",
    isHeardWrongTooOften: ({ context, event }) =>
      event.type === "voice.heard" && event.attempt === context.prompts &&
      event.outcome === "wrong" && context.wrong_answers + 1 >= limits.wrong_answers,
    isHeard: ({ context, event }) =>
      event.type === "voice.heard" && event.attempt === context.prompts,
    posesChallenge: ({ context, event }) =>
      posesChallenge(policyAfter(context, event), candidatesAfter(context, event)),
    offersChoice: ({ context, event }) =>
      policyAfter(context, event).selection === "operator" &&
      candidatesAfter(context, event).length > 0,
    isCandidate: ({ context, event }) =>
      event.type === "operator.selected" && context.policy.selection === "operator" &&
      context.candidates.some((candidate) =>
        candidate.visit === event.visit && meetsPolicy(context.policy, candidate)
      ),
    selectedStays: ({ context, event }) =>
      candidatesAfter(context, event).some(({ visit }) => visit === context.selected),
    mayCharge: ({ context, event }) => context.policy.shadow !== true && mayCharge(context, event),
    /** As `mayCharge`, in a store that only tries out whom it would charge. */
    isShadow: ({ context, event }) => context.policy.shadow === true && mayCharge(context, event),
    /** An answer to a try that was given up. */
    isStale: ({ context, event }) =>
      event.type === "visit.reservation_refused" &&
      (event.visit !== context.selected || event.attempt !== context.tries),
    /** The issuer answers the question that was asked last. */
    isAttested: ({ context, event }) =>
      (event.type === "issuer.attested" || event.type === "issuer.attestation_refused") &&
      event.attempt === context.tries,
    /** As `mayCharge`, and something in the basket is not for everybody. */
    mayChargeIfEligible: ({ context, event }) =>
      context.policy.shadow !== true && mayCharge(context, event) &&
      needsOf(context.items).length > 0,
    /** As `mayCharge`, while the issuer is away. */
    mayChargeOffline: ({ context, event }) =>
      context.policy.shadow !== true && mayCharge(context, event) &&
      context.offline_since_ms !== null,
    mayChargeIfEligibleOffline: ({ context, event }) =>
      context.policy.shadow !== true && mayCharge(context, event) &&
      needsOf(context.items).length > 0 && context.offline_since_ms !== null,
    dropsEnoughOffline: ({ context, event }) =>
      isDrop(context, event) && needsOf(remaining(context, event)).length === 0 &&
      context.offline_since_ms !== null,
    /** The issuer is lost, and has reserved enough for this before. */
    mayStandIn: ({ context, event }) =>
      event.type === "lane.link_changed" && event.offline_since_ms !== null &&
      isCoverable(context, event.at_ms),
    isCapturing: ({ context }) => context.asked === "capture",
    isAuthorising: ({ context }) => context.asked === "authorisation",
    /** It came back at that very moment. */
    isInReach: ({ event }) =>
      event.type === "stand_in.refused" && event.reason === "issuer_in_reach",
    /** The issuer attested it before it was lost. */
    isEligibleOffline: ({ context }) =>
      context.offline_since_ms !== null &&
      needsOf(context.items).every((need) => context.attested.includes(need)),
    isEligible: ({ context }) =>
      needsOf(context.items).every((need) => context.attested.includes(need)),
    dropsAll: ({ context, event }) => remaining(context, event).length === 0,
    dropsEnough: ({ context, event }) =>
      isDrop(context, event) && needsOf(remaining(context, event)).length === 0,
    dropsSome: ({ context, event }) => isDrop(context, event),
    isChecked: ({ context, event }) =>
      event.type === "challenge.checked" && event.attempt === context.answers,
    /** The right answer of somebody who still stands there. */
    isRight: ({ context, event }) =>
      event.type === "challenge.checked" && event.attempt === context.answers &&
      event.outcome === "right" &&
      context.candidates.some(({ visit }) => visit === event.visit),
    isWrong: ({ context, event }) =>
      event.type === "challenge.checked" && event.attempt === context.answers &&
      event.outcome === "wrong",
    isWrongTooOften: ({ context, event }) =>
      event.type === "challenge.checked" && event.attempt === context.answers &&
      event.outcome === "wrong" && context.wrong_answers + 1 >= limits.wrong_answers,
    /** The shopper's word came before the issuer's that it waits for one. */
    isApproved: ({ context, event }) =>
      isOwnAnswer(event, context.approval_answer) && takes(context, context.approval_answer),
    isRefused: ({ context, event }) =>
      isOwnAnswer(event, context.approval_answer) && context.approval_answer?.amount_minor === 0,
    isAnswered: ({ context, event }) => isOwnAnswer(event, context.approval_answer),
    takesApproval: ({ context, event }) =>
      event.type === "issuer.approval_given" && event.approval === context.approval &&
      takes(context, event),
    isOwnApproval: ({ context, event }) =>
      "approval" in event && event.approval === context.approval,
    /** The issuer has a charge under this payment's name that an old backup had forgotten. */
    isKnown: ({ event }) => event.type === "issuer.declined" && chargesOfBefore.has(event.reason),
    triesAreOver: ({ context }) => context.tries >= limits.tries,
    isSelected: ({ context, event }) =>
      event.type === "visit.left" && event.visit === context.selected,
  },
  delays: {
    untilSelectionEnds: ({ context, event }) =>
      Math.max(0, context.selection_until_ms - event.at_ms),
    standInTimeout: limits.stand_in_timeout_ms,
    reservationTimeout: limits.reservation_timeout_ms,
    authorisationTimeout: ({ context }) => context.policy.authorisation_timeout_ms,
    attestationTimeout: limits.attestation_timeout_ms,
    eligibilityTimeout: limits.eligibility_timeout_ms,
    checkTimeout: limits.check_timeout_ms,
    chargeTimeout: limits.charge_ms,
    turnTimeout: limits.turn_timeout_ms,
    turnPause: limits.turn_pause_ms,
    untilApprovalEnds: ({ context, event }) =>
      Math.max(0, (context.approval_until_ms ?? 0) - event.at_ms),
  },
  actions: {
    open: assign(({ event }) => event.type === "lane.sale_opened" ? opened(event) : {}),
    openCart: assign(({ event }) => event.type === "cart.priced" ? priced(event) : {}),
    updateCandidates: assign(({ context, event }) => ({
      candidates: candidatesAfter(context, event),
    })),
    chooseSole: assign(({ context }) =>
      chosen(context, soleIdentified(context.policy, context.candidates), "automatic")
    ),
    chooseTapped: assign(({ context, event }) =>
      event.type === "operator.selected"
        ? chosen(context, context.candidates.find((c) => c.visit === event.visit), event.operator)
        : {}
    ),
    /** The evidence is now the face and the answer. */
    chooseAnswered: assign(({ context, event }) => answered(context, event)),
    noteWrong: assign(({ context }) => ({
      wrong_answers: context.wrong_answers + 1,
      reason: "answer_wrong",
    })),
    /** Turns have a period of their own: a search that is nearly over is not cut short by them. */
    countTurn: assign(({ context, event }) => ({
      turns_posed: context.turns_posed + 1,
      selection_until_ms: event.at_ms + context.policy.selection_timeout_ms,
    })),
    noteTurnFailed: assign(({ context }) => ({
      failed_turns: context.failed_turns + 1,
      reason: "turn_failed",
    })),
    noteUnheard: assign(({ context }) => ({ unheard: context.unheard + 1 })),
    /** Digits are asked for where a voice can choose: it never stands for the only one. */
    countPrompt: assign(({ context }) => ({ prompts: context.prompts + 1 })),
    askAloud: enqueueActions(({ context, enqueue }) => {
      const { policy: { microphone }, candidates, payment, lane, unheard } = context;
      const several = candidates.length > 1 && unheard < limits.unheard_answers;
      if (microphone === undefined || !several) return;
      enqueue.emit({
        type: "voice.ask",
        payment,
        lane,
        microphone,
        attempt: context.prompts,
        visits: candidates.map(({ visit }) => visit),
      });
    }),
    hush: enqueueActions(({ context: { policy, payment, lane }, enqueue }) => {
      if (policy.microphone !== undefined) enqueue.emit({ type: "voice.hush", payment, lane });
    }),
    poseTurn: emit(({ context }) => ({
      type: "turn.pose",
      payment: context.payment,
      lane: context.lane,
      attempt: context.turns_posed,
    })),
    noteAnswer: assign(({ context, event }) =>
      event.type === "shopper.answered"
        ? { answers: context.answers + 1, answer_kind: event.kind, reason: null }
        : {}
    ),
    keepToken: assign(({ event }) =>
      event.type === "visit.reservation_granted"
        ? {
          token: event.token,
          account: event.account,
          allowance: event.allowance,
          asked: null,
          attested: [],
        }
        : {}
    ),
    noteLink: assign(({ context, event }) => ({ offline_since_ms: offlineAfter(context, event) })),
    noteAsked: assign((_, params: { asked: "authorisation" | "capture" }) => params),
    noteAccepted: assign(({ event }) => ({ accepted_at_ms: event.at_ms, reason: null })),
    noteAttested: assign(({ event }) =>
      event.type === "issuer.attested" ? { attested: event.eligible, reason: null } : {}
    ),
    noteConfirmed: assign(({ event }) =>
      event.type === "operator.eligibility_confirmed"
        ? { eligibility_operator: event.operator }
        : {}
    ),
    drop: assign(({ context, event }) => dropped(context, event)),
    noteApprovalNeeded: assign(({ context, event }) => approvalNeeded(context, event)),
    /** What the shopper said to an approval that was asked for, or is about to be. */
    noteAnswered: assign(({ event }) => approvalAnswered(event)),
    takeApproved: assign(({ context }) => ({
      charge_minor: context.approval_answer?.amount_minor ?? context.charge_minor,
      reason: null,
    })),
    noteRefusal: assign(({ context }) => ({ reason: context.approval_answer?.reason ?? null })),
    noteReason: assign(({ context, event }) => reasonOf(context, event)),
    because: assign((_, params: { reason: string }) => ({ reason: params.reason })),
    /** Back to the search, with a whole period for it. */
    chooseAgain: assign(({ context, event }) => ({
      selected: null,
      evidence: null,
      operator: null,
      token: null,
      account: null,
      allowance: null,
      attested: [],
      selection_until_ms: event.at_ms + context.policy.selection_timeout_ms,
    })),
    noteAuthorisation: assign(({ event }) =>
      event.type === "issuer.authorised"
        ? { authorisation: event.authorisation, authorised_until_ms: event.expires_ms }
        : {}
    ),
    noteReceipt: assign(({ event }) =>
      event.type === "issuer.captured" ? { receipt: event.receipt } : {}
    ),
    noteShopperLeft: assign({ shopper_left: true }),
    /** Taken, with nothing to add: what is asked for is under way. */
    agree: assign({}),
    tellOpened: emit(({ context }) =>
      tell<LaneMessage>(`lane/${context.lane}`, {
        type: "payment.opened",
        payment: context.payment,
      })
    ),
    tellEnded: emit(({ context }, params: { outcome: PaymentOutcome }) => {
      const { payment, cart, lane, receipt } = context;
      const { outcome } = params;
      const type = "payment.ended";
      return cart === null
        ? tell<LaneMessage>(`lane/${lane}`, { type, payment, outcome })
        : tell<CartMessage>(`cart/${cart}`, { type, payment, outcome, receipt });
    }),
    askReservation: emit(({ context }) =>
      tell<VisitMessage>(`visit/${context.selected}`, {
        type: "payment.reservation_asked",
        payment: context.payment,
        attempt: context.tries,
        offline: context.offline_since_ms !== null,
      })
    ),
    askStandIn: emit(({ context }) => tell<StandInMessage>(standInAddress, standInAsked(context))),
    returnStandIn: emit(({ context }) =>
      tell<StandInMessage>(standInAddress, {
        type: "payment.stand_in_returned",
        payment: context.payment,
      })
    ),
    settleStandIn: emit(({ context, event }) =>
      tell<StandInMessage>(standInAddress, {
        type: "payment.stand_in_settled",
        payment: context.payment,
        refused: event.type === "issuer.forward_refused" ? event.reason : null,
      })
    ),
    forward: emit(({ context, event }) => forward(context, event)),
    /** The shopper may go, or buy something else: this sale holds nothing of the visit any more. */
    releaseUsed: emit(({ context }) => releasing(context, true, true)),
    unspend: emit(({ context }) => releasing(context, false, false)),
    /** Its end may be hours away, and the lane is needed. */
    letLaneGo: enqueueActions(({ context, event, enqueue }) => {
      if (offlineAfter(context, event) === null) return;
      enqueue.emit(tell<LaneMessage>(`lane/${context.lane}`, {
        type: "payment.let_go",
        payment: context.payment,
      }));
    }),
    release: enqueueActions(({ context, enqueue }, params: { token_spent: boolean }) => {
      if (context.selected === null) return;
      enqueue.emit(releasing(context, params.token_spent, false));
    }),
    authorise: emit(({ context, event }) => authorise(context, event)),
    conduct: emit(({ context }) => ({
      type: "issuer.conduct",
      payment: context.payment,
      approval: context.approval ?? "",
      amount_minor: context.charge_minor,
      currency: context.currency,
    })),
    askAttestation: emit(({ context }) => ({
      type: "issuer.attest",
      payment: context.payment,
      visit: context.selected ?? "",
      attempt: context.tries,
      needs: needsOf(context.items),
    })),
    checkAnswer: emit(({ context, event }) => ({
      type: "challenge.check",
      payment: context.payment,
      attempt: context.answers,
      kind: event.type === "shopper.answered" ? event.kind : "initials",
      answer: event.type === "shopper.answered" ? event.answer : "",
      visits: context.candidates.map(({ visit }) => visit),
    })),
    capture: emit(({ context }) => ({
      type: "issuer.capture",
      payment: context.payment,
      authorisation: context.authorisation ?? "",
      amount_minor: context.charge_minor,
      currency: context.currency,
    })),
    reverse: emit(({ context }) => ({
      type: "issuer.reverse",
      payment: context.payment,
      reason: context.reason ?? "unknown",
    })),
  },
});

/** A wish to cancel before the issuer was asked: done at once. */
const cancel = { target: "cancelled" as const, actions: "noteReason" as const };
export const cancels = {
  "operator.cancelled": cancel,
  "pos.cancel_requested": cancel,
  "lane.withdrawn": cancel,
};
/** The same while a reservation is asked for: the visit is free again, its token unspent. */
export const unspent = { type: "release" as const, params: { token_spent: false } };
const let_go = { ...cancel, actions: ["noteReason" as const, unspent] };
export const letsGo = {
  "operator.cancelled": let_go,
  "pos.cancel_requested": let_go,
  "lane.withdrawn": let_go,
};
/** The issuer was asked: it may hold money, and only its answer to the reversal is the end. */
export const reversal = {
  target: "reversing" as const,
  actions: ["noteReason" as const, "reverse" as const],
};
export const spent = { type: "release" as const, params: { token_spent: true } };
export const because = (reason: string) => ({ type: "because" as const, params: { reason } });
export const ended = (outcome: PaymentOutcome) => ({
  type: "tellEnded" as const,
  params: { outcome },
});
