/** An aisle whose equipment fails: the actors and whoever looks know at once. */
import assert from "node:assert/strict";
import { actorKinds } from "../../actors/kinds.ts";
import type { Devices, LampPort, Weight } from "../../hardware/ports.ts";
import { HardwareError } from "../../hardware/errors.ts";
import { readingsIn } from "../../hardware/mqtt/readings.ts";
import { SimulatedLamp } from "../../hardware/simulated/aisle/gate.ts";
import { handClock } from "../../hardware/simulated/testing.ts";
import { aisle as aisleWords } from "../config/aisle.ts";
import { createEngine } from "../engine/create.ts";
import { limits } from "../limits.ts";
import { MemoryDisk, openMemoryJournal } from "../journal/memory.ts";
import { nodeVault } from "../vault/node.ts";
import { createAisle } from "./aisle.ts";

const gtin = "2000000000015";
const config = aisleWords.parse({
  retailer: { url: "http://127.0.0.1:8491" },
  gates: [{ id: "door", zone: "hall", face_camera: "face" }],
  shelves: [{
    id: "teas",
    zone: "hall",
    plates: [{ id: "tea", x_m: 0, y_m: 0, stock: { [gtin]: 9 } }],
  }],
  products: [{ gtin, unit_g: 125, deviation_g: 1 }],
});
/** When the aisle of a test has started. */
const started_ms = 1_790_000_000_010;
const gone = new HardwareError("device_lost", "gone: plug it in again");

/** A scale that weighs while it is plugged in. */
function pluggable() {
  let pulled = Promise.withResolvers<never>();
  const weight: Weight = { grams: 1_500, at_rest: true, at_ms: started_ms };
  const scale = {
    id: "tea",
    async *weights(signal: AbortSignal): AsyncGenerator<Weight, void, void> {
      yield weight;
      const end = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
      await Promise.race([end, pulled.promise]);
    },
  };
  return {
    scale,
    pull() {
      pulled.reject(gone);
      pulled = Promise.withResolvers();
    },
  };
}

const nothing = () => Promise.resolve();

async function place(
  devices: Partial<Devices>,
  admit: (command: Readonly<Record<string, unknown>>) => void = () => {},
) {
  const clock = handClock(1_790_000_000_000);
  let drawn = 0;
  const random = { bytes: (length: number) => new Uint8Array(length).fill(drawn++ % 250) };
  const warned: string[] = [];
  const log = (_level: string, message: string) => void warned.push(message);
  const engine = createEngine({
    kinds: actorKinds,
    journal: openMemoryJournal(new MemoryDisk()),
    clock,
    random,
    log,
    gateway: "g-1",
    defer: (call) => void clock.after(1, call),
  });
  const aisle = createAisle({
    world: {
      clock,
      random,
      log,
      vault: nodeVault,
      devices: { cameras: new Map(), beacons: new Map(), close: nothing, ...devices },
    },
    engine,
    aisle: config,
  });
  aisle.wire();
  engine.effect("issuer.admit", (command) => admit({ ...command }));
  for (const wish of ["retailer.verify_identity", "gallery.wipe", "camera.look_again"] as const) {
    engine.effect(wish, () => {});
  }
  const configured = aisle.configure();
  engine.start();
  await clock.pass(10);
  await configured;
  aisle.start();
  return {
    aisle,
    clock,
    engine,
    state: (address: `${"gate" | "shelf"}/${string}`) => String(engine.view(address)?.state),
    warned,
    equipment: () => aisle.port.equipment().map(({ device, state }) => `${device} ${state}`),
    async close() {
      await tick(clock, aisle.stop());
      await engine.stop();
    },
  };
}

