/**
 * A shopper's stay, from check-in to leaving: the lease on the shopper's presence, the one-time
 * tokens, and the reservation that keeps two lanes from charging one person.
 */
// long because a stay is read in one piece: what renews it, what holds it, what ends it
import { assign, emit, enqueueActions, setup } from "xstate";
import { none } from "./kept.ts";
import { limits } from "./limits.ts";
import { type Emitted, tell } from "./messages.ts";
import type { PaymentMessage } from "./payment.ts";
import {
  freshTokens,
  held,
  lasts_ms,
  refusal,
  released,
  renewed,
  saidOffers,
  type VisitContext,
  type VisitEvent,
} from "./visit_facts.ts";
import { may } from "./services.ts";

export type { VisitContext, VisitEvent, VisitMessage } from "./visit_facts.ts";

const isReady = (context: VisitContext, event: VisitEvent) =>
  event.type === "issuer.visit_opened" && event.template &&
  (context.held_by !== null || freshTokens(context, event).length > 0);
/** The issuer, which knows, says that the lease goes on. */
const isAlive = (event: VisitEvent) =>
  event.type === "issuer.visit_opened" && event.lease_expires_ms > event.at_ms;

const visit = setup({
  types: {} as {
    context: VisitContext;
    events: VisitEvent;
    emitted: Emitted;
    input: { id: string };
  },
  guards: {
    /** Could be charged: known to the cameras, with a token ready or in use. */
    opensReady: ({ context, event }) => isReady(context, event),
    returnsReady: ({ context, event }) => isAlive(event) && isReady(context, event),
    returns: ({ event }) => isAlive(event),
    isHeld: ({ context }) => context.held_by !== null,
    isHolder: ({ context, event }) => "payment" in event && event.payment === context.held_by,
    holderLeavesNoToken: ({ context, event }) =>
      event.type === "payment.reservation_released" && event.payment === context.held_by &&
      event.token_spent && context.tokens.length === 0,
    holderReturnsToken: ({ context, event }) =>
      event.type === "payment.reservation_released" && event.payment === context.held_by &&
      context.template && (context.tokens.length > 0 || !event.token_spent),
    canBeReserved: ({ context }) =>
      context.held_by === null && context.template && context.tokens.length > 0,
    /** The lease is over: only while the issuer is away, and with an allowance of its own. */
    canBeReservedWithout: ({ context, event }) =>
      event.type === "payment.reservation_asked" && event.offline &&
      context.held_by === null && context.template && context.tokens.length > 0 &&
      lasts_ms(context) > event.at_ms,
    outlastsLease: ({ context, event }) => lasts_ms(context) > event.at_ms,
  },
  delays: {
    untilFading: ({ context, event }) =>
      Math.max(0, context.lease_expires_ms - context.fading_ms - event.at_ms),
    untilLeaseEnds: ({ context, event }) => Math.max(0, context.lease_expires_ms - event.at_ms),
    untilAllowancesEnd: ({ context, event }) => Math.max(0, lasts_ms(context) - event.at_ms),
    untilForgotten: limits.away_ms,
  },
  actions: {
    /** Personal data and tokens end with the stay. */
    end: assign(({ event }) => ({
      ended: event.type === "issuer.check_in_ended" ? event.reason : "expired" as const,
      first_name: "",
      initials: "",
      template: false,
      offers: false,
      tokens: none,
    })),
    /** The issuer need keep nothing back any more. What it offers again of these meanwhile is not
     * taken: it lets go of them when it hears this. */
    returnAllowances: enqueueActions(({ context, enqueue }) => {
      const allowances = context.allowances.map(({ allowance }) => allowance);
      if (allowances.length === 0) return;
      enqueue.emit({ type: "issuer.release", visit: context.id, allowances });
      enqueue.assign({
        allowances: none,
        used_allowances: [...context.used_allowances, ...allowances].slice(-limits.spent_tokens),
      });
    }),
    wipe: emit(({ context }) => ({ type: "gallery.wipe", visit: context.id })),
    tellHolder: emit(({ context }) =>
      tell<PaymentMessage>(`payment/${context.held_by}`, { type: "visit.left", visit: context.id })
    ),
    grant: emit(({ context }) =>
      tell<PaymentMessage>(`payment/${context.held_by}`, {
        type: "visit.reservation_granted",
        visit: context.id,
        attempt: context.attempt,
        token: context.token ?? "",
        account: context.account,
        allowance: context.allowance,
      })
    ),
    sayOffered: emit(({ context, event }) => saidOffers(event, context.offers)),
    sayNotOffered: emit(({ event }) => saidOffers(event, false)),
    refuse: emit(({ context, event }) => refusal(context, event)),
    renew: assign(({ context, event }) =>
      event.type === "issuer.visit_opened" ? renewed(context, event) : {}
    ),
    hold: assign(({ context, event }) =>
      event.type === "payment.reservation_asked" ? held(context, event) : {}
    ),
    release: assign(({ context, event }) =>
      event.type === "payment.reservation_released"
        ? released(context, event.token_spent, event.allowance_used)
        : {}
    ),
  },
});

