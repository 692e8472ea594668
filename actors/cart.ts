/**
 * A walk-out cart, from the gate to the receipt and the day after: what its shopper took and why
 * that is believed, who decided where it was not clear, and what retailer and issuer made of it.
 * Every wait in it has an end.
 */
// long because every situation of a trip is to be seen beside the next
import { assign, emit, enqueueActions, setup } from "xstate";
import {
  bagsOf,
  type CartContext,
  type CartEvent,
  closed,
  confidenceOf,
  decided,
  disputed,
  emptyCart,
  entered,
  gone,
  picked,
  settledDispute,
  visitOf,
} from "./cart_facts.ts";
import type { DisplayMessage } from "./display.ts";
import { limits } from "./limits.ts";
import { type Emitted, tell } from "./messages.ts";
import type { PaymentMessage } from "./payment.ts";
import { passedOn } from "./payment_walkout.ts";

export type { CartContext, CartEvent, CartMessage } from "./cart_facts.ts";

const cart = setup({
  types: {} as {
    context: CartContext;
    events: CartEvent;
    emitted: Emitted;
    input: { id: string };
  },
  guards: {
    isLastOut: ({ context }) => context.gone + 1 >= context.tracks.length,
    isCertain: ({ context, event }) =>
      event.type === "tracker.cart_closed" && event.outcome === "certain" && !context.forgotten,
    isSound: ({ event }) =>
      event.type === "operator.cart_decided" && event.lines.length <= limits.cart_lines,
    isUnbilled: ({ context }) => context.visitor_type === "ASSOCIATE",
    isDisputed: ({ context, event }) =>
      event.type === "payment.ended" && event.outcome === "captured" &&
      context.disputes.some(({ granted }) => granted === null),
    isCaptured: ({ event }) => event.type === "payment.ended" && event.outcome === "captured",
    isOwnDispute: ({ context, event }) =>
      "dispute" in event &&
      context.disputes.some((known) => known.dispute === event.dispute && known.granted === null),
    /** The tracker itself was not sure enough of that line to hold against a shopper. */
    isDoubtful: ({ context, event }) =>
      event.type === "issuer.line_disputed" &&
      confidenceOf(context, event.gtin) < limits.dispute_certain,
    isKnownDispute: ({ context, event }) =>
      event.type === "issuer.line_disputed" &&
      context.disputes.some((known) => known.dispute === event.dispute),
    isLastDispute: ({ context, event }) =>
      "dispute" in event &&
      context.disputes.every((known) => known.dispute === event.dispute || known.granted !== null),
    maybeMore: ({ context }) => context.disputes.length < limits.disputes,
  },
  delays: {
    stayTimeout: limits.stay_ms,
    closingTimeout: limits.closing_ms,
    reviewTimeout: limits.review_ms,
    pricingTimeout: limits.pricing_ms,
    disputableTime: limits.disputable_ms,
    disputeTimeout: limits.dispute_ms,
  },
  actions: {
    enter: assign(({ context, event }) =>
      event.type === "gate.entered" ? entered(context, event) : {}
    ),
    follow: enqueueActions(({ context, event, enqueue }) => {
      if (event.type !== "gate.entered") return;
      const { track, at_ms } = event;
      enqueue.emit({ type: "tracker.enter", cart: context.trip, track, at_ms });
    }),
    noteLines: assign(({ event }) =>
      event.type === "tracker.lines_changed"
        ? { lines: event.lines, confidence: event.confidence }
        : {}
    ),
    /** What was just taken stands on the display beside its shelf. */
    showPicked: enqueueActions(({ context, event, enqueue }) => {
      if (event.type !== "tracker.lines_changed") return;
      for (const { display, gtin } of picked(context, event)) {
        enqueue.emit(tell<DisplayMessage>(`display/${display}`, {
          type: "cart.item_picked",
          // As catalogues write it.
          gtin: gtin.padStart(14, "0"),
          visit: visitOf(context),
        }));
      }
    }),
    noteForgotten: assign({ forgotten: true }),
    noteGone: assign(({ context, event }) => gone(context, event)),
    leave: assign(({ context, event }) => ({ ...gone(context, event), left_at_ms: event.at_ms })),
    /** Nobody saw this shopper go. */
    giveUpWaiting: assign(({ event }) => ({ left_at_ms: event.at_ms })),
    letGo: emit(({ context, event }) => ({
      type: "tracker.leave" as const,
      cart: context.trip,
      at_ms: event.at_ms,
      bag_g: event.type === "gate.left" ? bagsOf(context) : null,
    })),
    close: assign(({ context, event }) =>
      event.type === "tracker.cart_closed" ? closed(context, event) : {}
    ),
    because: assign((_, params: { reason: string }) => ({ reason: params.reason })),
    decide: assign(({ context, event }) =>
      event.type === "operator.cart_decided" ? decided(context, event) : {}
    ),
    submit: emit(({ context }) => ({
      type: "retailer.submit_purchase" as const,
      trip: context.trip,
      entered_at_ms: context.entered_at_ms,
      left_at_ms: context.left_at_ms ?? context.entered_at_ms,
      visitor: context.visitor,
      visitor_type: context.visitor_type,
      entry: context.evidence?.kind ?? "code_at_gate",
      lines: context.lines.map(({ gtin, units }) => ({ gtin, units })),
    })),
    noteTaken: emit(({ context }) => ({
      type: "shelf.note_taken" as const,
      cart: context.trip,
      lines: context.lines.map(({ gtin, units, evidence }) => ({
        gtin,
        units,
        plate: evidence[0]?.plate ?? null,
      })),
    })),
    notePurchase: assign(({ event }) =>
      event.type === "retailer.purchase_acknowledged" ? { purchase: event.purchase } : {}
    ),
    noteReason: assign(({ event }) => "reason" in event ? { reason: event.reason } : {}),
    endTrip: emit(({ context }) => ({
      type: "issuer.end_trip" as const,
      trip: context.trip,
      reason: context.reason ?? "unknown",
    })),
    notePrice: assign(({ event }) => {
      if (event.type !== "issuer.cart_priced") return {};
      const { amount_minor, currency, items } = event;
      return { amount_minor, currency, items, reason: null };
    }),
    openPayment: emit(({ context }) =>
      tell<PaymentMessage>(`payment/${context.trip}`, {
        type: "cart.priced",
        cart: context.trip,
        gate: context.gate,
        amount_minor: context.amount_minor,
        currency: context.currency,
        items: context.items,
      })
    ),
    tellPayment: enqueueActions(({ context, event, enqueue }) => {
      if (event.type === "issuer.trip_charged") enqueue.emit(passedOn(context.trip, event));
    }),
    noteEnd: assign(({ event }) =>
      event.type === "payment.ended"
        ? { receipt: event.receipt, reason: event.outcome === "captured" ? null : event.outcome }
        : {}
    ),
    raise: assign(({ context, event }) =>
      event.type === "issuer.line_disputed" ? disputed(context, event) : {}
    ),
    noteDecision: assign(({ context, event }) =>
      event.type === "operator.dispute_decided"
        ? settledDispute(context, event.dispute, event.granted, event.operator)
        : {}
    ),
    noteClosed: assign(({ context, event }) =>
      event.type === "issuer.dispute_closed"
        ? settledDispute(context, event.dispute, event.granted, "issuer")
        : {}
    ),
    /** The money is on its way back: the retailer's stock is one of things that never left. */
    tellRetailer: enqueueActions(({ context, event, enqueue }) => {
      if (event.type !== "issuer.dispute_closed" || !event.granted) return;
      const known = context.disputes.find(({ dispute }) => dispute === event.dispute);
      if (known === undefined) return;
      const { dispute, gtin, units } = known;
      const { trip } = context;
      enqueue.emit({ type: "retailer.tell_dispute", trip, dispute, gtin, units });
    }),
    grant: emit(({ context, event }) => ({
      type: "issuer.decide_dispute" as const,
      trip: context.trip,
      dispute: "dispute" in event ? event.dispute : "",
      granted: true,
      operator: "automatic",
    })),
    tellDecision: emit(({ context, event }) => ({
      type: "issuer.decide_dispute" as const,
      trip: context.trip,
      dispute: "dispute" in event ? event.dispute : "",
      granted: event.type === "operator.dispute_decided" && event.granted,
      operator: event.type === "operator.dispute_decided" ? event.operator : "automatic",
    })),
    /** Nobody looked at them: the shopper is believed. */
    grantAll: enqueueActions(({ context, enqueue }) => {
      for (const { dispute, granted } of context.disputes) {
        if (granted !== null) continue;
        enqueue.emit({
          type: "issuer.decide_dispute",
          trip: context.trip,
          dispute,
          granted: true,
          operator: "automatic",
        });
      }
    }),
    believeAll: assign(({ context }) => ({
      disputes: context.disputes.map((known) =>
        known.granted === null ? { ...known, granted: true, decided_by: "automatic" } : known
      ),
    })),
    warn: emit(({ context }) => ({
      type: "gate.warn" as const,
      gate: context.gate,
      reason: "trip_over",
    })),
    /** Taken, with nothing to add. */
    agree: assign({}),
  },
});