Deno.test("a scale that is pulled out silences its shelf at once, until it is back", async () => {
  const { scale, pull } = pluggable();
  const { clock, state, equipment, close } = await place({ scales: new Map([["tea", scale]]) });
  await clock.pass(100);
  assert.deepEqual([state("shelf/teas"), equipment()], ["heard", ["scale tea working"]]);
  pull();
  await clock.pass(50);
  assert.deepEqual([state("shelf/teas"), equipment()], ["silent", ["scale tea lost"]]);
  await clock.pass(1_000);
  assert.deepEqual([state("shelf/teas"), equipment()], ["heard", ["scale tea working"]]);
  await close();
});

Deno.test("a lamp follows its gate; a relay that fails is told to gate and onlookers", async () => {
  const lamp: LampPort & { shown: readonly string[] } = new SimulatedLamp("door");
  const gates = new Map([["door", { id: "door", open: () => Promise.reject(gone) }]]);
  const at = await place({ lamps: new Map([["door", lamp]]), gates });
  const { clock, engine, state, warned, equipment, close } = at;
  await clock.pass(100);
  assert.deepEqual(lamp.shown, ["closed"]);
  const entry = "c1";
  await tick(
    clock,
    engine.post("gate/door", { type: "gate.code_read", entry, entry_code: "j.w.s" }),
  );
  assert.deepEqual(lamp.shown, ["asking"]);
  const evidence = { kind: "code_at_gate" };
  const known = { account: "ana", identity_key: "ana", people: 1, evidence };
  await tick(clock, engine.post("gate/door", { type: "issuer.admitted", entry, ...known }));
  const visitor = { visitor: "anna", visitor_type: "SHOPPER" };
  const admitted = { type: "retailer.admitted", entry, ...visitor };
  await tick(clock, engine.post("gate/door", admitted));
  assert.equal(state("gate/door"), "closed", "it opened for nobody");
  assert.deepEqual(lamp.shown, ["closed"]);
  assert.ok(warned.includes("gate door: stuck"));
  assert.deepEqual(equipment().sort(), ["lamp door working", "relay door lost"]);
  await close();
});

Deno.test("a known face gets a trip of its own name, and none while it shops", async () => {
  const asked: Record<string, unknown>[] = [];
  const { clock, engine, state, close } = await place({}, (command) => void asked.push(command));
  const visit = {
    type: "issuer.visit_opened",
    account: "ana",
    first_name: "Ana",
    initials: "A",
    zone: "hall",
    tokens: [],
    template: true,
    lease_expires_ms: clock.now_ms() + 240_000,
    allowances: [],
  };
  await tick(clock, engine.post("visit/v", visit));
  const evidence = {
    kind: "face_at_pay_position",
    camera: "face",
    model: "m",
    frames: 5,
    outcome: "identified",
    liveness: "passed",
    seen_at_ms: clock.now_ms(),
  };
  const stands = async () => {
    const { glance } = engine.view("gate/door")!.context;
    const candidates = [{ visit: "v", evidence }];
    const seen = { type: "camera.candidates_changed", candidates, glance };
    await tick(clock, engine.post("gate/door", seen));
  };
  await stands();
  assert.equal(state("gate/door"), "identifying");
  const [admit] = asked;
  assert.deepEqual([admit?.["visit"], admit?.["camera"]], ["v", "face"]);
  const entry = String(admit?.["entry"]);
  assert.match(entry, /^[0-9a-f-]{36}$/);
  const known = { account: "ana", identity_key: "ana", people: 1 };
  const face = { kind: "face_at_gate", visit: "v", camera: "face" };
  await tick(
    clock,
    engine.post("gate/door", { type: "issuer.admitted", entry, ...known, evidence: face }),
  );
  const visitor = { visitor: "anna", visitor_type: "SHOPPER" };
  await tick(clock, engine.post("gate/door", { type: "retailer.admitted", entry, ...visitor }));
  await tick(clock, engine.post("gate/door", { type: "gate.passed_in", track: "t" }));
  assert.equal(String(engine.view(`cart/${entry}`)?.state), "shopping");
  await clock.pass(30_000);
  await stands();
  assert.equal(state("gate/door"), "closed", "she is inside");
  assert.equal(asked.length, 1);
  await close();
});

