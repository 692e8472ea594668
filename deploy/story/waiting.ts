/** How a story waits for what must happen, and says in words what never did. */
import assert from "node:assert/strict";
import { realClock } from "../../runtime/main.ts";

export const sleep = (delay_ms: number) =>
  new Promise<void>((resolve) => void realClock.after(delay_ms, resolve));

/** Longest that anything in a story may take, unless it is known to take longer. */
const usual_ms = 20_000;
const look_ms = 25;

/** Waits until there is something, and fails in words when there never is. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  patience_ms = usual_ms,
): Promise<T> {
  const end_ms = realClock.now_ms() + patience_ms;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    assert.ok(realClock.now_ms() < end_ms, `it never happened: ${what}`);
    await sleep(look_ms);
  }
}
