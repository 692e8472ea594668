/** A recorded camera plays its folder, shows what it is told, and ends with its signal. */
import assert from "node:assert/strict";
import { HardwareError } from "../errors.ts";
import type { Frame } from "../ports.ts";
import { RecordedCamera } from "./camera.ts";
import { listPeople, naturalOrder } from "./folder.ts";

const clock = {
  now_ms: () => performance.now(),
  after: (delay_ms: number, call: () => void) => {
    const timer = setTimeout(call, delay_ms);
    return () => clearTimeout(timer);
  },
};

async function folderOfPeople(): Promise<string> {
  const directory = await Deno.makeTempDir();
  for (const [person, shade] of [["s2", 20], ["s10", 100]] as const) {
    await Deno.mkdir(`${directory}/${person}`);
    for (const number of [1, 2, 3, 4, 10]) {
      const header = new TextEncoder().encode("P5 2 1 255\n");
      const bytes = new Uint8Array([...header, shade + number, shade + number]);
      await Deno.writeFile(`${directory}/${person}/${number}.pgm`, bytes);
    }
    await Deno.writeTextFile(`${directory}/${person}/notes.txt`, "no picture");
  }
  return directory;
}

async function take(camera: RecordedCamera, count: number): Promise<Frame[]> {
  const end = new AbortController();
  const frames: Frame[] = [];
  for await (const frame of camera.frames(end.signal)) {
    frames.push(frame);
    if (frames.length === count) end.abort();
  }
  return frames;
}

Deno.test("names are ordered by the numbers in them", () => {
  const names = ["s10", "s2", "s1", "a", "10.pgm", "9.pgm", "s2b"];
  assert.deepEqual(names.sort(naturalOrder), ["9.pgm", "10.pgm", "a", "s1", "s2", "s2b", "s10"]);
});

Deno.test("three pictures enrol a person, the others are probes", async () => {
  const directory = await folderOfPeople();
  const people = await listPeople(directory);
  assert.deepEqual(people.map((one) => one.person), ["s2", "s10"]);
  assert.deepEqual(people[0]!.enrol.map((picture) => picture.data[0]), [21, 22, 23]);
  assert.deepEqual(people[0]!.probe, [`${directory}/s2/4.pgm`, `${directory}/s2/10.pgm`]);
  await assert.rejects(listPeople(directory, { enrol: 6 }), /s2 holds 5 pictures; 6 are needed/);
  await assert.rejects(listPeople(`${directory}/s2`), /holds no folders/);
  await assert.rejects(listPeople(`${directory}/nowhere`), (error) => {
    return error instanceof HardwareError && error.kind === "device_missing";
  });
  await Deno.remove(directory, { recursive: true });
});

Deno.test("pictures are held for several frames, in a circle, with growing numbers", async () => {
  const directory = await folderOfPeople();
  const [person] = await listPeople(directory);
  const camera = new RecordedCamera({
    id: "camera-1",
    clock,
    frames_per_second: 1000,
    play: person!.probe,
    hold_frames: 2,
  });
  const frames = await take(camera, 5);
  assert.deepEqual(frames.map((frame) => frame.data[0]), [24, 24, 30, 30, 24]);
  assert.deepEqual(frames.map((frame) => frame.sequence), [0, 1, 2, 3, 4]);
  assert.equal(frames[0]!.stride, 6);
  await Deno.remove(directory, { recursive: true });
});

Deno.test("the camera shows what it is told, and an empty place", async () => {
  const camera = new RecordedCamera({ id: "camera-1", clock, frames_per_second: 1000 });
  assert.equal((await take(camera, 1))[0]!.width, 320);
  await camera.show({ width: 1, height: 1, data: new Uint8Array([7, 8, 9]) });
  const [frame] = await take(camera, 1);
  assert.deepEqual([...frame!.data], [7, 8, 9]);
  assert.equal(frame!.sequence, 1);
  await camera.show(undefined);
  assert.equal((await take(camera, 1))[0]!.width, 320);
  await assert.rejects(camera.show("/nowhere.pgm"), /\/nowhere\.pgm cannot be read/);
});

Deno.test("a signal ends a camera that is waiting for its next frame", async () => {
  const camera = new RecordedCamera({ id: "camera-1", clock, frames_per_second: 0.001 });
  const end = new AbortController();
  const stream = camera.frames(end.signal)[Symbol.asyncIterator]();
  await stream.next();
  const waiting = stream.next();
  end.abort();
  assert.deepEqual(await waiting, { value: undefined, done: true });
});