/** Lets what was posted and all that follows happen. */
async function tick(clock: { pass(ms: number): Promise<void> }, posted: Promise<unknown>) {
  await clock.pass(20);
  await posted;
  await clock.pass(20);
}

Deno.test("a passage that is told again counts once", async () => {
  const { clock, aisle, close } = await place({});
  const passed = { type: "gate.passed", gate: "door", way: "in", track: "t" } as const;
  const first = { ...passed, at_ms: clock.now_ms() };
  const tailgated = () => aisle.port.gate("door")!.context["tailgated"];
  for (let time = 0; time < 2; time++) await tick(clock, aisle.port.take([first]));
  assert.equal(tailgated(), 1);
  await tick(clock, aisle.port.take([{ ...passed, at_ms: clock.now_ms() }]));
  assert.equal(tailgated(), 2, "later it is another one");
  await close();
});

Deno.test("of readings that a store has not, or of a time to come, none is taken", async () => {
  const { clock, aisle, state, close } = await place({});
  const at_ms = clock.now_ms();
  const passed = { type: "gate.passed", gate: "door", way: "in", track: "t", at_ms } as const;
  const weighed = { type: "plate.weighed", plate: "tea", at_ms, weight_g: 1_500 } as const;
  const refused = [
    [{ ...weighed, plate: "rice" }, "not_found"],
    [{ ...passed, gate: "window" }, "not_found"],
    [{ ...weighed, at_ms: at_ms + 60_000 }, "request_invalid"],
  ] as const;
  for (const [reading, kind] of refused) {
    const refusal = assert.rejects(aisle.port.take([passed, reading]), { kind });
    await tick(clock, refusal);
    assert.equal(tailgated(), 0, "not even what came before it");
  }
  await tick(clock, aisle.port.take([passed, { ...weighed, at_ms: at_ms + 1_000 }]));
  assert.equal(tailgated(), 1);
  assert.equal(state("gate/door"), "closed");
  await close();

  function tailgated() {
    return aisle.port.gate("door")!.context["tailgated"];
  }
});

Deno.test("a message of a broker's that holds no readings is told of", async () => {
  const source = {
    id: "broker",
    async *readings(signal: AbortSignal) {
      yield* readingsIn(new TextEncoder().encode("{"));
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
    },
  };
  const { clock, warned, equipment, close } = await place({ readings: [source] });
  await clock.pass(10);
  assert.deepEqual(warned, ["a message holds no readings"]);
  assert.deepEqual(equipment(), ["readings broker working"]);
  await close();
});

Deno.test("a passage for which a gate has no room is asked for again, and counts", async () => {
  let told = 0, taken = false;
  const open = Promise.withResolvers<void>();
  /** Like a broker: keeps a reading until more is asked for. At first the gate is busy. */
  const source = {
    id: "broker",
    async *readings(signal: AbortSignal) {
      await open.promise;
      const passed = { type: "gate.passed", gate: "door", way: "in", track: "t" };
      const busy = { type: "gate.stuck", reason: "busy" };
      for (let fact = 0; told === 0 && fact < limits.actor_mailbox; fact++) {
        engine.post("gate/door", busy);
      }
      told++;
      if (!taken) yield { ...passed, at_ms: clock.now_ms() };
      taken = true;
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
    },
  };
  const { clock, engine, aisle, equipment, close } = await place({ readings: [source] });
  open.resolve();
  await clock.pass(10);
  assert.deepEqual([told, taken, equipment()], [1, false, ["readings broker lost"]]);
  await clock.pass(1_000);
  assert.deepEqual([told, taken, equipment()], [2, true, ["readings broker working"]]);
  assert.equal(aisle.port.gate("door")!.context["tailgated"], 1);
  await close();
});
