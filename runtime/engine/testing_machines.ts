/** Three kinds of actor for the engine's own tests, which do everything that an actor may do. */
import { assign, cancel, emit, raise, setup } from "xstate";
import type { Address, Emitted } from "../../actors/messages.ts";
import type { MachineKind } from "./actors.ts";

/** Addresses of kinds that the shop does not have. */
export const at = (address: string) => address as Address;

/** A parcel: is born by `parcel.opened`, is authorised within a second or expires. */
const parcel = setup({
  types: {
    input: {} as { id: string },
    context: {} as { id: string; till: string; token: string; at_ms: number[] },
    events: {} as
      & { at_ms: number }
      & (
        | { type: "parcel.opened"; till: string }
        | { type: "parcel.token_given"; token: string }
        | { type: "parcel.poked" }
        | { type: "issuer.authorised" }
      ),
    emitted: {} as Emitted,
  },
  delays: { patience: 1_000 },
}).createMachine({
  id: "parcel",
  context: ({ input }) => ({ id: input.id, till: "", token: "", at_ms: [] }),
  initial: "new",
  states: {
    new: {
      on: {
        "parcel.opened": {
          target: "waiting",
          actions: assign(({ event }) => ({ till: event.till })),
        },
      },
    },
    waiting: {
      after: { patience: "expired" },
      on: {
        "parcel.token_given": {
          target: "authorising",
          actions: [
            assign(({ event }) => ({ token: event.token })),
            emit(({ context, event }) => ({
              type: "issuer.capture",
              payment: context.id,
              authorisation: "a",
              amount_minor: 1,
              currency: "EUR",
              token: event.token,
            })),
          ],
        },
        "parcel.poked": {
          actions: assign(({ context, event }) => ({ at_ms: [...context.at_ms, event.at_ms] })),
        },
      },
    },
    authorising: { on: { "issuer.authorised": "captured" } },
    captured: {
      type: "final",
      entry: emit(({ context }) => ({
        type: "tell",
        to: at(`till/${context.till}`),
        event: { type: "parcel.captured", id: context.id },
      })),
    },
    expired: {
      entry: emit(({ context }) => ({
        type: "tell",
        to: at(`till/${context.till}`),
        event: { type: "parcel.expired", id: context.id },
      })),
      after: { 500: "lost" },
    },
    lost: { type: "final" },
  },
});

type TillTold =
  | { type: "parcel.captured"; id: string }
  | { type: "parcel.expired"; id: string }
  | { type: "eye.saw"; count: number };

/** A till: opens parcels, remembers what it is told, and passes notes on along a path. */
const till = setup({
  types: {
    input: {} as { id: string },
    context: {} as { id: string; told: unknown[]; notes: number[] },
    events: {} as
      & { at_ms: number }
      & (
        | { type: "till.configured" }
        | { type: "till.opened"; parcels: string[] }
        | { type: "till.noted"; note: number; pass: string[] }
        | { type: "till.wound"; delay_ms: number; ring?: "till.rang" }
        | { type: "till.unwound" }
        | { type: "till.rang" }
        | { type: "till.broke" }
        | { type: "till.looped" }
        | TillTold
      ),
    emitted: {} as Emitted,
  },
}).createMachine({
  id: "till",
  context: ({ input }) => ({ id: input.id, told: [], notes: [] }),
  on: {
    "till.configured": { actions: assign({}) },
    "till.opened": {
      actions: [0, 1, 2].map((index) =>
        emit(({ context, event }) => ({
          type: "tell",
          to: at(`parcel/${event.parcels[index] ?? "none"}`),
          event: { type: "parcel.opened", till: context.id },
        }))
      ),
    },
    "till.noted": {
      actions: [
        assign(({ context, event }) => ({ notes: [...context.notes, event.note] })),
        emit(({ event }) => {
          const [next = "nobody/0", ...pass] = event.pass;
          const told = { type: "till.noted", note: event.note, pass };
          return { type: "tell", to: at(next), event: told };
        }),
      ],
    },
    "till.wound": {
      actions: raise(({ event }) => ({ type: event.ring ?? "till.rang", at_ms: 0 }), {
        id: "bell",
        delay: ({ event }) => event.type === "till.wound" ? event.delay_ms : 0,
      }),
    },
    "till.unwound": { actions: cancel("bell") },
    "till.rang": {
      actions: assign(({ context, event }) => ({ told: [...context.told, event] })),
    },
    "till.broke": {
      actions: assign(() => {
        throw new Error("the drawer jams");
      }),
    },
    "till.looped": {
      actions: emit(({ context }) => ({
        type: "tell",
        to: at(`till/${context.id}`),
        event: { type: "till.looped" },
      })),
    },
    "parcel.*": {
      actions: assign(({ context, event }) => ({ told: [...context.told, event] })),
    },
    "eye.saw": {
      actions: assign(({ context, event }) => ({ told: [...context.told, event] })),
    },
  },
});

/** An eye: not durable; tells a till how often it saw, and wants to be restarted when it stalls. */
const eye = setup({
  types: {
    input: {} as { id: string },
    context: {} as { id: string; count: number },
    events: {} as
      & { at_ms: number }
      & (
        | { type: "eye.configured" }
        | { type: "eye.looked"; till: string }
        | { type: "eye.stalled" }
      ),
    emitted: {} as Emitted,
  },
}).createMachine({
  id: "eye",
  context: ({ input }) => ({ id: input.id, count: 0 }),
  on: {
    "eye.configured": { actions: assign({}) },
    "eye.looked": {
      actions: [
        assign(({ context }) => ({ count: context.count + 1 })),
        emit(({ context, event }) => ({
          type: "tell",
          to: at(`till/${event.till}`),
          event: { type: "eye.saw", count: context.count },
        })),
      ],
    },
    "till.noted": { actions: assign(({ event }) => ({ count: event.note })) },
    "eye.stalled": {
      actions: emit(({ context }) => ({ type: "camera.restart", camera: context.id })),
    },
  },
});

export const testKinds: Readonly<Record<string, MachineKind>> = {
  parcel: { machine: parcel, durable: true, births: ["parcel.opened"] },
  till: { machine: till, durable: true, births: ["till.configured"] },
  eye: { machine: eye, durable: false, births: ["eye.configured"], sheds: ["eye.looked"] },
};
