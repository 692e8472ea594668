/**
 * A change of account data that a shopper asks for at a lane: announced to the issuer, proved by
 * the face that the lane's camera sees after that, and ended by the issuer's word alone. What
 * became of a proof whose answer was lost is asked for until the issuer tells.
 */
import { assign, emit, setup } from "xstate";
import { limits } from "./limits.ts";
import type { ChangeAnswer, ChangeRequest, Emitted, Stamped, WantedChange } from "./messages.ts";

export type ChangeEvent = (ChangeRequest | ChangeAnswer) & Stamped;

export interface ChangeContext {
  readonly change: string;
  readonly lane: string;
  readonly camera: string;
  readonly visit: string;
  readonly operator: string;
  /** What is to become of what; null once the issuer has it: an address is nothing to keep here. */
  readonly wanted: WantedChange | null;
  /** Why it came to nothing, or why it has to be asked about. */
  readonly reason: string;
  /** Faces that may still differ before the account is locked for changes. */
  readonly tries_left: number | null;
  /** When it takes effect; null unless it does. */
  readonly effective_at_ms: number | null;
  readonly asked_at_ms: number;
}

const change = setup({
  types: {} as {
    context: ChangeContext;
    events: ChangeEvent;
    emitted: Emitted;
    input: { id: string };
  },
  guards: {
    isApplied: ({ event }) => event.type === "issuer.change_ended" && event.outcome === "applied",
    /** It was announced in a time that this gateway has forgotten, and has ended. */
    isOver: ({ event }) => event.type === "issuer.change_refused" && event.reason === "change_over",
    isRefused: ({ event }) => event.type === "issuer.change_ended" && event.outcome === "refused",
  },
  delays: {
    beginTimeout: limits.change_begin_timeout_ms,
    proofTimeout: limits.change_proof_timeout_ms,
  },
  actions: {
    take: assign(({ event }) => {
      if (event.type !== "operator.change_requested") return {};
      const { lane, camera, visit, operator, wanted, at_ms } = event;
      return { lane, camera, visit, operator, wanted, asked_at_ms: at_ms };
    }),
    begin: emit(({ context: { change, lane, visit, operator, wanted } }) => ({
      type: "issuer.begin_change",
      change,
      lane,
      visit,
      operator,
      wanted: wanted!,
    })),
    /** The nonce goes to whoever proves, and is kept by nobody. */
    prove: emit(({ context, event }) => {
      if (event.type !== "issuer.change_begun") throw new Error("only what has begun is proved");
      const { change, lane, camera, visit } = context;
      return { type: "change.prove", change, lane, camera, visit, nonce: event.nonce };
    }),
    /** Never lets the issuer wait, and learns what it did. */
    end: emit(({ context }) => ({ type: "issuer.end_change", change: context.change })),
    forget: assign({ wanted: null }),
    noteReason: assign(({ event }) =>
      event.type === "issuer.change_refused" || event.type === "change.not_proved"
        ? { reason: event.reason }
        : {}
    ),
    noteEnd: assign(({ context, event }) => {
      if (event.type !== "issuer.change_ended") return {};
      const { reason, tries_left, effective_at_ms } = event;
      return { reason: reason ?? context.reason, tries_left, effective_at_ms };
    }),
    noteSilence: assign({ reason: "issuer_silent" }),
    noteNoFace: assign({ reason: "proof_took_too_long" }),
    noteCancelled: assign({ reason: "cancelled" }),
    /** Taken, with nothing to add. */
    agree: assign({}),
  },
});

const cancelled = {
  "operator.change_cancelled": { target: "withdrawing", actions: "noteCancelled" },
} as const;
const repeated = { "operator.change_requested": { actions: "agree" } } as const;
const ended = {
  "issuer.change_ended": [
    { guard: "isApplied", target: "applied", actions: "noteEnd" },
    { guard: "isRefused", target: "refused", actions: "noteEnd" },
    { target: "withdrawn", actions: "noteEnd" },
  ],
} as const;

export const changeMachine = change.createMachine({
  id: "change",
  context: ({ input }) => ({
    change: input.id,
    lane: "",
    camera: "",
    visit: "",
    operator: "",
    wanted: null,
    reason: "",
    tries_left: null,
    effective_at_ms: null,
    asked_at_ms: 0,
  }),
  initial: "unopened",
  states: {
    unopened: {
      on: { "operator.change_requested": { target: "beginning", actions: ["take", "begin"] } },
    },
    beginning: {
      exit: "forget",
      on: {
        ...repeated,
        ...cancelled,
        "issuer.change_begun": { target: "proving", actions: "prove" },
        "issuer.change_refused": [
          { guard: "isOver", target: "withdrawing" },
          { target: "refused", actions: "noteReason" },
        ],
      },
      after: { beginTimeout: { target: "withdrawing", actions: "noteSilence" } },
    },
    /** The camera looks, and the issuer compares. */
    proving: {
      on: {
        ...repeated,
        ...cancelled,
        ...ended,
        "change.not_proved": { target: "withdrawing", actions: "noteReason" },
      },
      after: { proofTimeout: { target: "withdrawing", actions: "noteNoFace" } },
    },
    /** The request stays in the outbox until the issuer has said how it ended. */
    withdrawing: {
      entry: "end",
      on: {
        ...repeated,
        ...ended,
        "operator.change_cancelled": { actions: "agree" },
        /** They were under way when it was given up; the end follows them. */
        "issuer.change_begun": { actions: "agree" },
        "issuer.change_refused": { actions: "agree" },
        "change.not_proved": { actions: "agree" },
      },
    },
    applied: { type: "final" },
    refused: { type: "final" },
    withdrawn: { type: "final" },
  },
});
