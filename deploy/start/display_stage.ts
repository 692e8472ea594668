/** Somebody in the demo's shop holds something before each display now and then, as a scanner
 * beside it would tell. */
import { chanceOf } from "../../hardware/simulated/chance.ts";
import type { Config } from "../../runtime/config.ts";
import { realClock } from "../../runtime/main.ts";
import { articles } from "../demo/goods.ts";

/** Between two looks at one display. */
const between_ms = [6_000, 14_000] as const;

export interface Looks {
  readonly config: Config;
  readonly seed: number;
  readonly url: string;
  readonly posKey?: string;
  readonly print: (line: string) => void;
}

/** Begins; the result ends it. */
export function lookAtDisplays({ config, seed, url, posKey, print }: Looks): () => void {
  const stopped = new AbortController();
  const key: Record<string, string> = posKey === undefined
    ? {}
    : { authorization: `Bearer ${posKey}` };
  const cancels = new Map<string, () => void>();
  // In the aisle the shelves tell what was taken.
  const scanned = config.displays.filter(({ zone }) =>
    config.lanes.some((lane) => lane.zone === zone)
  );
  for (const { zone } of scanned) {
    const chance = chanceOf(`displays/${zone}/${seed}`);
    const look = async () => {
      const { gtin, name } = chance.pick(articles);
      try {
        const answer = await fetch(`${url}/display/${zone}/looks`, {
          method: "POST",
          headers: { "content-type": "application/json", ...key },
          body: JSON.stringify({ gtin }),
          signal: stopped.signal,
        });
        await answer.body?.cancel();
        if (!answer.ok) print(`the display of ${zone} did not take ${name}: ${answer.status}`);
      } catch (error) {
        if (stopped.signal.aborted) return;
        print(`the display of ${zone} is out of reach: ${String(error).split("\n", 1)[0]}`);
      }
      next();
    };
    const next = () => {
      if (stopped.signal.aborted) return;
      cancels.set(zone, realClock.after(chance.between(...between_ms), () => void look()));
    };
    next();
  }
  return () => {
    stopped.abort();
    for (const cancel of cancels.values()) cancel();
  };
}
