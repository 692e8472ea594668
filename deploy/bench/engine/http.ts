/**
 * The engine over HTTP against Restate's virtual objects: the same client, the same sales, in turn.
 * Restate's server is the program that RESTATE_SERVER names, such as the one in the npm package
 * `@restatedev/restate-server-linux-x64`; without it there is nothing to compare with.
 */
import { fileURLToPath } from "node:url";
import { median } from "../measure.ts";
import type { Report } from "../report.ts";
import { temporaryFolder } from "./durable.ts";
import { authorised, captured, left, saleOpened, selected, visitOpened } from "./sale.ts";

const inFlight = 100;
const eventsPerSale = 9;
const ports = { admin: 19_070, ingress: 19_080, node: 19_122, service: 19_180 };
type UrlOf = (kind: string, id: string) => string;

/** Seconds of processor that the processes have had (Linux, 100 ticks a second). */
function cpuSeconds(processes: readonly Deno.ChildProcess[]): number {
  return processes.reduce((sum, { pid }) => {
    const fields = Deno.readTextFileSync(`/proc/${pid}/stat`).split(") ")[1]?.split(" ") ?? [];
    return sum + (Number(fields[11]) + Number(fields[12])) / 100;
  }, 0);
}

let next = 0;

/** Sells, and answers the milliseconds of every request. A fact that comes before the message it
 * needs is posted again. */
async function sell(urlOf: UrlOf, sales: number): Promise<number[]> {
  const took_ms: number[] = [];
  let remaining = sales;
  const shopper = async () => {
    while (remaining-- > 0) {
      const id = `${Date.now()}-${next++}`;
      const [visit, payment] = [urlOf("visit", `v${id}`), urlOf("payment", `p${id}`)];
      const at_ms = Date.now();
      const facts = [
        [visit, visitOpened(`v${id}`, at_ms)],
        [payment, saleOpened(`p${id}`, `v${id}`, at_ms)],
        [payment, selected(`v${id}`)],
        [payment, authorised(`p${id}`, at_ms)],
        [payment, captured(`p${id}`)],
        [visit, left],
      ] as const;
      for (const [url, fact] of facts) {
        for (let accepted = false; !accepted;) {
          const begun = performance.now();
          const body = JSON.stringify(fact);
          const headers = { "content-type": "application/json" };
          const answer = await fetch(url, { method: "POST", headers, body });
          ({ accepted } = await answer.json());
          took_ms.push(performance.now() - begun);
        }
      }
    }
  };
  await Promise.all(Array.from({ length: inFlight }, shopper));
  return took_ms;
}

function run(script: URL, ...args: string[]): Deno.ChildProcess {
  const config = fileURLToPath(new URL("../deno.json", import.meta.url));
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--config", config, fileURLToPath(script), ...args],
    stdout: "piped",
    stderr: "null",
  }).spawn();
}

async function portOf(process: Deno.ChildProcess): Promise<number> {
  const reader = process.stdout.getReader();
  const { value } = await reader.read();
  return Number(new TextDecoder().decode(value));
}

function startRestate(program: string, folder: string): Deno.ChildProcess {
  return new Deno.Command(program, {
    args: ["--base-dir", folder],
    env: {
      RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${ports.admin}`,
      RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ports.ingress}`,
      RESTATE_BIND_ADDRESS: `127.0.0.1:${ports.node}`,
      RESTATE_LOG_FILTER: "warn",
      DO_NOT_TRACK: "1",
    },
    stdout: "null",
    stderr: "null",
  }).spawn();
}

/** Tells Restate where the service is, as soon as both are there. */
async function register(): Promise<void> {
  for (let tries = 0; tries < 120; tries++) {
    const answer = await fetch(`http://127.0.0.1:${ports.admin}/deployments`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ uri: `http://127.0.0.1:${ports.service}` }),
    }).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error("Restate's server did not take the service: see whether its ports are free");
}

export async function measureHttp(report: Report): Promise<void> {
  const program = Deno.env.get("RESTATE_SERVER");
  if (program === undefined) {
    console.error(
      "engine/http is left out: name Restate's server in RESTATE_SERVER, and run " +
        "deno run -A --config deploy/bench/deno.json deploy/bench/main.ts engine",
    );
    return;
  }
  const folder = temporaryFolder();
  const ours = run(new URL("./http_server.ts", import.meta.url));
  const theirs = [
    run(new URL("./restate_service.ts", import.meta.url), String(ports.service)),
    startRestate(program, folder),
  ];
  try {
    const port = await portOf(ours);
    await register();
    const ourUrl: UrlOf = (kind, id) => `http://127.0.0.1:${port}/${kind}/${id}`;
    const theirUrl: UrlOf = (kind, id) => `http://127.0.0.1:${ports.ingress}/${kind}/${id}/tell`;
    await compare(report, [ours], ourUrl, theirs, theirUrl);
  } finally {
    for (const process of [ours, ...theirs]) process.kill();
    await Promise.all([ours, ...theirs].map((process) => process.status));
    Deno.removeSync(folder, { recursive: true });
  }
}

interface Sample {
  /** Events a second of processor. */
  readonly rate: number;
  readonly p50_us: number;
}

async function compare(
  report: Report,
  ours: readonly Deno.ChildProcess[],
  ourUrl: UrlOf,
  theirs: readonly Deno.ChildProcess[],
  theirUrl: UrlOf,
): Promise<void> {
  const sample = async (processes: readonly Deno.ChildProcess[], urlOf: UrlOf, sales: number) => {
    const before = cpuSeconds(processes);
    const p50_us = 1_000 * median(await sell(urlOf, sales));
    return { rate: sales * eventsPerSale / (cpuSeconds(processes) - before), p50_us };
  };
  await sell(ourUrl, 200);
  await sell(theirUrl, 100);
  const samples: Record<"ours" | "theirs", Sample[]> = { ours: [], theirs: [] };
  for (let round = 0; round < 3; round++) {
    samples.ours.push(await sample(ours, ourUrl, 400));
    samples.theirs.push(await sample(theirs, theirUrl, 200));
  }
  const of = (side: keyof typeof samples, key: keyof Sample) =>
    median(samples[side].map((it) => it[key]));
  const name = `${inFlight} in flight`;
  const baseline = "Restate virtual objects";
  const [rate, theirRate] = [of("ours", "rate"), of("theirs", "rate")];
  report.add({
    bench: "engine/http",
    case: name,
    value: rate,
    unit: "events/CPU-second",
    baseline,
    baseline_value: theirRate,
    ratio: rate / theirRate,
  });
  report.time(
    "engine/http",
    `p50, ${name}`,
    of("ours", "p50_us"),
    baseline,
    of("theirs", "p50_us"),
  );
}
