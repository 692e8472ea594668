/**
 * A walk-out aisle: what gates, shelves and trackers tell becomes facts for its actors, what those
 * wish becomes calls of relays and tracker. It decides nothing.
 */
import type { Command } from "../../actors/messages.ts";
import type { AisleConfig } from "../config.ts";
import type { Engine } from "../engine/engine.ts";
import { isStopped } from "../errors.ts";
import { limits } from "../limits.ts";
import type { World } from "../world.ts";
import { Follower } from "./follow.ts";
import { CodeWatch } from "./codes.ts";
import { createDesk } from "./desk.ts";
import type { AislePort } from "./port.ts";
import { type AisleReading, aisleReading } from "./readings.ts";
import { watchScale } from "./scales.ts";

export interface AisleOptions {
  readonly world: Pick<World, "clock" | "random" | "devices" | "log" | "readCode" | "vault">;
  readonly engine: Engine;
  readonly aisle: AisleConfig;
}

export interface Aisle {
  readonly port: AislePort;
  /** Registers the effects; before the engine starts. */
  wire(): void;
  /** Tells actors what they stand for, and opens devices; after the engine has started. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export function createAisle({ world, engine, aisle }: AisleOptions): Aisle {
  const { clock, random, devices, log } = world;
  const follower = new Follower({ aisle, engine, clock, log });
  const stopping = new AbortController();
  const running: Promise<void>[] = [];
  const watch = new CodeWatch(world);
  const { port, takeOne } = createDesk({ engine, aisle, random, follower, watch });

  function warn(what: string, error: unknown): void {
    if (!isStopped(error)) log("warn", what, { reason: String(error) });
  }

  function open({ gate }: Extract<Command, { type: "gate.open" }>): void {
    devices.gates?.get(gate)?.open().catch((error: Error) => {
      engine.post(`gate/${gate}`, { type: "gate.stuck", reason: error.message })
        .catch((failed: unknown) => warn("a gate's trouble was not told", failed));
    });
  }

  async function follow(source: AsyncIterable<unknown>): Promise<void> {
    for await (const reading of source) {
      const parsed = aisleReading.safeParse(reading);
      try {
        if (parsed.success) await takeOne(parsed.data as AisleReading);
        else {log("warn", "a reading is none that is known", {
            reason: parsed.error.issues[0]?.message,
          });}
      } catch (error) {
        if (isStopped(error)) return;
        warn("a reading was not taken", error);
      }
    }
  }

  async function configure(): Promise<void> {
    const told = [
      ...aisle.gates.map(({ id, zone, ways }) =>
        engine.post(`gate/${id}`, { type: "store.gate_configured", zone, ways })
      ),
      ...aisle.shelves.map(({ id, zone, plates }) =>
        engine.post(`shelf/${id}`, {
          type: "store.shelf_configured",
          zone,
          plates: Object.fromEntries(plates.map((plate) => [plate.id, plate.stock])),
        })
      ),
    ];
    await Promise.all(told);
  }

  const run = (what: string, work: (signal: AbortSignal) => Promise<void>) => {
    const { signal } = stopping;
    /** A device that is lost is opened again after a pause. */
    const again = async (): Promise<void> => {
      while (!signal.aborted) {
        await work(signal).catch((error: unknown) => warn(what, error));
        if (signal.aborted) return;
        await new Promise<void>((resolve) => {
          const cancel = clock.after(limits.cart_look_ms, resolve);
          signal.addEventListener("abort", () => (cancel(), resolve()), { once: true });
        });
      }
    };
    running.push(again());
  };

  return {
    port,
    wire() {
      engine.effect("gate.open", open);
      engine.effect("gate.warn", ({ gate, reason }) => log("warn", `gate ${gate}: ${reason}`));
      engine.effect(
        "tracker.enter",
        ({ cart, track, at_ms }) => follower.enter(cart, track, at_ms),
      );
      engine.effect(
        "tracker.leave",
        ({ cart, at_ms, bag_g }) => follower.leave(cart, at_ms, bag_g),
      );
    },
    async start() {
      await configure();
      follower.start();
      for (const source of devices.readings ?? []) {
        run(`readings of ${source.id} stopped`, (signal) => follow(source.readings(signal)));
      }
      for (const [plate, scale] of devices.scales ?? []) {
        run(
          `the scale of plate ${plate} stopped`,
          (signal) => watchScale(plate, scale, signal, (reading) => follower.take(reading)),
        );
      }
      for (const [gate, camera] of devices.gate_cameras ?? []) {
        run(
          `the camera of gate ${gate} stopped`,
          (signal) =>
            watch.camera(camera, signal, async (code) => void await port.showCode(gate, code)),
        );
      }
    },
    async stop() {
      stopping.abort();
      follower.stop();
      await Promise.all(running);
    },
  };
}
