/**
 * From a browser to a till: somebody enrols on the issuer's page in a real Chromium, and is then
 * charged at a lane whose camera sees the same face. Needs Chromium; `CHROMIUM` names another.
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { Advertisement, CameraPort, Frame, Sighting } from "../../hardware/ports.ts";
import { drawScene } from "../../hardware/simulated/scene.ts";
import { rgbToYuyv } from "../../hardware/simulated/yuyv.ts";
import { parseConfig } from "../../runtime/config.ts";
import { type Gateway, gateway } from "../../runtime/gateway.ts";
import { MemoryDisk, openMemoryJournal } from "../../runtime/journal/memory.ts";
import { openPerception } from "../../runtime/perception/perception.ts";
import { loadModels, startWorker } from "../../runtime/perception/spawn.ts";
import { createIssuerClient } from "../../runtime/sync/contract/client.ts";
import { newIdentity } from "../../runtime/sync/identity.ts";
import { enrolGateway } from "../../runtime/sync/issuer.ts";
import { fromBase64url } from "../../runtime/vault/bytes.ts";
import { nodeVault } from "../../runtime/vault/node.ts";
import type { Clock, Random } from "../../runtime/world.ts";
import { demoOperators, demoPin } from "../demo/operators.ts";
import { type Phone, phone } from "../phone/phone.ts";
import { film } from "./film.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const models = {
  detector: `${root}models/drawn-detector.json`,
  embedder: `${root}models/drawn-embedder.json`,
};
const chromium = Deno.env.get("CHROMIUM") ?? "/usr/bin/chromium";
const present = isFile(chromium);
if (!present) {
  console.log(`enrolment in a browser: skipped, there is no ${chromium}; install Chromium`);
}
const bearer = "k".repeat(40);
const ada = 101;
const stranger = 203;

const clock: Clock = {
  now_ms: () => Date.now(),
  after(delay_ms, call) {
    const timer = setTimeout(call, delay_ms);
    return () => clearTimeout(timer);
  },
};
const random: Random = { bytes: (length) => crypto.getRandomValues(new Uint8Array(length)) };

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** The reference issuer as a process, with its page. */
async function startIssuer(data: string) {
  const process = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-prompt", "--quiet", "--ignore-env", "--allow-net=127.0.0.1"],
      ...["--allow-read", `--allow-write=${data}`, `${root}deploy/issuer/main.ts`],
      ...["--data", data, "--port", "0", "--admin-key-stdin", "--with-parent"],
      ...["--detector", models.detector, "--embedder", models.embedder],
    ],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const input = process.stdin.getWriter();
  await input.write(new TextEncoder().encode(`${bearer}\n`));
  const reader = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let said = "";
  while (!said.includes("/enrol/")) {
    const { done, value } = await reader.read();
    assert.ok(!done, said);
    said += value;
  }
  const [, origin] = /listening on (http:\S+)/.exec(said) ?? [];
  assert.ok(origin);
  return {
    origin,
    async end() {
      await input.close();
      assert.equal((await process.status).code, 0);
      await reader.cancel();
    },
  };
}

interface Enrolled {
  readonly account: string;
  readonly seed: readonly number[];
  readonly told: string;
  readonly trouble: readonly string[];
  readonly asked: readonly string[];
}

/** What a shopper does in a browser; pictures of the page stay in `folder`. */
async function enrolInBrowser(origin: string, folder: string): Promise<Enrolled> {
  await Deno.writeFile(`${folder}/film.y4m`, film(ada));
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-prompt", "--quiet", "--config", `${root}deploy/enrol/browser/deno.json`],
      ...["--ignore-env", "--ignore-read=/proc,/run,/etc", "--allow-read", "--allow-sys"],
      ...["--allow-write", "--allow-net=127.0.0.1", `--allow-run=${chromium}`],
      ...[`${root}deploy/enrol/browser/drive.js`, chromium, `${origin}/enrol/`],
      ...[`${folder}/film.y4m`, folder],
    ],
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** A camera before which somebody stands, breathing. */
class LaneCamera implements CameraPort {
  readonly id = "till-1";
  readonly origin = "simulated";
  before: number | undefined;

