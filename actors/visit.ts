/**
 * A shopper's stay, from check-in to leaving: the lease on the shopper's presence, the one-time
 * tokens, and the reservation that keeps two lanes from charging one person.
 */
import { assign, emit, setup } from "xstate";
import { limits } from "./limits.ts";
import {
  type CheckInEnd,
  type Emitted,
  type PresenceEvent,
  type Stamped,
  tell,
} from "./messages.ts";
import type { PaymentMessage } from "./payment.ts";

/** What payments tell a visit. */
export type VisitMessage =
  | {
    readonly type: "payment.reservation_asked";
    readonly payment: string;
    /** Counts the payment's tries; the answer names it, so that an old answer is not taken. */
    readonly attempt: number;
  }
  | {
    readonly type: "payment.reservation_released";
    readonly payment: string;
    /** The token has gone to the issuer, whatever came of it. */
    readonly token_spent: boolean;
    /** The issuer's receipt when the shopper was charged: the visit's history tells of it. */
    readonly receipt: string | null;
  };
export type VisitEvent = (PresenceEvent | VisitMessage) & Stamped;
type Opened = Extract<VisitEvent, { type: "issuer.visit_opened" }>;
type Asked = Extract<VisitEvent, { type: "payment.reservation_asked" }>;

export interface VisitContext {
  readonly id: string;
  readonly account: string;
  readonly first_name: string;
  readonly initials: string;
  readonly zone: string;
  readonly template: boolean;
  /** Known by a template of another model than the store's. */
  readonly enrol_again: boolean;
  readonly lease_expires_ms: number;
  /** The last stretch of the lease, in which nothing renewed it. */
  readonly fading_ms: number;
  readonly tokens: readonly string[];
  /** Endings of tokens that went to the issuer: enough to know one again, useless to spend. */
  readonly spent_tokens: readonly string[];
  /** The payment that holds the reservation, and the token it was handed. */
  readonly held_by: string | null;
  readonly token: string | null;
  readonly attempt: number;
  readonly ended: CheckInEnd | null;
}

/** The end of a signature: two tokens never share it. */
const endingOf = (token: string) => token.slice(-32);

/** The tokens of a renewal, without those that are spent or in use. */
function freshTokens(context: VisitContext, event: Opened): string[] {
  return event.tokens
    .filter((token) => token !== context.token && !context.spent_tokens.includes(endingOf(token)))
    .slice(0, limits.tokens);
}

/** Takes over what the issuer says; a late answer does not shorten the lease. */
function renewed(context: VisitContext, event: Opened): Partial<VisitContext> {
  const { account, first_name, initials, zone, template, enrol_again = false } = event;
  const lease_expires_ms = Math.max(context.lease_expires_ms, event.lease_expires_ms);
  return {
    account,
    first_name,
    initials,
    zone,
    template,
    enrol_again,
    tokens: freshTokens(context, event),
    ended: null,
    lease_expires_ms,
    fading_ms: Math.floor(
      Math.min(limits.fading_ms, (lease_expires_ms - event.at_ms) * limits.fading_share),
    ),
  };
}

const isReady = (context: VisitContext, event: VisitEvent) =>
  event.type === "issuer.visit_opened" && event.template &&
  (context.held_by !== null || freshTokens(context, event).length > 0);
/** The issuer, which knows, says that the lease goes on. */
const isAlive = (event: VisitEvent) =>
  event.type === "issuer.visit_opened" && event.lease_expires_ms > event.at_ms;

/** Ends the reservation: the token is spent for good or lies ready again. */
function released(context: VisitContext, tokenSpent: boolean): Partial<VisitContext> {
  const { token, tokens, spent_tokens } = context;
  const free = { held_by: null, token: null };
  if (token === null) return free;
  if (!tokenSpent) return { ...free, tokens: [token, ...tokens].slice(0, limits.tokens) };
  return { ...free, spent_tokens: [...spent_tokens, endingOf(token)].slice(-limits.spent_tokens) };
}

