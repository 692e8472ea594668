/**
 * Lets each signed request through once: a signature must be young, its nonce new for its key.
 * Memory only; what was signed before this window was opened is refused, so a restart lets
 * nothing through twice.
 */

export interface ReplayWindow {
  /** Call only for signatures that hold. `now_ms` is the receiver's own clock. */
  admit(
    signature: { readonly keyid: string; readonly nonce: string; readonly created_s: number },
    now_ms: number,
  ): "fresh" | "stale" | "replayed" | "full";
}

export interface ReplayOptions {
  /** When this window was opened. */
  readonly opened_at_ms: number;
  /** How far the two clocks may be apart, in both directions. */
  readonly tolerance_s: number;
  /** Signatures remembered; when they are all still young, more are refused. */
  readonly capacity: number;
}

export function createReplayWindow(options: ReplayOptions): ReplayWindow {
  /** Key and nonce, in order of arrival, with the second after which they are stale anyway. */
  const seen = new Map<string, number>();
  const opened_s = Math.floor(options.opened_at_ms / 1000);

  function forget(now_s: number): void {
    for (const [name, until_s] of seen) {
      if (until_s >= now_s) return;
      seen.delete(name);
    }
  }

  return {
    admit({ keyid, nonce, created_s }, now_ms) {
      const now_s = Math.floor(now_ms / 1000);
      if (Math.abs(now_s - created_s) > options.tolerance_s) return "stale";
      if (created_s < opened_s || nonce === "") return "stale";
      forget(now_s);
      const name = `${keyid} ${nonce}`;
      if (seen.has(name)) return "replayed";
      if (seen.size >= options.capacity) return "full";
      seen.set(name, now_s + 2 * options.tolerance_s);
      return "fresh";
    },
  };
}
