/** The simulated shop: how people walk and queue by a seed, and what their phones hear. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { HardwareError } from "../errors.ts";
import type { Sighting } from "../ports.ts";
import type { Pace, Told } from "./crowd.ts";
import { createFloor, type Floor } from "./floor.ts";
import { layOut } from "./plan.ts";
import { chanceOf } from "./chance.ts";
import { receivedPower, shopAir } from "./radio.ts";
import { type HandClock, handClock } from "./testing.ts";

const start_ms = 1_790_000_000_000;
const plan = layOut({
  lanes: ["1", "2", "3"].map((id) => ({ id, zone: "tills", camera: `till-${id}` })),
  beacons: [{ hardware_id: "b-1", zone: "tills" }],
});
const people = Array.from({ length: 12 }, (_, place) => ({
  shopper: `shopper-${place + 1}`,
  identity: 100 + place,
}));

interface Shop {
  readonly floor: Floor;
  readonly clock: HandClock;
  readonly told: Told[];
}

/** An open shop whose tills serve whoever steps up after two seconds, unless nobody serves. */
function shop(seed: number, options: { served?: boolean; pace?: Partial<Pace> } = {}): Shop {
  const clock = handClock(start_ms);
  const floor = createFloor({ plan, seed, clock, people, pace: options.pace ?? {} });
  const told: Told[] = [];
  floor.watch((happening) => {
    told.push(happening);
    if (options.served !== false && happening.type === "at_pay_position") {
      clock.after(2_000, () => void floor.release(happening.lane));
    }
  });
  floor.open();
  return { floor, clock, told };
}

const count = (told: readonly Told[], type: Told["type"]) =>
  told.filter((one) => one.type === type).length;

Deno.test("the same seed and clock give the same walk, another seed another", async () => {
  const walk = async (seed: number) => {
    const { clock, told } = shop(seed);
    await clock.pass(60_000);
    return createHash("sha256").update(JSON.stringify(told)).digest("hex");
  };
  const [once, again, other] = await Promise.all([walk(1), walk(1), walk(2)]);
  assert.equal(once, again);
  assert.notEqual(once, other);
});

Deno.test("shoppers arrive, queue, stand one at a time at a lane, and leave", async () => {
  const { clock, told, floor } = shop(3);
  await clock.pass(90_000);
  assert.ok(count(told, "left") >= 25, `${count(told, "left")} left`);
  assert.equal(count(told, "gave_up"), 0);
  const inside = new Set<string>();
  const standing = new Map<string, string>();
  for (const one of told) {
    if (one.type === "arrived") {
      assert.ok(!inside.has(one.shopper), "nobody is in the shop twice");
      inside.add(one.shopper);
    } else assert.ok(inside.has(one.shopper), `${one.shopper} ${one.type} while not inside`);
    if (one.type === "at_pay_position") {
      assert.ok(!standing.has(one.lane), "one at a time stands at a lane");
      standing.set(one.lane, one.shopper);
    }
    if (one.type === "released") {
      assert.equal(standing.get(one.lane), one.shopper);
      standing.delete(one.lane);
    }
    if (one.type === "left") inside.delete(one.shopper);
  }
  assert.deepEqual(floor.bodies().map((body) => body.person.shopper).sort(), [...inside].sort());
  for (const [lane, shopper] of standing) assert.equal(floor.standing(lane), shopper);
});

Deno.test("who is not served gives up after a while and the next steps up", async () => {
  const { clock, told, floor } = shop(4, { served: false, pace: { patience_ms: 5_000 } });
  await clock.pass(60_000);
  const gaveUp = told.filter((one) => one.type === "gave_up");
  assert.ok(gaveUp.length >= 10, `${gaveUp.length} gave up`);
  const first = gaveUp[0];
  assert.ok(first?.type === "gave_up");
  const lane = first.lane;
  const stood = told.filter((one) => one.type === "at_pay_position" && one.lane === lane);
  assert.ok(stood.length > 1);
  assert.ok(told.some((one) => one.type === "left" && one.shopper === first.shopper));
  assert.throws(() => floor.standing("99"), /no lane 99/);
});

Deno.test("a shut door lets nobody in, and releasing an empty lane releases nobody", async () => {
  const { clock, told, floor } = shop(5);
  assert.equal(floor.release("1"), undefined);
  await clock.pass(20_000);
  floor.shut();
  const arrived = count(told, "arrived");
  await clock.pass(60_000);
  assert.equal(count(told, "arrived"), arrived);
  assert.equal(count(told, "left"), arrived);
  assert.deepEqual(floor.bodies(), []);
});

