/** Looks up what goes with a product that somebody holds, when a display asks. */
import type { Choice, VolatileCommand } from "../../actors/messages.ts";
import type { Engine } from "../engine/engine.ts";
import { isStopped } from "../errors.ts";
import type { Clock, Log } from "../world.ts";
import { isLanguage } from "./languages.ts";
import type { Library } from "./library.ts";

type Choose = Extract<VolatileCommand, { type: "content.choose" }>;

export interface ChoosingOptions {
  readonly engine: Pick<Engine, "effect" | "post">;
  readonly library: Library;
  readonly clock: Clock;
  readonly log: Log;
}

/** How many of the best a display is told: it may not show the first ones. */
const most_choices = 8;

/** What goes with a product, best first; nothing for one that the catalogue has not. */
function choicesFor(
  library: Library,
  { gtin, languages }: Pick<Choose, "gtin" | "languages">,
  now_ms: number,
): Choice[] {
  const product = library.catalogue.products.get(gtin);
  if (product === undefined) return [];
  return library.beside(product, languages.filter(isLanguage), now_ms).slice(0, most_choices)
    .map(({ item, similarity, entity }) => ({
      content: item.item.id,
      personal: item.item.personal,
      similarity: Math.round(similarity * 1_000) / 1_000,
      entity,
    }));
}

/** Answers every `content.choose`. */
export function wireChoosing({ engine, library, clock, log }: ChoosingOptions): void {
  engine.effect("content.choose", (command) => {
    const choices = choicesFor(library, command, clock.now_ms());
    const event = { type: "content.chosen", look: command.look, choices };
    engine.post(`display/${command.display}`, event).catch((error: unknown) => {
      if (!isStopped(error)) log("warn", "a display heard nothing", { reason: String(error) });
    });
  });
}