  async *frames(signal: AbortSignal): AsyncIterable<Frame> {
    for (let sequence = 0; !signal.aborted; sequence++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      const sway = Math.sin(sequence);
      const people = this.before === undefined ? [] : [{
        identity: this.before,
        ...{ x: 160 + 2 * sway, y: 120, size: 80, yaw: 5 * sway, pitch: 2, roll: sway },
        expression: 0.2 * sway,
      }];
      const [width, height] = [320, 240];
      const light = { level: 1, side: 0.1, warmth: 0 };
      const setting = { width, height, background_seed: 5, light, noise: 2, noise_seed: sequence };
      const { rgb } = drawScene({ ...setting, people });
      const data = rgbToYuyv({ width, height, rgb });
      const captured_at_ms = Date.now();
      yield { format: "YUYV", width, height, stride: width * 2, sequence, captured_at_ms, data };
    }
  }
}

const config = (issuer: string) =>
  parseConfig({
    store: {
      ...{ id: "s", name: "Corner Shop", merchant: "m", currency: "EUR" },
      ...{ jurisdiction: "DE", timezone: "Europe/Berlin" },
    },
    gateway: { id: "g" },
    issuer: { url: issuer },
    zones: [{ id: "tills", name: "Tills" }],
    lanes: [{ id: "1", name: "Lane 1", zone: "tills", camera: "till-1", selection: "automatic" }],
    beacons: [{ hardware_id: "b", zone: "tills", device: { kind: "simulated" } }],
    cameras: [{ id: "till-1", zone: "tills", device: { kind: "simulated" } }],
  });

async function register(origin: string): Promise<string> {
  const link = { origin, fetch: (request: Request) => fetch(request) };
  const asking = { link, vault: nodeVault, clock, random };
  const { signing_public_key } = await createIssuerClient(asking).call("keys");
  const issuerPublicKey = fromBase64url(signing_public_key);
  assert.ok(issuerPublicKey);
  const office = createIssuerClient({ ...asking, issuerPublicKey });
  await office.call("registerMerchant", { bearer, body: { merchant: "m", name: "Corner Shop" } });
  const store = { store: "s", merchant: "m", name: "Corner Shop", currency: "EUR" };
  await office.call("registerStore", { bearer, body: store });
  const body = { gateway: "g", store: "s" };
  return (await office.call("registerGateway", { bearer, body })).enrolment_code;
}

/** A store of one lane with real networks, and a radio that tells what is on the air. */
async function openLane(origin: string) {
  const link = { origin, fetch: (request: Request) => fetch(request) };
  const ports = { clock, random, vault: nodeVault, issuer: link };
  const fresh = newIdentity(nodeVault, random, "g");
  const identity = await enrolGateway(ports, fresh, await register(origin));
  const camera = new LaneCamera();
  let air: Advertisement | undefined;
  const beacon = {
    hardware_id: "b",
    advertise: (advertisement: Advertisement) => Promise.resolve(void (air = advertisement)),
    readNonce: () => Promise.resolve(air?.nonce),
    silence: () => Promise.resolve(),
  };
  const log = (level: string, message: string, fields?: Record<string, unknown>) => {
    if (level !== "info") console.log(level, message, fields);
  };
  const perception = await openPerception({
    proof: "motion",
    models: await loadModels(models),
    start: startWorker,
    clock,
    log,
    frames_per_second: 20,
  });
  const devices = {
    cameras: new Map([[camera.id, camera]]),
    beacons: new Map([["b", beacon]]),
    close: () => Promise.resolve(),
  };
  const journal = openMemoryJournal(new MemoryDisk());
  const world = { ...ports, journal, devices, perception, log };
  const operators = demoOperators(random, ["kim"], 16);
  const store = gateway(world, { config: config(origin), identity, operators });
  await store.start();
  const heard = (): Sighting | undefined =>
    air && { hardware_id: "b", code: air.code, rssi_dbm: -60, heard_at_ms: Date.now() };
  return { camera, store, heard, perception };
}

