/**
 * A simulated camera: real YUYV frames of whoever stands before it, drawn only when somebody
 * reads, at the rate of its clock.
 */
import { HardwareError } from "../errors.ts";
import type { CameraPort, Frame } from "../ports.ts";
import type { Body, FloorClock } from "./walker.ts";
import type { Side } from "./movement.ts";
import type { PlanCamera } from "./plan.ts";
import { drawScene, type Scene } from "./scene.ts";
import { View } from "./view.ts";
import { rgbToYuyv } from "./yuyv.ts";

export interface CameraSetting {
  readonly plan: PlanCamera;
  readonly seed: string;
  readonly clock: FloorClock;
  readonly frames_per_s: number;
  readonly bodies: () => readonly Body[];
}

export class SimulatedCamera implements CameraPort {
  readonly id: string;
  readonly origin = "simulated";
  readonly #setting: CameraSetting;
  readonly #view: View;
  readonly #unplugged = new AbortController();
  #reading = false;

  constructor(setting: CameraSetting) {
    this.id = setting.plan.id;
    this.#setting = setting;
    this.#view = new View(setting.plan, setting.seed);
  }

  /** How many people's faces are before the camera now. */
  faces(): number {
    return this.#view.people(this.#setting.bodies(), this.#setting.clock.now_ms()).length;
  }

  /** Whoever has this face turns the head to a side of theirs, a moment later, and holds it there;
   * without a side, looks back. */
  ask(identity: number, side?: Side): void {
    this.#view.ask(identity, side, this.#setting.clock.now_ms());
  }

  /** Takes the camera away: whoever reads it gets `device_lost`. */
  unplug(): void {
    this.#unplugged.abort();
  }

  async *frames(signal: AbortSignal): AsyncGenerator<Frame, void, void> {
    if (this.#reading) {
      throw new HardwareError(
        "device_busy",
        `camera ${this.id} is being read already; end the other reader first`,
      );
    }
    this.#reading = true;
    try {
      yield* this.#stream(signal);
    } finally {
      this.#reading = false;
    }
  }

  async *#stream(signal: AbortSignal): AsyncGenerator<Frame, void, void> {
    const { clock, frames_per_s, bodies } = this.#setting;
    const interval_ms = 1_000 / frames_per_s;
    const started_at_ms = clock.now_ms();
    let canvas = new Uint8ClampedArray(0);
    for (let last = -1;;) {
      const next_at_ms = started_at_ms + (last + 1) * interval_ms;
      await this.#wait(next_at_ms - clock.now_ms(), signal);
      if (signal.aborted) return;
      if (this.#unplugged.signal.aborted) throw this.#lost();
      const captured_at_ms = clock.now_ms();
      // A slow reader finds the frames in between gone: the number counts them all the same.
      last = Math.max(last + 1, Math.floor((captured_at_ms - started_at_ms) / interval_ms));
      const scene = this.#view.scene(bodies(), captured_at_ms, last);
      const bytes = scene.width * scene.height * 3;
      if (canvas.length !== bytes) canvas = new Uint8ClampedArray(bytes);
      yield frameOf(scene, canvas, last, captured_at_ms);
    }
  }

  /** Resolves after the delay, at the signal, or when the camera is taken away. */
  #wait(delay_ms: number, signal: AbortSignal): Promise<void> {
    const ended = [signal, this.#unplugged.signal];
    if (delay_ms <= 0 || ended.some((one) => one.aborted)) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        cancel();
        for (const one of ended) one.removeEventListener("abort", wake);
        resolve();
      };
      const cancel = this.#setting.clock.after(delay_ms, wake);
      for (const one of ended) one.addEventListener("abort", wake);
    });
  }

  #lost(): HardwareError {
    return new HardwareError(
      "device_lost",
      `camera ${this.id} is gone: the simulated floor is closed; start it again`,
    );
  }
}

function frameOf(
  scene: Scene,
  canvas: Uint8ClampedArray<ArrayBuffer>,
  sequence: number,
  captured_at_ms: number,
): Frame {
  return {
    format: "YUYV",
    width: scene.width,
    height: scene.height,
    stride: scene.width * 2,
    sequence,
    captured_at_ms,
    data: rgbToYuyv(drawScene(scene, canvas)),
  };
}
