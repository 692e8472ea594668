/**
 * `deno task kill --kills 500`: the promise that nothing acknowledged is lost and nothing is
 * charged twice, held against SIGKILL on real processes and a real disk.
 */
import { parseArgs } from "node:util";
import { RuntimeError } from "../../runtime/errors.ts";
import { explain, realClock } from "../../runtime/main.ts";
import { wrongFlag } from "../wrong_flag.ts";
import { killTest } from "./run.ts";
import { isClean } from "./verdict.ts";

const usage = `deno task kill [options]
  --kills N   how many times the gateway is killed (500)
  --seed S    other moments, other baskets (1)
  --help`;

function read(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        kills: { type: "string", default: "500" },
        seed: { type: "string", default: "1" },
        help: { type: "boolean", default: false },
      },
    });
    const kills = Number(values.kills);
    if (Number.isSafeInteger(kills) && kills >= 1 && kills <= 100_000) return { ...values, kills };
    throw new Error(`--kills takes a whole number from 1 to 100000, not "${values.kills}"`);
  } catch (error) {
    throw new RuntimeError("usage", wrongFlag(error));
  }
}

async function run({ kills, seed }: { kills: number; seed: string }): Promise<boolean> {
  const folder = await Deno.makeTempDir({ prefix: "kill-" });
  const began_ms = realClock.now_ms();
  try {
    const report = await killTest({ kills, seed, folder, print: (line) => console.error(line) });
    const { lost, captured_twice, stuck, others, ...counts } = report;
    for (const [kind, findings] of Object.entries({ lost, captured_twice, stuck, others })) {
      for (const finding of findings) console.error(`${kind}: ${finding}`);
    }
    const seconds = Math.round((realClock.now_ms() - began_ms) / 1_000);
    console.log(JSON.stringify({
      seed,
      ...counts,
      lost: lost.length,
      captured_twice: captured_twice.length,
      stuck: stuck.length,
      others: others.length,
      seconds,
    }));
    return isClean(report);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) {
  try {
    const options = read(Deno.args);
    if (options.help) console.log(usage);
    else Deno.exitCode = await run(options) ? 0 : 1;
  } catch (error) {
    console.error(explain(error));
    Deno.exitCode = 1;
  }
  Deno.exit();
}
