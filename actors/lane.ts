/**
 * A place where sales are paid: which payment it serves, whom its camera sees, and since when it
 * is cut off from the issuer. Of the sale itself it knows only the id.
 */
import { assign, emit, enqueueActions, setup } from "xstate";
import { limits } from "./limits.ts";
import {
  type Candidate,
  type CounterEvent,
  type Emitted,
  type PaymentPolicy,
  type Stamped,
  type StoreConfigured,
  tell,
} from "./messages.ts";
import type { CameraMessage } from "./camera.ts";
import type { PaymentOutcome } from "./payment_facts.ts";
import type { PaymentMessage } from "./payment.ts";

/** What cameras, payments and the link tell a lane. */
export type LaneMessage =
  | {
    readonly type: "camera.candidates_changed";
    readonly candidates: readonly Candidate[];
    readonly glance: number;
  }
  | { readonly type: "payment.opened"; readonly payment: string }
  | {
    readonly type: "payment.ended";
    readonly payment: string;
    readonly outcome: PaymentOutcome;
  }
  /** Its end is not known yet and may be long in coming: the lane can go on. */
  | { readonly type: "payment.let_go"; readonly payment: string }
  | { readonly type: "link.offline"; readonly since_ms: number }
  /** For so long that sales go on without the issuer. */
  | { readonly type: "link.away"; readonly since_ms: number }
  | { readonly type: "link.online" };
export type LaneEvent =
  & (
    | Extract<StoreConfigured, { type: "store.lane_configured" }>
    | Extract<CounterEvent, { type: "pos.sale_requested" }>
    | LaneMessage
  )
  & Stamped;

export interface LaneContext {
  readonly id: string;
  readonly zone: string;
  readonly camera: string;
  readonly policy: PaymentPolicy;
  /** The payment that is served; null when the lane is free. */
  readonly payment: string | null;
  readonly last: { readonly payment: string; readonly outcome: PaymentOutcome } | null;
  readonly candidates: readonly Candidate[];
  /** Counts how often the camera was asked to look again, so that an older answer is known. */
  readonly glance: number;
  readonly offline_since_ms: number | null;
  /** It has been for a while: sales go on without the issuer. */
  readonly away: boolean;
  /** Until then a sale that is new here may be one that an old disk has forgotten. */
  readonly doubt_until_ms: number;
}

const lane = setup({
  types: {} as {
    context: LaneContext;
    events: LaneEvent;
    emitted: Emitted;
    input: { id: string };
  },
  guards: {
    isCurrent: ({ context, event }) => {
      if (event.type === "pos.sale_requested") return event.sale.payment === context.payment;
      return "payment" in event && event.payment === context.payment;
    },
    /** News of the sale before: what was accepted without the issuer has an end. */
    wasLast: ({ context, event }) =>
      event.type === "payment.ended" && event.payment === context.last?.payment,
    /** The POS repeats a sale that has ended: its outcome is in the payment. */
    isLast: ({ context, event }) =>
      event.type === "pos.sale_requested" && event.sale.payment === context.last?.payment,
    /** Nobody compares a name before an automatic lane charges: what its camera saw before it was
     * asked to look again may have been the shopper before. */
    isStale: ({ context, event }) =>
      event.type === "camera.candidates_changed" && context.policy.selection === "automatic" &&
      event.glance !== context.glance,
    isSound: ({ event }) =>
      event.type === "pos.sale_requested" && event.sale.items.length > 0 &&
      event.sale.items.length <= limits.items && Number.isSafeInteger(event.sale.amount_minor) &&
      event.sale.amount_minor > 0,
  },
  delays: { openingTimeout: limits.opening_timeout_ms },
  actions: {
    /** What the camera saw before this start is gone with its gallery. */
    configure: assign(({ context, event }) =>
      event.type === "store.lane_configured"
        ? {
          zone: event.zone,
          camera: event.camera,
          policy: event.policy,
          candidates: [],
          away: false,
          // A start soon after leaves the doubt: what was forgotten is still not known.
          doubt_until_ms: event.disk_may_be_old
            ? event.at_ms + limits.till_names_ms
            : context.doubt_until_ms,
        }
        : context
    ),
    take: assign(({ event }) =>
      event.type === "pos.sale_requested" ? { payment: event.sale.payment } : {}
    ),
    adopt: assign(({ event }) => event.type === "payment.opened" ? { payment: event.payment } : {}),
    free: assign({ payment: null }),
    noteOutcome: assign(({ event }) =>
      event.type === "payment.ended"
        ? { payment: null, last: { payment: event.payment, outcome: event.outcome } }
        : {}
    ),
    noteLate: assign(({ event }) =>
      event.type === "payment.ended"
        ? { last: { payment: event.payment, outcome: event.outcome } }
        : {}
    ),
    forgetBefore: assign(({ context }) =>
      context.policy.selection === "automatic" ? { candidates: [], glance: context.glance + 1 } : {}
    ),
    lookAgain: enqueueActions(({ context, enqueue }) => {
      if (context.policy.selection !== "automatic") return;
      enqueue.emit(tell<CameraMessage>(`camera/${context.camera}`, {
        type: "lane.look_again",
        glance: context.glance,
      }));
    }),
    see: assign(({ event }) =>
      event.type === "camera.candidates_changed"
        ? { candidates: event.candidates.slice(0, limits.candidates) }
        : {}
    ),
    /** A start in the middle of an outage does not make it a new one. */
    noteOffline: assign(({ context, event }) =>
      event.type === "link.offline"
        ? { offline_since_ms: context.offline_since_ms ?? event.since_ms }
        : {}
    ),
    noteAway: assign({ away: true }),
    noteOnline: assign({ offline_since_ms: null, away: false }),
    /** Taken, with nothing to add: it is as the sender wishes. */
    agree: assign({}),
    openPayment: emit(({ context, event }) => {
      const { sale } = event as Extract<LaneEvent, { type: "pos.sale_requested" }>;
      return tell<PaymentMessage>(`payment/${sale.payment}`, {
        type: "lane.sale_opened",
        lane: context.id,
        sale,
        policy: context.policy,
        candidates: context.candidates,
        offline_since_ms: context.away ? context.offline_since_ms : null,
        ...(event.at_ms < context.doubt_until_ms ? { doubtful: true } : {}),
      });
    }),
    tellLink: emit(({ context }) =>
      tell<PaymentMessage>(`payment/${context.payment}`, {
        type: "lane.link_changed",
        offline_since_ms: context.away ? context.offline_since_ms : null,
      })
    ),
    tellCandidates: emit(({ context }) =>
      tell<PaymentMessage>(`payment/${context.payment}`, {
        type: "lane.candidates_changed",
        candidates: context.candidates,
      })
    ),
    withdraw: emit(({ event }) => {
      const { payment } = event as Extract<LaneEvent, { type: "payment.opened" }>;
      return tell<PaymentMessage>(`payment/${payment}`, { type: "lane.withdrawn" });
    }),
  },
});

