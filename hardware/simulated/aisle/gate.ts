/**
 * A gate of a simulated aisle: a relay that opens it for a while, one person at a time before it,
 * and a camera to which phones hold their codes.
 */
import { HardwareError } from "../../errors.ts";
import type { CameraPort, Frame, GatePort, LampPort } from "../../ports.ts";
import type { Chance } from "../chance.ts";
import type { FloorClock } from "../walker.ts";

/** A lamp that shows what it is told to. */
export class SimulatedLamp implements LampPort {
  readonly lights = ["closed", "asking", "open"];
  shown: readonly string[] = [];

  constructor(readonly id: string) {}

  show(lights: readonly string[]): Promise<void> {
    const unknown = lights.find((light) => !this.lights.includes(light));
    if (unknown !== undefined) {
      const known = this.lights.join(", ");
      const message = `lamp ${this.id} has no light ${unknown}: it has ${known}`;
      return Promise.reject(new HardwareError("format_unsupported", message));
    }
    this.shown = [...lights];
    return Promise.resolve();
  }
}

/** The modules of a code on a phone's screen, row by row, dark ones true. */
export type CodePicture = readonly (readonly boolean[])[];

const open_ms = 6_000;
const side_px = 320;
const frames_per_s = 4;
const paper = 215, ink = 45, hall = 150, grain = 6;

export interface GateSetting {
  readonly id: string;
  readonly clock: FloorClock;
  readonly chance: Chance;
}

export class SimulatedGate implements GatePort, CameraPort {
  readonly id: string;
  readonly origin = "simulated";
  readonly #setting: GateSetting;
  readonly #unplugged = new AbortController();
  #held: CodePicture | undefined;
  #open_until_ms = -Infinity;
  #shut = () => {};
  #opened = () => {};

  constructor(setting: GateSetting) {
    this.id = setting.id;
    this.#setting = setting;
  }

  async open(): Promise<void> {
    const { clock } = this.#setting;
    if (this.#unplugged.signal.aborted) throw this.#lost();
    this.#open_until_ms = clock.now_ms() + open_ms;
    this.#opened();
    while (this.isOpen && !this.#unplugged.signal.aborted) {
      await new Promise<void>((resolve) => {
        const cancel = clock.after(this.#open_until_ms - clock.now_ms(), resolve);
        this.#shut = () => (cancel(), resolve());
      });
    }
  }

  get isOpen(): boolean {
    return this.#setting.clock.now_ms() < this.#open_until_ms;
  }

  /** Somebody is through: it falls shut. */
  pass(): void {
    this.#open_until_ms = -Infinity;
    this.#shut();
  }

  /** Holds a code before the camera, until the gate opens or for so long; true when it opened. */
  async present(picture: CodePicture, patience_ms: number): Promise<boolean> {
    this.#held = picture;
    const opened = await new Promise<boolean>((resolve) => {
      const cancel = this.#setting.clock.after(patience_ms, () => resolve(false));
      this.#opened = () => (cancel(), resolve(true));
      this.#unplugged.signal.addEventListener("abort", () => (cancel(), resolve(false)), {
        once: true,
      });
    });
    this.#opened = () => {};
    this.#held = undefined;
    return opened;
  }

  /** Takes the power from relay and camera. */
  unplug(): void {
    this.#unplugged.abort();
    this.#shut();
  }

  async *frames(signal: AbortSignal): AsyncGenerator<Frame, void, void> {
    const { clock } = this.#setting;
    const ended = AbortSignal.any([signal, this.#unplugged.signal]);
    for (let sequence = 0;; sequence++) {
      await new Promise<void>((resolve) => {
        const wake = () => (cancel(), ended.removeEventListener("abort", wake), resolve());
        const cancel = clock.after(1_000 / frames_per_s, wake);
        if (ended.aborted) wake();
        else ended.addEventListener("abort", wake);
      });
      if (signal.aborted) return;
      if (this.#unplugged.signal.aborted) throw this.#lost();
      yield {
        format: "GREY",
        width: side_px,
        height: side_px,
        stride: side_px,
        sequence,
        captured_at_ms: clock.now_ms(),
        data: this.#draw(),
      };
    }
  }

  #draw(): Uint8Array<ArrayBuffer> {
    const { chance } = this.#setting;
    const picture = this.#held;
    const data = new Uint8Array(side_px * side_px).fill(hall);
    if (picture !== undefined) {
      const pitch_px = Math.floor(side_px / picture.length);
      const margin_px = Math.floor((side_px - pitch_px * picture.length) / 2);
      for (const [row, modules] of picture.entries()) {
        for (const [column, dark] of modules.entries()) {
          for (let y = 0; y < pitch_px; y++) {
            const from = (margin_px + row * pitch_px + y) * side_px + margin_px + column * pitch_px;
            data.fill(dark ? ink : paper, from, from + pitch_px);
          }
        }
      }
    }
    for (let at = 0; at < data.length; at++) data[at]! += chance.whole(2 * grain + 1) - grain;
    return data;
  }

  #lost(): HardwareError {
    return new HardwareError(
      "device_lost",
      `gate ${this.id} is gone: the simulated floor is closed; start it again`,
    );
  }
}
