/**
 * Money given back for a captured payment: asked of the issuer once, and ended by its answer alone.
 * How much may be given back is for the issuer to say, which knows what was.
 */
import { assign, emit, setup } from "xstate";
import type { Emitted, RefundAnswer, RefundRequest, Stamped } from "./messages.ts";

export type RefundEvent = (RefundRequest | RefundAnswer) & Stamped;

export interface RefundContext {
  readonly refund: string;
  readonly payment: string;
  readonly lane: string;
  readonly amount_minor: number;
  readonly currency: string;
  readonly operator: string;
  /** Why the operator gives it back; then, why the issuer does not. */
  readonly reason: string;
  readonly receipt: string | null;
  readonly asked_at_ms: number;
}

const refund = setup({
  types: {} as {
    context: RefundContext;
    events: RefundEvent;
    emitted: Emitted;
    input: { id: string };
  },
  actions: {
    take: assign(({ event }) => {
      if (event.type !== "operator.refund_requested") return {};
      const { payment, lane, amount_minor, currency, operator, reason, at_ms } = event;
      return { payment, lane, amount_minor, currency, operator, reason, asked_at_ms: at_ms };
    }),
    takeMade: assign(({ event }) => {
      if (event.type !== "issuer.refund_made") return {};
      const { payment, amount_minor, currency, receipt, reason, at_ms } = event;
      const asked_at_ms = at_ms;
      return { payment, amount_minor, currency, receipt, reason, operator: "issuer", asked_at_ms };
    }),
    ask: emit(({ context }) => ({
      type: "issuer.refund",
      refund: context.refund,
      payment: context.payment,
      amount_minor: context.amount_minor,
      currency: context.currency,
      operator: context.operator,
      reason: context.reason,
    })),
    noteReceipt: assign(({ event }) =>
      event.type === "issuer.refunded" ? { receipt: event.receipt } : {}
    ),
    noteReason: assign(({ event }) =>
      event.type === "issuer.refund_refused" ? { reason: event.reason } : {}
    ),
    /** Taken, with nothing to add: it is asked for already. */
    agree: assign({}),
  },
});

export const refundMachine = refund.createMachine({
  id: "refund",
  context: ({ input }) => ({
    refund: input.id,
    payment: "",
    lane: "",
    amount_minor: 0,
    currency: "",
    operator: "",
    reason: "",
    receipt: null,
    asked_at_ms: 0,
  }),
  initial: "unopened",
  states: {
    unopened: {
      on: {
        "operator.refund_requested": { target: "asking", actions: ["take", "ask"] },
        "issuer.refund_made": { target: "refunded", actions: "takeMade" },
      },
    },
    /** The request stays in the outbox until it is answered. */
    asking: {
      on: {
        "operator.refund_requested": { actions: "agree" },
        "issuer.refunded": { target: "refunded", actions: "noteReceipt" },
        "issuer.refund_refused": { target: "refused", actions: "noteReason" },
      },
    },
    refunded: { type: "final" },
    refused: { type: "final" },
  },
});
