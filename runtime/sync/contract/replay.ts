/**
 * Lets each signed request through once: a signature must be young, its nonce new for its key.
 * Nonces are in memory alone: after a restart nothing is taken that a window before may have let
 * through. That is what was signed earlier, in the very second of the opening, or by a key whose
 * clock was ahead; of the last kind the second is kept, by key, in a place that outlives restarts.
 */

export interface ReplayWindow {
  /** Call only for signatures that hold. `now_ms` is the receiver's own clock. */
  admit(
    signature: { readonly keyid: string; readonly nonce: string; readonly created_s: number },
    now_ms: number,
  ): "fresh" | "stale" | "early" | "replayed" | "opening" | "full";
}

/** The latest second that a key signed ahead of the receiver's clock. */
export interface AheadRecord {
  /** Of the keys that signed beyond this second. Asked once, when a window is opened. */
  since(second: number): Iterable<readonly [keyid: string, created_s: number]>;
  /** Kept when it returns. */
  note(keyid: string, created_s: number): void;
}

export interface ReplayOptions {
  /** When this window was opened. */
  readonly opened_at_ms: number;
  /** What windows before this one left behind; left out where there was none. */
  readonly ahead?: AheadRecord;
  /** There was a window before this one. */
  readonly again?: boolean;
  /** How far the two clocks may be apart, in both directions. */
  readonly tolerance_s: number;
  /** Signatures remembered; when they are all still young, more are refused. */
  readonly capacity: number;
}

export function createReplayWindow(options: ReplayOptions): ReplayWindow {
  /** Key and nonce, in order of arrival, with the second after which they are stale anyway. */
  const seen = new Map<string, number>();
  const opened_s = Math.floor(options.opened_at_ms / 1000);
  const { again = false, ahead } = options;
  const before = new Map(ahead?.since(opened_s));
  /** A window before this one may have let it through, and nobody can tell. */
  const isDoubtful = (keyid: string, created_s: number) =>
    again && created_s <= (before.get(keyid) ?? opened_s);

  function forget(now_s: number): void {
    for (const [name, until_s] of seen) {
      if (until_s >= now_s) return;
      seen.delete(name);
    }
  }

  return {
    admit({ keyid, nonce, created_s }, now_ms) {
      const now_s = Math.floor(now_ms / 1000);
      if (created_s - now_s > options.tolerance_s) return "early";
      if (now_s - created_s > options.tolerance_s) return "stale";
      if (created_s < opened_s || nonce === "") return "stale";
      if (isDoubtful(keyid, created_s)) return "opening";
      forget(now_s);
      const name = `${keyid} ${nonce}`;
      if (seen.has(name)) return "replayed";
      if (seen.size >= options.capacity) return "full";
      if (created_s > now_s) ahead?.note(keyid, created_s);
      seen.set(name, now_s + 2 * options.tolerance_s);
      return "fresh";
    },
  };
}
