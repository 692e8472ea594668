/**
 * A clock for tests of simulated devices: time passes only when told to, from deadline to
 * deadline, so that whatever was due at an instant sees that instant.
 */
import { setImmediate } from "node:timers";
import type { FloorClock } from "./walker.ts";

export interface HandClock extends FloorClock {
  /** Lets time pass, calling what falls due in order; promises settle in between. */
  pass(duration_ms: number): Promise<void>;
}

export function handClock(start_ms: number): HandClock {
  let now_ms = start_ms;
  let order = 0;
  const due = new Map<number, { readonly at_ms: number; readonly call: () => void }>();
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  const next = () => {
    let first: [number, { readonly at_ms: number; readonly call: () => void }] | undefined;
    for (const one of due) if (first === undefined || one[1].at_ms < first[1].at_ms) first = one;
    return first;
  };
  return {
    now_ms: () => now_ms,
    after(delay_ms, call) {
      const key = order++;
      // Whole milliseconds, as a machine's clock tells them, and never too early.
      due.set(key, { at_ms: now_ms + Math.max(0, Math.ceil(delay_ms)), call });
      return () => void due.delete(key);
    },
    async pass(duration_ms) {
      const until_ms = now_ms + duration_ms;
      await settle();
      for (let first = next(); first !== undefined && first[1].at_ms <= until_ms; first = next()) {
        due.delete(first[0]);
        now_ms = first[1].at_ms;
        first[1].call();
        await settle();
      }
      now_ms = until_ms;
    },
  };
}
