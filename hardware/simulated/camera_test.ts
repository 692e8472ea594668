/** What simulated cameras promise: frames, their numbers, one reader, and who is seen in them. */
import assert from "node:assert/strict";
import { HardwareError } from "../errors.ts";
import type { Frame } from "../ports.ts";
import { createFloor, type Floor } from "./floor.ts";
import { layOut } from "./plan.ts";
import { type HandClock, handClock } from "./testing.ts";
import { picture_height, picture_width, View } from "./view.ts";

const start_ms = 1_790_000_000_000;
const plan = layOut({
  lanes: [{ id: "1", zone: "tills", camera: "till-1" }],
  beacons: [{ hardware_id: "b-1", zone: "tills" }],
});
const people = Array.from({ length: 10 }, (_, place) => ({
  shopper: `shopper-${place}`,
  identity: 500 + place,
}));

/** A shop with one till at which nobody is served, so that people stand and queue. */
function queueingShop(seed = 1): { floor: Floor; clock: HandClock } {
  const clock = handClock(start_ms);
  const floor = createFloor({ plan, seed, clock, people, pace: { patience_ms: 600_000 } });
  floor.open();
  return { floor, clock };
}

function cameraOf(floor: Floor) {
  const camera = floor.devices.cameras.get("till-1");
  assert.ok(camera);
  return camera;
}

/** Reads frames while the clock is wound on. */
async function read(
  floor: Floor,
  clock: HandClock,
  frames: number,
  step_ms = 200,
): Promise<Frame[]> {
  const stop = new AbortController();
  const stream = cameraOf(floor).frames(stop.signal)[Symbol.asyncIterator]();
  const got: Frame[] = [];
  for (let count = 0; count < frames; count++) {
    const next = stream.next();
    await clock.pass(step_ms);
    const { value, done } = await next;
    assert.equal(done, false);
    got.push(value);
  }
  stop.abort();
  assert.equal((await stream.next()).done, true);
  return got;
}

Deno.test("frames are YUYV, numbered, five a second, and no two alike", async () => {
  const { floor, clock } = queueingShop();
  await clock.pass(30_000);
  assert.notEqual(floor.standing("1"), undefined);
  const frames = await read(floor, clock, 4);
  const seen = new Set<string>();
  for (const [place, frame] of frames.entries()) {
    assert.equal(frame.format, "YUYV");
    assert.deepEqual([frame.width, frame.height, frame.stride], [320, 240, 640]);
    assert.equal(frame.data.length, 320 * 240 * 2);
    assert.equal(frame.sequence, place);
    assert.equal(frame.captured_at_ms, start_ms + 30_000 + place * 200);
    for (let at = 0; at < frame.data.length; at += 2) {
      const luma = frame.data[at] ?? 0;
      assert.ok(luma >= 16 && luma <= 235);
    }
    seen.add(frame.data.toString());
  }
  assert.equal(seen.size, frames.length);
});

Deno.test("a slow reader gets the latest frame, and numbers tell how many were lost", async () => {
  const { floor, clock } = queueingShop();
  const frames = await read(floor, clock, 3, 1_000);
  assert.deepEqual(frames.map((frame) => frame.sequence), [0, 5, 10]);
});

Deno.test("the same seed and clock give the same frames, another seed others", async () => {
  const film = async (seed: number) => {
    const { floor, clock } = queueingShop(seed);
    await clock.pass(20_000);
    return (await read(floor, clock, 2)).map((frame) => frame.data.toString());
  };
  assert.deepEqual(await film(1), await film(1));
  assert.notDeepEqual(await film(1), await film(2));
});

Deno.test("a camera has one reader at a time, and may be read again after", async () => {
  const { floor, clock } = queueingShop();
  const stop = new AbortController();
  const first = cameraOf(floor).frames(stop.signal)[Symbol.asyncIterator]();
  const pending = first.next();
  await assert.rejects(
    async () => {
      for await (const _ of cameraOf(floor).frames(new AbortController().signal)) break;
    },
    (error) => error instanceof HardwareError && error.kind === "device_busy",
  );
  await clock.pass(200);
  assert.equal((await pending).done, false);
  const waiting = first.next();
  stop.abort();
  assert.equal((await waiting).done, true);
  assert.equal((await read(floor, clock, 1)).length, 1);
});

Deno.test("who pays is large and in the middle, who queues is smaller", async () => {
  const { floor, clock } = queueingShop();
  await clock.pass(40_000);
  const camera = plan.cameras[0];
  assert.ok(camera);
  const view = new View(camera, "1");
  const paying = people.find(({ shopper }) => shopper === floor.standing("1"));
  assert.ok(paying);
  const poses = new Set<string>();
  for (let look = 0; look < 100; look++) {
    await clock.pass(200);
    const seen = view.people(floor.bodies(), clock.now_ms());
    const front = seen.at(-1);
    assert.equal(front?.identity, paying.identity, "the nearest is drawn last");
    assert.ok(front.size > 70 && front.size < 90, `${front.size}`);
    assert.ok(Math.abs(front.x - picture_width / 2) < 40 && Math.abs(front.y - 120) < 45);
    assert.ok(Math.abs(front.yaw) < 20 && Math.abs(front.pitch) < 15 && Math.abs(front.roll) < 12);
    poses.add(JSON.stringify(front));
    const behind = seen.slice(0, -1);
    assert.ok(behind.length >= 2, "the queue is in view");
    for (const person of behind) assert.ok(person.size < 45);
    for (const { y } of seen) assert.ok(y > 0 && y < picture_height);
  }
  assert.equal(poses.size, 100, "nobody holds quite still");
  assert.ok(floor.inView("1") >= 3);
});

Deno.test("who is asked to turn the head does, to a side of theirs, and looks back", async () => {
  const { floor, clock } = queueingShop();
  await clock.pass(40_000);
  const camera = plan.cameras[0];
  assert.ok(camera);
  const view = new View(camera, "1");
  const yaw = () => view.people(floor.bodies(), clock.now_ms()).at(-1)?.yaw ?? 0;
  const paying = people.find(({ shopper }) => shopper === floor.standing("1"));
  assert.ok(paying);
  for (const [side, sign] of [["left", 1], ["right", -1]] as const) {
    view.ask(paying.identity, side, clock.now_ms());
    const seen: number[] = [];
    const look = async (times: number) => {
      for (let i = 0; i < times; i++) {
        await clock.pass(200);
        seen.push(sign * yaw());
      }
    };
    await look(30);
    assert.ok(Math.min(...seen) > -18, `${side}: ${Math.min(...seen)}`);
    assert.ok(seen.at(-1)! > 18, `${side} is held until the shopper looks back: ${seen.at(-1)}`);
    view.ask(paying.identity, undefined, clock.now_ms());
    await look(10);
    assert.ok(Math.abs(seen.at(-1)!) < 20, "and back");
  }
});

Deno.test("nobody turns at a lane where nobody stands", () => {
  const { floor } = queueingShop();
  floor.turn("1", "left");
  assert.equal(floor.inView("1"), 0);
});

Deno.test("an empty shop has nobody in view", () => {
  const { floor } = queueingShop();
  assert.equal(floor.inView("1"), 0);
});
