/**
 * A process that can be killed: what it had begun never goes on, whatever it waits for. The clock
 * and the ways out of it are passed through here, since JavaScript itself cannot be stopped.
 */
import type { Clock } from "../world.ts";

export class Process {
  #alive = true;
  readonly #endings = new Set<() => void>();

  constructor(private readonly clock: Clock) {}

  get alive(): boolean {
    return this.#alive;
  }

  /** The world's clock as this process reads it; `offset_ms` is how far its own is set wrong. */
  clockWith(offset_ms: () => number): Clock {
    return {
      now_ms: () => this.clock.now_ms() + offset_ms(),
      after: (delay_ms, call) =>
        this.clock.after(delay_ms, () => {
          if (this.#alive) call();
        }),
    };
  }

  /** The result as long as the process lives; never settles afterwards. */
  hold<T>(promise: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      promise.then(
        (value) => {
          if (this.#alive) resolve(value);
        },
        (error) => {
          if (this.#alive) reject(error);
        },
      );
    });
  }

  /** Calls when the process is killed; the result takes that back. */
  onEnd(call: () => void): () => void {
    this.#endings.add(call);
    return () => void this.#endings.delete(call);
  }

  kill(): void {
    if (!this.#alive) return;
    this.#alive = false;
    for (const call of [...this.#endings]) call();
    this.#endings.clear();
  }
}
