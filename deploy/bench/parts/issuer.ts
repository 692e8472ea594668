/**
 * The reference issuer under the load of a chain: a process on one core, what asks it on another.
 * Beside the time that answers took stands how much of its core the issuer worked: on a machine
 * that others use too, that is the figure to be trusted.
 */
import { most_openings } from "../../issuer/flags.ts";
import { loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import type { LoadOrder, LoadResult } from "../issuer/load.ts";
import type { Part } from "../main.ts";
import type { Report } from "../report.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const minute_s = 60;
const wanted = { check_ins: 300, sales: 60, p99_ms: 100 };
const bearer = "bench-".padEnd(40, "k");
/** Of Linux: processor time is counted in hundredths of a second. */
const ticks_per_s = 100;

export const part: Part = async (report) => {
  await Deno.mkdir(`${root}.cache`, { recursive: true });
  const data = await Deno.makeTempDir({ dir: `${root}.cache`, prefix: "issuer-" });
  const issuer = onCore(0, [
    ...["run", "--quiet", "--no-prompt", "--ignore-env", "--allow-net=127.0.0.1"],
    ...[`--allow-read=${data}`, `--allow-write=${data}`, "deploy/issuer/main.ts", "--port", "0"],
    ...["--data", data, "--admin-key-stdin", "--with-parent", "--rotation", "10"],
    ...[
      "--lease",
      "3600",
      "--openings",
      String(most_openings),
      "--velocity",
      "10000",
      "--day-limit",
      "100000000",
    ],
  ]).spawn();
  const input = issuer.stdin.getWriter();
  try {
    await input.write(new TextEncoder().encode(`${bearer}\n`));
    const origin = await listening(issuer.stdout);
    const { check_ins, sales } = wanted;
    const people = { stores: 20, walkers: 400, buyers: 400 };
    const order = { origin, bearer, ...people, check_ins, sales, seconds: minute_s };
    await measure(report, issuer.pid, order);
  } finally {
    await input.close();
    await issuer.status;
    await Deno.remove(data, { recursive: true });
  }
};

async function measure(report: Report, pid: number, order: LoadOrder): Promise<void> {
  const load = onCore(1, [
    ...["run", "--quiet", "--no-prompt", "--ignore-env", "--config", "deploy/bench/deno.json"],
    ...["--allow-net=127.0.0.1", "deploy/bench/issuer/load.ts"],
  ]).spawn();
  const words = load.stdin.getWriter();
  await words.write(new TextEncoder().encode(JSON.stringify(order)));
  await words.close();
  // Every so often, so that the minute can be cut out of it afterwards.
  const worked: { at_ms: number; s: number }[] = [];
  const look = async () => worked.push({ at_ms: Date.now(), s: await workedBy(pid) });
  const timer = setInterval(() => void look(), 1_000);
  const text = await new Response(load.stdout).text();
  clearInterval(timer);
  if (!(await load.status).success) throw new Error("the load on the issuer has failed");
  const result: LoadResult = JSON.parse(text);
  const within = worked.filter(({ at_ms }) => at_ms >= result.begun_at_ms);
  const [first, last] = [within[0], within.at(-1)];
  if (first === undefined || last === undefined) throw new Error("the load was over at once");
  addRows(report, result, (last.s - first.s) / ((last.at_ms - first.at_ms) / 1_000));
}

function addRows(report: Report, { took_ms, refused, seconds }: LoadResult, busy: number): void {
  const refusals = Object.values(refused).reduce((sum, count) => sum + count, 0);
  for (const reason of Object.keys(refused)) console.error(`refused: ${reason}`);
  const { check_in = [], sale = [], account_data = [] } = took_ms;
  const rate = (name: string, done: number, goal: number) =>
    report.add({
      bench: "issuer/rate",
      case: name,
      value: done / seconds,
      unit: "a second",
      baseline: "what a chain needs",
      baseline_value: goal,
      ratio: done / seconds / goal,
    });
  rate("check-ins", check_in.length, wanted.check_ins);
  rate("full sales: token, authorise, capture", sale.length, wanted.sales);
  for (const [name, times] of Object.entries({ check_in, sale, account_data })) {
    report.value("issuer/time", `${name}, half of them`, quantile(times, 0.5), "ms");
    const p99_ms = quantile(times, 0.99);
    report.add({
      bench: "issuer/time",
      case: `${name}, 99 of 100`,
      value: p99_ms,
      unit: "ms",
      baseline: "the longest that may be",
      baseline_value: wanted.p99_ms,
      ratio: wanted.p99_ms / p99_ms,
    });
  }
  report.value("issuer/refused", "requests", refusals, "requests");
  report.value("issuer/worked", "share of its core", busy * 100, "%");
  const [load = 0] = loadavg();
  report.value("issuer/machine", "processes that wanted a core, last minute", load, "processes");
}

function quantile(times: readonly number[], share: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

/**
 * Seconds that a process has worked, of `/proc`: fields 14 and 15 after its name. Another program
 * reads it, since Deno gives no file of another process but to those who may do everything.
 */
async function workedBy(pid: number): Promise<number> {
  const { stdout } = await new Deno.Command("cat", { args: [`/proc/${pid}/stat`] }).output();
  const stat = new TextDecoder().decode(stdout);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / ticks_per_s;
}

function onCore(core: number, args: readonly string[]): Deno.Command {
  return new Deno.Command("taskset", {
    args: ["--cpu-list", String(core), Deno.execPath(), ...args],
    cwd: root,
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  });
}

/** The address that the issuer tells; what it prints afterwards is let go. */
async function listening(output: ReadableStream<Uint8Array>): Promise<string> {
  const lines = output
    .pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>).getReader();
  let said = "";
  for (;;) {
    const { done, value } = await lines.read();
    if (done) throw new Error(`the issuer did not start: ${said}`);
    said += value;
    const [, origin] = /listening on (http:\S+)\n/.exec(said) ?? [];
    if (origin !== undefined) return origin;
  }
}
