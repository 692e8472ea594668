/** Waiting for something to become true, with an end. */
import { realClock } from "../../runtime/main.ts";

const look_ms = 50;

/** True as soon as the condition holds; false when it did not within the time. */
export async function within(limit_ms: number, holds: () => boolean): Promise<boolean> {
  const end_ms = realClock.now_ms() + limit_ms;
  while (!holds()) {
    if (realClock.now_ms() >= end_ms) return false;
    await new Promise<void>((resolve) => void realClock.after(look_ms, resolve));
  }
  return true;
}