const because = (reason: string) => ({ type: "because" as const, params: { reason } });
const priced = {
  target: "paying" as const,
  actions: ["notePrice" as const, "openPayment" as const],
};
const nothingToPay = { target: "cancelled" as const };
const leaves = [
  {
    guard: "isLastOut" as const,
    target: "closing" as const,
    actions: ["leave" as const, "letGo" as const],
  },
  { actions: "noteGone" as const },
];
const disputes = [
  { guard: "isKnownDispute" as const, actions: "agree" as const },
  {
    guard: "isDoubtful" as const,
    target: "paid" as const,
    actions: ["raise" as const, "grant" as const],
  },
  { guard: "maybeMore" as const, target: "disputed" as const, actions: "raise" as const },
  { actions: ["raise" as const, "grant" as const] },
];
const furtherDisputes = [
  { guard: "isKnownDispute" as const, actions: "agree" as const },
  { guard: "isDoubtful" as const, actions: ["raise" as const, "grant" as const] },
  { guard: "maybeMore" as const, actions: "raise" as const },
  { actions: ["raise" as const, "grant" as const] },
];
const closes = ["tellRetailer" as const, "noteClosed" as const];
const decision = {
  guard: "isOwnDispute" as const,
  actions: ["noteDecision" as const, "tellDecision" as const],
};