/** Asks again and again, for two minutes at most. */
async function until(what: string, done: () => boolean): Promise<void> {
  for (let step = 0; !done(); step++) {
    assert.ok(step < 1_200, `${what} never happened`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function sells(store: Gateway, service_id: string) {
  const items = [{ name: "Bread", quantity: 1, amount_minor: 420 }];
  const tries = { poi_id: "poi-1", sale_id: "till-1", service_id };
  const answer = await store.app.request("/lane/1/sales", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ...tries, amount_minor: 420, currency: "EUR", items, wait_ms: 20_000 }),
  });
  return await answer.json();
}

/** An operator signs in and gives the sale up. */
async function givesUp(store: Gateway, payment: string) {
  const post = (path: string, body: unknown, more = {}) =>
    store.app.request(path, {
      method: "POST",
      headers: { "content-type": "application/json", ...more },
      body: JSON.stringify(body),
    });
  const signedIn = await post("/operators/sessions", { operator: "kim", pin: demoPin });
  const { session } = await signedIn.json();
  const path = `/lane/1/sales/${payment}/cancellation`;
  const answer = await post(path, {}, { "x-operator-session": session });
  assert.equal(answer.status, 200, await answer.text());
}

/** The shopper's phone has the browser's key, as an app that was paired with it would. */
async function checkIn(origin: string, enrolled: Enrolled, heard: () => Sighting | undefined) {
  const world = { clock, random, vault: nodeVault, fetch: (request: Request) => fetch(request) };
  const own: Phone = phone(world, { issuer: origin, deviceSeed: Uint8Array.from(enrolled.seed) });
  const person = { first_name: "Ada", initials: "AL", instrument: "test_ok" };
  assert.equal(await own.openAccount(person), enrolled.account);
  await until("a check-in", () => {
    const sighting = heard();
    if (sighting !== undefined) own.hear(sighting);
    return own.checkIn !== undefined;
  });
  return own;
}

async function story(): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "enrol" });
  const issuer = await startIssuer(`${folder}/issuer`);
  try {
    const enrolled = await enrolInBrowser(issuer.origin, folder);
    assert.deepEqual([enrolled.told, enrolled.trouble], ["", []]);
    const order = ["POST /v1/consents", "GET /enrol/eye.ts", "PUT /v1/template"];
    const places = order.map((one) => enrolled.asked.indexOf(one));
    assert.deepEqual(places, places.toSorted((a, b) => a - b), "consent comes first");
    assert.ok(!places.includes(-1), enrolled.asked.join());

    const { camera, store, heard, perception } = await openLane(issuer.origin);
    const own = await checkIn(issuer.origin, enrolled, heard);
    try {
      const visit = `visit/${own.checkIn}`;
      const view = () => store.engine.view(visit as `visit/${string}`);
      await until("her template at the lane", () => view()?.context["template"] === true);
      camera.before = stranger;
      const refused = await sells(store, "1");
      assert.notEqual(refused.outcome, "captured", JSON.stringify(refused));
      await givesUp(store, refused.payment);
      camera.before = ada;
      const sold = await sells(store, "2");
      assert.equal(sold.outcome, "captured", JSON.stringify(sold));
      assert.equal(view()?.context["account"], enrolled.account);
    } finally {
      own.stop();
      await store.stop();
      await perception.close();
    }
  } finally {
    await issuer.end();
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test({
  name: "who enrolled in a browser is charged at the till, and a stranger is not",
  ignore: !present,
  fn: story,
});
