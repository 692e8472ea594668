/** The tracker of a simulated aisle: what it sees of people and hands comes out as readings, as
 * the trackers of stores publish them. */
import { HardwareError } from "../../errors.ts";
import type { ReadingsPort } from "../../ports.ts";

/** A slow reader loses the oldest. */
const waiting_at_most = 2_000;

export class SimulatedTracker implements ReadingsPort {
  readonly #waiting: unknown[] = [];
  #gone = false;
  #wake = () => {};

  constructor(readonly id: string) {}

  tell(reading: Readonly<Record<string, unknown>>): void {
    this.#waiting.push(reading);
    if (this.#waiting.length > waiting_at_most) this.#waiting.shift();
    this.#wake();
  }

  unplug(): void {
    this.#gone = true;
    this.#wake();
  }

  async *readings(signal: AbortSignal): AsyncGenerator<unknown, void, void> {
    const woken = () => this.#wake();
    signal.addEventListener("abort", woken);
    try {
      while (!signal.aborted) {
        while (this.#waiting.length > 0) yield this.#waiting.shift();
        if (this.#gone) {
          throw new HardwareError("device_lost", `tracker ${this.id} is gone: start it again`);
        }
        if (signal.aborted) return;
        await new Promise<void>((resolve) => this.#wake = resolve);
      }
    } finally {
      signal.removeEventListener("abort", woken);
    }
  }
}
