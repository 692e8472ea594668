/** The V4L2 camera on a stand-in for the C library: everything that a driver may do to it. */
import assert from "node:assert/strict";
import { encode } from "jpeg-js";
import { openLibc } from "../ffi/libc.ts";
import { cameraSuite } from "../testing/camera_suite.ts";
import { compileStandin, run } from "../testing/compile.ts";
import type { Frame } from "../ports.ts";
import { V4l2Camera, type V4l2CameraOptions } from "./camera.ts";
import { constants as C, fourcc, requests } from "./layout.ts";
import { understood } from "./pictures.ts";

const moods = {
  standin_set: { parameters: ["u32", "i32", "i32", "i32", "i32"], result: "void" },
  standin_jpeg: { parameters: ["buffer", "u32"], result: "void" },
  standin_unplug: { parameters: ["i32"], result: "void" },
  standin_busy: { parameters: ["i32"], result: "void" },
  standin_damage: { parameters: ["i32"], result: "void" },
  standin_skip: { parameters: ["u32"], result: "void" },
  standin_change_source: { parameters: ["i32", "i32"], result: "void" },
  standin_without: { parameters: ["u32"], result: "void" },
  standin_control: { parameters: ["u32"], result: "i32" },
  standin_fail: { parameters: ["u64", "i32"], result: "void" },
  standin_open: { parameters: [], result: "i32" },
  standin_mapped: { parameters: [], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

const library = await compileStandin("standin_camera");
const standin = Deno.dlopen(library, moods).symbols;
const libc = openLibc(library);
addEventListener("unload", () => Deno.removeSync(library));

interface Mood {
  readonly pixel_format?: string;
  readonly multiplanar?: boolean;
  readonly interval_us?: number;
}

function standinCamera(mood: Mood = {}, options: Partial<V4l2CameraOptions> = {}): V4l2Camera {
  const { pixel_format = "YUYV", multiplanar = false, interval_us = 2_000 } = mood;
  standin.standin_set(fourcc(pixel_format), multiplanar ? 1 : 0, 64, 48, interval_us);
  return new V4l2Camera({ id: "till-1", path: "/dev/standin", libc, ...options });
}

/** Nothing of the device is held. */
function assertFree(): void {
  assert.equal(standin.standin_open(), 0, "no descriptor is left");
  assert.equal(standin.standin_mapped(), 0, "no buffer is left");
}

async function take(camera: V4l2Camera, count: number): Promise<Frame[]> {
  const frames: Frame[] = [];
  for await (const frame of camera.frames(new AbortController().signal)) {
    if (frames.push(frame) === count) break;
  }
  return frames;
}

function jpegOf(width: number, height: number): Uint8Array<ArrayBuffer> {
  const data = new Uint8Array(width * height * 4).fill(200);
  return new Uint8Array(encode({ width, height, data }, 90).data);
}

for (const multiplanar of [false, true]) {
  const kind = multiplanar ? "multiplanar" : "single-planar";
  cameraSuite(`v4l2 stand-in, ${kind}`, () => ({
    camera: standinCamera({ multiplanar }),
    now_ms: () => Date.now(),
    exclusive: true,
    close: () => Promise.resolve(assertFree()),
  }));
}

/** Formats that do not go through as they are. */
const turned: ReadonlyMap<string, string> = new Map([
  ["MJPG", "RGB24"],
  ["UYVY", "YUYV"],
  ["NM12", "NV12"],
]);

Deno.test("every format that is understood comes out as a picture", async () => {
  standin.standin_jpeg(jpegOf(64, 48), jpegOf(64, 48).length);
  for (const pixel_format of understood) {
    if (pixel_format === "JPEG") continue;
    for (const multiplanar of [false, true]) {
      if (pixel_format === "NM12" && !multiplanar) continue;
      const [frame] = await take(standinCamera({ pixel_format, multiplanar }), 1);
      assert.deepEqual([frame?.width, frame?.height], [64, 48], pixel_format);
      assert.equal(frame?.format, turned.get(pixel_format) ?? pixel_format);
      // The stand-in fills a second plane with grey.
      if (pixel_format === "NM12") assert.equal(frame!.data.at(-1), 128);
      assertFree();
    }
  }
});

Deno.test("a JPEG without its tables is decoded, one that is cut short is dropped", async () => {
  const whole = jpegOf(64, 48);
  const text = [...whole];
  const without: number[] = text.slice(0, 2);
  for (let at = 2; at < text.length;) {
    const length = text[at + 2]! * 256 + text[at + 3]! + 2;
    if (text[at + 1] === 0xda) {
      without.push(...text.slice(at));
      break;
    }
    if (text[at + 1] !== 0xc4) without.push(...text.slice(at, at + length));
    at += length;
  }
  assert.ok(without.length < whole.length);
  standin.standin_jpeg(new Uint8Array(without), without.length);
  const camera = standinCamera({ pixel_format: "MJPG" });
  assert.equal((await take(camera, 1))[0]?.format, "RGB24");

  standin.standin_jpeg(whole.slice(0, 300), 300);
  const stop = new AbortController();
  const stream = camera.frames(stop.signal)[Symbol.asyncIterator]();
  const next = stream.next();
  while (camera.counts.damaged < 3) await new Promise((resolve) => setTimeout(resolve, 5));
  stop.abort();
  assert.equal((await next).done, true);
  assertFree();
});

Deno.test("lost pictures are told by their numbers, damaged ones are dropped", async () => {
  const camera = standinCamera({ interval_us: 20_000 });
  const stream = camera.frames(new AbortController().signal)[Symbol.asyncIterator]();
  const first = (await stream.next()).value!;
  standin.standin_skip(40);
  const second = (await stream.next()).value!;
  assert.ok(second.sequence >= first.sequence + 41);
  assert.ok(camera.counts.lost >= 40);
  standin.standin_damage(3);
  const third = (await stream.next()).value!;
  assert.ok(third.sequence >= second.sequence + 4);
  assert.equal(camera.counts.damaged, 3);
  await stream.return?.();
  assertFree();
});

Deno.test("a slow reader gets what is there now", async () => {
  const camera = standinCamera({ interval_us: 5_000 });
  const stream = camera.frames(new AbortController().signal)[Symbol.asyncIterator]();
  const first = (await stream.next()).value!;
  const seen = camera.counts.passed_over;
  while (camera.counts.passed_over < seen + 20) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const second = (await stream.next()).value!;
  assert.ok(second.sequence > first.sequence + 20, "those in between are gone");
  await stream.return?.();
  assertFree();
});

Deno.test("unplugged in the middle and plugged in again, it streams on", async () => {
  const camera = standinCamera();
  const stop = new AbortController();
  const stream = camera.frames(stop.signal)[Symbol.asyncIterator]();
  const first = (await stream.next()).value!;
  standin.standin_unplug(1);
  await assert.rejects(async () => {
    while (!(await stream.next()).done);
  }, { name: "HardwareError", kind: "device_lost", message: /camera till-1 .*cable/ });
  assertFree();
  await assert.rejects(take(camera, 1), { kind: "device_missing", message: /plug it in/ });
  standin.standin_unplug(0);
  const [again] = await take(camera, 1);
  assert.ok(again!.sequence > first.sequence, "numbers go on");
  assertFree();
});

Deno.test("a camera that another program uses is busy, later it is not", async () => {
  const camera = standinCamera();
  standin.standin_busy(1);
  await assert.rejects(take(camera, 1), { kind: "device_busy", message: /another program/ });
  standin.standin_busy(0);
  assert.equal((await take(camera, 1)).length, 1);
  assertFree();
});

Deno.test("when the source changes its shape, frames of the new shape follow", async () => {
  const camera = standinCamera();
  const stream = camera.frames(new AbortController().signal)[Symbol.asyncIterator]();
  const first = (await stream.next()).value!;
  assert.equal(first.width, 64);
  standin.standin_change_source(96, 32);
  let frame = first;
  while (frame.width === 64) {
    const next = (await stream.next()).value!;
    assert.ok(next.sequence > frame.sequence);
    frame = next;
  }
  assert.deepEqual([frame.width, frame.height, frame.data.length], [96, 32, 96 * 32 * 2]);
  await stream.return?.();
  assertFree();
});

/** What each control of the stand-in was set to; -1 for those that were left alone. */
function controlled() {
  const { CID_GAIN, CID_AUTOGAIN, CID_POWER_LINE_FREQUENCY } = C;
  const [gain, autogain, line] = [CID_GAIN, CID_AUTOGAIN, CID_POWER_LINE_FREQUENCY];
  const [mode, shutter] = [C.CID_EXPOSURE_AUTO, C.CID_EXPOSURE_ABSOLUTE];
  return [gain, autogain, line, mode, shutter].map((id) => standin.standin_control(id));
}

Deno.test("controls are set as drivers count them, and the others are left alone", async () => {
  const set = async (controls: V4l2CameraOptions["controls"]) => {
    await take(standinCamera({}, { controls: controls! }), 1);
    return controlled();
  };
  assert.deepEqual(await set({}), [-1, -1, -1, -1, -1]);
  // A gain by hand is no gain while the camera chooses it.
  assert.deepEqual(await set({ gain: 10, power_line_hz: 50 }), [10, 0, 1, -1, -1]);
  assert.deepEqual(await set({ gain: "auto", power_line_hz: 60 }), [-1, 1, 2, -1, -1]);
  assert.deepEqual(await set({ exposure: { ms: 12.5 }, power_line_hz: 0 }), [-1, -1, 0, 1, 125]);
  assert.deepEqual(await set({ exposure: "auto" }), [-1, -1, -1, 3, -1]);
  assertFree();
});

Deno.test("controls that are not there, or not so far, are named", async () => {
  const set = (controls: V4l2CameraOptions["controls"], without = 0) => {
    const camera = standinCamera({}, { controls: controls! });
    standin.standin_without(without);
    return take(camera, 1);
  };
  await assert.rejects(set({ gain: 500 }), { message: /takes gain from 0 to 100, not 500/ });
  await assert.rejects(set({ exposure: { ms: 900 } }), {
    message: /takes exposure\.ms from 0\.3 to 204\.7, not 900/,
  });
  await assert.rejects(set({ exposure: "auto" }, C.CID_EXPOSURE_AUTO), {
    kind: "format_unsupported",
    message: /no control for exposure/,
  });
  await assert.rejects(set({ power_line_hz: 50 }, C.CID_POWER_LINE_FREQUENCY), {
    message: /no control for power_line_hz; leave it out/,
  });
  // Without an automatic one there is nothing to switch off.
  await set({ gain: 7 }, C.CID_AUTOGAIN);
  assert.equal(standin.standin_control(C.CID_GAIN), 7);
  assertFree();
});

Deno.test("a device that has another format says what it has", async () => {
  const camera = standinCamera({ pixel_format: "GREY" }, { pixel_format: "YUYV" });
  await assert.rejects(take(camera, 1), {
    kind: "format_unsupported",
    message: /camera till-1 offers GREY; YUYV is needed/,
  });
  assertFree();
});

Deno.test("a device that answers calls with errors is told, whichever call and error", async () => {
  const all = [0n, ...Object.values(requests).map(({ code }) => code)];
  for (const code of all) {
    for (const error of [5, 19, 16, 22, 25, 1, 110]) {
      const camera = standinCamera({}, { controls: { gain: 1 } });
      standin.standin_fail(code, error);
      const outcome = await take(camera, 2).then(() => "streams", (error) => error);
      if (outcome !== "streams") {
        assert.equal(outcome.name, "HardwareError", `${code.toString(16)}: ${outcome}`);
        assert.match(outcome.message, /^camera till-1 .+[:;]/);
      }
      if (code === 0n) assert.notEqual(outcome, "streams");
      standin.standin_fail(1n, 0);
      assertFree();
    }
  }
});

Deno.test("ten thousand streams leave no descriptor, no buffer and no memory behind", async () => {
  const camera = standinCamera({ interval_us: 100 });
  const descriptors = async () => (await run("ls", [`/proc/${Deno.pid}/fd`])).split("\n").length;
  const cycle = async () => {
    const stream = camera.frames(new AbortController().signal)[Symbol.asyncIterator]();
    assert.equal((await stream.next()).done, false);
    await stream.return?.();
  };
  for (let round = 0; round < 200; round++) await cycle();
  const before = await descriptors();
  const memory = Deno.memoryUsage().rss;
  for (let round = 0; round < 10_000; round++) await cycle();
  assertFree();
  // A leak would show thousands of times; the runtime itself may open one or another meanwhile.
  const after = await descriptors();
  assert.ok(after < before + 16, `${before} descriptors before, ${after} after`);
  assert.ok(Deno.memoryUsage().rss < memory + 64 * 1024 * 1024, "memory does not grow");
});
