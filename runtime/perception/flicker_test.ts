/** Bands of light beside a face are a screen's, unless all of the shop has them. */
import assert from "node:assert/strict";
import { Beside } from "./beside.ts";
import type { Surroundings } from "./carried.ts";
import { Flicker } from "./flicker.ts";

const width = 160, height = 120;
const face = { x: 62, y: 36, width: 36, height: 44 };
const rule = { carried: 0.002, flicker: 0.003 };

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

Deno.test("bands that wander over a screen are told by their strength", () => {
  const { bands, frames } = after((x, y, frame) => on_screen(x) ? band(y, frame) : 0);
  assert.equal(frames, 20);
  assert.ok(Math.abs(bands / (0.02 / Math.SQRT2) - 1) < 0.15, `${bands}`);
});

Deno.test("lamps that beat against the camera put their bands on all of the shop", () => {
  const { bands } = after((_x, y, frame) => band(y, frame));
  assert.ok(bands < 0.002, `${bands}`);
});

Deno.test("light that changes, and whoever passes on one side, is no screen", () => {
  assert.ok(after(() => 0).bands < 0.002);
  assert.ok(after((_x, _y, frame) => 0.1 * Math.sin(frame)).bands < 0.002);
  const passing = (x: number, _y: number, frame: number) => x > 100 && frame % 5 < 2 ? -0.4 : 0;
  assert.ok(after(passing).bands < 0.004);
});

Deno.test("too few frames, or a face at the rim, tell nothing", () => {
  const screen: Glow = (_x, y, frame) => band(y, frame);
  assert.deepEqual([after(screen, 7).frames, after(screen, 7).bands], [7, 0]);
  const rim = after(screen, 20, () => ({ ...face, x: 2 }));
  assert.deepEqual([rim.frames, rim.bands], [0, 0]);
});

Deno.test("what a place has shown is not lost when the face leaves it", () => {
  const glow: Glow = (x, y, frame) => on_screen(x) ? band(y, frame) : 0;
  const stays = after(glow, 10).bands;
  const leaves = after(glow, 13, (frame) => frame < 10 ? face : { ...face, x: face.x + 14 });
  assert.equal(leaves.bands, stays);
  assert.equal(leaves.frames, 10);
  leaves.clear();
  assert.deepEqual([leaves.frames, leaves.bands], [0, 0]);
});

Deno.test("a sign is given when enough was seen beside the face, or cannot be", () => {
  const sign = (glow: Glow, frames: number, box = face) => {
    const beside = new Beside(rule);
    for (let frame = 0; frame < frames; frame++) beside.see(box, wall(frame, glow));
    return beside.sign;
  };
  const screen: Glow = (x, y, frame) => on_screen(x) ? band(y, frame) : 0;
  assert.equal(sign(() => 0, 7), undefined);
  assert.equal(sign(() => 0, 8), "still");
  assert.equal(sign(screen, 8), "screen");
  assert.equal(sign(screen, 11, { ...face, x: 2 }), undefined);
  assert.equal(sign(screen, 12, { ...face, x: 2 }), "unseen");
  assert.equal(new Beside(rule).sign, "unseen");
});
