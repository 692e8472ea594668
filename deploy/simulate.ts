/**
 * `deno task simulate --seed N --hours H --faults all|none|NAME,… [--wire http] [--until TURN]
 * [--trace]`: a store of simulated hours from one seed, under faults and under audit. The same seed
 * and commit give the same hash; a violation ends the run with its seed, its turn and what happened
 * last.
 */
import { createHash } from "node:crypto";
import process from "node:process";
import { flagsOf, wrongly } from "./flags.ts";
import { faultChoiceOf } from "./simulate/plan.ts";
import { type Part, type PartResult, partsOf, runPart } from "./simulate/part.ts";

const usage = `deno task simulate [options]
  --seed N        the store's seed (1)
  --hours H       how many of its hours (1)
  --faults NAMES  all (as without), none, or some of them with commas between
  --wire WIRE     direct (as without), or http between gateway, issuer, phones and tills
  --until TURN    stop at this turn
  --trace         tell each turn
  --threads N     long runs are several stores side by side, in so many threads
  --help`;

function readOptions(): { readonly run: Part; readonly threads: number } {
  const values = flagsOf("simulate", usage, {
    seed: { type: "string", default: "1" },
    hours: { type: "string", default: "1" },
    faults: { type: "string", default: "all" },
    wire: { type: "string", default: "direct" },
    until: { type: "string" },
    trace: { type: "boolean", default: false },
    threads: { type: "string", default: String(navigator.hardwareConcurrency) },
  });
  const { seed, trace, wire } = values;
  const wrong = (what: string) => wrongly("simulate", what);
  const faults = faultChoiceOf(values.faults) ??
    wrong(`--faults ${values.faults} names none that there is`);
  const [hours = 0, until = 0, threads = 0] = [values.hours, values.until ?? "0", values.threads]
    .map(Number);
  if (!/^\d{1,15}(\.\d{1,6})?$/.test(seed)) wrong(`--seed takes a number, not ${seed}`);
  if (!(hours > 0)) wrong(`--hours takes a number above 0, not ${values.hours}`);
  if (!Number.isSafeInteger(until)) wrong(`--until takes the number of a turn`);
  if (!Number.isSafeInteger(threads) || threads < 1) wrong("--threads takes a whole number");
  if (wire !== "direct" && wire !== "http") return wrong(`--wire is direct or http, not ${wire}`);
  const end = until > 0 ? { until } : {};
  return { run: { seed, hours, faults, wire, trace, ...end }, threads };
}

/** Lives through the parts in so many threads; the results are in the order of the parts. */
async function runAll(parts: readonly Part[], threads: number): Promise<PartResult[]> {
  const results: PartResult[] = [];
  let next = 0;
  const work = async () => {
    const options: WorkerOptions & { readonly deno: { readonly permissions: "none" } } = {
      type: "module",
      deno: { permissions: "none" },
    };
    const worker = new Worker(new URL("./simulate/worker.ts", import.meta.url), options);
    try {
      while (next < parts.length && !results.some(({ findings }) => findings.length > 0)) {
        const number = next++;
        results[number] = await new Promise((resolve, reject) => {
          worker.onmessage = ({ data }) => resolve(data);
          worker.onerror = (event) => {
            event.preventDefault();
            reject(new Error(`a thread of the simulation ended: ${event.message}`));
          };
          worker.postMessage(parts[number]);
        });
      }
    } finally {
      worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: Math.min(threads, parts.length) }, work));
  return results.filter((result) => result !== undefined);
}

function tell(result: PartResult): void {
  const [finding] = result.findings;
  if (!finding) return;
  const { seed, hours, faults, wire } = result.part;
  console.error(`seed ${seed}, turn ${result.turns}: ${finding.rule}: ${finding.detail}`);
  for (const line of result.last) console.error(line);
  console.error(
    `again: deno task simulate --seed ${seed} --hours ${hours} --faults ${
      [faults].flat()
    } --wire ${wire}`,
  );
}

async function main(): Promise<number> {
  const { run, threads } = readOptions();
  const parts = partsOf(run);
  const begun_ms = performance.now();
  const [only] = parts;
  const results = parts.length === 1 && only ? [await runPart(only)] : await runAll(parts, threads);
  const seconds = (performance.now() - begun_ms) / 1_000;
  const { user, system } = process.cpuUsage();
  const cpu_seconds = (user + system) / 1_000_000;
  results.forEach(tell);
  const sum = (of: (result: PartResult) => number) =>
    results.reduce((total, result) => total + of(result), 0);
  const turns = sum((result) => result.turns);
  const hashes = results.map(({ hash }) => hash);
  const violations = sum(({ findings }) => findings.length);
  console.log(JSON.stringify({
    seed: run.seed.includes(".") ? run.seed : Number(run.seed),
    hours: run.hours,
    turns,
    shoppers: sum(({ shoppers }) => shoppers),
    sales: sum(({ sales }) => sales),
    violations,
    hash: hashes.length === 1
      ? hashes[0]
      : createHash("sha256").update(hashes.join(" ")).digest("hex").slice(0, 16),
    turns_per_second: Math.round(turns / seconds),
    hours_per_second: Number((run.hours / seconds).toPrecision(3)),
    turns_per_cpu_second: Math.round(turns / cpu_seconds),
    payments: sum(({ payments }) => payments),
    visits_to_aisle: sum(({ visits_to_aisle }) => visits_to_aisle),
    trips_paid: sum(({ trips_paid }) => trips_paid),
    gateway_ends: sum(({ ends }) => ends),
    issuer_crashes: sum(({ issuer_crashes }) => issuer_crashes),
    restores: sum(({ restores }) => restores),
    strayed_messages: sum(({ strayed_messages }) => strayed_messages),
    accepted_offline: sum(({ accepted_offline }) => accepted_offline),
    questions: sum(({ questions }) => questions),
    refunds: sum(({ refunds }) => refunds),
    account_changes: sum(({ account_changes }) => account_changes),
    turns_met: sum(({ turns_met }) => turns_met),
    turns_failed: sum(({ turns_failed }) => turns_failed),
    spoken: sum(({ spoken }) => spoken),
    ages: sum(({ ages }) => ages),
  }));
  return violations > 0 ? 1 : 0;
}

Deno.exit(await main());
