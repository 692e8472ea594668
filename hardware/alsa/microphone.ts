/**
 * A microphone through ALSA's library: one channel of 16-bit samples in frames of 20 ms. What the
 * sound card overran is counted, and the stream goes on.
 */
import { HardwareError } from "../errors.ts";
import { openLibrary } from "../ffi/libraries.ts";
import { hardwareLimits } from "../limits.ts";
import type { MicrophonePort, SoundFrame } from "../ports.ts";

const symbols = {
  snd_pcm_open: { parameters: ["buffer", "buffer", "i32", "i32"], result: "i32" },
  snd_pcm_set_params: {
    parameters: ["pointer", "i32", "i32", "u32", "u32", "i32", "u32"],
    result: "i32",
  },
  snd_pcm_readi: { parameters: ["pointer", "buffer", "u64"], result: "i64" },
  snd_pcm_recover: { parameters: ["pointer", "i32", "i32"], result: "i32" },
  snd_pcm_start: { parameters: ["pointer"], result: "i32" },
  snd_pcm_close: { parameters: ["pointer"], result: "i32" },
  snd_strerror: { parameters: ["i32"], result: "pointer" },
  // The only call that waits, off the main thread; nothing else is called meanwhile.
  snd_pcm_wait: { parameters: ["pointer", "i32"], result: "i32", nonblocking: true },
} as const satisfies Deno.ForeignLibraryInterface;

const CAPTURE = 1, NONBLOCK = 1, S16_LE = 2, INTERLEAVED = 3, RESAMPLE = 1;
const ENOENT = 2, EAGAIN = 11, EACCES = 13, EBUSY = 16, ENODEV = 19, EINVAL = 22, EPIPE = 32;
const ESTRPIPE = 86;

const frame_ms = 20;
/** Sound that the card keeps while nobody takes it. */
const buffered_us = 200_000;
const wait_ms = 200;
/** A card that sends nothing for so long hangs. */
const silence_ms = 5_000;

export interface AlsaMicrophoneOptions {
  readonly id: string;
  /** As `arecord -L` names it, e.g. `plughw:CARD=Webcam`. */
  readonly pcm: string;
  /** 16000 unless told otherwise. */
  readonly rate_hz?: number;
}

export class AlsaMicrophone implements MicrophonePort {
  readonly id: string;
  readonly origin = "real";
  /** Times that sound was lost because it was not taken. */
  overruns = 0;
  readonly #options: AlsaMicrophoneOptions;
  #reading = false;

  constructor(options: AlsaMicrophoneOptions) {
    this.id = options.id;
    this.#options = options;
  }

  async *frames(signal: AbortSignal): AsyncGenerator<SoundFrame, void, void> {
    if (this.#reading) {
      throw new HardwareError(
        "device_busy",
        `microphone ${this.id} is being listened to already; end the other listener first`,
      );
    }
    this.#reading = true;
    try {
      if (!signal.aborted) yield* this.#listen(signal);
    } finally {
      this.#reading = false;
    }
  }

  async *#listen(signal: AbortSignal): AsyncGenerator<SoundFrame, void, void> {
    const { rate_hz = 16_000 } = this.#options;
    const card = new Card(this.id, this.#options.pcm, rate_hz);
    const queue: SoundFrame[] = [];
    let news = () => {};
    let trouble: unknown;
    let ended = false;
    const end = () => {
      ended = true;
      news();
    };
    signal.addEventListener("abort", end);
    const pumping = this.#pump(card, rate_hz, () => ended, (frame) => {
      queue.push(frame);
      // A slow reader loses the oldest; the numbers tell.
      if (queue.length > hardwareLimits.sound_kept_ms / frame_ms) queue.shift();
      news();
    }).catch((error: unknown) => {
      trouble = error;
    }).finally(end);
    try {
      while (!signal.aborted) {
        const frame = queue.shift();
        if (frame !== undefined) yield frame;
        else if (ended) break;
        else await new Promise<void>((resolve) => news = resolve);
      }
      if (trouble !== undefined && !signal.aborted) throw trouble;
    } finally {
      end();
      signal.removeEventListener("abort", end);
      await pumping;
      card.close();
    }
  }

  async #pump(
    card: Card,
    rate_hz: number,
    ended: () => boolean,
    deliver: (frame: SoundFrame) => void,
  ): Promise<void> {
    const size = Math.round(rate_hz * frame_ms / 1_000);
    let sequence = 0;
    let samples = new Int16Array(size);
    let filled = 0;
    let heard_ms = performance.now();
    while (!ended()) {
      const count = card.read(samples.subarray(filled));
      if (count === "overrun") {
        this.overruns++;
        // At least the frame that was begun is gone.
        sequence++;
        filled = 0;
      }
      if (count === "overrun" || count === 0) {
        if (performance.now() - heard_ms > silence_ms) {
          throw card.trouble("device_lost", "sends nothing", "unplug it and plug it in again");
        }
        await card.wait();
      } else {
        heard_ms = performance.now();
        filled += count;
        if (filled < size) continue;
        const captured_at_ms = Math.floor(Date.now() - frame_ms);
        deliver({ rate_hz, sequence: sequence++, captured_at_ms, samples });
        samples = new Int16Array(size);
        filled = 0;
        // Cards that are files never make anybody wait.
        if (sequence % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 0));
      }
    }
  }
}

