/**
 * `deno task evaluate-content`: measures annotation on the labelled texts and pairing on the judged
 * pairs. Ends with 1 when less is right than the store promises.
 */
import { parseArgs } from "node:util";
import { createLinker } from "../../runtime/content/link.ts";
import { wrongFlag } from "../wrong_flag.ts";
import {
  heldOutLibrary,
  heldOutPairs,
  judgedPairs,
  labelledTexts,
  readCatalogue,
  sampleLibrary,
} from "./files.ts";
import { judge, type Score } from "./labelled.ts";
import { judgePairs } from "./pairs.ts";

const usage = `deno task evaluate-content [--json] [--mistakes]
  --json      one line of JSON
  --mistakes  name what is wrong and what was missed in the texts that were tuned on, and in pairs`;

/** What is promised of texts, and of pairs. */
export const promised = { precision: 0.95, recall: 0.95, pairs: 0.94 };

export function evaluate() {
  const linker = createLinker(readCatalogue());
  const texts = labelledTexts();
  const of = (set: string) => judge(linker, texts.filter((text) => text.set === set));
  const tuning = of("tuning"), held_out = of("held_out");
  const traps = Object.fromEntries(
    [...new Set(texts.map(({ trap }) => trap))].sort().map((trap) =>
      [trap, judge(linker, texts.filter((text) => text.trap === trap)).score] as const
    ),
  );
  const pairs = judgePairs(sampleLibrary(), judgedPairs());
  const held_out_pairs = judgePairs(heldOutLibrary(), heldOutPairs());
  const all = judge(linker, texts).score;
  return { all, tuning, held_out, traps, pairs, held_out_pairs };
}

export type Evaluation = ReturnType<typeof evaluate>;

export function isAsPromised({ tuning, held_out, pairs }: Evaluation): boolean {
  const texts = [tuning, held_out].every(({ score }) =>
    score.precision >= promised.precision && score.recall >= promised.recall
  );
  return texts && pairs.share >= promised.pairs;
}

function print(
  { all, tuning, held_out, traps, pairs, held_out_pairs }: Evaluation,
  mistakes: boolean,
): void {
  const rows: [string, Score][] = [
    ["all texts", all],
    ["tuned on", tuning.score],
    ["held out", held_out.score],
    ...Object.entries(traps).map(([trap, score]): [string, Score] => [`  ${trap}`, score]),
  ];
  console.log("                   texts  right  wrong  missed  precision  recall");
  for (const [name, { texts, right, wrong, missed, precision, recall }] of rows) {
    const counts = [[texts, 7], [right, 7], [wrong, 7], [missed, 8]]
      .map(([count = 0, width = 0]) => String(count).padStart(width)).join("");
    const shares = `${precision.toFixed(4).padStart(11)}${recall.toFixed(4).padStart(8)}`;
    console.log(`${name.padEnd(17)}${counts}${shares}`);
  }
  for (
    const [which, { right, pairs: count }] of [["", pairs], [" held out", held_out_pairs]] as const
  ) {
    console.log(`pairs${which}: ${right} of ${count} as people would show them`);
  }
  if (!mistakes) return;
  for (const { text, wrong, missed } of tuning.mistakes) {
    console.log(
      `  "${text}": wrong ${wrong.join(", ") || "-"}; missed ${missed.join(", ") || "-"}`,
    );
  }
  for (const { name, language, shown, entity } of pairs.judged.filter(({ right }) => !right)) {
    console.log(`  ${name} (${language}): ${shown ?? "nothing"} by ${entity ?? "nothing"}`);
  }
}

function main(args: readonly string[]): number {
  try {
    const flag = { type: "boolean", default: false } as const;
    const options = { json: flag, mistakes: flag, help: flag };
    const { values } = parseArgs({ args: [...args], options });
    if (values.help) {
      console.log(usage);
      return 0;
    }
    const found = evaluate();
    if (values.json) {
      const { all, tuning, held_out } = found;
      const scores = { all, tuning: tuning.score, held_out: held_out.score };
      const [pairs, held_out_pairs] = [found.pairs, found.held_out_pairs]
        .map((judged) => ({ pairs: judged.pairs, right: judged.right }));
      console.log(JSON.stringify({ ...scores, pairs, held_out_pairs }));
    } else print(found, values.mistakes);
    return isAsPromised(found) ? 0 : 1;
  } catch (error) {
    console.error(`evaluate-content: ${wrongFlag(error)}`);
    return 1;
  }
}

if (import.meta.main) Deno.exit(main(Deno.args));
