/**
 * A gate of a walk-out aisle: one at a time shows who he is, the issuer knows him, the retailer's
 * own system admits him, and whoever goes through without that is noticed.
 */
// long because every name of a machine stands in one place
import { assign, emit, enqueueActions, setup } from "xstate";
import type { CameraMessage } from "./camera.ts";
import type { CartMessage } from "./cart.ts";
import type { LaneMessage } from "./lane.ts";
import { kept, none } from "./kept.ts";
import { limits } from "./limits.ts";
import { type Emitted, type Liveness, type Stamped, tell } from "./messages.ts";
import type {
  AdmissionAnswer,
  AisleConfigured,
  EntryEvidence,
  GateFact,
  TripFact,
  VisitorType,
} from "./walkout.ts";

export type GateEvent =
  & (
    | Extract<AisleConfigured, { type: "store.gate_configured" }>
    | GateFact
    | AdmissionAnswer
    | Extract<TripFact, { type: "issuer.trip_ended" }>
    | Extract<LaneMessage, { type: "camera.candidates_changed" }>
  )
  & Stamped;

export interface GateContext {
  readonly id: string;
  readonly zone: string;
  readonly ways: "in" | "out" | "both";
  /** Which camera says who stands here; null at gates without one. */
  readonly face: { readonly camera: string; readonly accept_liveness: readonly Liveness[] } | null;
  /** The latest wish to look again: what was seen before it was of somebody else. */
  readonly glance: number;
  /** Who was last asked about by his face. */
  readonly faced: { readonly visit: string; readonly at_ms: number } | null;
  /** The trip that would begin, of whoever stands here. */
  readonly entry: string | null;
  /** Secret until it is spent. */
  readonly entry_code: string | null;
  readonly visit: string | null;
  readonly camera: string | null;
  readonly operator: string | null;
  readonly people: number;
  readonly account: string | null;
  readonly identity_key: string | null;
  readonly evidence: EntryEvidence | null;
  readonly visitor: string | null;
  readonly visitor_type: VisitorType;
  /** How many of the group have gone through. */
  readonly passed: number;
  /** How many went through in all whom nobody had let in. */
  readonly tailgated: number;
  /** The last of them. */
  readonly tailgated_at_ms: number | null;
  /** Passages of late, oldest first, by their names: whoever tells of one may tell it again. A gate
   * that an earlier release left has none. */
  readonly passages?: readonly string[];
  readonly last: {
    readonly entry: string;
    readonly outcome: "entered" | "refused" | "turned_back";
    readonly reason: string | null;
    readonly at_ms: number;
  } | null;
}

const nobody = {
  entry: null,
  entry_code: null,
  visit: null,
  camera: null,
  operator: null,
  people: 1,
  account: null,
  identity_key: null,
  evidence: null,
  visitor: null,
  passed: 0,
} as const;

/** What a passage is known by; undefined where nobody said when it was seen. */
const passageOf = (event: GateEvent): string | undefined =>
  "seen_at_ms" in event ? `${event.type} ${event.track} ${event.seen_at_ms}` : undefined;

/** Who wants in, by whatever he showed. */
function wishOf(event: GateEvent): Partial<GateContext> {
  switch (event.type) {
    case "gate.code_read":
      return { ...nobody, entry: event.entry, entry_code: event.entry_code };
    case "gate.face_seen":
      return { ...nobody, entry: event.entry, visit: event.visit, camera: event.camera };
    case "operator.let_in": {
      const { entry, visit, operator } = event;
      const people = Math.max(1, Math.min(limits.people_of_entry, event.people));
      return { ...nobody, entry, visit, operator, people };
    }
    default:
      return {};
  }
}

/** The one person at the gate whom the camera knows, is sure of, and takes for alive. */
function facing(context: GateContext, event: GateEvent): string | undefined {
  if (event.type !== "camera.candidates_changed" || context.face === null) return undefined;
  const [sole, ...others] = event.candidates;
  if (sole === undefined || others.length > 0) return undefined;
  const { visit, evidence: { outcome, liveness } } = sole;
  const sure = outcome === "identified" && context.face.accept_liveness.includes(liveness);
  return sure ? visit : undefined;
}

