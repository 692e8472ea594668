/**
 * A beacon: which code is on the air and which comes next, the health of its radio, and the
 * requests for the account data of those who heard it.
 */
import { assign, cancel, emit, raise, setup } from "xstate";
import { backoff_ms, limits } from "./limits.ts";
import type { BeaconEvent, Emitted, Stamped, StoreConfigured } from "./messages.ts";

/** What a beacon reminds itself of. */
export type BeaconReminder =
  /** The last request was not answered, was refused, or is old. */
  | { readonly type: "beacon.ask_due" }
  /** A fresh code is on its way: whoever hears it renews, whoever is here is asked for. */
  | { readonly type: "beacon.ask_wanted" };
export type BeaconTakes =
  & (
    | Extract<StoreConfigured, { type: "store.beacon_configured" }>
    | BeaconEvent
    | BeaconReminder
  )
  & Stamped;

/** A period of the beacon and what identifies it then. */
export interface Code {
  readonly code: string;
  /** Secret. */
  readonly nonce: string;
  readonly from_ms: number;
  readonly until_ms: number;
}

export interface BeaconContext {
  readonly id: string;
  readonly zone: string;
  readonly hardware_id: string;
  /** Ascending by their beginning, none of them over. */
  readonly codes: readonly Code[];
  /** The code that the radio was last asked to send. */
  readonly wanted: string | null;
  readonly radio_failures: number;
  readonly radio_reason: string | null;
  /** A request for account data: none, under way, or under way and wanted once more after it. */
  readonly asking: "no" | "under_way" | "once_more";
  readonly ask_failures: number;
  readonly ask_reason: string | null;
}

/** The codes after this event: a code told twice is kept once, those that are over are dropped. */
function codesAfter(context: BeaconContext, event: BeaconTakes): readonly Code[] {
  const live = context.codes.filter((code) => code.until_ms > event.at_ms);
  if (event.type !== "issuer.code_set" || event.until_ms <= event.at_ms) return live;
  const { code, nonce, from_ms, until_ms } = event;
  return [...live.filter((known) => known.code !== code), { code, nonce, from_ms, until_ms }]
    .sort((a, b) => a.from_ms - b.from_ms)
    .slice(-limits.codes);
}

/** The code whose period it is: the latest that has begun. */
const codeNow = (codes: readonly Code[], at_ms: number) =>
  codes.findLast((code) => code.from_ms <= at_ms && code.until_ms > at_ms);

/** When the period of the present code ends or the next one's begins, whichever is first. */
function turn_ms(codes: readonly Code[], at_ms: number): number {
  const ends_ms = codeNow(codes, at_ms)?.until_ms ?? Infinity;
  const begins_ms = codes.find((code) => code.from_ms > at_ms)?.from_ms ?? Infinity;
  return Number.isFinite(Math.min(ends_ms, begins_ms)) ? Math.min(ends_ms, begins_ms) : at_ms;
}

/** A reminder as it is set; the engine stamps it when it is due. */
const reminder = (type: BeaconReminder["type"]) => ({ type }) as BeaconTakes;

const beacon = setup({
  types: {} as {
    context: BeaconContext;
    events: BeaconTakes;
    emitted: Emitted;
    input: { id: string };
  },
  guards: {
    /** Another code than the one on the air has its time now. */
    codeTurns: ({ context, event }) => {
      const code = codeNow(codesAfter(context, event), event.at_ms);
      return code !== undefined && code.code !== context.wanted;
    },
    hasCodeAhead: ({ context, event }) => codesAfter(context, event).length > 0,
    isWanted: ({ context, event }) =>
      event.type === "radio.advertising" && event.code === context.wanted,
    isAsking: ({ context }) => context.asking !== "no",
    hasCode: ({ context, event }) => codeNow(context.codes, event.at_ms) !== undefined,
    asksOnceMore: ({ context, event }) =>
      context.asking === "once_more" && codeNow(context.codes, event.at_ms) !== undefined,
  },
  delays: {
    untilTurn: ({ context, event }) =>
      Math.max(0, turn_ms(context.codes, event.at_ms) - event.at_ms),
    advertiseTimeout: limits.advertise_timeout_ms,
    radioBackoff: ({ context }) => backoff_ms(context.radio_failures, limits.radio_backoff),
    atOnce: 0,
    askTimeout: limits.ask_timeout_ms,
    askRefresh: limits.ask_refresh_ms,
    askBackoff: ({ context }) => backoff_ms(context.ask_failures, limits.ask_backoff),
  },
  actions: {
    configure: assign(({ event }) =>
      event.type === "store.beacon_configured"
        ? { zone: event.zone, hardware_id: event.hardware_id }
        : {}
    ),
    takeCodes: assign(({ context, event }) => ({ codes: codesAfter(context, event) })),
    want: assign(({ context, event }) => ({
      wanted: codeNow(context.codes, event.at_ms)?.code ?? null,
    })),
    noteSilence: assign({ wanted: null }),
    noteOnAir: assign({ radio_failures: 0, radio_reason: null }),
    noteRadioFailure: assign(({ context, event }) => ({
      wanted: null,
      radio_failures: context.radio_failures + 1,
      radio_reason: event.type === "radio.failed" ? event.reason : "radio_silent",
    })),
    noteAsking: assign({ asking: "under_way" }),
    noteOnceMore: assign({ asking: "once_more" }),
    noteAnswer: assign({ asking: "no", ask_failures: 0, ask_reason: null }),
    noteRefusal: assign(({ context, event }) => ({
      asking: "no" as const,
      ask_failures: context.ask_failures + 1,
      ask_reason: event.type === "issuer.account_data_refused" ? event.reason : null,
    })),
    advertise: emit(({ context, event }) => {
      const code = codeNow(context.codes, event.at_ms)!;
      return {
        type: "radio.advertise",
        hardware_id: context.hardware_id,
        code: code.code,
        nonce: code.nonce,
        until_ms: code.until_ms,
      };
    }),
    ask: emit(({ context, event }) => {
      const code = codeNow(context.codes, event.at_ms)!;
      return {
        type: "issuer.fetch_account_data",
        hardware_id: context.hardware_id,
        code: code.code,
        nonce: code.nonce,
      };
    }),
    /** One reminder at a time: the next request, whatever brings it about. */
    forgetReminder: cancel("ask"),
    remindIfSilent: raise(reminder("beacon.ask_due"), { id: "ask", delay: "askTimeout" }),
    remindToRefresh: raise(reminder("beacon.ask_due"), { id: "ask", delay: "askRefresh" }),
    remindToRetry: raise(reminder("beacon.ask_due"), { id: "ask", delay: "askBackoff" }),
    forgetWish: cancel("wish"),
    wishForData: raise(reminder("beacon.ask_wanted"), { id: "wish", delay: "atOnce" }),
  },
});

