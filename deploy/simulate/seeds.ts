/**
 * Lives through one seed after the other, in one thread, until a rule does not hold, and prints
 * which. What a process costs to start, and code that has run warm, is paid for once.
 */
import { parseArgs } from "node:util";
import { runPart } from "./part.ts";
import { faultChoiceOf } from "./plan.ts";

/** What is printed: the seed that found something, and the rule with what it says; or neither. */
export interface Sought {
  readonly seed: number | null;
  readonly rule: string;
}

async function seek(): Promise<Sought> {
  const { values } = parseArgs({
    args: Deno.args,
    options: {
      from: { type: "string", default: "1" },
      to: { type: "string", default: "1" },
      hours: { type: "string", default: "1" },
      faults: { type: "string", default: "all" },
    },
  });
  const [from = 0, to = 0, hours = 0] = [values.from, values.to, values.hours].map(Number);
  const faults = faultChoiceOf(values.faults);
  if (faults === undefined || !(hours > 0) || !Number.isSafeInteger(from + to)) {
    throw new Error("usage: seeds --from N --to N --hours H --faults all|none|NAME,...");
  }
  for (let seed = from; seed <= to; seed++) {
    const { findings } = await runPart({ seed: String(seed), hours, faults, wire: "direct" });
    const [finding] = findings;
    if (finding) return { seed, rule: `${finding.rule}: ${finding.detail}` };
  }
  return { seed: null, rule: "" };
}

console.log(JSON.stringify(await seek()));
Deno.exit(0);