/** In mid-sale: the camera knows nothing yet of what it was asked before this start. */
const startsAnew = ["configure", "forgetBefore", "tellCandidates", "lookAgain"] as const;
const sees = [
  { guard: "isStale" as const, actions: "agree" as const },
  { actions: ["see", "tellCandidates"] as const },
];

const withPayment = {
  "payment.ended": [
    { guard: "isCurrent" as const, target: "idle" as const, actions: "noteOutcome" as const },
    { guard: "wasLast" as const, actions: "noteLate" as const },
  ],
  "payment.let_go": {
    guard: "isCurrent" as const,
    target: "idle" as const,
    actions: "free" as const,
  },
  "link.away": { actions: ["noteAway" as const, "tellLink" as const] },
  "link.online": { actions: ["noteOnline" as const, "tellLink" as const] },
  "camera.candidates_changed": sees,
};

export const laneMachine = lane.createMachine({
  id: "lane",
  context: ({ input }) => ({
    id: input.id,
    zone: "",
    camera: "",
    policy: {
      selection: "operator",
      accept_liveness: [],
      selection_timeout_ms: 0,
      authorisation_timeout_ms: 0,
    },
    payment: null,
    last: null,
    candidates: [],
    glance: 0,
    offline_since_ms: null,
    away: false,
    doubt_until_ms: 0,
  }),
  initial: "unconfigured",
  on: {
    "store.lane_configured": { actions: "configure" },
    "camera.candidates_changed": [{ guard: "isStale", actions: "agree" }, { actions: "see" }],
    "link.offline": { actions: "noteOffline" },
    "link.away": { actions: "noteAway" },
    "link.online": { actions: "noteOnline" },
    "payment.ended": { guard: "wasLast", actions: "noteLate" },
  },
  states: {
    unconfigured: { on: { "store.lane_configured": { target: "idle", actions: "configure" } } },
    idle: {
      on: {
        "pos.sale_requested": [
          { guard: "isLast", actions: "agree" },
          {
            guard: "isSound",
            target: "opening",
            actions: ["take", "forgetBefore", "openPayment", "lookAgain"],
          },
        ],
        /** It came into being after all, later than the lane waited. */
        "payment.opened": { target: "selling", actions: ["adopt", "tellCandidates"] },
      },
    },
    /** The payment has yet to say that it exists: an id that was used up says nothing. */
    opening: {
      on: {
        "store.lane_configured": { actions: startsAnew },
        "pos.sale_requested": { guard: "isCurrent", actions: "agree" },
        "payment.opened": [
          { guard: "isCurrent", target: "selling" },
          { actions: "withdraw" },
        ],
        ...withPayment,
      },
      after: { openingTimeout: { target: "idle", actions: "free" } },
    },
    selling: {
      on: {
        "store.lane_configured": { actions: startsAnew },
        "pos.sale_requested": { guard: "isCurrent", actions: "agree" },
        "payment.opened": [{ guard: "isCurrent", actions: "agree" }, { actions: "withdraw" }],
        ...withPayment,
      },
    },
  },
});
