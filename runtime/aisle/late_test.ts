/** What is told late, by whoever kept it while the gateway or the way to it was away. */
import assert from "node:assert/strict";
import { actorKinds } from "../../actors/kinds.ts";
import { handClock } from "../../hardware/simulated/testing.ts";
import { aisle as aisleWords } from "../config/aisle.ts";
import { createEngine } from "../engine/create.ts";
import { MemoryDisk, openMemoryJournal } from "../journal/memory.ts";
import { nodeVault } from "../vault/node.ts";
import { createAisle } from "./aisle.ts";
import type { AisleReading } from "./readings.ts";

const gtin = "2000000000015";
const config = aisleWords.parse({
  retailer: { url: "http://127.0.0.1:8491" },
  gates: [{ id: "door", zone: "hall" }],
  shelves: [{
    id: "teas",
    zone: "hall",
    plates: [{ id: "tea", x_m: 0, y_m: 0, stock: { [gtin]: 9 } }],
  }],
  products: [{ gtin, unit_g: 125, deviation_g: 1 }],
});
const full_g = 9 * 125;
const minute_ms = 60_000;

/** A store in which Ana shops, her track is `t`. */
async function store() {
  const clock = handClock(1_790_000_000_000);
  const disk = new MemoryDisk();
  const told: string[] = [];
  const log = (_level: string, message: string) => void told.push(message);
  let drawn = 0;
  const random = { bytes: (length: number) => new Uint8Array(length).fill(++drawn) };

  async function open() {
    const journal = openMemoryJournal(disk);
    const engine = createEngine({
      kinds: actorKinds,
      journal,
      clock,
      random,
      log,
      gateway: "g-1",
    });
    const devices = {
      cameras: new Map(),
      beacons: new Map(),
      close: () => Promise.resolve(),
    };
    const world = { clock, random, log, vault: nodeVault, devices };
    const aisle = createAisle({ world, engine, aisle: config });
    aisle.wire();
    engine.effect("issuer.admit", () => {});
    const configured = aisle.configure();
    engine.start();
    await clock.pass(10);
    await configured;
    aisle.start();
    return { engine, aisle, journal };
  }

  let running = await open();
  async function close() {
    const { aisle, engine, journal } = running;
    const stopped = aisle.stop();
    await clock.pass(10);
    await stopped;
    await engine.stop();
    journal.close();
  }
  async function done(call: Promise<unknown>) {
    await clock.pass(20);
    await call;
    await clock.pass(20);
  }
  const tell = (...readings: AisleReading[]) => done(running.aisle.port.take(readings));
  /** What the plate weighs, for three seconds until now. */
  async function weigh(weight_g: number) {
    for (let times = 0; times < 30; times++) {
      await tell({ type: "plate.weighed", plate: "tea", at_ms: clock.now_ms(), weight_g });
      await clock.pass(60);
    }
  }

  await weigh(full_g);
  await done(running.engine.post("cart/ana", {
    type: "gate.entered",
    gate: "door",
    zone: "hall",
    account: "ana",
    visitor: "ana",
    visitor_type: "SHOPPER",
    people: 1,
    track: "t",
    evidence: { kind: "code_at_gate" },
  }));
  await weigh(full_g);
  return {
    clock,
    told,
    tell,
    weigh,
    close,
    cart: () => running.aisle.port.cart("ana")!,
    /** Nobody hears anything for so long. */
    async away(ms: number) {
      await close();
      await clock.pass(ms);
      running = await open();
    },
  };
}

const left = (at_ms: number): AisleReading => ({
  type: "gate.passed",
  gate: "door",
  way: "out",
  track: "t",
  at_ms,
});

Deno.test("who left while the gateway was away has left, once, and the cart closes", async () => {
  const at = await store();
  const at_ms = at.clock.now_ms() + 1_000;
  await at.away(2 * minute_ms);
  assert.equal(at.cart().state, "shopping");
  for (let times = 0; times < 2; times++) await at.tell(left(at_ms));
  assert.deepEqual([at.cart().state, at.cart().context["gone"]], ["closing", 1]);
  await at.weigh(full_g);
  await at.clock.pass(minute_ms);
  assert.deepEqual([at.cart().state, at.cart().context["reason"]], ["submitting", null]);
  await at.close();
});

Deno.test("senses from while nobody listened say nothing: the plates of now do", async () => {
  const at = await store();
  const since_ms = at.clock.now_ms();
  await at.away(5_000);
  // Somebody leant on the plate; of what else there was to see some was not kept.
  for (const [after_ms, weight_g] of [[500, 2_000], [1_500, 2_000], [2_500, full_g]] as const) {
    await at.tell({ type: "plate.weighed", plate: "tea", at_ms: since_ms + after_ms, weight_g });
  }
  assert.deepEqual(at.told, ["what senses told before the start is left out"], "once");
  await at.weigh(full_g);
  await at.tell(left(at.clock.now_ms()));
  await at.clock.pass(minute_ms);
  assert.deepEqual([at.cart().state, at.cart().context["reason"]], ["submitting", null]);
  await at.close();
});

Deno.test("a passage is hers by the name with which she came in, however late", async () => {
  const at = await store();
  const at_ms = at.clock.now_ms();
  // The tracker has forgotten a track that it sees no more.
  await at.clock.pass(3 * minute_ms);
  await at.tell(left(at_ms));
  assert.equal(at.cart().state, "closing");
  await at.close();
});
