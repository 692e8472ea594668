/** The engine with the store's machines, on a clock that the test moves; the world is silent. */
import { parseConfig } from "../config.ts";
import { actorKinds } from "../../actors/kinds.ts";
import type { PaymentPolicy } from "../../actors/messages.ts";
import { type HandClock, handClock } from "../../hardware/simulated/testing.ts";
import { createEngine } from "../engine/create.ts";
import type { Engine } from "../engine/engine.ts";
import { MemoryDisk, openMemoryJournal } from "../journal/memory.ts";

export interface TestShop {
  readonly clock: HandClock;
  readonly disk: MemoryDisk;
  /** Has not started: effects may still be set. */
  readonly engine: Engine;
  /** Stops the engine and leaves the disk to the next one. */
  close(): Promise<void>;
}

export const policy: PaymentPolicy = {
  selection: "operator",
  accept_liveness: ["passed"],
  selection_timeout_ms: 60_000,
  authorisation_timeout_ms: 15_000,
};

/** A store with one lane, its camera and a beacon. */
export const smallStore = parseConfig({
  store: {
    id: "s",
    name: "Store",
    merchant: "m",
    currency: "EUR",
    jurisdiction: "DE",
    timezone: "Europe/Berlin",
  },
  gateway: { id: "g" },
  issuer: { url: "http://127.0.0.1:1" },
  zones: [{ id: "tills", name: "Tills" }],
  lanes: [{ id: "1", name: "Lane 1", zone: "tills", camera: "c" }],
  beacons: [{ hardware_id: "b", zone: "tills", device: { kind: "simulated" } }],
  cameras: [{ id: "c", zone: "tills", device: { kind: "simulated" } }],
});

/** 2026-09-21, three minutes before midnight UTC. */
export const lateEvening_ms = Date.UTC(2026, 8, 21, 23, 57);

export function testShop(disk = new MemoryDisk(), now_ms = lateEvening_ms): TestShop {
  const clock = handClock(now_ms);
  let drawn = 0;
  const journal = openMemoryJournal(disk);
  const engine = createEngine({
    kinds: actorKinds,
    journal,
    clock,
    random: { bytes: (length) => new Uint8Array(length).map(() => drawn++ % 251) },
    log: () => {},
    gateway: "g",
  });
  return {
    clock,
    disk,
    engine,
    async close() {
      await engine.stop();
      journal.close();
    },
  };
}

/** Lets everything that is due now happen. */
export const settle = (clock: HandClock) => clock.pass(0);
