/** What `deno task evaluate --queues N` takes and prints. */
import type { Inference } from "../../runtime/perception/inference.ts";
import { openModels, readOptions, wholeWithin } from "./options.ts";
import { arrangements, playQueues, type QueueFigures } from "./queues.ts";
import { table } from "./report.ts";

const queuesUsage = `usage: deno task evaluate --queues N [--seed S] [--json]
Plays N drawn queues: a stranger at the pay position, somebody who has checked in behind, beside or
passing by. Fails if anybody is named who does not stand there.`;

const spec = {
  queues: { type: "string" },
  seed: { type: "string" },
  json: { type: "boolean" },
} as const;

/** True when the arguments ask for queues. */
export function asksForQueues(args: readonly string[]): boolean {
  return args.some((one) => one === "--queues" || one.startsWith("--queues="));
}

/** Runs the command and says what it found. Throws `RangeError` for arguments that make no sense
 * or where a bystander was named. */
export async function runQueues(
  args: readonly string[],
  say: (line: string) => void,
  inference?: Inference,
): Promise<void> {
  const options = readOptions(args, spec, queuesUsage);
  const queues = wholeWithin("queues", options.queues, 1_000, [1, 1_000_000]);
  const { models } = await openModels({}, true);
  const figures = await playQueues(models, {
    queues,
    seed: options.seed ?? "queues",
    progress: (done) => {
      if (done % 100 === 0) console.error(`${done} queues`);
    },
  }, inference);
  say(options.json === true ? JSON.stringify(figures) : queuesReport(figures));
  const { bystanders_named, absent_named } = figures;
  if (bystanders_named + absent_named > 0) {
    throw new RangeError(
      `in ${bystanders_named} queues a bystander was named, in ${absent_named} somebody who was ` +
        `not there; play seed ${figures.seed} again and see how`,
    );
  }
}

/** The table of a run. */
export function queuesReport({ queues, seed, by }: QueueFigures): string {
  const rows = arrangements.map((name) => [
    name,
    `${by[name].queues}`,
    `${by[name].both_seen}`,
    `${by[name].bystander_named}`,
    `${by[name].absent_named}`,
    `${by[name].stepped_up_named}`,
  ]);
  return `SIMULATED: ${queues} drawn queues of seed ${seed}; a stranger stands at the pay ` +
    "position.\n\n" +
    table([
      ["checked in", "queues", "both seen", "bystander named", "absent named", "named when next"],
      ...rows,
    ]);
}
