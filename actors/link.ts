/**
 * The connection to the issuer: there or not, since when and why. Lanes, and whoever stands in for
 * the issuer, are told at once.
 */
import { assign, enqueueActions, setup } from "xstate";
import type { LaneMessage } from "./lane.ts";
import { limits } from "./limits.ts";
import type { StandInMessage } from "./stand_in.ts";
import {
  type Emitted,
  type LinkEvent,
  type Stamped,
  standInAddress,
  type StoreConfigured,
  tell,
} from "./messages.ts";

export type LinkTakes =
  & (Extract<StoreConfigured, { type: "store.link_configured" }> | LinkEvent)
  & Stamped;

export interface LinkContext {
  readonly id: string;
  readonly lanes: readonly string[];
  /** Null while the link is there. */
  readonly offline_since_ms: number | null;
  readonly reason: string | null;
}

const online = { type: "link.online" } as const;

const link = setup({
  types: {} as { context: LinkContext; events: LinkTakes; emitted: Emitted; input: { id: string } },
  actions: {
    configure: assign(({ event }) =>
      event.type === "store.link_configured" ? { lanes: event.lanes } : {}
    ),
    noteOffline: assign(({ context, event }) => ({
      offline_since_ms: context.offline_since_ms ?? event.at_ms,
      reason: event.type === "link.lost" ? event.reason : "not_connected_yet",
    })),
    noteReason: assign(({ event }) => event.type === "link.lost" ? { reason: event.reason } : {}),
    noteOnline: assign({ offline_since_ms: null, reason: null }),
    tellLanes: enqueueActions(({ context, enqueue }) => {
      const { lanes, offline_since_ms } = context;
      if (offline_since_ms === null) enqueue.emit(tell<StandInMessage>(standInAddress, online));
      const news: LaneMessage = offline_since_ms === null
        ? online
        : { type: "link.offline", since_ms: offline_since_ms };
      for (const lane of lanes) enqueue.emit(tell<LaneMessage>(`lane/${lane}`, news));
    }),
    tellAway: enqueueActions(({ context, enqueue }) => {
      const { lanes, offline_since_ms } = context;
      if (offline_since_ms === null) return;
      const news = { type: "link.away", since_ms: offline_since_ms } as const;
      enqueue.emit(tell<StandInMessage>(standInAddress, news));
      for (const lane of lanes) enqueue.emit(tell<LaneMessage>(`lane/${lane}`, news));
    }),
  },
  delays: { untilAway: limits.away_after_ms },
});

export const linkMachine = link.createMachine({
  id: "link",
  context: ({ input }) => ({ id: input.id, lanes: [], offline_since_ms: null, reason: null }),
  initial: "unconfigured",
  on: { "store.link_configured": { actions: ["configure", "tellLanes"] } },
  states: {
    unconfigured: {
      on: {
        "store.link_configured": {
          target: "offline",
          actions: ["configure", "noteOffline", "tellLanes"],
        },
      },
    },
    /** Connections break and are there again a moment later: lanes say so, and do nothing yet. */
    offline: {
      on: {
        "link.connected": { target: "online", actions: ["noteOnline", "tellLanes"] },
        "link.lost": { actions: "noteReason" },
      },
      after: { untilAway: { target: "away", actions: "tellAway" } },
    },
    /** For so long that the store stands in for the issuer. */
    away: {
      on: {
        "link.connected": { target: "online", actions: ["noteOnline", "tellLanes"] },
        "link.lost": { actions: "noteReason" },
      },
    },
    online: {
      on: {
        "link.lost": { target: "offline", actions: ["noteOffline", "tellLanes"] },
      },
    },
  },
});
