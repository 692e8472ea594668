/** Waiting that somebody may cut short. */
import type { Clock } from "../../runtime/world.ts";

/** Resolves after the delay; rejects with what `stopped` makes once the signal says so. */
export function pauseUnless(
  signal: AbortSignal,
  clock: Clock,
  delay_ms: number,
  stopped: () => Error,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      cancel();
      reject(stopped());
    };
    const cancel = clock.after(delay_ms, () => {
      signal.removeEventListener("abort", stop);
      resolve();
    });
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}