/** In each situation as the table of services has it. */
const offered = (situation: string) => ({
  "display.offers_asked": {
    actions: may(situation, "offers") ? "sayOffered" as const : "sayNotOffered" as const,
  },
});
const reservable = {
  "payment.reservation_asked": [
    { guard: "isHolder" as const, actions: ["hold" as const, "grant" as const] },
    { guard: "canBeReserved" as const, actions: ["hold" as const, "grant" as const] },
    { actions: "refuse" as const },
  ],
};
const renewable = [
  {
    guard: "opensReady" as const,
    target: "present" as const,
    reenter: true,
    actions: "renew" as const,
  },
  { target: "entered" as const, reenter: true, actions: "renew" as const },
];
const leaveHeld = {
  guard: "isHeld" as const,
  target: "leaving" as const,
  actions: [
    "end" as const,
    "wipe" as const,
    "tellHolder" as const,
    "returnAllowances" as const,
  ],
};
const ending = ["end" as const, "wipe" as const, "returnAllowances" as const];
const leave = [
  leaveHeld,
  { target: "left" as const, actions: ending },
];
/** The gateway heard of no renewal: everything goes, but the issuer may know better. */
const expire = [
  leaveHeld,
  { target: "away" as const, actions: ending },
];
/** While the issuer says nothing, the stay goes on for as long as it had reserved something. */
const leaseEnds = [{ guard: "outlastsLease" as const, target: "held_over" as const }, ...expire];
/** Present, and as long as nothing says otherwise. */
const there = {
  "issuer.visit_opened": renewable,
  "issuer.check_in_ended": leave,
  ...reservable,
  "payment.reservation_released": [
    {
      guard: "holderLeavesNoToken" as const,
      target: "entered" as const,
      actions: "release" as const,
    },
    { guard: "isHolder" as const, actions: "release" as const },
  ],
};

export const visitMachine = visit.createMachine({
  id: "visit",
  context: ({ input }) => ({
    id: input.id,
    account: "",
    first_name: "",
    initials: "",
    zone: "",
    template: false,
    enrol_again: false,
    offers: false,
    lease_expires_ms: 0,
    fading_ms: 0,
    tokens: none,
    spent_tokens: none,
    held_by: null,
    token: null,
    attempt: 0,
    allowances: none,
    allowance: null,
    used_allowances: none,
    ended: null,
  }),
  initial: "unopened",
  states: {
    unopened: {
      on: {
        "issuer.visit_opened": renewable,
        // It ended before the issuer had said who it is; an answer from before that is no news.
        "issuer.check_in_ended": { target: "left", actions: ending },
      },
    },
    /** Checked in, but not to be charged yet: no template on the cameras, or no token. */
    entered: {
      on: {
        "issuer.visit_opened": renewable,
        "issuer.check_in_ended": leave,
        ...offered("entered"),
        "payment.reservation_asked": reservable["payment.reservation_asked"],
        "payment.reservation_released": [
          { guard: "holderReturnsToken", target: "present", actions: "release" },
          { guard: "isHolder", actions: "release" },
        ],
      },
      after: { untilLeaseEnds: expire },
    },
    present: {
      on: { ...offered("present"), ...there },
      after: { untilFading: "fading" },
    },
    /** Nothing renewed the lease and it nears its end; until then the shopper may pay. */
    fading: {
      on: { ...offered("fading"), ...there },
      after: { untilLeaseEnds: leaseEnds },
    },
    /** The lease is over and the issuer, which would have ended the stay, is not heard. */
    held_over: {
      on: {
        ...offered("held_over"),
        "issuer.visit_opened": renewable,
        "issuer.check_in_ended": leave,
        "payment.reservation_asked": [
          { guard: "isHolder", actions: ["hold", "grant"] },
          { guard: "canBeReservedWithout", actions: ["hold", "grant"] },
          { actions: "refuse" },
        ],
        "payment.reservation_released": { guard: "isHolder", actions: "release" },
      },
      after: { untilAllowancesEnd: expire },
    },
    /** The lease ran out here, and nothing of the shopper is kept. Who was only cut off with the
     * gateway comes back with the issuer's first answer; of who has gone the feed tells. */
    away: {
      on: {
        ...offered("away"),
        "issuer.visit_opened": [
          { guard: "returnsReady", target: "present", actions: "renew" },
          { guard: "returns", target: "entered", actions: "renew" },
        ],
        "issuer.check_in_ended": leave,
        "payment.reservation_asked": { actions: "refuse" },
      },
      after: { untilForgotten: "left" },
    },
    /** Gone, while a payment that was under way is settled; that payment always ends. */
    leaving: {
      on: {
        ...offered("leaving"),
        "payment.reservation_asked": { actions: "refuse" },
        "payment.reservation_released": {
          guard: "isHolder",
          target: "left",
          actions: ["release", "returnAllowances"],
        },
      },
    },
    left: { type: "final" },
  },
});
