/** An eye is honest about its Worker and its camera: dead, silent, lost, stalled, back again. */
import assert from "node:assert/strict";
import type { ChallengeState } from "../world.ts";
import { HardwareError } from "../../hardware/errors.ts";
import { RuntimeError } from "../errors.ts";
import { limits } from "../limits.ts";
import { settled } from "./testing.ts";
import { ada, nobody, Stage, template } from "./testing_eye.ts";

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

Deno.test("a challenge is told state by state, each once, until it is over", async () => {
  const stage = new Stage();
  const told: ChallengeState[] = [];
  const sides = ["left", "right"] as const;
  await assert.rejects(stage.eye.challenge(sides, () => {}), /camera-1 is not seeing/);
  await stage.started();
  stage.challenge = { state: "facing", left: 2 };
  await stage.eye.challenge(sides, (state) => told.push(state));
  const request = stage.workers[0]!.asked.at(-1) as unknown as Record<string, unknown>;
  assert.deepEqual([request["verb"], request["sides"]], ["challenge", sides]);
  await stage.frames(2);
  stage.challenge = { state: "asked", side: "left", left: 2 };
  await stage.frames(3);
  stage.challenge = { state: "failed", reason: "wrong_side" };
  await stage.frames(3);
  assert.deepEqual(told, [
    { state: "facing", left: 2 },
    { state: "asked", side: "left", left: 2 },
    { state: "failed", reason: "wrong_side" },
  ]);
  await stage.eye.close();
});

Deno.test("an eye that is closed while its Worker opens leaves none behind", async () => {
  const stage = new Stage();
  const started = stage.eye.start();
  const closed = stage.eye.close();
  await assert.rejects(
    started,
    (error) => error instanceof RuntimeError && error.kind === "stopped",
  );
  await closed;
  assert.deepEqual(stage.workers.map(({ terminated }) => terminated), [true]);
});

Deno.test("a template that a busy Worker does not take is overwritten", async () => {
  const stage = new Stage();
  await stage.started();
  stage.silent = true;
  const waiting = Array.from(
    { length: limits.recogniser_requests },
    () => stage.eye.wipe("nobody").catch(() => {}),
  );
  const one = template();
  const copies: Float32Array[] = [];
  const slice = one.values.slice.bind(one.values);
  one.values.slice = () => {
    const copy = slice();
    copies.push(copy);
    return copy;
  };
  await assert.rejects(
    stage.eye.admit("ada", one),
    (error) => error instanceof RuntimeError && error.kind === "overloaded",
  );
  assert.ok([one.values, ...copies].every((values) => values.every((value) => value === 0)));
  assert.equal(copies.length, 1);
  await stage.eye.close();
  await Promise.all(waiting);
});
