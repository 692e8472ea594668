/**
 * One sale, from the moment a lane opens it to its only outcome. Nobody is charged without
 * evidence that meets the store's policy, and nothing that the issuer may hold is forgotten: once
 * it was asked, only its answer ends the payment.
 */
// long because all that may become of a sale is to be read at one sight
import { assign, emit, setup } from "xstate";
import type { LaneMessage } from "./lane.ts";
import { limits } from "./limits.ts";
import { type Emitted, tell } from "./messages.ts";
import {
  authorise,
  candidatesAfter,
  chosen,
  opened,
  type PaymentContext,
  type PaymentEvent,
  type PaymentEventOf,
  type PaymentOutcome,
  policyAfter,
  reasonOf,
} from "./payment_facts.ts";
import { meetsPolicy, soleIdentified } from "./policy.ts";
import type { VisitMessage } from "./visit.ts";

export type { PaymentContext, PaymentEvent, PaymentMessage } from "./payment_facts.ts";

const payment = setup({
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
    /** An answer to this very try, and somebody was chosen on evidence that meets the policy. */
    mayCharge: ({ context, event }) =>
      event.type === "visit.reservation_granted" && event.visit === context.selected &&
      event.attempt === context.tries && context.evidence !== null &&
      meetsPolicy(context.policy, { visit: event.visit, evidence: context.evidence }),
    /** An answer to a try that was given up. */
    isStale: ({ context, event }) =>
      event.type === "visit.reservation_refused" &&
      (event.visit !== context.selected || event.attempt !== context.tries),
    triesAreOver: ({ context }) => context.tries >= limits.tries,
    isSelected: ({ context, event }) =>
      event.type === "visit.left" && event.visit === context.selected,
  },
  delays: {
    untilSelectionEnds: ({ context, event }) =>
      Math.max(0, context.selection_until_ms - event.at_ms),
    reservationTimeout: limits.reservation_timeout_ms,
    authorisationTimeout: ({ context }) => context.policy.authorisation_timeout_ms,
  },
  actions: {
    open: assign(({ event }) => event.type === "lane.sale_opened" ? opened(event) : {}),
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
    noteReason: assign(({ context, event }) => reasonOf(context, event)),
    because: assign((_, params: { reason: string }) => ({ reason: params.reason })),
    /** Back to the search, with a whole period for it. */
    chooseAgain: assign(({ context, event }) => ({
      selected: null,
      evidence: null,
      operator: null,
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
    tellEnded: emit(({ context }, params: { outcome: PaymentOutcome }) =>
      tell<LaneMessage>(`lane/${context.lane}`, {
        type: "payment.ended",
        payment: context.payment,
        outcome: params.outcome,
      })
    ),
    askReservation: emit(({ context }) =>
      tell<VisitMessage>(`visit/${context.selected}`, {
        type: "payment.reservation_asked",
        payment: context.payment,
        attempt: context.tries,
      })
    ),
    release: emit(({ context }, params: { token_spent: boolean }) =>
      tell<VisitMessage>(`visit/${context.selected}`, {
        type: "payment.reservation_released",
        payment: context.payment,
        token_spent: params.token_spent,
        receipt: context.receipt,
      })
    ),
    authorise: emit(({ context, event }) =>
      authorise(context, event as PaymentEventOf<"visit.reservation_granted">)
    ),
    capture: emit(({ context }) => ({
      type: "issuer.capture",
      payment: context.payment,
      authorisation: context.authorisation ?? "",
      amount_minor: context.amount_minor,
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
const cancels = {
  "operator.cancelled": cancel,
  "pos.cancel_requested": cancel,
  "lane.withdrawn": cancel,
};
/** The same while a reservation is asked for: the visit is free again, its token unspent. */
const unspent = { type: "release" as const, params: { token_spent: false } };
const letGo = { ...cancel, actions: ["noteReason" as const, unspent] };
/** The issuer was asked: it may hold money, and only its answer to the reversal is the end. */
const reversal = {
  target: "reversing" as const,
  actions: ["noteReason" as const, "reverse" as const],
};
const spent = { type: "release" as const, params: { token_spent: true } };
const because = (reason: string) => ({ type: "because" as const, params: { reason } });
const candidateLeft = because("candidate_left");
const visitSilent = because("visit_silent");
const ended = (outcome: PaymentOutcome) => ({ type: "tellEnded" as const, params: { outcome } });

export const paymentMachine = payment.createMachine({
  id: "payment",
  context: ({ input }) => ({
    payment: input.id,
    lane: "",
    poi_id: "",
    sale_id: "",
    service_id: "",
    amount_minor: 0,
    currency: "",
    items: [],
    policy: {
      selection: "operator",
      accept_liveness: [],
      selection_timeout_ms: 0,
      authorisation_timeout_ms: 0,
    },
    opened_at_ms: 0,
    selection_until_ms: 0,
    candidates: [],
    selected: null,
    evidence: null,
    operator: null,
    tries: 0,
    reason: null,
    cancelled_by: null,
    authorisation: null,
    authorised_until_ms: null,
    receipt: null,
    shopper_left: false,
  }),
  initial: "unopened",
  on: {
    /** A lane that did not hear the first answer asks again. */
    "lane.sale_opened": { guard: "isOwnLane", actions: "tellOpened" },
    "visit.left": { guard: "isSelected", actions: "noteShopperLeft" },
  },
  states: {
    unopened: {
      on: {
        "lane.sale_opened": [
          {
            guard: "offersChoice",
            target: "awaiting_selection",
            actions: ["open", "tellOpened"],
          },
          { target: "awaiting_candidates", actions: ["open", "tellOpened"] },
        ],
      },
    },
    /** Nobody stands at the pay position whom this payment could charge. */
    awaiting_candidates: {
      on: {
        "lane.candidates_changed": [
          {
            guard: "takesSole",
            target: "awaiting_reservation",
            actions: ["updateCandidates", "chooseSole", "askReservation"],
          },
          { guard: "offersChoice", target: "awaiting_selection", actions: "updateCandidates" },
          { actions: "updateCandidates" },
        ],
        ...cancels,
      },
      after: {
        untilSelectionEnds: {
          target: "cancelled",
          actions: because("nobody_recognised"),
        },
      },
    },
    /** Somebody was recognised, and the operator has yet to choose. */
    awaiting_selection: {
      on: {
        "lane.candidates_changed": [
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
        untilSelectionEnds: {
          target: "cancelled",
          actions: because("nobody_selected"),
        },
      },
    },
    /** Somebody was chosen; the visit has yet to say that no other lane charges it. */
    awaiting_reservation: {
      on: {
        "visit.reservation_granted": {
          guard: "mayCharge",
          target: "awaiting_authorisation",
          actions: "authorise",
        },
        "visit.reservation_refused": [
          { guard: "isStale" },
          { guard: "triesAreOver", target: "cancelled", actions: "noteReason" },
          {
            guard: "offersChoice",
            target: "awaiting_selection",
            actions: ["noteReason", "chooseAgain"],
          },
          { target: "awaiting_candidates", actions: ["noteReason", "chooseAgain"] },
        ],
        "lane.candidates_changed": [
          { guard: "selectedStays", actions: "updateCandidates" },
          { guard: "triesAreOver", target: "cancelled", actions: [candidateLeft, unspent] },
          {
            guard: "takesSole",
            target: "awaiting_reservation",
            reenter: true,
            actions: [unspent, "updateCandidates", "chooseSole", "askReservation"],
          },
          {
            guard: "offersChoice",
            target: "awaiting_selection",
            actions: [candidateLeft, unspent, "updateCandidates", "chooseAgain"],
          },
          {
            target: "awaiting_candidates",
            actions: [candidateLeft, unspent, "updateCandidates", "chooseAgain"],
          },
        ],
        "operator.cancelled": letGo,
        "pos.cancel_requested": letGo,
        "lane.withdrawn": letGo,
      },
      after: {
        reservationTimeout: [
          { guard: "triesAreOver", target: "cancelled", actions: [visitSilent, unspent] },
          {
            guard: "offersChoice",
            target: "awaiting_selection",
            actions: [visitSilent, unspent, "chooseAgain"],
          },
          { target: "awaiting_candidates", actions: [visitSilent, unspent, "chooseAgain"] },
        ],
      },
    },
    /** The issuer was asked; until it answers it may hold the money. */
    awaiting_authorisation: {
      on: {
        "issuer.authorised": {
          target: "awaiting_capture",
          actions: ["noteAuthorisation", "capture"],
        },
        "issuer.declined": { target: "declined", actions: "noteReason" },
        "operator.cancelled": reversal,
        "pos.cancel_requested": reversal,
        "lane.withdrawn": reversal,
      },
      after: {
        authorisationTimeout: {
          target: "reversing",
          actions: [because("issuer_silent"), "reverse"],
        },
      },
    },
    /** The money is asked for: too late to cancel. The capture stays in the outbox until it is
     * answered, and an authorisation that ran out meanwhile is answered by a refusal. */
    awaiting_capture: {
      on: {
        "issuer.captured": { target: "captured", actions: "noteReceipt" },
        "issuer.capture_refused": reversal,
      },
    },
    /** The reversal stays in the outbox until it is answered. Answers to what was asked before it
     * change nothing: the issuer settles one payment's requests in their order. */
    reversing: {
      on: {
        "issuer.reversed": "reversed",
        "issuer.authorised": { actions: "noteAuthorisation" },
        "operator.cancelled": { actions: "agree" },
        "pos.cancel_requested": { actions: "agree" },
      },
    },
    captured: { type: "final", entry: [ended("captured"), spent] },
    declined: { type: "final", entry: [ended("declined"), spent] },
    cancelled: { type: "final", entry: ended("cancelled") },
    reversed: { type: "final", entry: [ended("reversed"), spent] },
  },
});
