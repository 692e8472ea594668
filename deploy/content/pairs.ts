/**
 * How well content is paired with what somebody holds, against pairs that people have judged: the
 * content shown first must be one of those that they would show, linked by what they would name.
 */
import { z } from "zod";
import type { Library } from "../../runtime/content/library.ts";
import { readLines } from "./labelled.ts";

const pair = z.strictObject({
  looked_at: z.string(),
  name: z.string(),
  language: z.enum(["en", "de", "fr", "es"]),
  /** Any of these is right; none: nothing ought to be shown. */
  shows: z.array(z.string()),
  links: z.array(z.string()),
});
export type Pair = z.output<typeof pair>;
export const readPairs = (text: string) => readLines(text, pair);

/** When the pairs were judged: offers that were over then are not shown. */
const judged_at_ms = Date.UTC(2026, 10, 2, 12);

/** `right` says whether what was shown first is what people would show. */
export function judgePairs(library: Library, pairs: readonly Pair[]) {
  const judged = pairs.map((pair) => {
    const { looked_at, language, shows, links } = pair;
    const product = library.catalogue.products.get(looked_at);
    if (product === undefined) throw new Error(`no product ${looked_at} in the catalogue`);
    const [best] = library.beside(product, [language], judged_at_ms)
      .filter(({ item }) => !item.item.personal);
    const shown = best?.item.item.id ?? null;
    const entity = best?.entity ?? null;
    const right = shown === null
      ? shows.length === 0
      : shows.includes(shown) && links.includes(entity!);
    return { ...pair, shown, entity, similarity: best?.similarity ?? 0, right };
  });
  const right = judged.filter((one) => one.right).length;
  return { pairs: pairs.length, right, share: right / pairs.length, judged };
}
