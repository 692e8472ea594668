/** A camera's stream, and what its lane hears of it. */
import assert from "node:assert/strict";
import { limits } from "./limits.ts";
import type { Candidate } from "./messages.ts";
import { openLane, seen, type Shop, shop, stands } from "./testing/shop.ts";

const camera = "camera/cam-1";
const atLane = (at: Shop) =>
  (at.context("lane/1")["candidates"] as Candidate[]).map(({ visit }) => visit);

Deno.test("a lane is told only when somebody else stands there", () => {
  const at = openLane();
  stands(at, [seen("ada")]);
  assert.deepEqual(atLane(at), ["ada"]);
  const told = at.context("lane/1")["candidates"];
  stands(at, [seen("ada", { frames: 9, seen_at_ms: 1_000_400 })]);
  assert.equal(at.context("lane/1")["candidates"], told);
  stands(at, [seen("ada", { outcome: "ambiguous" }), seen("bob", { outcome: "ambiguous" })]);
  assert.deepEqual(atLane(at), ["ada", "bob"]);
  stands(at, []);
  assert.deepEqual(atLane(at), []);
});

Deno.test("an unknown person at the pay position hides whoever stands behind", () => {
  const at = openLane();
  stands(at, [seen("ada")]);
  at.post(camera, {
    type: "frame.matched",
    outcome: "unknown",
    faces: 2,
    candidates: [seen("ada")],
    glance: 0,
  });
  assert.deepEqual(atLane(at), []);
  assert.equal(at.context(camera)["faces"], 2);
});

for (
  const [what, event] of Object.entries({
    "stalls": { type: "camera.stalled" },
    "fails": { type: "camera.failed", reason: "unplugged" },
    "starts anew": { type: "camera.started", device: "drawn" },
  })
) {
  Deno.test(`a camera that ${what} takes its answer back`, () => {
    const at = openLane();
    stands(at, [seen("ada")]);
    at.post(camera, event);
    assert.deepEqual(atLane(at), []);
  });
}

Deno.test("a stalled stream may come back by itself", () => {
  const at = openLane();
  at.post(camera, { type: "camera.stalled" });
  assert.equal(at.state(camera), "stalled");
  stands(at, [seen("ada")]);
  assert.equal(at.state(camera), "streaming");
  assert.deepEqual(atLane(at), ["ada"]);
});

Deno.test("a stream that stays stalled is opened anew after a pause", () => {
  const at = openLane();
  at.post(camera, { type: "camera.stalled" });
  at.pass(limits.camera_stall_ms);
  assert.equal(at.state(camera), "failed");
  assert.equal(at.context(camera)["reason"], "no_frames");
  at.pass(limits.camera_backoff.first_ms);
  assert.deepEqual(at.asked(), [{ type: "camera.restart", camera: "cam-1" }]);
  assert.equal(at.state(camera), "starting");
});

Deno.test("a camera that cannot be opened is tried with pauses that grow up to a ceiling", () => {
  const at = openLane();
  let pause_ms: number = limits.camera_backoff.first_ms;
  for (let failure = 0; failure < 10; failure += 1) {
    at.post(camera, { type: "camera.failed", reason: "busy" });
    at.pass(pause_ms - 1);
    assert.equal(at.state(camera), "failed");
    at.pass(1);
    assert.equal(at.state(camera), "starting");
    pause_ms = Math.min(2 * pause_ms, limits.camera_backoff.most_ms);
  }
});

Deno.test("a stream that held for a while has its failures forgotten", () => {
  const at = openLane();
  at.post(camera, { type: "camera.failed", reason: "unplugged" });
  at.post(camera, { type: "camera.started", device: "drawn" });
  assert.equal(at.context(camera)["failures"], 1);
  at.pass(limits.camera_steady_ms);
  assert.equal(at.context(camera)["failures"], 0);
});

Deno.test("a camera that never starts has failed", () => {
  const at = shop();
  at.post(camera, { type: "store.camera_configured", zone: "front", lane: "1" });
  at.pass(limits.camera_start_timeout_ms);
  assert.equal(at.state(camera), "failed");
});
