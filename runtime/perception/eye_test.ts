/** An eye is honest about its Worker and its camera: dead, silent, lost, stalled, back again. */
import assert from "node:assert/strict";
import { HardwareError } from "../../hardware/errors.ts";
import type { CameraPort, Frame } from "../../hardware/ports.ts";
import { RuntimeError } from "../errors.ts";
import type { PerceptionReading, Template } from "../world.ts";
import type { Decision } from "./decide.ts";
import { CameraEye, eyePace } from "./eye.ts";
import { WorkerLink } from "./link.ts";
import { ManualClock, ScriptedWorker, settled } from "./testing.ts";

const nobody: Decision = { outcome: "nobody", matches: [] };
const ada: Decision = {
  outcome: "identified",
  matches: [{ visit: "ada", frames: 3, liveness: "passed" }],
};
const model = { model: "0123456789abcdef".repeat(4), preset: "sface", dim: 16 };

function template(change: Partial<Template> = {}): Template {
  return {
    model: model.model,
    preset: "sface",
    values: new Float32Array(16).fill(0.25),
    ...change,
  };
}

/** A camera that delivers what the test hands it. */
class HandCamera implements CameraPort {
  readonly id = "camera-1";
  readonly origin = "real";
  streams = 0;
  captured_at_ms = 7;
  #sequence = 0;
  #waiting: ((frame: Frame | Error) => void) | undefined;

  async *frames(_signal: AbortSignal): AsyncIterable<Frame> {
    this.streams++;
    for (;;) {
      // Deaf to its signal, as a driver with a fault may be.
      const next = await new Promise<Frame | Error>((resolve) => this.#waiting = resolve);
      if (next instanceof Error) throw next;
      yield next;
    }
  }

  give(next: Error | "frame"): void {
    const data = new Uint8Array(1);
    const frame: Frame = {
      format: "GREY",
      width: 1,
      height: 1,
      stride: 1,
      sequence: this.#sequence++,
      captured_at_ms: this.captured_at_ms,
      data,
    };
    this.#waiting?.(next === "frame" ? frame : next);
  }
}

/** An eye with a camera, a clock and Workers in the test's hands. */
class Stage {
  readonly clock = new ManualClock();
  readonly camera = new HandCamera();
  readonly readings: PerceptionReading[] = [];
  readonly workers: ScriptedWorker[] = [];
  /** What a Worker answers to `look`. */
  sees: Decision = nobody;
  broken: string | undefined;
  broken_anew = false;
  silent = false;
  readonly eye: CameraEye;

  constructor() {
    this.eye = new CameraEye({
      camera: this.camera,
      listener: (reading) => this.readings.push(reading),
      clock: this.clock,
      log: () => {},
      model,
      pace: { ...eyePace, backoff_ms: 500 },
      open: () => {
        const worker = new ScriptedWorker((request) => this.#answer(request.verb));
        this.workers.push(worker);
        const patience = { beat_ms: 1_000, silent_beats: 3 };
        return Promise.resolve(new WorkerLink(worker, this.clock, patience));
      },
    });
  }

  #answer(verb: string): unknown {
    if (this.silent) return undefined;
    if (verb === "beat") return {};
    if (verb === "begin_anew" && this.broken_anew) {
      return { trouble: { room: "runtime", kind: "overloaded", message: "too much to do" } };
    }
    if (verb === "look" && this.broken !== undefined) {
      return { trouble: { room: "hardware", kind: "format_unsupported", message: this.broken } };
    }
    return { decision: this.sees, faces: 1, seen_at_ms: 7 };
  }

  async frames(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      await settled();
      this.camera.give("frame");
      await this.clock.pass(250);
    }
  }

  async started(): Promise<void> {
    const started = this.eye.start();
    await this.frames(1);
    await started;
  }

  told(): string[] {
    return this.readings.map((one) => one.type === "matched" ? one.outcome : one.type);
  }
}

