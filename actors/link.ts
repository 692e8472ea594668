/**
 * The connection to the issuer: there or not, since when and why. Lanes are told at once.
 */
import { assign, enqueueActions, setup } from "xstate";
import type { LaneMessage } from "./lane.ts";
import {
  type Emitted,
  type LinkEvent,
  type Stamped,
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
      for (const lane of lanes) {
        enqueue.emit(tell<LaneMessage>(
          `lane/${lane}`,
          offline_since_ms === null
            ? { type: "link.online" }
            : { type: "link.offline", since_ms: offline_since_ms },
        ));
      }
    }),
  },
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
    offline: {
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
