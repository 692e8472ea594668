/**
 * A microphone that plays sound files in place of somebody who speaks, with silence between them,
 * so that everything behind the microphone runs as it does in a store.
 */
import { HardwareError } from "../errors.ts";
import { hardwareLimits } from "../limits.ts";
import type { MicrophonePort, SoundFrame } from "../ports.ts";
import type { FrameClock } from "./camera.ts";
import { decodeWav, type Recording } from "./wav.ts";

export interface RecordedMicrophoneOptions {
  readonly id: string;
  readonly clock: FrameClock;
  /** Samples a second of the stream, and of every sound that is played; 16000 unless told. */
  readonly rate_hz?: number;
  /** Milliseconds of one frame, 10 to 100; 20 unless told otherwise. */
  readonly frame_ms?: number;
  /** Paths of WAV files that are played once, one after another. */
  readonly play?: readonly string[];
  /** Silence before each sound; 400 unless told otherwise. */
  readonly pause_ms?: number;
}

/**
 * Delivers frames of whatever is to be said, and silence while nothing is. Nothing is lost while
 * nobody listens: sounds wait. A file that cannot be read ends the stream with `HardwareError`
 * `sound_unreadable`, one of another rate with `format_unsupported`; the next stream begins behind
 * it.
 */
export class RecordedMicrophone implements MicrophonePort {
  readonly id: string;
  readonly origin = "recorded";
  readonly #clock: FrameClock;
  readonly #rate_hz: number;
  readonly #frame_ms: number;
  readonly #pause_ms: number;
  readonly #waiting: (string | Recording)[];
  #playing = new Int16Array(0);
  #at = 0;
  #sequence = 0;

  constructor(options: RecordedMicrophoneOptions) {
    this.id = options.id;
    this.#clock = options.clock;
    this.#rate_hz = options.rate_hz ?? 16_000;
    this.#frame_ms = options.frame_ms ?? 20;
    this.#pause_ms = options.pause_ms ?? 400;
    this.#waiting = [...options.play ?? []];
  }

  /** Says a sound (or the file at a path) after what waits already. Throws `HardwareError`
   * `device_busy` when too much waits. */
  say(sound: Recording | string): void {
    if (this.#waiting.length >= hardwareLimits.waiting_sounds) {
      throw new HardwareError(
        "device_busy",
        `${this.id} has ${this.#waiting.length} sounds to play; let it be listened to first`,
      );
    }
    this.#waiting.push(sound);
  }

  async *frames(signal: AbortSignal): AsyncIterable<SoundFrame> {
    let due_ms = this.#clock.now_ms();
    while (!signal.aborted) {
      await this.#waitUntil(due_ms + this.#frame_ms, signal);
      if (signal.aborted) return;
      const samples = await this.#nextSamples();
      yield {
        rate_hz: this.#rate_hz,
        sequence: this.#sequence++,
        captured_at_ms: Math.floor(due_ms),
        samples,
      };
      // A reader that was slow gets what waits without more delay, but no burst afterwards.
      due_ms = Math.max(due_ms + this.#frame_ms, this.#clock.now_ms() - this.#frame_ms);
    }
  }

  async #nextSamples(): Promise<Int16Array<ArrayBuffer>> {
    const samples = new Int16Array(Math.round(this.#rate_hz * this.#frame_ms / 1000));
    let filled = 0;
    while (filled < samples.length) {
      if (this.#at === this.#playing.length && !await this.#goOn()) break;
      const part = this.#playing.subarray(this.#at, this.#at + samples.length - filled);
      samples.set(part, filled);
      filled += part.length;
      this.#at += part.length;
    }
    return samples;
  }

  /** Takes up the next sound, with the silence before it. */
  async #goOn(): Promise<boolean> {
    const next = this.#waiting.shift();
    if (next === undefined) return false;
    const { rate_hz, samples } = typeof next === "string" ? await readWav(next) : next;
    if (rate_hz !== this.#rate_hz) {
      const name = typeof next === "string" ? next : "the sound";
      throw new HardwareError(
        "format_unsupported",
        `${name} has ${rate_hz} samples a second and ${this.id} plays ${this.#rate_hz}; convert it`,
      );
    }
    const silence = Math.round(this.#rate_hz * this.#pause_ms / 1000);
    this.#playing = new Int16Array(silence + samples.length);
    this.#playing.set(samples, silence);
    this.#at = 0;
    return true;
  }

  #waitUntil(due_ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        signal.removeEventListener("abort", done);
        cancel();
        resolve();
      };
      const cancel = this.#clock.after(Math.max(0, due_ms - this.#clock.now_ms()), done);
      signal.addEventListener("abort", done, { once: true });
    });
  }
}

/** Reads and decodes one file. Throws `HardwareError` `sound_unreadable`. */
export async function readWav(path: string): Promise<Recording> {
  let bytes: Uint8Array;
  try {
    const { size } = await Deno.stat(path);
    if (size > hardwareLimits.sound_bytes) {
      throw new RangeError(`it has ${size} bytes, at most ${hardwareLimits.sound_bytes} are read`);
    }
    bytes = await Deno.readFile(path);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new HardwareError("sound_unreadable", `${path} cannot be read: ${reason}`, { cause });
  }
  return decodeWav(bytes, path);
}
