/** An eye that is asked to look again says nothing of whom it saw before. */
import assert from "node:assert/strict";
import { ada, Stage, template } from "./testing_eye.ts";

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

Deno.test("a Worker that will not wipe is ended: with it goes what it holds", async () => {
  const stage = new Stage();
  await stage.started();
  await stage.eye.admit("ada", template());
  stage.broken_wipe = true;
  await stage.eye.wipe("ada");
  assert.ok(stage.workers[0]!.terminated);
  await stage.clock.pass(0);
  assert.equal(stage.told().at(-1), "failed", "who is there is asked for anew");
  await stage.eye.close();
});
