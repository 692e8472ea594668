/**
 * Standing in for an issuer that is away: lets a payment be accepted against an allowance that the
 * issuer signed beforehand, within the store's limits, and each allowance once. What it has given
 * out is on the disk before any lane hears of it.
 */
import { assign, emit, setup } from "xstate";
import { limits } from "./limits.ts";
import {
  type Emitted,
  type Stamped,
  type StandInAsked,
  type StandInLimits,
  type StoreConfigured,
  tell,
} from "./messages.ts";
import type { PaymentMessage } from "./payment.ts";

/** What payments and the link tell it. */
export type StandInMessage =
  | StandInAsked
  /** The payment goes another way, or was given up: the allowance was not used. */
  | { readonly type: "payment.stand_in_returned"; readonly payment: string }
  /** The issuer has heard of it, and said yes or no. */
  | {
    readonly type: "payment.stand_in_settled";
    readonly payment: string;
    /** Null: it was taken. */
    readonly refused: string | null;
  }
  | { readonly type: "link.away"; readonly since_ms: number }
  | { readonly type: "link.online" };
export type StandInEvent =
  & (Extract<StoreConfigured, { type: "store.stand_in_configured" }> | StandInMessage)
  & Stamped;
type Asked = Extract<StandInEvent, { type: "payment.stand_in_asked" }>;

/** An allowance that was given out. */
export interface Used {
  readonly allowance: string;
  readonly payment: string;
  readonly lane: string;
  readonly account: string;
  readonly amount_minor: number;
  readonly accepted_at_ms: number;
  readonly expires_ms: number;
}

/** What the issuer would not have afterwards. */
export interface RefusedLate {
  readonly payment: string;
  readonly lane: string;
  readonly amount_minor: number;
  readonly reason: string;
  readonly at_ms: number;
}

export interface StandInContext {
  readonly id: string;
  readonly limits: StandInLimits;
  readonly offline_since_ms: number | null;
  /** The issuer was reached since this start: a disk that was put back knows old allowances. */
  readonly confirmed: boolean;
  /** Accepted, and not heard of by the issuer yet. */
  readonly open: readonly Used[];
  /** Allowances that were used and might be offered again until they expire. */
  readonly spent: readonly { readonly allowance: string; readonly expires_ms: number }[];
  readonly taken: number;
  readonly taken_minor: number;
  readonly refused: number;
  readonly refused_minor: number;
  /** The latest of them, for the people of the store. */
  readonly refused_late: readonly RefusedLate[];
}

const sum = (rows: readonly { readonly amount_minor: number }[]) =>
  rows.reduce((total, { amount_minor }) => total + amount_minor, 0);

/** Why it is not accepted; undefined when it is. */
export function faultOf(context: StandInContext, asked: Asked): string | undefined {
  const { offline_since_ms, open, spent, confirmed } = context;
  const { allowance, amount_minor, account, at_ms } = asked;
  const { per_payment_minor, per_account_minor, total_minor, age_ms } = context.limits;
  if (offline_since_ms === null) return "issuer_in_reach";
  if (!confirmed) return "offline_unconfirmed";
  if (at_ms - offline_since_ms > age_ms) return "offline_too_long";
  if (amount_minor > per_payment_minor) return "offline_over_payment_limit";
  if (allowance === null) return "offline_no_allowance";
  if (spent.some((used) => used.allowance === allowance.allowance)) return "allowance_spent";
  if (allowance.expires_ms <= at_ms) return "allowance_expired";
  if (amount_minor > allowance.amount_minor) return "offline_over_allowance";
  if (sum(open.filter((used) => used.account === account)) + amount_minor > per_account_minor) {
    return "offline_over_account_limit";
  }
  if (sum(open) + amount_minor > total_minor) return "offline_over_total";
  // Those that are over are forgotten with the next that is accepted.
  const remembered = spent.filter(({ expires_ms }) => expires_ms > at_ms).length;
  const full = open.length >= limits.stand_in_open || remembered >= limits.stand_in_spent;
  return full ? "offline_too_many" : undefined;
}

