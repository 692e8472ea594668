/**
 * A camera that plays pictures in place of people: each is held for several frames, as if somebody
 * stood still, so that everything behind the camera runs as it does in a store.
 */
import type { CameraPort, Frame } from "../ports.ts";
import { readPicture } from "./folder.ts";
import type { Picture } from "./picture.ts";

/** The time a recorded camera runs on; the gateway's clock has this shape. */
export interface FrameClock {
  now_ms(): number;
  after(delay_ms: number, call: () => void): () => void;
}

export interface RecordedCameraOptions {
  readonly id: string;
  readonly clock: FrameClock;
  /** Frames a second; 10 unless told otherwise. */
  readonly frames_per_second?: number;
  /** Paths that are played one after another, in a circle, until `show` is called. */
  readonly play?: readonly string[];
  /** How many frames a played picture is held for; 10 unless told otherwise. */
  readonly hold_frames?: number;
}

const EMPTY: Picture = { width: 320, height: 240, data: new Uint8Array(320 * 240 * 3).fill(96) };

/**
 * Delivers `RGB24` frames of whatever is shown, an empty grey scene while nothing is. Sequence
 * numbers go on from stream to stream. A picture that cannot be read ends the stream with
 * `HardwareError` `picture_unreadable`; the next stream begins behind it.
 */
export class RecordedCamera implements CameraPort {
  readonly id: string;
  readonly origin = "recorded";
  readonly #clock: FrameClock;
  readonly #interval_ms: number;
  readonly #play: readonly string[];
  readonly #hold_frames: number;
  #shown: Picture | undefined;
  #told = false;
  #frames_left = 0;
  #next = 0;
  #sequence = 0;

  constructor(options: RecordedCameraOptions) {
    this.id = options.id;
    this.#clock = options.clock;
    this.#interval_ms = 1000 / (options.frames_per_second ?? 10);
    this.#play = options.play ?? [];
    this.#hold_frames = options.hold_frames ?? 10;
  }

  /**
   * Puts a picture (or the file at a path) before the camera until the next call; `undefined`
   * clears the place. Ends the playing of `play`. Throws `HardwareError` `picture_unreadable`.
   */
  async show(picture: Picture | string | undefined): Promise<void> {
    const read = typeof picture === "string" ? await readPicture(picture) : picture;
    this.#told = true;
    this.#shown = read;
  }

  async *frames(signal: AbortSignal): AsyncIterable<Frame> {
    let due_ms = this.#clock.now_ms();
    while (!signal.aborted) {
      await this.#waitUntil(due_ms, signal);
      if (signal.aborted) return;
      due_ms = Math.max(due_ms + this.#interval_ms, this.#clock.now_ms());
      await this.#turnPage();
      const { width, height, data } = this.#shown ?? EMPTY;
      yield {
        format: "RGB24",
        width,
        height,
        stride: width * 3,
        sequence: this.#sequence++,
        captured_at_ms: this.#clock.now_ms(),
        data: data.slice(),
      };
    }
  }

  /** Goes on to the next picture of `play` when the one before was held long enough. */
  async #turnPage(): Promise<void> {
    if (this.#told || this.#play.length === 0) return;
    if (this.#frames_left === 0) {
      const path = this.#play[this.#next]!;
      this.#next = (this.#next + 1) % this.#play.length;
      const read = await readPicture(path);
      if (this.#told) return;
      this.#shown = read;
      this.#frames_left = this.#hold_frames;
    }
    this.#frames_left--;
  }

  #waitUntil(due_ms: number, signal: AbortSignal): Promise<void> {
    const delay_ms = due_ms - this.#clock.now_ms();
    return new Promise((resolve) => {
      const done = () => {
        signal.removeEventListener("abort", done);
        cancel();
        resolve();
      };
      const cancel = this.#clock.after(Math.max(0, delay_ms), done);
      signal.addEventListener("abort", done, { once: true });
    });
  }
}
