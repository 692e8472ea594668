/**
 * The engine over HTTP against Restate's virtual objects: the same client, the same sales, in turn.
 * A process of its own, started by the bench with the permissions that it needs; Restate's server
 * is the program in its npm package. Prints rows, one JSON object a line.
 */
import { fileURLToPath } from "node:url";
import { median } from "../measure.ts";
import type { Row } from "../report.ts";
import { cacheFolder, temporaryFolder } from "./durable.ts";
import { restateServer } from "./restate_server.ts";
import { authorised, captured, left, saleOpened, selected, visitOpened } from "./sale.ts";

const inFlight = 100;
const eventsPerSale = 9;
const hostname = "127.0.0.1";
/** A request is answered within it, or the bench ends. */
const patience_ms = 30_000;
/** A fact that comes before the message it needs is posted so often again. */
const most_tries = 200;
interface Ports {
  readonly admin: number;
  readonly ingress: number;
  readonly node: number;
  readonly service: number;
}
type UrlOf = (kind: string, id: string) => string;

/** Numbers that were free a moment ago: Restate wants to be told. */
function freePorts(): Ports {
  const listeners = Array.from({ length: 4 }, () => Deno.listen({ hostname, port: 0 }));
  const [admin = 0, ingress = 0, node = 0, service = 0] = listeners.map(({ addr }) => addr.port);
  for (const listener of listeners) listener.close();
  return { admin, ingress, node, service };
}

/** Seconds of processor that the processes have had (Linux, 100 ticks a second). Deno itself gives
 * files of `/proc` to nobody who has not every permission. */
async function cpuSeconds(processes: readonly Deno.ChildProcess[]): Promise<number> {
  const args = processes.map(({ pid }) => `/proc/${pid}/stat`);
  const { stdout } = await new Deno.Command("cat", { args }).output();
  const lines = new TextDecoder().decode(stdout).trim().split("\n");
  return lines.reduce((sum, line) => {
    const fields = line.split(") ")[1]?.split(" ") ?? [];
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
        const body = JSON.stringify(fact);
        for (let tries = 0;; tries++) {
          if (tries === most_tries) throw new Error(`${url} does not take ${fact.type}`);
          const begun = performance.now();
          const answer = await fetch(url, {
            method: "POST",
            headers: { "content-type": "application/json" },
            body,
            signal: AbortSignal.timeout(patience_ms),
          });
          const { accepted } = await answer.json();
          took_ms.push(performance.now() - begun);
          if (accepted) break;
        }
      }
    }
  };
  await Promise.all(Array.from({ length: inFlight }, shopper));
  return took_ms;
}

function run(script: URL, permissions: readonly string[], ...args: string[]): Deno.ChildProcess {
  const config = fileURLToPath(new URL("../deno.json", import.meta.url));
  const flags = ["--no-prompt", "--ignore-env", `--allow-net=${hostname}`, ...permissions];
  return new Deno.Command(Deno.execPath(), {
    args: ["run", ...flags, "--config", config, fileURLToPath(script), ...args],
    stdout: "piped",
    stderr: "null",
  }).spawn();
}

async function portOf(process: Deno.ChildProcess): Promise<number> {
  const reader = process.stdout.getReader();
  const { value } = await reader.read();
  reader.releaseLock();
  return Number(new TextDecoder().decode(value));
}

function startRestate(folder: string, ports: Ports): Deno.ChildProcess {
  return new Deno.Command(restateServer(), {
    args: ["--base-dir", folder],
    clearEnv: true,
    env: {
      RESTATE_ADMIN__BIND_ADDRESS: `${hostname}:${ports.admin}`,
      RESTATE_INGRESS__BIND_ADDRESS: `${hostname}:${ports.ingress}`,
      RESTATE_BIND_ADDRESS: `${hostname}:${ports.node}`,
      RESTATE_LOG_FILTER: "warn",
      DO_NOT_TRACK: "1",
    },
    stdout: "null",
    stderr: "null",
  }).spawn();
}

/** Tells Restate where the service is, as soon as both are there. */
async function register({ admin, service }: Ports): Promise<void> {
  let said = "nothing";
  for (let tries = 0; tries < 40; tries++) {
    const answer = await fetch(`http://${hostname}:${admin}/deployments`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ uri: `http://${hostname}:${service}` }),
      signal: AbortSignal.timeout(patience_ms),
    }).catch((error) => void (said = String(error)));
    said = await answer?.text() ?? said;
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error(`Restate's server did not take the service: it says ${said.slice(0, 300)}`);
}

async function end(process: Deno.ChildProcess): Promise<void> {
  try {
    process.kill("SIGKILL");
  } catch (error) {
    // It has ended by itself, which whoever waited for its answers has told.
    if (!(error instanceof TypeError)) throw error;
  }
  await process.status;
}

async function main(): Promise<void> {
  const folder = temporaryFolder();
  const ports = freePorts();
  const files = ["--allow-read", `--allow-write=${cacheFolder()}`];
  const ours = run(new URL("./http_server.ts", import.meta.url), files);
  const service = new URL("./restate_service.ts", import.meta.url);
  const theirs = [
    run(service, ["--allow-read"], String(ports.service)),
    startRestate(folder, ports),
  ];
  try {
    const port = await portOf(ours);
    await register(ports);
    const ourUrl: UrlOf = (kind, id) => `http://${hostname}:${port}/${kind}/${id}`;
    const theirUrl: UrlOf = (kind, id) => `http://${hostname}:${ports.ingress}/${kind}/${id}/tell`;
    await compare([ours], ourUrl, theirs, theirUrl);
  } finally {
    await Promise.all([ours, ...theirs].map(end));
    await ours.stdout.cancel();
    await theirs[0]?.stdout.cancel();
    Deno.removeSync(folder, { recursive: true });
  }
}

interface Sample {
  /** Events a second of processor. */
  readonly rate: number;
  readonly p50_us: number;
}

const print = (row: Row) => console.log(JSON.stringify(row));

async function compare(
  ours: readonly Deno.ChildProcess[],
  ourUrl: UrlOf,
  theirs: readonly Deno.ChildProcess[],
  theirUrl: UrlOf,
): Promise<void> {
  const sample = async (processes: readonly Deno.ChildProcess[], urlOf: UrlOf, sales: number) => {
    const before = await cpuSeconds(processes);
    const p50_us = 1_000 * median(await sell(urlOf, sales));
    const seconds = await cpuSeconds(processes) - before;
    return { rate: sales * eventsPerSale / seconds, p50_us };
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
  print({
    bench: "engine/http",
    case: name,
    value: rate,
    unit: "events/CPU-second",
    baseline,
    baseline_value: theirRate,
    ratio: rate / theirRate,
  });
  const [p50_us, their_us] = [of("ours", "p50_us"), of("theirs", "p50_us")];
  print({
    bench: "engine/http",
    case: `p50, ${name}`,
    value: p50_us,
    unit: "us",
    baseline,
    baseline_value: their_us,
    ratio: their_us / p50_us,
  });
}

if (import.meta.main) await main();