/** Reserves for the payment that asks; the one that holds already keeps its token. */
function held(context: VisitContext, asked: Asked): Partial<VisitContext> {
  const { payment, attempt } = asked;
  if (context.held_by === payment) return { attempt };
  const [token = null, tokens] = [context.tokens[0], context.tokens.slice(1)];
  return { held_by: payment, attempt, token, tokens };
}

/** The answer to a payment that cannot have the reservation, with the reason. */
function refusal(context: VisitContext, asked: Asked): Emitted {
  let reason = "no_token";
  if (context.ended !== null) reason = "left";
  else if (context.held_by !== null) reason = "held_elsewhere";
  else if (!context.template) reason = context.enrol_again ? "enrol_again" : "no_template";
  return tell<PaymentMessage>(`payment/${asked.payment}`, {
    type: "visit.reservation_refused",
    visit: context.id,
    attempt: asked.attempt,
    reason,
  });
}

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
  },
  delays: {
    untilFading: ({ context, event }) =>
      Math.max(0, context.lease_expires_ms - context.fading_ms - event.at_ms),
    untilLeaseEnds: ({ context, event }) => Math.max(0, context.lease_expires_ms - event.at_ms),
    untilForgotten: limits.away_ms,
  },
  actions: {
    /** Personal data and tokens end with the stay. */
    end: assign(({ event }) => ({
      ended: event.type === "issuer.check_in_ended" ? event.reason : "expired" as const,
      first_name: "",
      initials: "",
      template: false,
      tokens: [],
    })),
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
      })
    ),
    refuse: emit(({ context, event }) => refusal(context, event as Asked)),
    renew: assign(({ context, event }) =>
      event.type === "issuer.visit_opened" ? renewed(context, event) : {}
    ),
    hold: assign(({ context, event }) =>
      event.type === "payment.reservation_asked" ? held(context, event) : {}
    ),
    release: assign(({ context, event }) =>
      event.type === "payment.reservation_released" ? released(context, event.token_spent) : {}
    ),
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
  actions: ["end" as const, "wipe" as const, "tellHolder" as const],
};
const leave = [
  leaveHeld,
  { target: "left" as const, actions: ["end" as const, "wipe" as const] },
];
/** The gateway heard of no renewal: everything goes, but the issuer may know better. */
const expire = [
  leaveHeld,
  { target: "away" as const, actions: ["end" as const, "wipe" as const] },
];
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
    lease_expires_ms: 0,
    fading_ms: 0,
    tokens: [],
    spent_tokens: [],
    held_by: null,
    token: null,
    attempt: 0,
    ended: null,
  }),
  initial: "unopened",
  states: {
    unopened: { on: { "issuer.visit_opened": renewable } },
    /** Checked in, but not to be charged yet: no template on the cameras, or no token. */
    entered: {
      on: {
        "issuer.visit_opened": renewable,
        "issuer.check_in_ended": leave,
        "payment.reservation_asked": reservable["payment.reservation_asked"],
        "payment.reservation_released": [
          { guard: "holderReturnsToken", target: "present", actions: "release" },
          { guard: "isHolder", actions: "release" },
        ],
      },
      after: { untilLeaseEnds: expire },
    },
    present: {
      on: there,
      after: { untilFading: "fading" },
    },
    /** Nothing renewed the lease and it nears its end; until then the shopper may pay. */
    fading: {
      on: there,
      after: { untilLeaseEnds: expire },
    },
    /** The lease ran out here, and nothing of the shopper is kept. Who was only cut off with the
     * gateway comes back with the issuer's first answer; of who has gone the feed tells. */
    away: {
      on: {
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
        "payment.reservation_asked": { actions: "refuse" },
        "payment.reservation_released": { guard: "isHolder", target: "left", actions: "release" },
      },
    },
    left: { type: "final" },
  },
});