export const cartMachine = cart.createMachine({
  id: "cart",
  context: ({ input }) => emptyCart(input.id),
  initial: "unopened",
  on: {
    "tracker.forgot": { actions: "noteForgotten" },
    "tracker.lines_changed": { actions: "agree" },
    "issuer.dispute_closed": { actions: closes },
    "retailer.dispute_noted": { actions: "agree" },
    "issuer.trip_charged": { actions: "tellPayment" },
    /** The trip is over: whoever comes in now is in for nobody. */
    "gate.entered": { actions: "warn" },
  },
  states: {
    unopened: { on: { "gate.entered": { target: "shopping", actions: ["enter", "follow"] } } },
    shopping: {
      on: {
        "gate.entered": { actions: ["enter", "follow"] },
        "tracker.lines_changed": { actions: ["showPicked", "noteLines"] },
        /** Another of the group came in at this moment: what was in it, nobody follows any more. */
        "tracker.cart_closed": { actions: "noteForgotten" },
        "gate.left": leaves,
      },
      after: { stayTimeout: { target: "closing", actions: ["giveUpWaiting", "letGo"] } },
    },
    /** The last put-backs are understood; the tracker says when it is sure, or that it is not. */
    closing: {
      on: {
        /** Another of the group, whose first was quick. */
        "gate.entered": { target: "shopping", actions: ["enter", "follow"] },
        "tracker.lines_changed": { actions: "noteLines" },
        "tracker.cart_closed": [
          { guard: "isCertain", target: "submitting", actions: "close" },
          { target: "in_review", actions: "close" },
        ],
      },
      after: { closingTimeout: { target: "in_review", actions: because("tracker_silent") } },
    },
    /** A person decides, with what was seen of each line. */
    in_review: {
      on: {
        "operator.cart_decided": { guard: "isSound", target: "submitting", actions: "decide" },
      },
      after: {
        /** The tracker's guess is all that is known of what is gone. */
        reviewTimeout: { target: "ending", actions: [because("nobody_reviewed"), "noteTaken"] },
      },
    },
    /** In the outbox until the retailer has it, however long that takes. */
    submitting: {
      entry: ["submit", "noteTaken"],
      on: {
        "retailer.purchase_acknowledged": [
          {
            guard: "isUnbilled",
            target: "ending",
            actions: ["notePurchase", because("associate")],
          },
          { target: "awaiting_price", actions: "notePurchase" },
        ],
        "retailer.purchase_refused": { target: "ending", actions: "noteReason" },
        "issuer.cart_priced": priced,
        "issuer.cart_cancelled": nothingToPay,
      },
    },
    /** Acknowledged is not priced: the price comes from the retailer by way of the issuer. */
    awaiting_price: {
      on: { "issuer.cart_priced": priced, "issuer.cart_cancelled": nothingToPay },
      after: { pricingTimeout: { target: "ending", actions: because("retailer_silent") } },
    },
    /** The issuer is told that nothing is to be charged any more. In the outbox until it agrees. */
    ending: {
      entry: "endTrip",
      on: {
        "issuer.trip_ended": "unsold",
        /** The price was there first. */
        "issuer.cart_priced": priced,
        "issuer.cart_cancelled": nothingToPay,
        "retailer.purchase_acknowledged": { actions: "notePurchase" },
      },
    },
    paying: {
      on: {
        "payment.ended": [
          { guard: "isDisputed", target: "disputed", actions: "noteEnd" },
          { guard: "isCaptured", target: "paid", actions: "noteEnd" },
          { target: "unpaid", actions: "noteEnd" },
        ],
        "issuer.trip_ended": { actions: "agree" },
        /** Charged, and the word of it is still on its way here. */
        "issuer.line_disputed": furtherDisputes,
        "operator.dispute_decided": decision,
      },
    },
    /** For a day the shopper may say that a line is wrong. */
    paid: {
      on: {
        "issuer.line_disputed": disputes,
        "operator.dispute_decided": { guard: "isOwnDispute", actions: "agree" },
      },
      after: { disputableTime: "settled" },
    },
    disputed: {
      on: {
        "issuer.line_disputed": furtherDisputes,
        "operator.dispute_decided": [
          {
            guard: "isLastDispute",
            target: "paid",
            actions: ["noteDecision", "tellDecision"],
          },
          decision,
        ],
        "issuer.dispute_closed": [
          { guard: "isLastDispute", target: "paid", actions: closes },
          { actions: closes },
        ],
      },
      after: { disputeTimeout: { target: "paid", actions: ["grantAll", "believeAll"] } },
    },
    settled: { type: "final" },
    /** Declined and never paid after all, or given up: the retailer's loss, told to it. */
    unpaid: { type: "final" },
    /** Nothing was taken, or nothing costs anything. */
    cancelled: { type: "final" },
    /** Taken and not sold: an associate's, or for the reason that stands in it. */
    unsold: { type: "final" },
  },
});
