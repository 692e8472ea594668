/** What a track keeps of somebody whose head is turned away, and what goes with the person. */
import assert from "node:assert/strict";
import { chanceOf } from "../../hardware/simulated/chance.ts";
import { CROP_SIDE } from "./align.ts";
import type { Surroundings } from "./carried.ts";
import { depthRule } from "./parallax.ts";
import { direction, face } from "./testing.ts";
import { type Sight, Tracker, type TrackRule } from "./track.ts";

const DIM = 16;
const rule: TrackRule = {
  unsure_after: 15,
  unsure_after_ms: 3_000,
  screen_peak: 3,
  carried: 0.002,
  flicker: 0.002,
  same: 0.5,
  window: 8,
  blind: 3,
  absent: 2,
  depth: depthRule,
};

/** A wall that stands still, but for a camera's noise. */
function wall(frame: number): Surroundings {
  const chance = chanceOf(`wall/${frame}`);
  const grey = new Uint8Array(160 * 120).map((_, i) =>
    120 + 40 * Math.sin(i % 160 / 4) + chance.between(-2, 2)
  );
  return { width: 160, height: 120, scale: 0.5, grey };
}

/** Somebody at the till, who looks left and right a little; `turned` away, they are no match. */
function sight(axis: number, frame: number, turned = false): Sight {
  const { box, landmarks } = face(120, 70, 80);
  const [a, b, nose, c, d] = landmarks;
  const moved = { x: nose.x + 8 * Math.sin(frame), y: nose.y };
  const chance = chanceOf(`skin/${frame}`);
  const crop = new Uint8Array(CROP_SIDE * CROP_SIDE * 3).map(() => chance.between(90, 110));
  const shown = { box, landmarks: [a, b, moved, c, d] as const, weight: turned ? 0 : 1, crop };
  return { ...shown, probe: turned ? undefined : direction(DIM, axis, 9, 0.1) };
}

function seen(tracker: Tracker, frames: number, of: (frame: number) => Sight): void {
  for (let frame = 0; frame < frames; frame++) {
    tracker.see([of(frame)], { surroundings: wall(frame), at_ms: 200 * frame });
  }
}

Deno.test("whoever shows depth has shown what they will as soon as anybody", () => {
  const tracker = new Tracker(rule);
  const told = Array.from({ length: 15 }, (_, frame) => {
    tracker.see([sight(0, frame)], { surroundings: wall(frame), at_ms: 200 * frame });
    const [{ solid_by_itself, shown }] = tracker.present as [Tracker["present"][number]];
    return { solid_by_itself, shown };
  });
  assert.deepEqual(told[13], { solid_by_itself: true, shown: false });
  assert.deepEqual(told[14], { solid_by_itself: true, shown: true });
});

Deno.test("a head that is turned away takes its likeness along, and not what is beside it", () => {
  const tracker = new Tracker(rule);
  seen(tracker, 12, (frame) => sight(0, frame));
  assert.equal(tracker.present[0]?.beside, "still");
  seen(tracker, 3, (frame) => sight(0, frame, true));
  assert.deepEqual(tracker.present.map(({ frames, beside }) => [frames.length, beside]), [
    [0, "still"],
  ]);
});

Deno.test("a turned head that is unlike itself is not compared, and not somebody else", () => {
  const tracker = new Tracker(rule);
  seen(tracker, 12, (frame) => sight(0, frame));
  const turned = (frame: number): Sight => {
    const [a, b, nose, c, d] = face(120, 70, 80).landmarks;
    const landmarks = [a, b, { x: nose.x + 18, y: nose.y }, c, d] as const;
    return { ...sight(1, frame), landmarks };
  };
  seen(tracker, 2, turned);
  assert.deepEqual(tracker.present.map(({ frames }) => frames.length), [8]);
  seen(tracker, 1, turned);
  assert.deepEqual(tracker.present.map(({ frames, beside }) => [frames.length, beside]), [
    [0, "still"],
  ]);
});

Deno.test("whoever takes somebody's place inherits nothing", () => {
  const tracker = new Tracker(rule);
  seen(tracker, 20, (frame) => sight(0, frame));
  seen(tracker, 1, (frame) => sight(1, frame));
  assert.deepEqual(
    tracker.present.map(({ frames, beside, shown }) => [frames.length, beside, shown]),
    [[1, undefined, false]],
  );
});
