/** A store of one lane with real networks, at which tests of the enrolment pages pay. */
import assert from "node:assert/strict";
import type { Advertisement, CameraPort, Frame, Sighting } from "../../hardware/ports.ts";
import { drawScene } from "../../hardware/simulated/scene.ts";
import { rgbToYuyv } from "../../hardware/simulated/yuyv.ts";
import { parseConfig } from "../../runtime/config.ts";
import { type Gateway, gateway } from "../../runtime/gateway.ts";
import { MemoryDisk, openMemoryJournal } from "../../runtime/journal/memory.ts";
import { openPerception } from "../../runtime/perception/perception.ts";
import { loadModels, startWorker } from "../../runtime/perception/spawn.ts";
import { realClock as clock, realRandom as random } from "../../runtime/real.ts";
import { createIssuerClient } from "../../runtime/sync/contract/client.ts";
import { newIdentity } from "../../runtime/sync/identity.ts";
import { enrolGateway } from "../../runtime/sync/issuer.ts";
import { fromBase64url } from "../../runtime/vault/bytes.ts";
import { nodeVault } from "../../runtime/vault/node.ts";
import { demoOperators } from "../demo/operators.ts";
import { type Phone, phone } from "../phone/phone.ts";
import { bearer, models } from "./testing.ts";

/** A camera before which somebody stands, breathing. */
export class LaneCamera implements CameraPort {
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

export const config = (issuer: string) =>
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
    // A machine that is busy with other tests takes its time to see anybody.
    policies: { selection_timeout_ms: 300_000 },
  });

/** A store of one lane with real networks, and a radio that tells what is on the air. */
export async function openLane(origin: string) {
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

/** Asks again and again, for two minutes at most. */
export async function until(
  what: string,
  done: () => boolean | Promise<boolean>,
): Promise<void> {
  for (let step = 0; !await done(); step++) {
    assert.ok(step < 1_200, `${what} never happened`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

export async function sells(store: Gateway, service_id: string) {
  const items = [{ name: "Bread", quantity: 1, amount_minor: 420 }];
  const tries = { poi_id: "poi-1", sale_id: "till-1", service_id };
  const answer = await store.app.request("/lane/1/sales", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ...tries, amount_minor: 420, currency: "EUR", items, wait_ms: 20_000 }),
  });
  return await answer.json();
}

/** Whose device it is. */
export interface Owner {
  readonly first_name: string;
  readonly initials: string;
  readonly seed: readonly number[];
}

/** A phone with the owner's key, as an app that was paired with the browser has it. */
export async function phoneOf(origin: string, { seed, ...person }: Owner): Promise<Phone> {
  const world = { clock, random, vault: nodeVault, fetch: (request: Request) => fetch(request) };
  const own: Phone = phone(world, { issuer: origin, deviceSeed: Uint8Array.from(seed) });
  await own.openAccount({ ...person, instrument: "test_ok" });
  return own;
}

/** Resolves when the phone has checked in. */
export async function checkIn(own: Phone, heard: () => Sighting | undefined): Promise<void> {
  await until("a check-in", () => {
    const sighting = heard();
    if (sighting !== undefined) own.hear(sighting);
    return own.checkIn !== undefined;
  });
}
