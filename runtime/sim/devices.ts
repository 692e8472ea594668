/**
 * Cameras and beacons of a simulated store: things of their own, which outlive the gateway's
 * process, lose their power and get it back.
 */
import { HardwareError } from "../../hardware/errors.ts";
import type { Advertisement, BeaconPort, Frame } from "../../hardware/ports.ts";
import type { Clock } from "../world.ts";
import type { CameraSight, SimulatedCamera } from "./recogniser.ts";

/** A camera that shows what the simulation puts before it. */
export class CameraDevice implements SimulatedCamera {
  readonly origin = "simulated";
  #state: SimulatedCamera["state"] = "sound";
  #sight: CameraSight = { front: undefined, faces: 0 };
  readonly #listeners = new Set<() => void>();

  constructor(readonly id: string) {}

  get state(): SimulatedCamera["state"] {
    return this.#state;
  }

  set(state: SimulatedCamera["state"]): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#tell();
  }

  show(sight: CameraSight): void {
    this.#sight = sight;
    this.#tell();
  }

  sight(): CameraSight {
    return this.#sight;
  }

  onChange(call: () => void): () => void {
    this.#listeners.add(call);
    return () => void this.#listeners.delete(call);
  }

  /** Its picture is never drawn: the recogniser looks at what stands before it. */
  // deno-lint-ignore require-yield
  async *frames(): AsyncIterable<Frame> {
    await Promise.reject(
      new HardwareError("format_unsupported", `camera ${this.id} has no pictures: ask its sight`),
    );
  }

  #tell(): void {
    for (const call of [...this.#listeners]) call();
  }
}

/** A beacon whose power, and whose way to the gateway, can fail. */
export class BeaconDevice implements BeaconPort {
  #state: "sound" | "hung" | "dead" = "sound";
  #air: Advertisement | undefined;

  constructor(
    readonly hardware_id: string,
    private readonly clock: Clock,
    /** Hears of every code that goes on the air. */
    private readonly onAir: (hardware_id: string, code: string, until_ms: number) => void,
  ) {}

  /** Without power it falls silent; a hung one goes on sending what it sends. */
  set(state: "sound" | "hung" | "dead"): void {
    this.#state = state;
    if (state === "dead") this.#air = undefined;
  }

  /** What a phone beside it hears. */
  heard(): string | undefined {
    return this.#current()?.code;
  }

  advertise(advertisement: Advertisement): Promise<void> {
    if (this.#state === "hung") return new Promise(() => {});
    if (this.#state === "dead") return Promise.reject(this.#lost());
    this.#air = advertisement;
    this.onAir(this.hardware_id, advertisement.code, advertisement.until_ms);
    return Promise.resolve();
  }

  readNonce(): Promise<string | undefined> {
    if (this.#state !== "sound") return Promise.reject(this.#lost());
    return Promise.resolve(this.#current()?.nonce);
  }

  silence(): Promise<void> {
    if (this.#state !== "sound") return Promise.reject(this.#lost());
    this.#air = undefined;
    return Promise.resolve();
  }

  #current(): Advertisement | undefined {
    const air = this.#air;
    return air && air.until_ms > this.clock.now_ms() ? air : undefined;
  }

  #lost(): HardwareError {
    return new HardwareError(
      "device_lost",
      `beacon ${this.hardware_id} does not answer: see to its power`,
    );
  }
}
