/**
 * A lane for whoever keeps looking at it: as it is, and again after each change that shows. Only
 * what the last look was made of can change it, so that a full store costs a quiet lane nothing.
 */
import type { Config, LaneConfig } from "../config.ts";
import type { LanePrompts } from "../counter.ts";
import type { Engine } from "../engine/engine.ts";
import { soon } from "./soon.ts";
import { type LaneNow, laneNow } from "./lane_now.ts";

/** Tells at once, and once for all steps of a commit, until the result is called. What cannot be
 * read throws at once, and goes to `broken` later. */
export function followLane(
  engine: Pick<Engine, "view" | "subscribe">,
  config: Config,
  lane: LaneConfig,
  prompts: LanePrompts | undefined,
  tell: (now: LaneNow) => void,
  broken: (error: unknown) => void,
): () => void {
  let last = "";
  let over = false;
  /** The actors at which the last look was taken, there or not. */
  const seen = new Set<string>();
  const noted: Pick<Engine, "view"> = {
    view(address) {
      seen.add(address);
      return engine.view(address);
    },
  };
  const look = () => {
    if (over) return;
    seen.clear();
    const now = laneNow(noted, config, lane, prompts);
    const text = JSON.stringify(now);
    if (text === last) return;
    last = text;
    tell(now);
  };
  const lookSoon = soon(look, broken);
  look();
  const deaf = prompts?.watch((changed) => changed === lane.id ? lookSoon() : undefined);
  const unsubscribe = engine.subscribe(({ address }) => {
    if (seen.has(address)) lookSoon();
  });
  return () => {
    over = true;
    deaf?.();
    unsubscribe();
  };
}
