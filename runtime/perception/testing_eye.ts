/** An eye whose camera, clock and Workers are in a test's hands. */
import type { CameraPort, Frame } from "../../hardware/ports.ts";
import type { ChallengeState, PerceptionReading, Template } from "../world.ts";
import type { Decision } from "./decide.ts";
import { CameraEye } from "./eye.ts";
import { eyePace } from "./pace.ts";
import { WorkerLink } from "./link.ts";
import { ManualClock, ScriptedWorker, settled } from "./testing.ts";

export const nobody: Decision = { outcome: "nobody", matches: [] };
export const ada: Decision = {
  outcome: "identified",
  matches: [{ visit: "ada", frames: 3, liveness: "passed" }],
};
const model = { model: "0123456789abcdef".repeat(4), preset: "sface", dim: 16 };

export function template(change: Partial<Template> = {}): Template {
  return {
    model: model.model,
    preset: "sface",
    values: new Float32Array(16).fill(0.25),
    ...change,
  };
}

/** A camera that delivers what the test hands it. */
class HandCamera implements CameraPort {
  readonly id = "camera-1";
  readonly origin = "real";
  streams = 0;
  captured_at_ms = 7;
  #sequence = 0;
  #waiting: ((frame: Frame | Error) => void) | undefined;

  async *frames(_signal: AbortSignal): AsyncIterable<Frame> {
    this.streams++;
    for (;;) {
      // Deaf to its signal, as a driver with a fault may be.
      const next = await new Promise<Frame | Error>((resolve) => this.#waiting = resolve);
      if (next instanceof Error) throw next;
      yield next;
    }
  }

  give(next: Error | "frame"): void {
    const data = new Uint8Array(1);
    const frame: Frame = {
      format: "GREY",
      width: 1,
      height: 1,
      stride: 1,
      sequence: this.#sequence++,
      captured_at_ms: this.captured_at_ms,
      data,
    };
    this.#waiting?.(next === "frame" ? frame : next);
  }
}

/** An eye with a camera, a clock and Workers in the test's hands. */
export class Stage {
  readonly clock = new ManualClock();
  readonly camera = new HandCamera();
  readonly readings: PerceptionReading[] = [];
  readonly workers: ScriptedWorker[] = [];
  /** What a Worker answers to `look`. */
  sees: Decision = nobody;
  broken: string | undefined;
  broken_anew = false;
  broken_wipe = false;
  /** What it tells of a challenge. */
  challenge: ChallengeState | undefined;
  silent = false;
  readonly eye: CameraEye;

  constructor() {
    this.eye = new CameraEye({
      camera: this.camera,
      listener: (reading) => this.readings.push(reading),
      clock: this.clock,
      log: () => {},
      model,
      pace: { ...eyePace, backoff_ms: 500 },
      open: () => {
        const worker = new ScriptedWorker((request) => this.#answer(request.verb));
        this.workers.push(worker);
        const patience = { beat_ms: 1_000, silent_beats: 3 };
        return Promise.resolve(new WorkerLink(worker, this.clock, patience));
      },
    });
  }

  #answer(verb: string): unknown {
    if (this.silent) return undefined;
    if (verb === "beat") return {};
    if (verb === "begin_anew" && this.broken_anew || verb === "wipe" && this.broken_wipe) {
      return { trouble: { room: "runtime", kind: "overloaded", message: "too much to do" } };
    }
    if (verb === "look" && this.broken !== undefined) {
      return { trouble: { room: "hardware", kind: "format_unsupported", message: this.broken } };
    }
    const challenge = this.challenge === undefined ? {} : { challenge: this.challenge };
    return { decision: this.sees, faces: 1, seen_at_ms: 7, signs: [], ...challenge };
  }

  async frames(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      await settled();
      this.camera.give("frame");
      await this.clock.pass(250);
    }
  }

  async started(): Promise<void> {
    const started = this.eye.start();
    await this.frames(1);
    await started;
  }

  told(): string[] {
    return this.readings.map((one) => one.type === "matched" ? one.outcome : one.type);
  }
}