const gate = setup({
  types: {} as {
    context: GateContext;
    events: GateEvent;
    emitted: Emitted;
    input: { id: string };
  },
  guards: {
    isOwn: ({ context, event }) => "entry" in event && event.entry === context.entry,
    isOwnUnanswered: ({ context, event }) =>
      event.type === "issuer.not_admitted" && event.entry === context.entry &&
      event.unanswered === true,
    isStale: ({ context, event }) =>
      event.type === "camera.candidates_changed" && event.glance !== context.glance,
    isFacing: ({ context, event }) => {
      const visit = facing(context, event);
      if (visit === undefined || context.ways === "out") return false;
      const { faced } = context;
      return faced?.visit !== visit || event.at_ms - faced.at_ms >= limits.gate_face_again_ms;
    },
    isToldAgain: ({ context, event }) => {
      const passage = passageOf(event);
      return passage !== undefined && context.passages?.includes(passage) === true;
    },
    letsIn: ({ context }) => context.ways !== "out",
    isLastOfGroup: ({ context }) => context.passed + 1 >= context.people,
    nobodyPassed: ({ context }) => context.passed === 0,
  },
  delays: {
    identityTimeout: limits.gate_identity_ms,
    retailerTimeout: limits.gate_retailer_ms,
    passageTimeout: limits.gate_passage_ms,
  },
  actions: {
    configure: assign(({ context, event }) =>
      event.type === "store.gate_configured"
        ? { zone: event.zone, ways: event.ways, face: event.face ?? null }
        : context
    ),
    /** Who stands here now is for a look of its own to say. */
    lookAgain: enqueueActions(({ context, enqueue }) => {
      if (context.face === null) return;
      const glance = context.glance + 1;
      enqueue.assign({ glance });
      enqueue.emit(tell<CameraMessage>(`camera/${context.face.camera}`, {
        type: "lane.look_again",
        glance,
      }));
    }),
    greet: enqueueActions(({ context, event, enqueue }) => {
      const visit = facing(context, event);
      if (visit === undefined || context.face === null) return;
      enqueue.assign({ faced: { visit, at_ms: event.at_ms } });
      const { id: gate, face: { camera } } = context;
      enqueue.emit({ type: "gate.name_entry", gate, visit, camera });
    }),
    take: assign(({ event }) => wishOf(event)),
    noteAdmitted: assign(({ event }) => {
      if (event.type !== "issuer.admitted") return {};
      const { account, identity_key, people, evidence } = event;
      return { account, identity_key, people, evidence, entry_code: null };
    }),
    noteVisitor: assign(({ event }) =>
      event.type === "retailer.admitted"
        ? { visitor: event.visitor, visitor_type: event.visitor_type }
        : {}
    ),
    notePassed: assign(({ context }) => ({ passed: context.passed + 1 })),
    notePassage: assign(({ context, event }) => {
      const passage = passageOf(event);
      if (passage === undefined) return {};
      const { passages = [] } = context;
      return { passages: kept([...passages, passage], -limits.passages_of_gate) };
    }),
    noteTailgater: assign(({ context, event }) => ({
      tailgated: context.tailgated + 1,
      tailgated_at_ms: event.at_ms,
    })),
    noteEnd: assign((
      { context, event },
      params: { outcome: "entered" | "refused" | "turned_back"; reason: string | null },
    ) => ({
      ...nobody,
      last: {
        entry: context.entry ?? "",
        outcome: params.outcome,
        reason: "reason" in event ? event.reason : params.reason,
        at_ms: event.at_ms,
      },
    })),
    admit: emit(({ context }) => ({
      type: "issuer.admit" as const,
      gate: context.id,
      entry: context.entry ?? "",
      entry_code: context.entry_code,
      visit: context.visit,
      camera: context.camera,
      operator: context.operator,
      people: context.people,
    })),
    verify: emit(({ context, event }) => ({
      type: "retailer.verify_identity" as const,
      gate: context.id,
      entry: context.entry ?? "",
      identity_key: context.identity_key ?? "",
      at_ms: event.at_ms,
    })),
    /** Taken, with nothing to add. */
    agree: assign({}),
    open: emit(({ context }) => ({ type: "gate.open" as const, gate: context.id })),
    warn: emit(({ context }, params: { reason: string }) => ({
      type: "gate.warn" as const,
      gate: context.id,
      reason: params.reason,
    })),
    /** A trip that the issuer may have begun, and that nobody makes. */
    endTrip: emit(({ context, event }, params: { reason: string }) => ({
      type: "issuer.end_trip" as const,
      trip: "entry" in event ? event.entry : context.entry ?? "",
      reason: "reason" in event ? event.reason : params.reason,
    })),
    begin: enqueueActions(({ context, event, enqueue }) => {
      const { entry, account, visitor, evidence } = context;
      if (event.type !== "gate.passed_in" || entry === null || account === null) return;
      if (visitor === null || evidence === null) return;
      enqueue.emit(tell<CartMessage>(`cart/${entry}`, {
        type: "gate.entered",
        gate: context.id,
        zone: context.zone,
        account,
        visitor,
        visitor_type: context.visitor_type,
        people: context.people,
        track: event.track,
        evidence,
      }));
    }),
    sendOut: enqueueActions(({ context, event, enqueue }) => {
      if (event.type !== "gate.passed_out" || event.cart === null) return;
      enqueue.emit(tell<CartMessage>(`cart/${event.cart}`, {
        type: "gate.left",
        gate: context.id,
        track: event.track,
        ...(event.bag_g === undefined ? {} : { bag_g: event.bag_g }),
      }));
    }),
  },
});

