/**
 * A stream under way: takes every buffer as the driver fills it and keeps the latest, so that a
 * slow reader sees what is there now and the driver never runs out of buffers.
 */
import { HardwareError } from "../errors.ts";
import { errno, SystemCallError } from "../ffi/libc.ts";
import { readiness, type Waiter } from "../ffi/waiter.ts";
import { hardwareLimits } from "../limits.ts";
import type { Frame } from "../ports.ts";
import type { VideoDevice, VideoFormat } from "./device.ts";
import { pixelsOf } from "./pictures.ts";
import type { BufferRing, Filled } from "./ring.ts";

/** What became of the pictures of a camera. */
export interface StreamCounts {
  delivered: number;
  /** By the driver, told by its numbers. */
  lost: number;
  /** Of those, the ones for which every buffer was full: this machine was too slow to take them. */
  starved: number;
  /** Newer ones came before the reader asked. */
  passed_over: number;
  /** Broken on the way. */
  damaged: number;
}

export interface StreamParts {
  readonly device: VideoDevice;
  readonly ring: BufferRing;
  readonly format: VideoFormat;
  readonly waiter: Waiter;
  readonly counts: StreamCounts;
  readonly monotonic_ms: () => number;
  /** Number of the next frame. */
  readonly first_sequence: number;
}

/** One look at the device takes no longer, so that a hanging camera is noticed. */
const poll_ms = 1_000;
/** A greater step of the driver's numbers is a new beginning rather than a loss. */
const greatest_gap = 100_000;

export class Stream {
  readonly #parts: StreamParts;
  readonly #pumping: Promise<void>;
  #latest: { readonly filled: Filled; readonly sequence: number } | undefined;
  #sequence: number;
  #driver_sequence: number | undefined;
  /** The driver had nowhere to put the next picture. */
  #full = false;
  #ended = false;
  #trouble: unknown;
  #news: () => void = () => {};

  constructor(parts: StreamParts) {
    this.#parts = parts;
    this.#sequence = parts.first_sequence - 1;
    this.#pumping = this.#pump().catch((error: unknown) => {
      this.#trouble = error;
    }).finally(() => {
      this.#ended = true;
      this.#news();
    });
  }

  /** The latest picture that nobody has had; undefined when the stream has ended. Throws what
   * ended it. */
  async next(): Promise<Frame | undefined> {
    for (;;) {
      if (this.#ended) break;
      const latest = this.#latest;
      this.#latest = undefined;
      const frame = latest && this.#deliver(latest.filled, latest.sequence);
      if (frame) return frame;
      if (latest === undefined) await new Promise<void>((resolve) => this.#news = resolve);
    }
    if (this.#trouble !== undefined) throw this.#trouble;
    return undefined;
  }

  /** Ends the stream; `close` waits for it. */
  end(): void {
    this.#ended = true;
    this.#parts.waiter.wake();
    this.#news();
  }

  async close(): Promise<void> {
    this.end();
    await this.#pumping;
  }

  async #pump(): Promise<void> {
    const { device, waiter } = this.#parts;
    let heard_ms = performance.now();
    while (!this.#ended) {
      const ready = await waiter.wait(device.descriptor, readiness.IN | readiness.PRI, poll_ms);
      if (this.#ended) return;
      if ((ready & readiness.PRI) !== 0 && device.sourceChanged()) return;
      if ((ready & readiness.IN) !== 0 && this.#takeAll()) heard_ms = performance.now();
      else if ((ready & (readiness.ERR | readiness.HUP | readiness.NVAL)) !== 0) {
        // The driver says why, when it is asked for a picture.
        this.#takeAll();
        throw new SystemCallError("poll", errno.EIO, "the device has hung up");
      }
      if (performance.now() - heard_ms > hardwareLimits.camera_silence_ms) {
        throw new HardwareError(
          "device_lost",
          `the camera has sent nothing for ${hardwareLimits.camera_silence_ms / 1_000} s: ` +
            "unplug it and plug it in again",
        );
      }
    }
  }

  /** Takes what the driver has filled, and gives all but the newest back. */
  #takeAll(): boolean {
    const { ring, counts } = this.#parts;
    let taken = 0;
    for (let filled = ring.take(); filled; filled = ring.take()) {
      taken++;
      this.#number(filled);
      if (filled.damaged) {
        counts.damaged++;
        ring.requeue(filled.index);
        continue;
      }
      if (this.#latest !== undefined) {
        counts.passed_over++;
        ring.requeue(this.#latest.filled.index);
      }
      this.#latest = { filled, sequence: this.#sequence };
    }
    if (this.#latest !== undefined) this.#news();
    // One may have been in the hand.
    this.#full = taken >= ring.size - 1;
    return taken > 0;
  }

  /** The driver counts in 32 bits and may begin anew; the port's numbers only grow. */
  #number({ sequence }: Filled): void {
    const last = this.#driver_sequence;
    const step = last === undefined ? 1 : (sequence - last) >>> 0;
    const sound = step >= 1 && step <= greatest_gap;
    if (sound) this.#parts.counts.lost += step - 1;
    if (sound && this.#full) this.#parts.counts.starved += step - 1;
    this.#full = false;
    this.#driver_sequence = sequence;
    this.#sequence += sound ? step : 1;
  }

  #deliver(filled: Filled, sequence: number): Frame | undefined {
    const { ring, format, counts, monotonic_ms } = this.#parts;
    const planes = ring.copy(filled);
    ring.requeue(filled.index);
    const pixels = pixelsOf(format, planes);
    if (pixels === undefined) {
      counts.damaged++;
      return undefined;
    }
    counts.delivered++;
    const age_ms = filled.stamped_ms === undefined ? 0 : monotonic_ms() - filled.stamped_ms;
    return {
      ...pixels,
      sequence,
      captured_at_ms: Math.floor(Date.now() - Math.max(0, age_ms)),
    };
  }
}
