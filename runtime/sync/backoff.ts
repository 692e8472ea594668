/** How long to wait before the next try: doubling, bounded, and spread so that the gateways of a
 * chain do not come back in step. */
import type { Random } from "../world.ts";

const first_ms = 250;
const longest_ms = 10_000;

export interface Backoff {
  /** Between half and the whole of the current pause, which then doubles. */
  next_ms(): number;
  reset(): void;
}

export function createBackoff(random: Random): Backoff {
  let pause_ms = first_ms;
  return {
    next_ms() {
      const share = 0.5 + random.bytes(1)[0]! / 510;
      const delay_ms = Math.round(pause_ms * share);
      pause_ms = Math.min(longest_ms, pause_ms * 2);
      return delay_ms;
    },
    reset: () => void (pause_ms = first_ms),
  };
}