Deno.test("an eye tells its start, and then only what changes", async () => {
  const stage = new Stage();
  await stage.started();
  await stage.frames(3);
  stage.sees = ada;
  await stage.frames(3);
  assert.deepEqual(stage.readings, [
    { type: "started", device: "camera-1" },
    { type: "matched", ...nobody, faces: 1, seen_at_ms: 7, glance: 0 },
    { type: "matched", ...ada, faces: 1, seen_at_ms: 7, glance: 0 },
  ]);
  await stage.eye.close();
  assert.ok(stage.workers[0]!.terminated);
});

Deno.test("a template goes to the Worker and is overwritten where it came from", async () => {
  const stage = new Stage();
  await stage.started();
  const one = template();
  await stage.eye.admit("ada", one);
  assert.ok(one.values.every((value) => value === 0));
  const request = stage.workers[0]!.asked.find(({ verb }) => verb === "admit") as unknown as {
    visit: string;
    values: Float32Array;
  };
  assert.equal(request.visit, "ada");
  assert.ok(request.values.every((value) => value === 0.25));
  await stage.eye.wipe("ada");
  assert.deepEqual(stage.workers[0]!.asked.at(-1), { ticket: 3, verb: "wipe", visit: "ada" });
  await stage.eye.close();
});

Deno.test("an eye that looks again tells anew, and only from frames that come after", async () => {
  const stage = new Stage();
  stage.sees = ada;
  await stage.started();
  const before = stage.readings.length;
  const looks = () => stage.workers[0]!.asked.filter(({ verb }) => verb === "look").length;

  // One answer is under way, and one frame was taken before, when the wish comes.
  stage.camera.give("frame");
  stage.eye.lookAgain(4);
  await stage.clock.pass(250);
  assert.equal(stage.workers[0]!.asked.at(-1)!.verb, "begin_anew");
  const looked = looks();
  stage.camera.captured_at_ms = stage.clock.now_ms() - 300;
  await stage.frames(1);
  assert.equal(looks(), looked, "a frame from before is not looked at");
  assert.deepEqual(stage.readings.slice(before), []);

  stage.camera.captured_at_ms = stage.clock.now_ms();
  await stage.frames(2);
  assert.deepEqual(stage.readings.slice(before), [
    { type: "matched", ...ada, faces: 1, seen_at_ms: 7, glance: 4 },
  ]);
  await stage.eye.close();
});

Deno.test("a clock that is set back does not blind an eye that looks again", async () => {
  const stage = new Stage();
  stage.sees = ada;
  await stage.started();
  await stage.clock.pass(10_000);
  stage.eye.lookAgain(1);
  stage.clock.jump(-5_000);
  stage.camera.captured_at_ms = stage.clock.now_ms();
  await stage.frames(2);
  const last = stage.readings.at(-1)!;
  assert.ok(last.type === "matched");
  assert.equal(last.glance, 1);
  await stage.eye.close();
});

Deno.test("a Worker that will not begin anew is ended: it must not say who was there", async () => {
  const stage = new Stage();
  await stage.started();
  stage.broken_anew = true;
  stage.eye.lookAgain(2);
  await stage.clock.pass(0);
  assert.ok(stage.workers[0]!.terminated);
  await stage.eye.close();
});

Deno.test("a template of another model never reaches the gallery, and is overwritten", async () => {
  const stage = new Stage();
  await stage.started();
  const others = [{ model: "f".repeat(64) }, { preset: "drawn" }, { values: new Float32Array(8) }];
  for (const other of others) {
    const one = template(other);
    await assert.rejects(
      stage.eye.admit("ada", one),
      (error) => error instanceof RuntimeError && error.kind === "model_invalid",
    );
    assert.ok(one.values.every((value) => value === 0));
  }
  assert.ok(!stage.workers[0]!.asked.some(({ verb }) => verb === "admit"));
  await stage.eye.close();
});

