/** A place is measured from whoever stands there, and refused where nobody did. */
import assert from "node:assert/strict";
import { atPayPosition } from "./pay_position.ts";
import { PlaceGauge } from "./place_measure.ts";
import { face } from "./testing.ts";

const picture = { width: 320, height: 240 };

/** Somebody of 80 pixels' width who sways by so many pixels, frame by frame. */
function stood(frames: number, sway: number): PlaceGauge {
  const gauge = new PlaceGauge();
  for (let i = 0; i < frames; i++) {
    gauge.see([face(100 + sway * Math.sin(i), 60 + sway * Math.cos(2 * i), 80)], picture);
  }
  return gauge;
}

Deno.test("the place is where the face was, as large as it was", () => {
  const gauge = stood(40, 4);
  gauge.see([], picture);
  gauge.see([face(20, 60, 80), face(200, 60, 78)], picture);
  const measure = gauge.measure();
  assert.deepEqual([measure.frames, measure.empty, measure.crowded], [40, 1, 1]);
  assert.ok(Math.abs(measure.x.median - 140 / 320) < 0.01 && measure.x.spread < 0.01);
  assert.ok(Math.abs(measure.y.median - 108 / 240) < 0.01 && measure.y.spread < 0.02);
  assert.equal(measure.width.median, 0.25);
  assert.equal(measure.turn.median, 0);
  assert.equal(measure.place.least_face, 0.188);
});

Deno.test("who stands at the measured place is there; behind it and beside it nobody is", () => {
  const { place } = stood(40, 4).measure();
  const there = (x: number, width: number) =>
    atPayPosition([face(x - width / 2, 108 - 0.6 * width, width)], picture, place).length;
  assert.equal(there(140, 80), 1);
  assert.equal(there(155, 72), 1);
  assert.equal(there(140, 55), 0, "the next in the queue");
  assert.equal(there(250, 80), 0, "beside the till");
});

Deno.test("no place is told from few frames, from nobody, or from somebody who walks about", () => {
  assert.throws(() => stood(11, 2).measure(), /seen in 11 frames, in 0 none and in 0 several; let/);
  assert.throws(() => new PlaceGauge().measure(), /seen in 0 frames/);
  assert.throws(() => stood(40, 90).measure(), /moved by .* let one person stand still/);
});