/** An open capture device. Throws `HardwareError`. */
class Card {
  readonly #library: Deno.DynamicLibrary<typeof symbols>;
  readonly #id: string;
  readonly #name: string;
  #pcm: Deno.PointerObject | null = null;

  constructor(id: string, name: string, rate_hz: number) {
    this.#id = id;
    this.#name = name;
    this.#library = openLibrary("libasound.so.2", symbols);
    try {
      const place = new BigUint64Array(1);
      const text = new TextEncoder().encode(`${name}\0`);
      const opened = this.#c.snd_pcm_open(new Uint8Array(place.buffer), text, CAPTURE, NONBLOCK);
      this.#sound(opened);
      this.#pcm = Deno.UnsafePointer.create(place[0]!);
      const format = [S16_LE, INTERLEAVED, 1, rate_hz, RESAMPLE, buffered_us] as const;
      this.#sound(this.#c.snd_pcm_set_params(this.#pcm, ...format));
      this.#sound(this.#c.snd_pcm_start(this.#pcm));
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** How many samples came. */
  read(into: Int16Array<ArrayBuffer>): number | "overrun" {
    const bytes = new Uint8Array(into.buffer, into.byteOffset, into.byteLength);
    const count = Number(this.#c.snd_pcm_readi(this.#pcm, bytes, BigInt(into.length)));
    if (count >= 0) return count;
    if (count === -EAGAIN) return 0;
    if (count !== -EPIPE && count !== -ESTRPIPE) this.#sound(count);
    this.#sound(this.#c.snd_pcm_recover(this.#pcm, count, 1));
    this.#sound(this.#c.snd_pcm_start(this.#pcm));
    return "overrun";
  }

  async wait(): Promise<void> {
    await this.#c.snd_pcm_wait(this.#pcm, wait_ms);
  }

  close(): void {
    if (this.#pcm !== null) this.#c.snd_pcm_close(this.#pcm);
    this.#library.close();
  }

  get #c() {
    return this.#library.symbols;
  }

  trouble(kind: HardwareError["kind"], problem: string, way: string): HardwareError {
    return new HardwareError(kind, `microphone ${this.#id} at ${this.#name} ${problem}: ${way}`);
  }

  #sound(result: number): void {
    if (result >= 0) return;
    const text = this.#c.snd_strerror(result);
    const reason = text === null ? `error ${-result}` : new Deno.UnsafePointerView(text)
      .getCString().toLowerCase();
    const problem = `cannot be used (${reason})`;
    switch (-result) {
      case EBUSY:
        throw this.trouble("device_busy", problem, "end the program that listens to it");
      case EACCES:
        throw this.trouble("device_forbidden", problem, "add the gateway's user to group audio");
      case ENOENT:
        throw this.trouble("device_missing", problem, "plug it in, or take a name of `arecord -L`");
      case EINVAL:
        throw this.trouble("format_unsupported", problem, "try its name with plughw: before it");
      case ENODEV:
        throw this.trouble("device_lost", problem, "check its cable");
      default:
        throw this.trouble("device_lost", problem, "check its cable");
    }
  }
}
