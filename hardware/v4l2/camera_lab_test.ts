/** The V4L2 camera on the kernel's own video test driver, vivid, in the lab's machine. */
import assert from "node:assert/strict";
import { openLibc } from "../ffi/libc.ts";
import type { Frame } from "../ports.ts";
import { cameraSuite } from "../testing/camera_suite.ts";
import { run } from "../testing/compile.ts";
import { V4l2Camera, type V4l2CameraOptions } from "./camera.ts";
import { VideoDevice } from "./device.ts";

const libc = openLibc();
const webcam = "/dev/v4l/by-name/vivid-000-vid-cap";
const planar = "/dev/v4l/by-name/vivid-001-vid-cap";
const grabber = "/dev/v4l/by-name/vivid-002-vid-cap";

const cameraAt = (path: string, options: Partial<V4l2CameraOptions> = {}) =>
  new V4l2Camera({ id: "till-1", path, libc, ...options });

async function take(camera: V4l2Camera, count: number): Promise<Frame[]> {
  const frames: Frame[] = [];
  for await (const frame of camera.frames(new AbortController().signal)) {
    if (frames.push(frame) === count) break;
  }
  return frames;
}

const descriptors = async () => (await run("ls", [`/proc/${Deno.pid}/fd`])).split("\n").length;

for (const path of [webcam, planar]) {
  cameraSuite(`vivid, ${path}`, () => ({
    camera: cameraAt(path),
    now_ms: () => Date.now(),
    exclusive: true,
    close: () => Promise.resolve(),
  }));
}

Deno.test("vivid tells what it is and has", () => {
  using device = new VideoDevice(libc, webcam);
  assert.equal(device.capability.driver, "vivid");
  assert.equal(device.capability.captures, true);
  assert.ok(device.formats().includes("YUYV"));
  assert.ok(device.sizes("YUYV").some(({ width }) => width === 640));
  assert.ok(device.rates("YUYV", { width: 640, height: 480 }).length > 0);
});

Deno.test("25 frames a second, and the gateway loses none of 500 once warm", async () => {
  const camera = cameraAt(webcam, { frames_per_second: 25, buffers: 32 });
  const stream = camera.frames(new AbortController().signal)[Symbol.asyncIterator]();
  const next = async () => (await stream.next()).value!;
  for (let count = 0; count < 25; count++) await next();
  const before = { ...camera.counts };
  const first = await next();
  let last = first;
  for (let count = 0; count < 500; count++) last = await next();
  await stream.return?.();
  // The emulator stands still while its host is busy, and the driver then counts frames that it
  // never made. A frame that found no buffer is one that the gateway lost; there are buffers for a
  // pause of a second.
  assert.equal(camera.counts.starved - before.starved, 0);
  const lost = camera.counts.lost - before.lost;
  console.log(`of ${500 + lost} frames the driver lost ${lost}`);
  // By the driver's own stamps, not by this machine's patience.
  const rate = (last.sequence - first.sequence) * 1_000 /
    (last.captured_at_ms - first.captured_at_ms);
  assert.ok(rate > 24 && rate < 26, `${rate} frames a second`);
});

Deno.test("formats and sizes that the driver has come as they are", async () => {
  for (const pixel_format of ["YUYV", "NV12", "GREY", "UYVY"]) {
    const [frame] = await take(cameraAt(webcam, { pixel_format, width: 320, height: 180 }), 1);
    assert.deepEqual([frame?.width, frame?.height], [320, 180], pixel_format);
    assert.equal(frame?.format, pixel_format === "UYVY" ? "YUYV" : pixel_format);
  }
  const [whole] = await take(cameraAt(planar, { pixel_format: "NV12" }), 1);
  assert.equal(whole?.format, "NV12");
});

Deno.test("controls of the driver are set", async () => {
  await take(cameraAt(webcam, { controls: { gain: 77, brightness: 130 } }), 1);
  const told = await run("v4l2-ctl", ["-d", webcam, "--get-ctrl", "gain,brightness"]);
  assert.match(told, /gain: 77/);
  assert.match(told, /brightness: 130/);
});

Deno.test("a camera that streams elsewhere is busy", async () => {
  const other = cameraAt(webcam).frames(new AbortController().signal)[Symbol.asyncIterator]();
  await other.next();
  await assert.rejects(take(cameraAt(webcam), 1), { kind: "device_busy" });
  await other.return?.();
  assert.equal((await take(cameraAt(webcam), 1)).length, 1);
});

Deno.test("the grabber's source changes its shape in the middle, and frames follow", async () => {
  const timings = (preset: string) =>
    run("v4l2-ctl", ["-d", grabber, "--set-dv-bt-timings", preset]);
  await timings("index=0");
  const camera = cameraAt(grabber);
  const stream = camera.frames(new AbortController().signal)[Symbol.asyncIterator]();
  const first = (await stream.next()).value!;
  const before = [first.width, first.height];
  // What the driver then sees on its input: the next of its list of timings.
  await run("v4l2-ctl", ["-d", grabber, "-c", "dv_timings_signal_mode=4"]);
  await run("v4l2-ctl", ["-d", grabber, "-c", "dv_timings=2"]);
  await run("v4l2-ctl", ["-d", grabber, "-c", "dv_timings_signal_mode=4"]);
  let frame = first;
  for (let count = 0; count < 400 && frame.width === first.width; count++) {
    frame = (await stream.next()).value!;
  }
  await stream.return?.();
  await run("v4l2-ctl", ["-d", grabber, "-c", "dv_timings_signal_mode=0"]);
  assert.notDeepEqual([frame.width, frame.height], before);
  assert.ok(frame.data.length >= frame.stride * frame.height);
});

Deno.test("unbound from its driver in the middle and bound again, it comes back", async () => {
  const driver = "/sys/bus/platform/drivers/vivid";
  const camera = cameraAt(webcam);
  const stream = camera.frames(new AbortController().signal)[Symbol.asyncIterator]();
  const first = (await stream.next()).value!;
  const lost = assert.rejects(async () => {
    while (!(await stream.next()).done);
  }, { kind: "device_lost" });
  await run("sh", ["-c", `echo vivid.0 > ${driver}/unbind`]);
  await lost;
  await run("udevadm", ["settle"]);
  await assert.rejects(take(camera, 1), { kind: "device_missing" });
  await run("sh", ["-c", `echo vivid.0 > ${driver}/bind`]);
  await run("udevadm", ["settle"]);
  const [again] = await take(camera, 1);
  assert.ok(again!.sequence > first.sequence);
});

Deno.test("200 streams leave no descriptor behind", async () => {
  const camera = cameraAt(webcam, { width: 320, height: 180, frames_per_second: 60 });
  await take(camera, 1);
  const before = await descriptors();
  for (let round = 0; round < 200; round++) await take(camera, 1);
  assert.equal(await descriptors(), before);
});