const request = {
  guard: "hasCode" as const,
  actions: ["noteAsking", "ask", "forgetReminder", "remindIfSilent"] as const,
};
/** At most one request under way, and one more after it. Without a code nothing can be proven;
 * the first one asks by itself. */
const wanted = [{ guard: "isAsking" as const, actions: "noteOnceMore" as const }, request];
const codeTurns = {
  guard: "codeTurns" as const,
  target: "going_on_air" as const,
  reenter: true,
  actions: ["takeCodes", "forgetWish", "wishForData"] as const,
};
const radioFails = { target: "failed" as const, actions: "noteRadioFailure" as const };

export const beaconMachine = beacon.createMachine({
  id: "beacon",
  context: ({ input }) => ({
    id: input.id,
    zone: "",
    hardware_id: "",
    codes: [],
    wanted: null,
    radio_failures: 0,
    radio_reason: null,
    asking: "no",
    ask_failures: 0,
    ask_reason: null,
  }),
  initial: "unconfigured",
  on: {
    "store.beacon_configured": { actions: "configure" },
    "issuer.check_in_announced": wanted,
    "beacon.ask_wanted": wanted,
    "beacon.ask_due": [request, { actions: "noteAnswer" }],
    "issuer.account_data_answered": [
      { ...request, guard: "asksOnceMore" },
      { actions: ["noteAnswer", "forgetReminder", "remindToRefresh"] },
    ],
    "issuer.account_data_refused": {
      actions: ["noteRefusal", "forgetReminder", "remindToRetry"],
    },
  },
  states: {
    unconfigured: {
      on: { "store.beacon_configured": { target: "silent", actions: "configure" } },
    },
    /** There is no code to send. */
    silent: {
      on: {
        "issuer.code_set": [
          codeTurns,
          { guard: "hasCodeAhead", target: "between_periods", actions: "takeCodes" },
        ],
      },
    },
    /** The next code is known and its period has not begun. */
    between_periods: {
      on: {
        "issuer.code_set": [
          codeTurns,
          { target: "between_periods", reenter: true, actions: "takeCodes" },
        ],
      },
      after: { untilTurn: [codeTurns, { target: "silent", actions: "takeCodes" }] },
    },
    /** The radio was asked and has yet to say that the code is heard. */
    going_on_air: {
      entry: ["want", "advertise"],
      on: {
        "radio.advertising": { guard: "isWanted", target: "on_air", actions: "noteOnAir" },
        "radio.failed": radioFails,
        "issuer.code_set": [codeTurns, { actions: "takeCodes" }],
      },
      after: { advertiseTimeout: radioFails },
    },
    on_air: {
      on: {
        "radio.failed": radioFails,
        "issuer.code_set": [codeTurns, { target: "on_air", reenter: true, actions: "takeCodes" }],
      },
      after: {
        untilTurn: [
          codeTurns,
          {
            guard: "hasCodeAhead",
            target: "between_periods",
            actions: ["takeCodes", "noteSilence"],
          },
          { target: "silent", actions: ["takeCodes", "noteSilence"] },
        ],
      },
    },
    /** The radio does not work; it is tried again after a pause that grows. */
    failed: {
      on: { "issuer.code_set": { actions: "takeCodes" } },
      after: {
        radioBackoff: [
          { guard: "codeTurns", target: "going_on_air", actions: "takeCodes" },
          { guard: "hasCodeAhead", target: "between_periods", actions: "takeCodes" },
          { target: "silent", actions: "takeCodes" },
        ],
      },
    },
  },
});
