/**
 * `deno task simulate --seed N --hours H --faults all|none [--wire http] [--until TURN] [--trace]`:
 * a store of simulated hours from one seed, under faults and under audit. The same seed and commit
 * give the same hash; a violation ends the run with its seed, its turn and what happened last.
 */
import process from "node:process";
import { setImmediate } from "node:timers";
import { parseArgs } from "node:util";
import { Simulation } from "./simulate/simulation.ts";

/** The machine's own events are let in every so many steps. */
const steps_alone = 256;
let steps = 0;
let settled = () => {};
const done = () => settled();

/** A tick comes after all promises, and costs a fifth of an immediate. */
const settle = () =>
  new Promise<void>((resolve) => {
    settled = resolve;
    if (++steps % steps_alone === 0) setImmediate(done);
    else process.nextTick(done);
  });

function usage(): never {
  console.error(
    "usage: simulate --seed N --hours H --faults all|none [--wire direct|http] [--until TURN] " +
      "[--trace]",
  );
  Deno.exit(2);
}

function readOptions() {
  const { values } = parseArgs({
    args: Deno.args,
    options: {
      seed: { type: "string", default: "1" },
      hours: { type: "string", default: "1" },
      faults: { type: "string", default: "all" },
      wire: { type: "string", default: "direct" },
      until: { type: "string" },
      trace: { type: "boolean", default: false },
    },
  });
  const [seed, hours, until] = [values.seed, values.hours, values.until ?? "0"].map(Number);
  const { faults, trace, wire } = values;
  const sound = Number.isSafeInteger(seed) && Number(hours) > 0 && Number.isSafeInteger(until);
  if (!sound || (faults !== "all" && faults !== "none")) return usage();
  if (wire !== "direct" && wire !== "http") return usage();
  const end = until || undefined;
  return { seed: seed ?? 1, hours: hours ?? 1, faults, until: end, trace, wire } as const;
}

async function main(): Promise<number> {
  const { seed, hours, faults, until, trace, wire } = readOptions();
  const simulation = new Simulation({
    seed,
    hours,
    faults,
    wire,
    settle,
    ...(until === undefined ? {} : { until }),
    ...(trace ? { trace: (line: string) => console.log(line) } : {}),
  });
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    if (event.reason?.name !== "Crash") simulation.broken(event.reason);
  });
  const begun_ms = performance.now();
  const result = await simulation.run();
  const seconds = (performance.now() - begun_ms) / 1_000;
  const { user, system } = process.cpuUsage();
  const cpu_seconds = (user + system) / 1_000_000;
  const [finding] = result.findings;
  if (finding) {
    console.error(`seed ${seed}, turn ${result.turns}: ${finding.rule}: ${finding.detail}`);
    for (const line of result.last) console.error(line);
    console.error(
      `again: deno task simulate --seed ${seed} --hours ${hours} --faults ${faults} --wire ${wire}`,
    );
  }
  console.log(JSON.stringify({
    seed,
    hours,
    turns: result.turns,
    shoppers: result.shoppers,
    sales: result.sales,
    violations: result.findings.length,
    hash: result.hash,
    turns_per_second: Math.round(result.turns / seconds),
    hours_per_second: Number((hours / seconds).toPrecision(3)),
    turns_per_cpu_second: Math.round(result.turns / cpu_seconds),
    payments: result.payments,
    gateway_ends: result.ends,
    issuer_crashes: result.issuer_crashes,
    restores: result.restores,
    strayed_messages: result.strayed_messages,
  }));
  return finding ? 1 : 0;
}

Deno.exit(await main());
