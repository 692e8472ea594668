/** The simulated aisle: shoppers who enter by a code, what scales and tracker tell of them, and
 * what is true all the while. */
import assert from "node:assert/strict";
import { HardwareError } from "../../errors.ts";
import { type HandClock, handClock } from "../testing.ts";
import { SimulatedAisle } from "./aisle.ts";
import type { AislePlan, AisleTold } from "./plan.ts";

const start_ms = 1_790_000_000_000;
const plan: AislePlan = {
  gates: [{ id: "in", ways: "in" }, { id: "out", ways: "out" }],
  plates: [
    { id: "tea", x_m: 0, y_m: 0, stock: { "20000011": 30, "20000028": 30 } },
    { id: "oil", x_m: 3, y_m: 0, stock: { "20000035": 30 } },
  ],
  goods: [
    { gtin: "20000011", unit_g: 125, deviation_g: 1 },
    { gtin: "20000028", unit_g: 200, deviation_g: 1 },
    { gtin: "20000035", unit_g: 950, deviation_g: 3 },
  ],
};
const people = Array.from({ length: 4 }, (_, place) => ({
  shopper: `shopper-${place + 1}`,
  identity: place,
}));

interface Played {
  readonly aisle: SimulatedAisle;
  readonly clock: HandClock;
  readonly told: AisleTold[];
  readonly readings: Record<string, unknown>[];
  /** What each scale said last, in grams. */
  readonly weights: Map<string, number>;
  close(): Promise<void>;
}

/** An aisle whose gate opens for every code that is shown, unless nobody answers. */
async function played(seed: number, answers = true): Promise<Played> {
  const clock = handClock(start_ms);
  const told: AisleTold[] = [];
  const readings: Record<string, unknown>[] = [];
  const weights = new Map<string, number>();
  const ended = new AbortController();
  const aisle: SimulatedAisle = new SimulatedAisle({
    plan,
    seed,
    clock,
    people,
    code: () => [[true, false], [false, true]],
    comesAgain: () => Promise.resolve(),
    tell(one) {
      told.push(one);
      if (one.type !== "shows_code" || !answers) return;
      clock.after(500, () => void aisle.devices.gates!.get(one.gate)!.open());
    },
  });
  const reading: Promise<void>[] = [];
  for (const tracker of aisle.devices.readings!) {
    reading.push((async () => {
      for await (const one of tracker.readings(ended.signal)) readings.push(one as never);
    })());
  }
  for (const [plate, scale] of aisle.devices.scales!) {
    reading.push((async () => {
      for await (const { grams } of scale.weights(ended.signal)) weights.set(plate, grams);
    })());
  }
  await clock.pass(3_000);
  aisle.open();
  return {
    aisle,
    clock,
    told,
    readings,
    weights,
    async close() {
      ended.abort();
      await aisle.devices.close();
      await Promise.all(reading);
    },
  };
}

Deno.test("shoppers take things and put some back; scales lose what they carry out", async () => {
  const { aisle, clock, told, readings, weights, close } = await played(5);
  const before_g = [...weights.values()].reduce((sum, grams) => sum + grams, 0);
  await clock.pass(180_000);
  aisle.shut();
  await clock.pass(60_000);
  assert.equal(aisle.inside, 0, "everybody is out");

  const outs = told.filter((one) => one.type === "walks_out");
  assert.ok(outs.length >= 8, `${outs.length} trips`);
  assert.ok(told.some(({ type }) => type === "puts_back"));
  const moved = (type: "takes" | "puts_back") => told.filter((one) => one.type === type).length;
  const carried = outs.flatMap(({ holds }) => Object.entries(holds));
  const units = carried.reduce((sum, [, some]) => sum + some, 0);
  assert.equal(units, moved("takes") - moved("puts_back"));
  const grams = carried.reduce(
    (sum, [gtin, some]) => sum + some * plan.goods.find((good) => good.gtin === gtin)!.unit_g,
    0,
  );
  const after_g = [...weights.values()].reduce((sum, some) => sum + some, 0);
  assert.ok(Math.abs(before_g - after_g - grams) < 5 * Math.max(1, units), `${before_g - after_g}`);

  const passed = readings.filter(({ type }) => type === "gate.passed");
  const entered = passed.filter(({ way }) => way === "in").map(({ track }) => track);
  assert.equal(new Set(entered).size, entered.length, "each has a track of his own");
  assert.deepEqual(
    passed.filter(({ way }) => way === "out").map(({ track }) => track).toSorted(),
    entered.toSorted(),
  );
  assert.ok(readings.some(({ type }) => type === "hand.reached"));
  await close();
});

Deno.test("the same seed and clock play the same trips", async () => {
  const play = async (seed: number) => {
    const { clock, told, close } = await played(seed);
    await clock.pass(60_000);
    await close();
    return JSON.stringify(told);
  };
  assert.equal(await play(3), await play(3));
  assert.notEqual(await play(3), await play(4));
});

Deno.test("a gate that stays closed turns people away, and nobody is inside", async () => {
  const { aisle, clock, told, readings, close } = await played(1, false);
  await clock.pass(40_000);
  aisle.shut();
  await clock.pass(15_000);
  assert.ok(told.some(({ type }) => type === "turned_away"));
  assert.equal(told.filter(({ type }) => type === "enters").length, 0);
  assert.equal(aisle.inside, 0);
  assert.deepEqual(readings, []);
  await close();
});

Deno.test("devices of a closed aisle are lost", async () => {
  const { aisle, close } = await played(1);
  const { gates, scales, gate_cameras, readings } = aisle.devices;
  await close();
  const never = new AbortController().signal;
  const lost = (error: unknown) => error instanceof HardwareError && error.kind === "device_lost";
  await assert.rejects(gates!.get("in")!.open(), lost);
  const first = (source: AsyncIterable<unknown>) => source[Symbol.asyncIterator]().next();
  await assert.rejects(first(scales!.get("tea")!.weights(never)), lost);
  await assert.rejects(first(gate_cameras!.get("in")!.frames(never)), lost);
  // What was seen before is still told.
  const left = readings![0]!.readings(never);
  await assert.rejects(async () => {
    for await (const _ of left);
  }, lost);
});
