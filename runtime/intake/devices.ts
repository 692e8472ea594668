/**
 * Where devices meet actors: readings of cameras become events, wishes for the radio become
 * calls, and what came of them becomes events again.
 */
import type { Candidate, VolatileCommand } from "../../actors/messages.ts";
import type { Config } from "../config.ts";
import type { Engine, EventLike } from "../engine/engine.ts";
import { invariant, isStopped, RuntimeError } from "../errors.ts";
import { limits } from "../limits.ts";
import type {
  ChallengeState,
  Eye,
  Perception,
  PerceptionReading,
  Probe,
  ProbeTurns,
  Side,
  World,
} from "../world.ts";
import type { Galleries } from "./galleries.ts";

export interface DeviceIntakeOptions {
  readonly world: Pick<World, "devices" | "perception" | "log">;
  readonly engine: Engine;
  readonly config: Config;
  readonly galleries: Galleries;
  /** A camera has started with an empty gallery: ask the issuer who is here. */
  readonly galleryLost: (zone: string) => void;
}

export interface DeviceIntake {
  /** Registers the effects; before the engine starts. */
  wire(): void;
  /** Asks whoever stands before a camera to turn the head. Rejects with `RuntimeError` `stopped`
   * where the camera does not see, or its recogniser cannot judge that. */
  challenge(
    camera: string,
    sides: readonly Side[],
    prompt: (state: ChallengeState) => void,
  ): Promise<void>;
  /** The face at the pay position of a camera, from now on; see `Eye.probe`. Rejects with
   * `RuntimeError` `stopped` where the camera does not see, or its recogniser cannot. */
  probe(camera: string, turns?: ProbeTurns): Promise<Probe | undefined>;
  /** Opens the cameras; after the engine has started. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export function createDeviceIntake(options: DeviceIntakeOptions): DeviceIntake {
  const { engine, world, config, galleries } = options;
  const eyes = new Map<string, Eye>();
  /** A camera's latest wish to look again: an eye that is opened later begins with it. */
  const glances = new Map<string, number>();
  const reopening = new Set<string>();
  let stopped = false;

  function cameraReading(camera: string, zone: string, reading: PerceptionReading): void {
    if (reading.type === "started" || reading.type === "failed") galleries.lost(camera);
    if (reading.type === "started") options.galleryLost(zone);
    post(`camera/${camera}`, cameraEvent(camera, reading, world.perception));
  }

  function post(to: `camera/${string}` | `beacon/${string}`, event: EventLike): void {
    engine.post(to, event).catch((error: unknown) => {
      if (isStopped(error)) return;
      world.log("warn", `${to} could not be told ${event.type}`, { reason: String(error) });
    });
  }

  function advertise(command: Extract<VolatileCommand, { type: "radio.advertise" }>): void {
    const { hardware_id, code, nonce, until_ms } = command;
    const beacon = world.devices.beacons.get(hardware_id);
    invariant(beacon, `beacon ${hardware_id} is configured and has no device`);
    beacon.advertise({ code, nonce, until_ms }).then(
      () => post(`beacon/${hardware_id}`, { type: "radio.advertising", code }),
      (error: Error) =>
        post(`beacon/${hardware_id}`, { type: "radio.failed", reason: error.message }),
    );
  }

  async function open(camera: string, zone: string): Promise<void> {
    const device = world.devices.cameras.get(camera);
    invariant(device, `camera ${camera} is configured and has no device`);
    const early: PerceptionReading[] = [];
    let ready = false;
    const eye = await world.perception.watch(device, (reading) => {
      if (ready) cameraReading(camera, zone, reading);
      else early.push(reading);
    });
    const glance = glances.get(camera);
    if (glance !== undefined) eye.lookAgain(glance);
    galleries.open(camera, zone, eye);
    for (const reading of early) cameraReading(camera, zone, reading);
    ready = true;
    eyes.set(camera, eye);
    if (stopped) await eye.close();
  }

  /** A new eye in place of one that sees nothing: a device that hangs may come back by it. */
  async function reopen(camera: string): Promise<void> {
    const known = config.cameras.find(({ id }) => id === camera);
    if (!known || stopped || reopening.has(camera)) return;
    reopening.add(camera);
    try {
      // There is none when the last try failed.
      const old = eyes.get(camera);
      eyes.delete(camera);
      galleries.lost(camera);
      await old?.close();
      await open(camera, known.zone);
    } finally {
      reopening.delete(camera);
    }
  }

  return {
    wire() {
      engine.effect("radio.advertise", advertise);
      engine.effect("camera.restart", ({ camera }) => {
        reopen(camera).catch((error: Error) =>
          post(`camera/${camera}`, { type: "camera.failed", reason: error.message })
        );
      });
      engine.effect("camera.look_again", ({ camera, glance }) => {
        glances.set(camera, glance);
        eyes.get(camera)?.lookAgain(glance);
      });
      engine.effect("gallery.wipe", (command) => {
        galleries.wipe(command.visit).catch((error: unknown) => {
          world.log("error", "a gallery was not wiped", { reason: String(error) });
        });
      });
    },
    async challenge(camera, sides, prompt) {
      const eye = eyes.get(camera);
      if (eye?.challenge === undefined) {
        throw new RuntimeError(
          "stopped",
          `camera ${camera} can ask nobody to turn; look at /debug/`,
        );
      }
      await eye.challenge(sides, prompt);
    },
    async probe(camera, turns) {
      const eye = eyes.get(camera);
      if (eye?.probe !== undefined) return await eye.probe(limits.probe_ms, turns);
      throw new RuntimeError("stopped", `camera ${camera} tells no faces; look at /debug/`);
    },
    async start() {
      await Promise.all(config.cameras.map((camera) => open(camera.id, camera.zone)));
    },
    async stop() {
      stopped = true;
      await Promise.all([...eyes.values()].map((eye) => eye.close()));
      eyes.clear();
    },
  };
}

function cameraEvent(
  camera: string,
  reading: PerceptionReading,
  perception: Perception,
): EventLike {
  switch (reading.type) {
    case "started":
      return { type: "camera.started", device: reading.device };
    case "stalled":
      return { type: "camera.stalled" };
    case "failed":
      return { type: "camera.failed", reason: reading.reason };
    case "matched": {
      const { outcome, faces, matches, seen_at_ms, glance } = reading;
      const candidates: Candidate[] = matches.map(({ visit, frames, liveness, turns }) => ({
        visit,
        evidence: {
          kind: "face_at_pay_position",
          camera,
          model: perception.model,
          frames,
          outcome: outcome === "identified" ? "identified" : "ambiguous",
          liveness,
          seen_at_ms,
          ...(turns === undefined ? {} : { turns }),
        },
      }));
      return { type: "frame.matched", outcome, faces, candidates, glance };
    }
  }
}
