/**
 * A walk-out aisle: what gates, shelves and trackers tell becomes facts for its actors, what those
 * wish becomes calls of relays and tracker. It decides nothing.
 */
import type { Command, Liveness } from "../../actors/messages.ts";
import { HardwareError } from "../../hardware/errors.ts";
import type { AisleConfig } from "../config.ts";
import type { Engine } from "../engine/engine.ts";
import { isOverloaded, isStopped } from "../errors.ts";
import type { World } from "../world.ts";
import { Follower } from "./follow.ts";
import { CodeWatch } from "./codes.ts";
import { createDesk } from "./desk.ts";
import { Equipment } from "./equipment.ts";
import type { AislePort } from "./port.ts";
import { type AisleReading, aisleReading } from "./readings.ts";
import { watchScale } from "./scales.ts";
import { takenFrom, tellShelves } from "./taken.ts";

export interface AisleOptions {
  readonly world: Pick<World, "clock" | "random" | "devices" | "log" | "readCode" | "vault">;
  readonly engine: Engine;
  readonly aisle: AisleConfig;
  /** What a gate's camera must say of a face for it to open: as at lanes. */
  readonly accept_liveness?: readonly Liveness[];
  /** Zones with a display, which shows what was just taken there. */
  readonly displays?: readonly string[];
}

export interface Aisle {
  readonly port: AislePort;
  /** Registers the effects; before the engine starts. */
  wire(): void;
  /** Tells actors what they stand for; before the engine starts, as `intake/start.ts` says. */
  configure(): Promise<void>;
  /** Opens devices; after the engine has started. */
  start(): void;
  stop(): Promise<void>;
}

/** What a gate's lamp shows while the gate is in a state. */
const lightOf: Readonly<Record<string, string>> = {
  identifying: "asking",
  asking_retailer: "asking",
  open: "open",
};

export function createAisle(options: AisleOptions): Aisle {
  const { world, engine, aisle, displays = [], accept_liveness = ["passed"] } = options;
  const { clock, random, devices, log } = world;
  const follower = new Follower({ aisle, engine, clock, log, displays: new Set(displays) });
  const equipment = new Equipment({ clock, random, log });
  const watch = new CodeWatch(world);
  const { port, takeOne, showFace } = createDesk({
    engine,
    aisle,
    clock,
    random,
    follower,
    watch,
    equipment,
  });
  let unwatch = () => {};

  function warn(what: string, error: unknown): void {
    if (!isStopped(error)) log("warn", what, { reason: String(error) });
  }

  function open({ gate }: Extract<Command, { type: "gate.open" }>): void {
    const relay = devices.gates?.get(gate);
    if (relay === undefined) return;
    relay.open().then(() => equipment.told(`relay ${gate}`), (error: Error) => {
      equipment.told(`relay ${gate}`, error);
      engine.post(`gate/${gate}`, { type: "gate.stuck", reason: error.message })
        .catch((failed: unknown) => warn("a gate's trouble was not told", failed));
    });
  }

  async function follow(source: AsyncIterable<unknown>, heard: () => void): Promise<void> {
    for await (const reading of source) {
      heard();
      if (reading instanceof HardwareError) {
        log("warn", "a message holds no readings", { reason: reading.message });
        continue;
      }
      const { success, data, error } = aisleReading.safeParse(reading);
      if (!success) {
        log("warn", "a reading is none that is known", { reason: error.issues[0]?.message });
        continue;
      }
      try {
        await takeOne(data as AisleReading);
      } catch (error) {
        if (isStopped(error)) return;
        // Whoever keeps passages until they are taken has it still when this is opened again.
        if (data.type === "gate.passed" && isOverloaded(error)) throw error;
        warn("a reading was not taken", error);
      }
    }
  }

  async function configure(): Promise<void> {
    const told = [
      ...aisle.gates.map(({ id, zone, ways, face_camera: camera }) =>
        engine.post(`gate/${id}`, {
          type: "store.gate_configured",
          zone,
          ways,
          ...(camera === undefined ? {} : { face: { camera, accept_liveness } }),
        })
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

  /** The lamp of a gate shows how the gate stands. */
  function show(gate: string, state: string): void {
    const lamp = devices.lamps?.get(gate);
    if (lamp === undefined) return;
    const light = lightOf[state] ?? "closed";
    lamp.show(lamp.lights.includes(light) ? [light] : []).then(
      () => equipment.told(`lamp ${gate}`),
      (error: unknown) => equipment.told(`lamp ${gate}`, error),
    );
  }

  /** Everything that is read. */
  function watchDevices(): void {
    for (const source of devices.readings ?? []) {
      const read = (signal: AbortSignal, heard: () => void) =>
        follow(source.readings(signal), heard);
      equipment.watch(`readings ${source.id}`, { read });
    }
    for (const [plate, scale] of devices.scales ?? []) {
      equipment.watch(`scale ${plate}`, {
        read: (signal, heard) =>
          watchScale(plate, scale, signal, (reading) => (heard(), follower.take(reading))),
        lost: () => follower.silent(plate),
      });
    }
    for (const [gate, camera] of devices.gate_cameras ?? []) {
      const shown = async (code: string) => void await port.showCode(gate, code);
      const read = (signal: AbortSignal, heard: () => void) =>
        watch.camera(camera, signal, heard, shown);
      equipment.watch(`camera ${gate}`, { read });
    }
  }

  return {
    port,
    wire() {
      engine.effect("shelf.note_taken", (command) => {
        tellShelves(engine, takenFrom(aisle.shelves, command))
          .catch((error: unknown) => warn("a shelf was not told what is gone", error));
      });
      engine.effect("gate.open", open);
      engine.effect("gate.name_entry", ({ gate, visit, camera }) => {
        showFace(gate, visit, camera).catch((error: unknown) => warn("a face was not told", error));
      });
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
    configure,
    start() {
      unwatch = engine.subscribe(({ address, after }) => {
        if (address.startsWith("gate/")) show(address.slice("gate/".length), String(after));
      });
      for (const { id } of aisle.gates) show(id, String(engine.view(`gate/${id}`)?.state));
      follower.start();
      watchDevices();
    },
    async stop() {
      unwatch();
      follower.stop();
      await equipment.stop();
    },
  };
}
