/** Time and chance for tests: a clock that only tests move, and bytes that are always the same. */
import { InvariantError } from "../../../runtime/errors.ts";
import { utf8 } from "../../../runtime/vault/bytes.ts";
import { nodeVault as vault } from "../../../runtime/vault/node.ts";
import type { Clock, Random } from "../../../runtime/world.ts";

export interface ManualClock extends Clock {
  /** Moves from deadline to deadline, giving promises their turn at each. */
  advance(by_ms: number): Promise<void>;
}

/** Lets everything that waits for a promise go on. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
  await new Promise((resolve) => setTimeout(resolve, 0));
}

export function manualClock(start_ms = 1_700_000_000_000): ManualClock {
  let now_ms = start_ms;
  const due = new Map<number, { at_ms: number; call: () => void }>();
  let serial = 0;
  return {
    now_ms: () => now_ms,
    after(delay_ms, call) {
      const id = ++serial;
      due.set(id, { at_ms: now_ms + delay_ms, call });
      return () => void due.delete(id);
    },
    async advance(by_ms) {
      const until_ms = now_ms + by_ms;
      for (;;) {
        await settled();
        const [next] = [...due].sort(([a, x], [b, y]) => x.at_ms - y.at_ms || a - b);
        if (!next || next[1].at_ms > until_ms) break;
        due.delete(next[0]);
        now_ms = next[1].at_ms;
        next[1].call();
      }
      now_ms = until_ms;
      await settled();
    },
  };
}

/** Bytes that are never the same and always the same: a counter, hashed. */
export function countedRandom(): Random {
  let count = 0;
  return {
    bytes(length) {
      const block = vault.sha256(utf8(`random ${++count}`));
      if (length > block.length) throw new InvariantError("tests take 32 bytes at most");
      return block.slice(0, length);
    },
  };
}