Deno.test("a phone hears the beacon while inside, and no nonce is ever on the air", async () => {
  const { clock, told, floor } = shop(6);
  const beacon = floor.devices.beacons.get("b-1");
  assert.ok(beacon);
  const heard: Sighting[] = [];
  const shopper = "shopper-1";
  const stop = floor.phone(shopper).listen((sighting) => heard.push(sighting));
  const until_ms = start_ms + 40_000;
  await beacon.advertise({ code: "00112233aabbccdd", nonce: "c2VjcmV0", until_ms });
  assert.equal(await beacon.readNonce(), "c2VjcmV0");
  await clock.pass(40_000);
  assert.ok(heard.length > 5, `${heard.length} heard`);
  for (const sighting of heard) {
    assert.equal(JSON.stringify(sighting).includes("c2VjcmV0"), false);
    assert.ok(sighting.rssi_dbm >= shopAir.sensitivity_dbm);
    const arrival = told.findLast((one) =>
      one.type === "arrived" && one.shopper === shopper && one.at_ms <= sighting.heard_at_ms
    );
    const left = told.find((one) =>
      one.type === "left" && one.shopper === shopper && one.at_ms >= (arrival?.at_ms ?? Infinity)
    );
    assert.ok(arrival && (left === undefined || left.at_ms >= sighting.heard_at_ms));
  }
  stop();
});

Deno.test("a beacon falls silent by itself, is replaced without a gap, is silenced", async () => {
  const { clock, floor } = shop(7);
  const beacon = floor.devices.beacons.get("b-1");
  assert.ok(beacon);
  const codes = new Map<string, number>();
  for (const { shopper } of people) {
    floor.phone(shopper).listen(({ code }) => codes.set(code, (codes.get(code) ?? 0) + 1));
  }
  await clock.pass(10_000);
  const now_ms = clock.now_ms();
  await beacon.advertise({ code: "01".repeat(8), nonce: "bm9uY2Ux", until_ms: now_ms + 3_000 });
  await clock.pass(1_000);
  await beacon.advertise({ code: "02".repeat(8), nonce: "bm9uY2Uy", until_ms: now_ms + 3_000 });
  const first = codes.get("01".repeat(8)) ?? 0;
  assert.ok(first > 0);
  await clock.pass(2_500);
  assert.equal(codes.get("01".repeat(8)), first);
  const second = codes.get("02".repeat(8)) ?? 0;
  assert.ok(second > 0);
  assert.equal(await beacon.readNonce(), undefined);
  await clock.pass(2_000);
  assert.equal(codes.get("02".repeat(8)), second);
  await beacon.advertise({ code: "03".repeat(8), nonce: "bm9uY2Uz", until_ms: now_ms + 60_000 });
  await beacon.silence();
  await clock.pass(2_000);
  assert.equal(codes.has("03".repeat(8)), false);
});

Deno.test("power falls with distance by the path loss model", () => {
  const beacon = plan.beacons[0];
  assert.ok(beacon);
  const at = (distance_m: number) => ({ x_m: beacon.at.x_m + distance_m, y_m: beacon.at.y_m });
  const still = { ...shopAir, shadowing_db: 0 };
  const chance = chanceOf(1);
  assert.ok(Math.abs(receivedPower(beacon, at(1), still, chance) + 59) < 1e-9);
  assert.ok(Math.abs(receivedPower(beacon, at(10), still, chance) + 81) < 1e-9);
  const noisy = Array.from({ length: 2_000 }, () => receivedPower(beacon, at(10), shopAir, chance));
  const mean = noisy.reduce((sum, value) => sum + value, 0) / noisy.length;
  assert.ok(Math.abs(mean + 81) < 0.5);
});

Deno.test("without power every device says that it is lost", async () => {
  const { clock, floor, told } = shop(8);
  await clock.pass(5_000);
  const camera = floor.devices.cameras.get("till-1");
  const beacon = floor.devices.beacons.get("b-1");
  assert.ok(camera && beacon);
  await floor.devices.close();
  const lost = (error: unknown) => error instanceof HardwareError && error.kind === "device_lost";
  await assert.rejects(beacon.readNonce(), lost);
  await assert.rejects(async () => {
    for await (const _ of camera.frames(new AbortController().signal)) break;
  }, lost);
  const happened = told.length;
  await clock.pass(60_000);
  assert.equal(told.length, happened);
});
