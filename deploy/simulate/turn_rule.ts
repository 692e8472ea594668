/** When a simulated store wants heads turned: each seed has a rule of its own. */
import type { Chance } from "../../hardware/simulated/chance.ts";
import type { Config } from "../../runtime/config.ts";

export type TurnRule = Pick<Config["policies"], "turns" | "turns_above_minor" | "turns_asked">;

/** Above what sales are, at times, is drawn from this. */
const above_minor = [600, 4_000] as const;

export function turnRuleOf(chance: Chance): TurnRule {
  const turns = chance.pick(["never", "when_unsure", "when_unsure", "always"] as const);
  const turns_above_minor = Math.round(chance.between(...above_minor));
  const turns_asked = 2 + chance.whole(2);
  return { turns, turns_asked, ...(chance.happens(0.5) ? { turns_above_minor } : {}) };
}
