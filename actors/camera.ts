/**
 * A camera: whether its stream is alive, and whom it holds for the person at the pay position.
 * A lane hears of it only when that answer changes; a stream that stops takes its answer back.
 */
import { assign, emit, setup } from "xstate";
import type { LaneMessage } from "./lane.ts";
import { backoff_ms, limits } from "./limits.ts";
import {
  type CameraEvent,
  type Candidate,
  type Emitted,
  type Stamped,
  type StoreConfigured,
  tell,
} from "./messages.ts";

/** What a lane tells a camera. */
export type CameraMessage = { readonly type: "lane.look_again"; readonly glance: number };
export type CameraTakes =
  & (Extract<StoreConfigured, { type: "store.camera_configured" }> | CameraEvent | CameraMessage)
  & Stamped;
/** To a lane, or to a gate. */
type Seen = Extract<LaneMessage, { type: "camera.candidates_changed" }>;
type Matched = Extract<CameraTakes, { type: "frame.matched" }>;

export interface CameraContext {
  readonly id: string;
  readonly zone: string;
  readonly lane: string;
  /** The gate that it looks at, in place of a lane. */
  readonly gate: string | null;
  readonly device: string | null;
  readonly outcome: Matched["outcome"];
  /** People in view, those behind included. */
  readonly faces: number;
  readonly candidates: readonly Candidate[];
  /** The lane's latest wish to look again; what was seen before it counts no more. */
  readonly glance: number;
  readonly failures: number;
  readonly reason: string | null;
}

/** An unknown person at the pay position means nobody, whoever is behind. */
function candidatesOf(event: Matched): readonly Candidate[] {
  const known = event.outcome === "identified" || event.outcome === "ambiguous";
  return known ? event.candidates.slice(0, limits.candidates) : [];
}

/** Two answers are the same to a lane when the same people may be charged on the same grounds;
 * how many frames agree and when they were seen is not news. */
function sameToLane(before: readonly Candidate[], after: readonly Candidate[]): boolean {
  return before.length === after.length &&
    after.every(({ visit, evidence }) =>
      before.some((known) =>
        known.visit === visit && known.evidence.outcome === evidence.outcome &&
        known.evidence.liveness === evidence.liveness &&
        known.evidence.turns === evidence.turns && known.evidence.model === evidence.model
      )
    );
}

const camera = setup({
  types: {} as {
    context: CameraContext;
    events: CameraTakes;
    emitted: Emitted;
    input: { id: string };
  },
  guards: {
    isNews: ({ context, event }) =>
      event.type === "frame.matched" && !sameToLane(context.candidates, candidatesOf(event)),
    isStale: ({ context, event }) =>
      event.type === "frame.matched" && event.glance !== context.glance,
    isNewer: ({ context, event }) =>
      event.type === "lane.look_again" && event.glance > context.glance,
    holdsSomebody: ({ context }) => context.candidates.length > 0,
  },
  delays: {
    startTimeout: limits.camera_start_timeout_ms,
    stallTimeout: limits.camera_stall_ms,
    restartBackoff: ({ context }) => backoff_ms(context.failures, limits.camera_backoff),
    steady: limits.camera_steady_ms,
  },
  actions: {
    configure: assign(({ event }) =>
      event.type === "store.camera_configured"
        ? { zone: event.zone, lane: event.lane, gate: event.gate ?? null }
        : {}
    ),
    noteDevice: assign(({ event }) =>
      event.type === "camera.started" ? { device: event.device, reason: null } : {}
    ),
    see: assign(({ event }) =>
      event.type === "frame.matched"
        ? { outcome: event.outcome, faces: event.faces, candidates: candidatesOf(event) }
        : {}
    ),
    /** What a lane was told stays; the figures around it are kept up to date. */
    count: assign(({ event }) =>
      event.type === "frame.matched" ? { outcome: event.outcome, faces: event.faces } : {}
    ),
    beginAnew: assign(({ event }) =>
      event.type === "lane.look_again"
        ? { glance: event.glance, outcome: "nobody", candidates: [] }
        : {}
    ),
    /** Taken, with nothing to add. */
    agree: assign({}),
    withdraw: assign({ outcome: "nobody", faces: 0, candidates: [] }),
    noteFailure: assign(({ context, event }) => ({
      failures: context.failures + 1,
      reason: event.type === "camera.failed" ? event.reason : "no_frames",
    })),
    forgetFailures: assign({ failures: 0 }),
    tellLane: emit(({ context }) =>
      tell<Seen>(context.gate === null ? `lane/${context.lane}` : `gate/${context.gate}`, {
        type: "camera.candidates_changed",
        candidates: context.candidates,
        glance: context.glance,
      })
    ),
    lookAgain: emit(({ context }) => ({
      type: "camera.look_again",
      camera: context.id,
      glance: context.glance,
    })),
    restart: emit(({ context }) => ({ type: "camera.restart", camera: context.id })),
  },
});

const sees = [
  { guard: "isStale" as const, actions: "agree" as const },
  { guard: "isNews" as const, actions: ["see", "tellLane"] as const },
  { actions: "count" as const },
];
const fails = [
  {
    guard: "holdsSomebody" as const,
    target: "failed" as const,
    actions: ["noteFailure", "withdraw", "tellLane"] as const,
  },
  { target: "failed" as const, actions: ["noteFailure", "withdraw"] as const },
];

export const cameraMachine = camera.createMachine({
  id: "camera",
  context: ({ input }) => ({
    id: input.id,
    zone: "",
    lane: "",
    gate: null,
    device: null,
    outcome: "nobody",
    faces: 0,
    candidates: [],
    glance: 0,
    failures: 0,
    reason: null,
  }),
  initial: "unconfigured",
  on: {
    "store.camera_configured": { actions: "configure" },
    "lane.look_again": [
      { guard: "isNewer", actions: ["beginAnew", "lookAgain"] },
      { actions: "agree" },
    ],
  },
  states: {
    unconfigured: {
      on: { "store.camera_configured": { target: "starting", actions: "configure" } },
    },
    /** Asked to open its device; nothing came yet. */
    starting: {
      on: {
        "camera.started": { target: "streaming", actions: "noteDevice" },
        "camera.failed": fails,
      },
      after: { startTimeout: fails },
    },
    streaming: {
      on: {
        "camera.started": [
          { guard: "holdsSomebody", actions: ["noteDevice", "withdraw", "tellLane"] },
          { actions: ["noteDevice", "withdraw"] },
        ],
        "frame.matched": sees,
        "camera.failed": fails,
        "camera.stalled": [
          { guard: "holdsSomebody", target: "stalled", actions: ["withdraw", "tellLane"] },
          { target: "stalled", actions: "withdraw" },
        ],
      },
      after: { steady: { actions: "forgetFailures" } },
    },
    /** The device is open and gives no frames. */
    stalled: {
      on: {
        "camera.failed": fails,
        "camera.started": { target: "streaming", actions: "noteDevice" },
        "frame.matched": [
          { guard: "isStale", target: "streaming" },
          { guard: "isNews", target: "streaming", actions: ["see", "tellLane"] },
          { target: "streaming", actions: "count" },
        ],
      },
      after: { stallTimeout: fails },
    },
    /** It is opened again after a pause that grows, or comes back by itself. */
    failed: {
      on: { "camera.started": { target: "streaming", actions: "noteDevice" } },
      after: { restartBackoff: { target: "starting", actions: "restart" } },
    },
  },
});