const ended = (
  outcome: "entered" | "refused" | "turned_back",
  reason: string | null = null,
) => ({ type: "noteEnd" as const, params: { outcome, reason } });
const ends = (reason: string) => ({ type: "endTrip" as const, params: { reason } });
const warns = (reason: string) => ({ type: "warn" as const, params: { reason } });

/** An answer that came after the gate had given up on it. */
const tooLate = { actions: ends("gate_gave_up") };
const wants = {
  guard: "letsIn" as const,
  target: "identifying" as const,
  actions: "take" as const,
};
const toldAgain = { guard: "isToldAgain" as const, actions: "agree" as const };
const tailgates = [
  toldAgain,
  { actions: ["noteTailgater" as const, "notePassage" as const, warns("tailgating")] },
];

export const gateMachine = gate.createMachine({
  id: "gate",
  context: ({ input }) => ({
    id: input.id,
    zone: "",
    ways: "both",
    face: null,
    glance: 0,
    faced: null,
    ...nobody,
    visitor_type: "SHOPPER",
    passages: none,
    tailgated: 0,
    tailgated_at_ms: null,
    last: null,
  }),
  initial: "unconfigured",
  on: {
    "store.gate_configured": { actions: ["configure", "lookAgain"] },
    "camera.candidates_changed": { actions: "agree" },
    "gate.passed_out": [toldAgain, { actions: ["sendOut", "notePassage"] }],
    "gate.stuck": { actions: warns("stuck") },
    "issuer.admitted": tooLate,
    "gate.passed_in": tailgates,
    "issuer.trip_ended": { actions: "agree" },
  },
  states: {
    unconfigured: { on: { "store.gate_configured": { target: "closed", actions: "configure" } } },
    closed: {
      entry: "lookAgain",
      on: {
        "gate.code_read": wants,
        "gate.face_seen": wants,
        "operator.let_in": wants,
        "camera.candidates_changed": [
          { guard: "isStale", actions: "agree" },
          { guard: "isFacing", actions: "greet" },
          { actions: "agree" },
        ],
      },
    },
    /** The issuer says whose code or face that is, and that he may come. */
    identifying: {
      entry: "admit",
      on: {
        "issuer.admitted": [
          { guard: "isOwn", target: "asking_retailer", actions: "noteAdmitted" },
          tooLate,
        ],
        "issuer.not_admitted": [
          {
            guard: "isOwnUnanswered",
            target: "closed",
            actions: [ends("issuer_silent"), ended("refused")],
          },
          { guard: "isOwn", target: "closed", actions: ended("refused") },
        ],
      },
      after: {
        identityTimeout: {
          target: "closed",
          actions: [ends("issuer_silent"), ended("refused", "issuer_silent")],
        },
      },
    },
    /** The retailer's own system decides. */
    asking_retailer: {
      entry: "verify",
      on: {
        "retailer.admitted": { guard: "isOwn", target: "open", actions: "noteVisitor" },
        "retailer.not_admitted": {
          guard: "isOwn",
          target: "closed",
          actions: [ends("retailer_refused"), ended("refused")],
        },
      },
      after: {
        retailerTimeout: {
          target: "closed",
          actions: [ends("retailer_silent"), ended("refused", "retailer_silent")],
        },
      },
    },
    open: {
      entry: "open",
      on: {
        "gate.passed_in": [
          toldAgain,
          {
            guard: "isLastOfGroup",
            target: "closed",
            actions: ["begin", "notePassage", ended("entered")],
          },
          { actions: ["begin", "notePassage", "notePassed"] },
        ],
        "gate.stuck": [
          {
            guard: "nobodyPassed",
            target: "closed",
            actions: [warns("stuck"), ends("gate_stuck"), ended("turned_back")],
          },
          { actions: warns("stuck") },
        ],
      },
      after: {
        passageTimeout: [
          {
            guard: "nobodyPassed",
            target: "closed",
            actions: [ends("nobody_passed"), ended("turned_back", "nobody_passed")],
          },
          { target: "closed", actions: ended("entered", "group_incomplete") },
        ],
      },
    },
  },
});
