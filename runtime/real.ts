/**
 * The real world where it is the same everywhere, in a browser too: the clock that people set,
 * chance, and a log on the standard error.
 */
import type { Clock, Log, Random } from "./world.ts";

export const realClock: Clock = {
  now_ms: () => Date.now(),
  after(delay_ms, call) {
    // A longer delay than a 32-bit timer holds would fire at once.
    const timer = setTimeout(call, Math.min(Math.max(0, delay_ms), 2 ** 31 - 1));
    return () => clearTimeout(timer);
  },
};

/** Real time by the fraction of a millisecond, which is never set: for measuring. */
export const fineClock: Clock = { now_ms: () => performance.now(), after: realClock.after };

export const realRandom: Random = {
  bytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
};

/** One JSON line an entry, on the standard error. */
export const consoleLog: Log = (level, message, fields) => {
  console.error(JSON.stringify({ at: new Date().toISOString(), level, message, ...fields }));
};
