/**
 * A shelf of a walk-out aisle: what its planogram puts on it, what decided carts took from it, and
 * whether its scales are heard. Samples never come here; only what changes a decision does.
 */
import { assign, setup } from "xstate";
import type { Emitted, Stamped } from "./messages.ts";
import type { AisleConfigured, ShelfFact } from "./walkout.ts";

/** What carts tell a shelf. */
export type ShelfMessage = {
  readonly type: "cart.took";
  readonly cart: string;
  readonly plate: string;
  readonly gtin: string;
  readonly units: number;
};
export type ShelfEvent =
  & (Extract<AisleConfigured, { type: "store.shelf_configured" }> | ShelfFact | ShelfMessage)
  & Stamped;

type Stock = Readonly<Record<string, Readonly<Record<string, number>>>>;

export interface ShelfContext {
  readonly id: string;
  readonly zone: string;
  readonly planogram: Stock;
  /** Units that decided carts took, by plate and product. */
  readonly taken: Stock;
  /** Plates whose scale is not heard. */
  readonly silent: readonly string[];
  readonly silent_since_ms: number | null;
  /** What each plate weighed when all that had happened on it was understood. */
  readonly rested_g: Readonly<Record<string, number>>;
}

const shelf = setup({
  types: {} as {
    context: ShelfContext;
    events: ShelfEvent;
    emitted: Emitted;
    input: { id: string };
  },
  guards: {
    isKnown: ({ context, event }) => "plate" in event && event.plate in context.planogram,
    isLastSilent: ({ context, event }) =>
      event.type === "shelf.weighed" && context.silent.every((plate) => plate === event.plate),
    /** Another planogram: the shelf was filled anew. */
    isOther: ({ context, event }) =>
      event.type === "store.shelf_configured" &&
      JSON.stringify(event.plates) !== JSON.stringify(context.planogram),
  },
  actions: {
    configure: assign(({ event }) =>
      event.type === "store.shelf_configured"
        ? { zone: event.zone, planogram: event.plates, taken: {} }
        : {}
    ),
    /** As it was: taken, with nothing to add. */
    agree: assign({}),
    noteSilent: assign(({ context, event }) =>
      event.type === "shelf.silent"
        ? {
          silent: [...new Set([...context.silent, event.plate])].sort(),
          silent_since_ms: context.silent_since_ms ?? event.at_ms,
        }
        : {}
    ),
    noteHeard: assign(({ context, event }) => {
      if (event.type !== "shelf.weighed") return {};
      const silent = context.silent.filter((plate) => plate !== event.plate);
      return { silent, silent_since_ms: silent.length === 0 ? null : context.silent_since_ms };
    }),
    noteRested: assign(({ context, event }) =>
      event.type === "shelf.rested"
        ? { rested_g: { ...context.rested_g, [event.plate]: event.weight_g } }
        : {}
    ),
    noteTaken: assign(({ context, event }) => {
      if (event.type !== "cart.took") return {};
      const { plate, gtin, units } = event;
      const here = context.taken[plate] ?? {};
      const after = { ...here, [gtin]: (here[gtin] ?? 0) + units };
      return { taken: { ...context.taken, [plate]: after } };
    }),
  },
});

const stands = {
  "store.shelf_configured": [
    { guard: "isOther" as const, actions: "configure" as const },
    { actions: "agree" as const },
  ],
  "cart.took": { guard: "isKnown" as const, actions: "noteTaken" as const },
  "shelf.rested": { guard: "isKnown" as const, actions: "noteRested" as const },
  "shelf.silent": {
    guard: "isKnown" as const,
    target: "silent" as const,
    actions: "noteSilent" as const,
  },
};

export const shelfMachine = shelf.createMachine({
  id: "shelf",
  context: ({ input }) => ({
    id: input.id,
    zone: "",
    planogram: {},
    taken: {},
    silent: [],
    silent_since_ms: null,
    rested_g: {},
  }),
  initial: "unconfigured",
  states: {
    unconfigured: { on: { "store.shelf_configured": { target: "heard", actions: "configure" } } },
    heard: { on: stands },
    /** At least one of its scales says nothing: what is taken there nobody will know. */
    silent: {
      on: {
        ...stands,
        "shelf.weighed": [
          { guard: "isLastSilent", target: "heard", actions: "noteHeard" },
          { actions: "noteHeard" },
        ],
      },
    },
  },
});
