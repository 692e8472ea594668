/**
 * The devices of an aisle and how they are: each that is read is opened again after it was lost,
 * with growing pauses, and what is wrong with it is there to be asked for.
 */
import { pauseUntil } from "../../hardware/pause.ts";
import { isStopped } from "../errors.ts";
import { limits } from "../limits.ts";
import type { Clock, Log, Random } from "../world.ts";

export interface DeviceState {
  /** What it is and where, e.g. `scale tea`, `relay in`. */
  readonly device: string;
  /** `opening` until its first word; `lost` while it is tried again. */
  readonly state: "opening" | "working" | "lost";
  readonly since_ms: number;
  /** Why it was lost; null otherwise. */
  readonly reason: string | null;
  /** How often it was lost since the gateway has started. */
  readonly losses: number;
}

export interface Watched {
  /** Reads until the signal or a loss; calls `heard` at each word of the device. */
  readonly read: (signal: AbortSignal, heard: () => void) => Promise<void>;
  /** Told once each time that it is lost. */
  readonly lost?: (reason: string) => void;
}

export class Equipment {
  readonly #states = new Map<string, DeviceState>();
  readonly #running: Promise<void>[] = [];
  readonly #stopping = new AbortController();

  constructor(
    private readonly world: {
      readonly clock: Clock;
      readonly random: Random;
      readonly log: Log;
    },
  ) {}

  get states(): readonly DeviceState[] {
    return [...this.#states.values()];
  }

  /** Reads a device until `stop`. */
  watch(device: string, watched: Watched): void {
    this.#note(device, "opening");
    this.#running.push(this.#again(device, watched));
  }

  /** A device that is only told things has done so, or could not. */
  told(device: string, error?: unknown): void {
    if (error === undefined) this.#note(device, "working");
    else this.#lose(device, error);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#running);
  }

  async #again(device: string, { read, lost }: Watched): Promise<void> {
    const { signal } = this.#stopping;
    let pause_ms: number = limits.device_pause_ms;
    while (!signal.aborted) {
      try {
        await read(signal, () => {
          if (this.#states.get(device)?.state === "working") return;
          pause_ms = limits.device_pause_ms;
          this.#note(device, "working");
        });
        if (!signal.aborted) throw new Error("it has ended");
      } catch (error) {
        if (signal.aborted || isStopped(error)) return;
        const before = this.#states.get(device)?.state;
        const reason = this.#lose(device, error);
        if (before !== "lost") lost?.(reason);
      }
      await this.#pause(pause_ms);
      pause_ms = Math.min(limits.device_pause_most_ms, 2 * pause_ms);
    }
  }

  /** Between half and the whole of it, so that devices of one cable are not opened in step. */
  #pause(pause_ms: number): Promise<void> {
    const { clock, random } = this.world;
    const share = 0.5 + random.bytes(1)[0]! / 510;
    return pauseUntil(this.#stopping.signal, clock, Math.round(pause_ms * share));
  }

  #lose(device: string, error: unknown): string {
    const reason = error instanceof Error ? error.message : String(error);
    const before = this.#states.get(device);
    // A device that stays away is told of once.
    if (before?.state !== "lost" || before.reason !== reason) {
      this.world.log("warn", `${device} is lost`, { reason });
    }
    this.#note(device, "lost", reason);
    return reason;
  }

  #note(device: string, state: DeviceState["state"], reason: string | null = null): void {
    const before = this.#states.get(device);
    const same = before?.state === state;
    if (same && before?.reason === reason) return;
    if (!same && before?.state === "lost") this.world.log("info", `${device} is back`);
    this.#states.set(device, {
      device,
      state,
      since_ms: same ? before.since_ms : this.world.clock.now_ms(),
      reason,
      losses: (before?.losses ?? 0) + (!same && state === "lost" ? 1 : 0),
    });
  }
}