/** Takes the allowance out of the world: it is used from now on, whatever comes of the payment. */
function accepted(context: StandInContext, asked: Asked): Partial<StandInContext> {
  const { payment, lane, account, amount_minor, allowance, at_ms } = asked;
  if (allowance === null || context.open.some((used) => used.payment === payment)) return {};
  const { expires_ms } = allowance;
  const used = { payment, lane, account, amount_minor, accepted_at_ms: at_ms, expires_ms };
  const known = context.spent.filter((one) => one.expires_ms > at_ms);
  return {
    open: [...context.open, { ...used, allowance: allowance.allowance }],
    spent: [...known, { allowance: allowance.allowance, expires_ms }],
  };
}

function settled(context: StandInContext, event: StandInEvent): Partial<StandInContext> {
  if (event.type !== "payment.stand_in_settled") return {};
  const { payment, refused: reason, at_ms } = event;
  const used = context.open.find((one) => one.payment === payment);
  if (used === undefined) return {};
  const open = context.open.filter((one) => one !== used);
  const { lane, amount_minor } = used;
  if (reason === null) {
    const taken_minor = context.taken_minor + amount_minor;
    return { open, taken: context.taken + 1, taken_minor };
  }
  const late = { payment, lane, amount_minor, reason, at_ms };
  return {
    open,
    refused: context.refused + 1,
    refused_minor: context.refused_minor + amount_minor,
    refused_late: [...context.refused_late, late].slice(-limits.refused_late),
  };
}

function returned(context: StandInContext, event: StandInEvent): Partial<StandInContext> {
  if (event.type !== "payment.stand_in_returned") return {};
  const used = context.open.find((one) => one.payment === event.payment);
  if (used === undefined) return {};
  return {
    open: context.open.filter((one) => one !== used),
    spent: context.spent.filter((one) => one.allowance !== used.allowance),
  };
}

const answer = (event: StandInEvent, reason: string | undefined) => {
  const { payment } = event as Asked;
  return tell<PaymentMessage>(
    `payment/${payment}`,
    reason === undefined ? { type: "stand_in.granted" } : { type: "stand_in.refused", reason },
  );
};

const standIn = setup({
  types: {} as {
    context: StandInContext;
    events: StandInEvent;
    emitted: Emitted;
    input: { id: string };
  },
  guards: {
    isCovered: ({ context, event }) =>
      event.type === "payment.stand_in_asked" && faultOf(context, event) === undefined,
    wasCovered: ({ context, event }) =>
      event.type === "payment.stand_in_asked" &&
      context.open.some(({ payment }) => payment === event.payment),
  },
  actions: {
    /** A start: what the issuer says now counts, not what an old disk remembers. */
    configure: assign(({ event }) =>
      event.type === "store.stand_in_configured" ? { limits: event.limits, confirmed: false } : {}
    ),
    /** A start in the middle of an outage does not make it a new one. */
    noteOffline: assign(({ context, event }) =>
      event.type === "link.away"
        ? { offline_since_ms: context.offline_since_ms ?? event.since_ms }
        : {}
    ),
    noteOnline: assign({ offline_since_ms: null, confirmed: true }),
    use: assign(({ context, event }) =>
      event.type === "payment.stand_in_asked" ? accepted(context, event) : {}
    ),
    giveBack: assign(({ context, event }) => returned(context, event)),
    settle: assign(({ context, event }) => settled(context, event)),
    grant: emit(({ event }) => answer(event, undefined)),
    refuse: emit(({ context, event }) => answer(event, faultOf(context, event as Asked))),
  },
});

export const standInMachine = standIn.createMachine({
  id: "stand_in",
  context: ({ input }) => ({
    id: input.id,
    limits: { per_payment_minor: 0, per_account_minor: 0, total_minor: 0, age_ms: 0 },
    offline_since_ms: null,
    confirmed: false,
    open: [],
    spent: [],
    taken: 0,
    taken_minor: 0,
    refused: 0,
    refused_minor: 0,
    refused_late: [],
  }),
  initial: "unconfigured",
  on: {
    "store.stand_in_configured": { actions: "configure" },
    "link.away": { target: ".standing_in", actions: "noteOffline" },
    "link.online": { target: ".in_reach", actions: "noteOnline" },
    "payment.stand_in_asked": [
      { guard: "wasCovered", actions: "grant" },
      { guard: "isCovered", actions: ["use", "grant"] },
      { actions: "refuse" },
    ],
    "payment.stand_in_returned": { actions: "giveBack" },
    "payment.stand_in_settled": { actions: "settle" },
  },
  states: {
    /** The link has yet to say whether the issuer is there. */
    unconfigured: {},
    in_reach: {},
    standing_in: {},
  },
});
