/**
 * A small shop for the engine's own tests: a clock that is moved by hand, three kinds of actor
 * that do everything an actor may do, and an engine over them that can crash and start again.
 */
import { assign, cancel, emit, raise, setup } from "xstate";
import type { Address, Emitted } from "../../actors/messages.ts";
import type { Journal } from "../journal/journal.ts";
import { MemoryDisk, openMemoryJournal } from "../journal/memory.ts";
import type { Clock, Random } from "../world.ts";
import type { MachineKind } from "./actors.ts";
import { createEngine, type EngineOptions } from "./create.ts";
import type { Engine } from "./engine.ts";

/** Addresses of kinds that the shop does not have. */
export const at = (address: string) => address as Address;

/** Steps from deadline to deadline when it is moved. */
export class ManualClock implements Clock {
  #now_ms: number;
  #next = 0;
  #calls: { readonly due_ms: number; readonly order: number; readonly call: () => void }[] = [];

  constructor(now_ms = 1_000_000) {
    this.#now_ms = now_ms;
  }

  now_ms(): number {
    return this.#now_ms;
  }

  after(delay_ms: number, call: () => void): () => void {
    const entry = { due_ms: this.#now_ms + Math.max(0, delay_ms), order: this.#next++, call };
    this.#calls.push(entry);
    return () => {
      this.#calls = this.#calls.filter((other) => other !== entry);
    };
  }

  /** How many calls are to come. */
  get pending(): number {
    return this.#calls.length;
  }

  advance(by_ms: number): void {
    const until_ms = this.#now_ms + by_ms;
    for (;;) {
      this.#calls.sort((a, b) => a.due_ms - b.due_ms || a.order - b.order);
      const next = this.#calls[0];
      if (!next || next.due_ms > until_ms) break;
      this.#calls.shift();
      this.#now_ms = Math.max(this.#now_ms, next.due_ms);
      next.call();
    }
    this.#now_ms = until_ms;
  }

  /** Somebody sets the clock; what waits goes on waiting as long as it had to. */
  set(now_ms: number): void {
    const by_ms = now_ms - this.#now_ms;
    this.#now_ms = now_ms;
    this.#calls = this.#calls.map((call) => ({ ...call, due_ms: call.due_ms + by_ms }));
  }
}

/** Counts up, so that no two starts draw the same. */
export function countingRandom(): Random {
  let next = 0;
  return { bytes: (length) => new Uint8Array(length).fill(++next) };
}

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
  eye: { machine: eye, durable: false, births: ["eye.configured"] },
};

export interface Bench {
  readonly clock: ManualClock;
  readonly engine: Engine;
  /** What effects were asked for, as `type from`. */
  readonly acted: string[];
  /** What was logged. */
  readonly logged: string[];
}

/** An engine that runs on a clock moved by hand, ticks included. */
export function bench(
  journal: Journal,
  more: Partial<EngineOptions> & { readonly clock?: ManualClock } = {},
): Bench {
  const clock = more.clock ?? new ManualClock();
  const acted: string[] = [];
  const logged: string[] = [];
  const engine = createEngine({
    kinds: testKinds,
    journal,
    random: countingRandom(),
    gateway: "g",
    defer: (call) => void clock.after(0, call),
    log: (_level, message, fields) => void logged.push(`${message} ${JSON.stringify(fields)}`),
    ...more,
    clock,
  });
  engine.effect("camera.restart", (command, from) => void acted.push(`${command.type} ${from}`));
  return { clock, engine, acted, logged };
}

/** A bench that has started, with a till and an eye configured. */
export function shop(
  disk: MemoryDisk | Journal = new MemoryDisk(),
  more: Parameters<typeof bench>[1] = {},
): Bench {
  const made = bench(disk instanceof MemoryDisk ? openMemoryJournal(disk) : disk, more);
  made.engine.start();
  made.engine.post(at("till/1"), { type: "till.configured" });
  made.engine.post(at("eye/1"), { type: "eye.configured" });
  made.clock.advance(0);
  return made;
}
