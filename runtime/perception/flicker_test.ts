/** Bands of light beside a face are a screen's, unless all of the shop has them. */
import assert from "node:assert/strict";
import type { Surroundings } from "./carried.ts";
import { Flicker } from "./flicker.ts";

const width = 160, height = 120;
const face = { x: 62, y: 36, width: 36, height: 44 };

/** By how much a place is brighter than usual. */
type Glow = (x: number, y: number, frame: number) => number;

/** A wall with a pattern, a camera's noise, and light that is not the same everywhere. */
function wall(frame: number, glow: Glow): Surroundings {
  const grey = new Uint8Array(width * height);
  let noise = 7 * frame + 1;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      noise = (noise * 1_103_515_245 + 12_345) % 2_147_483_648;
      const pattern = 120 + 40 * Math.sin(x / 4) * Math.cos(y / 5);
      grey[y * width + x] = pattern * (1 + glow(x, y, frame)) + 4 * (noise / 2_147_483_648 - 0.5);
    }
  }
  return { width, height, scale: 1, grey };
}

function after(glow: Glow, frames = 20, at = (_frame: number) => face): Flicker {
  const flicker = new Flicker();
  for (let frame = 0; frame < frames; frame++) flicker.see(at(frame), wall(frame, glow));
  return flicker;
}

/** Bands of 2 % that wander down. */
const band = (y: number, frame: number) => 0.02 * Math.sin(y / 9 + 1.3 * frame);
const on_screen = (x: number) => Math.abs(x - (face.x + face.width / 2)) < 45;

Deno.test("bands that wander over a screen are told by their strength, on both sides", () => {
  const { bands } = after((x, y, frame) => on_screen(x) ? band(y, frame) : 0);
  assert.equal(bands.frames, 20);
  // From one frame to the next the phase moves by 1.3, which shows as 2 sin(0.65) of a band.
  const truth = 0.02 * Math.sin(0.65);
  assert.ok(Math.abs(bands.strength / truth - 1) < 0.15, `${bands.strength} for ${truth}`);
  assert.ok(bands.accord > 0.8, `${bands.accord}`);
});

Deno.test("lamps that beat against the camera put their bands on all of the shop", () => {
  const { bands } = after((_x, y, frame) => band(y, frame));
  assert.ok(bands.strength < 0.002 && bands.accord < 0.2, JSON.stringify(bands));
});

Deno.test("light that changes, and whoever passes on one side, is no screen", () => {
  const passing = (x: number, _y: number, frame: number) => x > 100 && frame % 5 < 2 ? -0.4 : 0;
  const lamps: Glow = (_x, _y, frame) => 0.1 * Math.sin(frame);
  for (const glow of [() => 0, lamps, passing]) {
    const { bands } = after(glow);
    assert.ok(bands.strength < 0.002 || bands.accord < 0.2, JSON.stringify(bands));
  }
});

/** People who sway at different heights left and right, far more than any band would. */
const queue: Glow = (x, y, frame) => {
  if (x < 46) return y > 30 + 6 * Math.sin(0.9 * frame) ? -0.3 : 0;
  if (x > 112) return y > 44 + 5 * Math.sin(0.7 * frame + 1) ? 0.25 : 0;
  return 0;
};

Deno.test("people who move on both sides are no screen, and hide none", () => {
  const people = after(queue).bands;
  assert.ok(people.accord < 0.2, JSON.stringify(people));
  const before = after((x, y, frame) => {
    const beyond = Math.abs(x - (face.x + face.width / 2)) > 38;
    return (on_screen(x) ? band(y, frame) : 0) + (beyond && frame % 6 < 2 ? queue(x, y, frame) : 0);
  }).bands;
  assert.ok(before.accord > 0.35 && before.strength > 0.002, JSON.stringify(before));
});

Deno.test("too few frames, or a face at the rim, tell nothing", () => {
  const screen: Glow = (_x, y, frame) => band(y, frame);
  assert.deepEqual(after(screen, 9).bands, { frames: 9, strength: 0, accord: 0 });
  const rim = after(screen, 20, () => ({ ...face, x: 2 }));
  assert.deepEqual(rim.bands, { frames: 0, strength: 0, accord: 0 });
});

Deno.test("what a place has shown is not lost when the face leaves it", () => {
  const glow: Glow = (x, y, frame) => on_screen(x) ? band(y, frame) : 0;
  const stays = after(glow, 12).bands;
  const leaves = after(glow, 15, (frame) => frame < 12 ? face : { ...face, x: face.x + 14 });
  assert.ok(stays.accord > 0.8);
  assert.deepEqual(leaves.bands, stays);
  leaves.clear();
  assert.deepEqual(leaves.bands, { frames: 0, strength: 0, accord: 0 });
});
