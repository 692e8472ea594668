/**
 * What a payment can do, by name: delays and actions of its machine. What it can tell apart stands
 * in `payment_guards.ts`, the situations in which both are used in the files beside.
 */
// long because XState wants every name of a machine in one place
import { assign, emit, enqueueActions, setup } from "xstate";
import type { CartMessage } from "./cart_facts.ts";
import { approvalAnswered, approvalNeeded } from "./approval_facts.ts";
import type { LaneMessage } from "./lane.ts";
import { none } from "./kept.ts";
import { limits } from "./limits.ts";
import { guards } from "./payment_guards.ts";
import { type Emitted, standInAddress, tell } from "./messages.ts";
import {
  answered,
  authorise,
  candidatesAfter,
  chosen,
  dropped,
  needsOf,
  opened,
  type PaymentContext,
  type PaymentEvent,
  type PaymentOutcome,
  reasonOf,
} from "./payment_facts.ts";
import { priced } from "./payment_walkout.ts";
import { forward, offlineAfter, standInAsked } from "./offline_facts.ts";
import { soleIdentified } from "./policy.ts";
import type { StandInMessage } from "./stand_in.ts";
import type { VisitMessage } from "./visit.ts";

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
  guards,
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
      failed: context.failed_turns,
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
          attested: none,
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
      attested: none,
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
    noteResumed: assign({ resumed: true }),
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
