/**
 * The engine against XState's own actors and against Restate; the rows are `engine/…`. All of it
 * runs the project's visit and payment machines through whole sales, of nine events each.
 */
import { fileURLToPath } from "node:url";
import { RawStore } from "../engine/raw.ts";
import { cacheFolder, DurableStore, temporaryFolder } from "../engine/durable.ts";
import { comeBack, fillWith, type Ready } from "../engine/ready.ts";
import { eventsPerSale } from "../engine/sale.ts";
import { SteppedStore } from "../engine/stepped.ts";
import type { Part } from "../main.ts";
import { interleave, median } from "../measure.ts";
import type { Report, Row } from "../report.ts";
import { restateServer } from "../engine/restate_server.ts";

const actors = "xstate createActor and send, not durable";

export const part: Part = async (report) => {
  await measureSteps(report);
  for (const inFlight of [100, 1_000]) await measureDurable(report, inFlight);
  await measureMemory(report);
  await measureReady(report);
  await measureHttp(report);
};

/** Events a second beside a peer's. */
function addRate(
  report: Report,
  bench: string,
  name: string,
  value_us: number,
  baseline_us: number,
): void {
  report.add({
    bench,
    case: name,
    value: 1e6 / value_us,
    unit: "events/s",
    baseline: actors,
    baseline_value: 1e6 / baseline_us,
    ratio: baseline_us / value_us,
  });
}

async function measureSteps(report: Report): Promise<void> {
  const stepped = new SteppedStore({ lookUp: true });
  const worked = new SteppedStore({ lookUp: false });
  const raw = new RawStore();
  const sales = 100;
  const us = await interleave({
    stepped: () => stepped.sell(sales),
    worked: () => worked.sell(sales),
    raw: () => raw.sell(sales, 1),
  }, { rounds: 11, sample_ms: 200 });
  const events = sales * eventsPerSale;
  addRate(report, "engine/stepper", "looked up", us.stepped / events, us.raw / events);
  addRate(report, "engine/stepper", "by machine.transition", us.worked / events, us.raw / events);
}

async function measureDurable(report: Report, inFlight: number): Promise<void> {
  await using store = new DurableStore();
  const raw = new RawStore();
  const sales = 2 * inFlight;
  const us = await interleave({
    durable: () => store.sell(sales, inFlight),
    raw: () => raw.sell(sales, inFlight),
  }, { rounds: 11, sample_ms: 500 });
  const events = sales * eventsPerSale;
  const name = `${inFlight} in flight, synchronous=FULL`;
  addRate(report, "engine/durable", name, us.durable / events, us.raw / events);
  const { commits, events: taken } = store.engine.statistics();
  report.value(
    "engine/durable",
    `events a commit, ${inFlight} in flight`,
    taken / commits,
    "events",
  );
}

/** Runs a script of the benches as a process of its own; answers what it prints. */
async function runScript(script: URL, ...flags: string[]): Promise<string[]> {
  const file = fileURLToPath(script);
  const config = fileURLToPath(new URL("../deno.json", import.meta.url));
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--ignore-env",
      "--allow-read",
      ...flags,
      "--config",
      config,
      file,
    ],
    cwd: fileURLToPath(new URL("../../..", import.meta.url)),
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).trim().split("\n");
}

async function measureMemory(report: Report): Promise<void> {
  const [line = ""] = await runScript(
    new URL("../engine/memory.ts", import.meta.url),
    "--v8-flags=--expose-gc",
  );
  const { bytes } = JSON.parse(line) as { bytes: number };
  const name = "a visit and its payment in mid-sale";
  report.value("engine/memory", name, 2 ** 30 / bytes, "visits/GiB");
}

async function measureReady(report: Report): Promise<void> {
  const visits = 100_000;
  const folder = temporaryFolder();
  const path = `${folder}/journal.sqlite`;
  await fillWith(path, visits);
  const runs: Ready[] = [];
  for (let run = 0; run < 5; run++) runs.push(await comeBack(path, visits));
  Deno.removeSync(folder, { recursive: true });
  const of = (key: keyof Ready) => median(runs.map((run) => run[key]));
  report.value("engine/ready", "100000 visits on disk, opened", of("open_ms"), "ms");
  report.value("engine/ready", "100000 visits on disk, started", of("start_ms"), "ms");
  report.value("engine/ready", "the first fact committed", of("first_ms"), "ms");
  report.value("engine/ready", "a visit wakes and takes a fact", of("wake_us"), "us");
  report.value("engine/ready", "the journal", of("bytes") / 2 ** 20, "MiB");
}

/** Starts both servers and stops them again. */
async function measureHttp(report: Report): Promise<void> {
  const lines = await runScript(
    new URL("../engine/http.ts", import.meta.url),
    "--allow-net=127.0.0.1",
    `--allow-write=${cacheFolder()}`,
    `--allow-run=${Deno.execPath()},${restateServer()},cat`,
  );
  for (const line of lines) report.add(JSON.parse(line) as Row);
}
