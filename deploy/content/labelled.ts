/**
 * How well things are found in texts that people have labelled: precision and recall over all
 * pairs of a text and a thing in it, by set and by trap.
 */
import { z } from "zod";
import type { Linker } from "../../runtime/content/link.ts";
import { tidyText } from "../../runtime/content/words.ts";

const labelled = z.strictObject({
  /** Held-out texts are measured and never tuned on. */
  set: z.enum(["tuning", "held_out"]),
  trap: z.string(),
  language: z.enum(["en", "de", "fr", "es"]),
  text: z.string(),
  entities: z.array(z.string()),
});
export type Labelled = z.output<typeof labelled>;

export const readLines = <T>(text: string, schema: z.ZodType<T>): T[] =>
  text.split("\n").filter(Boolean).map((line) => schema.parse(JSON.parse(line)));
export const readLabelled = (text: string) => readLines(text, labelled);

export interface Score {
  readonly texts: number;
  readonly right: number;
  readonly wrong: number;
  readonly missed: number;
  readonly precision: number;
  readonly recall: number;
}

export interface Mistake {
  readonly text: string;
  readonly trap: string;
  readonly wrong: readonly string[];
  readonly missed: readonly string[];
}

/** Of nothing, all is right. */
const share = (part: number, rest: number) =>
  part + rest === 0 ? 1 : Math.round(part / (part + rest) * 10_000) / 10_000;

export function judge(linker: Linker, texts: readonly Labelled[]) {
  const mistakes: Mistake[] = [];
  let right = 0, wrong = 0, missed = 0;
  for (const { text, trap, language, entities } of texts) {
    const found = linker.mentions(tidyText(text), language).map(({ entity }) => entity);
    const [is, ought] = [new Set(found), new Set(entities)];
    const extra = [...is.difference(ought)], lacking = [...ought.difference(is)];
    right += is.intersection(ought).size;
    wrong += extra.length;
    missed += lacking.length;
    if (extra.length + lacking.length > 0) {
      mistakes.push({ text, trap, wrong: extra, missed: lacking });
    }
  }
  const precision = share(right, wrong), recall = share(right, missed);
  const score: Score = { texts: texts.length, right, wrong, missed, precision, recall };
  return { score, mistakes };
}
