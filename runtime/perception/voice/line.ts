/** A microphone at the other end of a line: where sound arrives as messages, as in a Worker. */
import type { MicrophonePort, SoundFrame } from "../../../hardware/ports.ts";

/** Frames wait until they are read; `end` closes the line behind the last. */
export class Line implements MicrophonePort {
  readonly origin = "real";
  readonly #waiting: SoundFrame[] = [];
  #ended = false;
  #wake: () => void = () => {};

  constructor(readonly id: string) {}

  push(frame: SoundFrame): void {
    this.#waiting.push(frame);
    this.#wake();
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  async *frames(_?: AbortSignal): AsyncGenerator<SoundFrame, void, void> {
    for (;;) {
      const next = this.#waiting.shift();
      if (next !== undefined) yield next;
      else if (this.#ended) return;
      else await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }
}
