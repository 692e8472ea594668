/**
 * The outage of a demonstration's issuer: away once for a while, so that it can be seen how lanes
 * sell on without it and bring in what they sold.
 */
import type { Child } from "./child.ts";

const minute_ms = 60_000;
/** Of the time that the store is open: when the issuer goes, and how much of it it stays away. */
const gone_after = 0.4;
const gone_for = 1 / 6;

export interface Outage {
  readonly after_ms: number;
  readonly lasts_ms: number;
}

/** A minute after two; shorter where the store is open for some minutes only, none below one. */
export function outageOf(open_ms: number | undefined): Outage | undefined {
  if (open_ms === undefined) return { after_ms: 2 * minute_ms, lasts_ms: minute_ms };
  if (open_ms < minute_ms) return undefined;
  return {
    after_ms: Math.round(open_ms * gone_after),
    lasts_ms: Math.min(minute_ms, Math.round(open_ms * gone_for)),
  };
}

/** Who sends the issuer away and fetches it again. */
export interface Comings {
  go(): Promise<void>;
  /** Resolves to whether it is back. */
  comeBack(): Promise<boolean>;
}

/** Counted from when the doors open; nothing happens once the store has ended. */
export function playOutage(store: Child, { after_ms, lasts_ms }: Outage, issuer: Comings): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let ended = false;
  const later = (delay_ms: number, act: () => Promise<void>) => {
    if (!ended) timer = setTimeout(() => void act(), delay_ms);
  };
  store.ended.then(() => {
    ended = true;
    clearTimeout(timer);
  });
  store.heard(/ opens +the store/).then((opened) => {
    if (!opened) return;
    later(after_ms, async () => {
      console.log(`the issuer goes away for ${Math.round(lasts_ms / 1_000)} s: lanes sell on`);
      await issuer.go();
      later(lasts_ms, async () => {
        if (await issuer.comeBack()) {
          console.log("the issuer is back: what was accepted is brought in");
        }
      });
    });
  });
}
