/**
 * Waits for descriptors without blocking anybody: one `poll` at a time on another thread, which
 * can be woken, so that a stream ends at once and no thread is left behind.
 */
import { hardwareLimits } from "../limits.ts";
import { type Libc, SystemCallError } from "./libc.ts";

/** What `poll` tells; the same numbers on all Linux. */
export const readiness = { IN: 1, PRI: 2, OUT: 4, ERR: 8, HUP: 16, NVAL: 32 } as const;

export class Waiter {
  readonly #libc: Libc;
  readonly #wake: number;
  readonly #descriptors = new DataView(new ArrayBuffer(16));
  #failures = 0;

  constructor(libc: Libc) {
    this.#libc = libc;
    this.#wake = libc.eventfd();
  }

  /** What has become of the descriptor: bits of `readiness`, 0 after the time or when woken. */
  async wait(descriptor: number, events: number, timeout_ms: number): Promise<number> {
    const view = this.#descriptors;
    view.setInt32(0, descriptor, true);
    view.setInt16(4, events, true);
    view.setInt16(6, 0, true);
    view.setInt32(8, this.#wake, true);
    view.setInt16(12, readiness.IN, true);
    view.setInt16(14, 0, true);
    const ready = await this.#libc.poll(new Uint8Array(view.buffer), 2, timeout_ms);
    if (ready < 0) {
      if (++this.#failures > hardwareLimits.disturbed_polls) {
        throw new SystemCallError("poll", 0, "fails again and again");
      }
      return 0;
    }
    this.#failures = 0;
    // Taken, so that the next wait waits.
    if (view.getInt16(14, true) !== 0) this.#libc.read(this.#wake, new Uint8Array(8));
    return view.getInt16(6, true);
  }

  /** Ends the wait that is under way, or the next one. */
  wake(): void {
    this.#libc.write(this.#wake, new Uint8Array(new BigUint64Array([1n]).buffer));
  }

  /** To be called when nothing waits any more. */
  close(): void {
    this.#libc.close(this.#wake);
  }
}
