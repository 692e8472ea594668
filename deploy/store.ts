/**
 * A store's process: the gateway with what plays in front of it. Started by `start.ts`, which
 * tells it over its standard input what to do; the end of that input, or a signal, stops it.
 */
import { fileURLToPath } from "node:url";
import { allowsDrawnModels, type Config } from "../runtime/config.ts";
import { RuntimeError } from "../runtime/errors.ts";
import {
  consoleLog,
  explain,
  openDataFolder,
  realClock,
  runGateway,
  type RunningGateway,
} from "../runtime/main.ts";
import { type FacePerception, openPerception } from "../runtime/perception/perception.ts";
import { loadModels, startEar, startWorker } from "../runtime/perception/spawn.ts";
import { startNativeWorker } from "./native/spawn.ts";
import { cashiersOf, demoPin, seedOperators } from "./demo/operators.ts";
import { isReal } from "./start/needs.ts";
import { type Orders, readOrders } from "./start/orders.ts";
import { pictureStage } from "./start/picture_stage.ts";
import { identityFor, knowRetailer, officeOf } from "./start/provision.ts";
import { realStage } from "./start/real_stage.ts";
import { shadowNotes } from "./start/shadow_notes.ts";
import { shopStage } from "./start/shop_stage.ts";
import type { Stage, Summary } from "./start/stage.ts";
import { standardInput } from "./start/standard_input.ts";

/** The models that come with the software. */
const drawn = (kind: string) =>
  fileURLToPath(new URL(`../models/drawn-${kind}.json`, import.meta.url));

async function perceptionFor(config: Config): Promise<FacePerception> {
  const { backend, detector, embedder, frames_per_second, threshold, liveness } = config.perception;
  const places = new Map(config.lanes.map((lane) => [lane.camera, lane.pay_position]));
  const models = await loadModels({
    detector: detector === "drawn" ? drawn("detector") : detector,
    embedder: embedder === "drawn" ? drawn("embedder") : embedder,
    allow_drawn_on_real: allowsDrawnModels(config),
  });
  return await openPerception({
    models,
    start: backend === "node" ? startNativeWorker : startWorker,
    start_ear: startEar,
    clock: realClock,
    log: consoleLog,
    frames_per_second,
    proof: liveness,
    ...(config.policies.shadow ? { score: shadowNotes(config.data, consoleLog) } : {}),
    pay_position: (camera) => places.get(camera),
    ...(threshold === undefined ? {} : { threshold }),
  });
}

async function stageFor(orders: Orders, perception: FacePerception): Promise<Stage> {
  const { config, seed, admin_key } = orders;
  if (isReal(config)) return realStage(config);
  const kinds = new Set(config.cameras.map((camera) => camera.device.kind));
  if (kinds.size > 1) {
    throw new RuntimeError(
      "config_invalid",
      "this store has simulated and recorded cameras: a demonstration plays one kind at a time",
    );
  }
  return kinds.has("recorded") ? await pictureStage(config, perception, print) : shopStage(
    config,
    seed,
    perception,
    print,
    admin_key === undefined ? undefined : officeOf(config, admin_key),
  );
}

const print = (line: string) => console.log(line);

/** True when there is nothing that anybody could complain of. */
async function open(orders: Orders, signals: Signals): Promise<boolean> {
  const { config } = orders;
  await openDataFolder(config.data);
  const { admin_key, retailer_key } = orders;
  const perception = await perceptionFor(config);
  let stage: Stage | undefined;
  let running: RunningGateway | undefined;
  let summary: Summary | undefined;
  try {
    const identity = await identityFor(config, admin_key);
    if (admin_key !== undefined && retailer_key !== undefined) {
      await knowRetailer(config, admin_key, retailer_key);
    }
    const played = !isReal(config);
    if (played) await seedOperators(config.data, [...cashiersOf(config), "pictures"]);
    stage = await stageFor(orders, perception);
    running = await runGateway({ config, identity, perception, devices: stage.devices });
    const { url } = running;
    print(`gateway: process ${Deno.pid}, listening on ${url}; look at ${url}/debug/`);
    if (played) {
      const [lane] = config.lanes;
      print(`operators: sign in at ${url}/lane/${lane?.id} as cashier-${lane?.id}, PIN ${demoPin}`);
    }
    summary = await play(stage, running, signals);
  } finally {
    await running?.stop();
    await stage?.stop();
    await perception.close();
  }
  if (!summary) {
    print("stopped: whatever was under way goes on at the next start");
    return true;
  }
  print(JSON.stringify(summary));
  return summary.violations === 0;
}

/** Until the stage has ended with its summary, the gateway breaks, or somebody halts it. */
async function play(
  stage: Stage,
  running: RunningGateway,
  signals: Signals,
): Promise<Summary | undefined> {
  const broken = running.failed.then((error) => {
    throw error;
  });
  const halted = signals.halted.then(() => undefined);
  return await Promise.race([stage.play(running, signals.closing, signals.opened), broken, halted]);
}

interface Signals {
  /** The doors close, and what was begun is ended. */
  readonly closing: AbortSignal;
  /** Told when the doors open: the time that the store is to be open begins. */
  readonly opened: () => void;
  /** Stop now: the journal has everything, and the next start goes on from there. */
  readonly halted: Promise<void>;
}

/** How long a halt may take when something hangs. */
const halting_ms = 1_500;

async function main(): Promise<number> {
  const input = standardInput();
  const orders = readOrders(await input.line);
  const closing = new AbortController();
  const halt = Promise.withResolvers<void>();
  input.closed.then(() => halt.resolve());
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => halt.resolve());
  }
  const opened = () => {
    if (orders.for_ms !== undefined) realClock.after(orders.for_ms, () => closing.abort());
  };
  const late = halt.promise.then(() =>
    new Promise<boolean>((resolve) => void realClock.after(halting_ms, () => resolve(true)))
  );
  const done = open(orders, { closing: closing.signal, opened, halted: halt.promise });
  return await Promise.race([done, late]) ? 0 : 1;
}

if (import.meta.main) {
  try {
    Deno.exitCode = await main();
  } catch (error) {
    console.error(explain(error));
    Deno.exitCode = 1;
  }
  Deno.exit();
}