Deno.test("a silent Worker is ended; wipes are done with it, admissions are refused", async () => {
  const stage = new Stage();
  stage.sees = ada;
  await stage.started();
  stage.silent = true;
  const admitted = stage.eye.admit("bob", template());
  const refused = assert.rejects(admitted, /recogniser is gone: it was silent for 3000 ms/);
  const wiped = stage.eye.wipe("ada");
  await stage.clock.pass(4_000);
  await refused;
  await wiped;
  assert.ok(stage.workers[0]!.terminated);
  assert.deepEqual(stage.told(), ["started", "identified", "failed"]);

  stage.silent = false;
  await assert.rejects(stage.eye.admit("bob", template()), /camera-1 is not seeing/);
  await stage.clock.pass(500);
  await stage.frames(1);
  assert.equal(stage.workers.length, 2);
  assert.deepEqual(stage.told(), ["started", "identified", "failed", "started", "identified"]);
  await stage.eye.admit("bob", template());
  await stage.eye.close();
});

Deno.test("a Worker that dies again and again is started after pauses that grow", async () => {
  const stage = new Stage();
  await stage.started();
  const pauses_ms: number[] = [];
  for (let i = 0; i < 4; i++) {
    const count = stage.workers.length;
    stage.workers.at(-1)!.die("out of luck");
    const from_ms = stage.clock.now_ms();
    while (stage.workers.length === count) await stage.clock.pass(100);
    pauses_ms.push(stage.clock.now_ms() - from_ms);
  }
  assert.deepEqual(pauses_ms, [500, 1_000, 2_000, 4_000]);
  assert.deepEqual(stage.told(), ["started", "nobody", "failed"]);
  const [, , failed] = stage.readings;
  assert.ok(failed?.type === "failed");
  assert.match(failed.reason, /it died: out of luck/);
  await stage.eye.close();
});

Deno.test("a lost camera is a failure with an empty gallery, and is opened again", async () => {
  const stage = new Stage();
  await stage.started();
  await settled();
  stage.camera.give(new HardwareError("device_lost", "the cable was pulled; plug it in"));
  await settled();
  assert.deepEqual(stage.readings.at(-1), {
    type: "failed",
    reason: "device_lost: the cable was pulled; plug it in",
  });
  assert.equal(stage.workers[0]!.asked.at(-1)!.verb, "clear");
  await stage.clock.pass(500);
  await stage.frames(1);
  assert.deepEqual(stage.told(), ["started", "nobody", "failed", "started", "nobody"]);
  assert.equal(stage.workers.length, 1);
  await stage.eye.close();
});

Deno.test("one bad frame is dropped, several in a row are a failure, told once", async () => {
  const stage = new Stage();
  await stage.started();
  stage.broken = "a frame that is none";
  await stage.frames(2);
  assert.deepEqual(stage.told(), ["started", "nobody"]);
  await stage.frames(7);
  assert.deepEqual(stage.told(), ["started", "nobody", "failed"]);
  stage.broken = undefined;
  await stage.frames(1);
  assert.deepEqual(stage.told(), ["started", "nobody", "failed", "started", "nobody"]);
  await stage.eye.close();
});

Deno.test("a camera without frames has stalled; its next answer is told anew", async () => {
  const stage = new Stage();
  stage.sees = ada;
  await stage.started();
  await stage.clock.pass(20_000);
  assert.deepEqual(stage.told(), ["started", "identified", "stalled"]);
  await stage.frames(1);
  assert.deepEqual(stage.told(), ["started", "identified", "stalled", "identified"]);
  await stage.eye.close();
});

Deno.test("a camera that gives nothing from the start does not hold up the gateway", async () => {
  const stage = new Stage();
  const started = stage.eye.start();
  await stage.clock.pass(5_000);
  await started;
  assert.deepEqual(stage.told(), ["stalled"]);
  await assert.rejects(stage.eye.admit("ada", template()), /is not seeing/);
  await stage.eye.close();
});

Deno.test("frames are taken no faster than the pace", async () => {
  const stage = new Stage();
  await stage.started();
  await settled();
  for (let i = 0; i < 20; i++) {
    stage.camera.give("frame");
    await stage.clock.pass(50);
  }
  const looked = stage.workers[0]!.asked.filter(({ verb }) => verb === "look").length;
  assert.equal(looked, 5);
  await stage.eye.close();
});
