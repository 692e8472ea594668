/** Readings of cameras and wishes for radios on their way between devices and actors. */
import assert from "node:assert/strict";
import { HardwareError } from "../../hardware/errors.ts";
import type { Advertisement, BeaconPort, CameraPort } from "../../hardware/ports.ts";
import { RuntimeError } from "../errors.ts";
import type { Eye, Perception, PerceptionReading, Template } from "../world.ts";
import { createDeviceIntake } from "./devices.ts";
import { createGalleries } from "./galleries.ts";
import { policy, settle, smallStore, testShop } from "./testing.ts";

const config = smallStore;

/** A perception that says what the test wants, and keeps count of the eyes it has opened. */
class ToldPerception implements Perception {
  readonly model = "ab".repeat(32);
  readonly preset = "p";
  readonly dim = 2;
  opened = 0;
  closed = 0;
  /** The numbers under which each eye was asked to look again. */
  readonly glances: number[][] = [];
  /** The next eye is refused. */
  refuses: Error | undefined;
  tell: (reading: PerceptionReading) => void = () => {};
  readonly held = new Set<string>();

  watch(camera: CameraPort, listener: (reading: PerceptionReading) => void): Promise<Eye> {
    if (this.refuses) return Promise.reject(this.refuses);
    this.opened++;
    this.tell = listener;
    const glances: number[] = [];
    this.glances.push(glances);
    // The first reading comes before the eye is handed over.
    listener({ type: "started", device: camera.id });
    return Promise.resolve({
      admit: (visit: string, template: Template) => {
        template.values.fill(0);
        return Promise.resolve(void this.held.add(visit));
      },
      wipe: (visit: string) => Promise.resolve(void this.held.delete(visit)),
      lookAgain: (glance: number) => void glances.push(glance),
      challenge: (sides, prompt) => {
        prompt({ state: "facing", left: sides.length });
        return Promise.resolve();
      },
      close: () => Promise.resolve(void this.closed++),
    });
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** A radio that can be broken, and what it was given. */
function testRadio() {
  const air: Advertisement[] = [];
  const radio = { broken: undefined as HardwareError | undefined };
  const beacon: BeaconPort = {
    hardware_id: "b",
    advertise: (advertisement) => {
      if (radio.broken) return Promise.reject(radio.broken);
      return Promise.resolve(void air.push(advertisement));
    },
    readNonce: () => Promise.resolve(air.at(-1)?.nonce),
    silence: () => Promise.resolve(),
  };
  return { air, radio, beacon };
}

const camera: CameraPort = { id: "c", origin: "simulated", async *frames() {} };

async function wired() {
  const shop = testShop();
  const { engine } = shop;
  const perception = new ToldPerception();
  const logged: string[] = [];
  const log = (level: string, message: string) => void logged.push(`${level} ${message}`);
  const galleries = createGalleries(log);
  const lost: string[] = [];
  const { beacon, air, radio } = testRadio();
  const cameras = new Map([["c", camera]]);
  const beacons = new Map([["b", beacon]]);
  const devices = createDeviceIntake({
    world: { devices: { cameras, beacons, close: () => Promise.resolve() }, perception, log },
    engine,
    config,
    galleries,
    galleryLost: (zone) => void lost.push(zone),
  });
  devices.wire();
  engine.effect("issuer.fetch_account_data", () => {});
  engine.start();
  const zone = "tills";
  await engine.post("lane/1", { type: "store.lane_configured", zone, camera: "c", policy });
  await engine.post("camera/c", { type: "store.camera_configured", zone, lane: "1" });
  await engine.post("beacon/b", { type: "store.beacon_configured", zone, hardware_id: "b" });
  await devices.start();
  await settle(shop.clock);
  const state = (address: "camera/c" | "beacon/b") => engine.view(address)?.state;
  return { ...shop, perception, galleries, devices, lost, air, radio, logged, state };
}

const matched = (seen_at_ms: number, glance = 0): PerceptionReading => ({
  type: "matched",
  outcome: "identified",
  faces: 2,
  matches: [{ visit: "v", frames: 4, liveness: "passed" }],
  seen_at_ms,
  glance,
});

Deno.test("a camera that starts before its eye is handed over is heard all the same", async () => {
  const { state, lost, devices, close } = await wired();
  assert.equal(state("camera/c"), "streaming");
  assert.deepEqual(lost, ["tills"], "its empty gallery is asked for");
  await devices.stop();
  await close();
});

Deno.test("what a camera recognises reaches its lane as evidence, without any score", async () => {
  const { engine, perception, clock, devices, close } = await wired();
  perception.tell(matched(clock.now_ms()));
  await settle(clock);
  const [candidate] = engine.view("lane/1")?.context["candidates"] as Record<string, unknown>[];
  assert.deepEqual(candidate, {
    visit: "v",
    evidence: {
      kind: "face_at_pay_position",
      camera: "c",
      model: perception.model,
      frames: 4,
      outcome: "identified",
      liveness: "passed",
      seen_at_ms: clock.now_ms(),
    },
  });
  await devices.stop();
  await close();
});

Deno.test("a Worker that dies takes its gallery along; everybody is asked for again", async () => {
  const { perception, galleries, lost, clock, state, devices, close } = await wired();
  const values = Float32Array.of(0.6, 0.8);
  await galleries.admit("v", "tills", { model: perception.model, preset: "p", values });
  assert.equal(galleries.complete("v", "tills"), true);
  perception.tell({ type: "failed", reason: "the Worker is gone" });
  await settle(clock);
  assert.equal(galleries.complete("v", "tills"), false);
  assert.equal(state("camera/c"), "failed");
  perception.tell({ type: "started", device: "c" });
  await settle(clock);
  assert.equal(state("camera/c"), "streaming");
  assert.deepEqual(lost, ["tills", "tills"]);
  await devices.stop();
  await close();
});

Deno.test("a camera that stays silent gets a new eye, tried until one opens", async () => {
  const { perception, clock, state, devices, close } = await wired();
  perception.tell({ type: "stalled" });
  perception.refuses = new HardwareError("device_lost", "the camera does not answer");
  await clock.pass(60_000);
  assert.notEqual(state("camera/c"), "streaming");
  perception.refuses = undefined;
  await clock.pass(600_000);
  assert.equal(state("camera/c"), "streaming");
  assert.equal(perception.opened, 2);
  await devices.stop();
  assert.equal(perception.closed, 2, "no eye is left open");
  await close();
});

Deno.test("a camera looks again when its lane wishes it, also one opened later", async () => {
  const { engine, perception, clock, devices, close } = await wired();
  const seen = () => engine.view("camera/c")?.context["candidates"] as unknown[];
  perception.tell(matched(clock.now_ms()));
  await engine.post("camera/c", { type: "lane.look_again", glance: 3 });
  await settle(clock);
  assert.deepEqual(perception.glances, [[3]]);
  perception.tell(matched(clock.now_ms(), 0));
  await settle(clock);
  assert.deepEqual(seen(), [], "what was under way when it was asked counts no more");
  perception.tell(matched(clock.now_ms(), 3));
  await settle(clock);
  assert.equal(seen().length, 1);
  perception.tell({ type: "stalled" });
  await clock.pass(600_000);
  assert.deepEqual(perception.glances, [[3], [3]]);
  await devices.stop();
  await close();
});

Deno.test("a code goes on the air; a radio that fails is tried again", async () => {
  const { engine, clock, air, radio, state, devices, close } = await wired();
  const from_ms = clock.now_ms();
  const until_ms = from_ms + 60_000;
  radio.broken = new HardwareError("device_lost", "the adapter was pulled out");
  const period = { code: "00".repeat(8), nonce: "n".repeat(43), from_ms, until_ms };
  await engine.post("beacon/b", { type: "issuer.code_set", ...period });
  await settle(clock);
  assert.equal(state("beacon/b"), "failed");
  radio.broken = undefined;
  await clock.pass(20_000);
  assert.equal(state("beacon/b"), "on_air");
  assert.deepEqual(air, [{ code: period.code, nonce: period.nonce, until_ms }]);
  await devices.stop();
  await close();
});

Deno.test("a gateway that stops is no trouble of each camera", async () => {
  const { engine, perception, clock, logged, devices, close } = await wired();
  await engine.stop();
  perception.tell(matched(clock.now_ms()));
  await settle(clock);
  assert.deepEqual(logged, []);
  await devices.stop();
  await close();
});

Deno.test("an eye that is refused at the start stops the start", async () => {
  const { perception, devices, close } = await wired();
  perception.refuses = new RuntimeError("model_invalid", "these models know drawn faces only");
  await assert.rejects(devices.start(), /drawn faces only/);
  await devices.stop();
  await close();
});

Deno.test("a camera asks whoever stands there to turn, one that is not open nobody", async () => {
  const store = await wired();
  const { devices } = store;
  const told: unknown[] = [];
  await devices.challenge("c", ["left"], (state) => told.push(state));
  assert.deepEqual(told, [{ state: "facing", left: 1 }]);
  await assert.rejects(devices.challenge("d", ["left"], () => {}), /camera d can ask nobody/);
  await store.close();
});
