/** What is beside a face moves along with a thing held up, and with no head. */
import assert from "node:assert/strict";
import { Carried, type Surroundings } from "./carried.ts";

const width = 160, height = 120;
const face = { x: 60, y: 40, width: 36, height: 44 };

/** A wall with a soft pattern; each side of the face is moved by its own number of pixels. */
function wall(left_px: number, right_px: number, noise_seed: number, contrast = 40): Surroundings {
  const grey = new Uint8Array(width * height);
  let noise = noise_seed + 1;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = x - (x < face.x + face.width / 2 ? left_px : right_px);
      noise = (noise * 1_103_515_245 + 12_345) % 2_147_483_648;
      const pattern = Math.sin(at / 4) * Math.cos(y / 5);
      grey[y * width + x] = 128 + contrast * pattern + 3 * (noise / 2_147_483_648 - 0.5);
    }
  }
  return { width, height, scale: 1, grey };
}

/** Pixels that something has moved after each of many frames. */
const sway = (frame: number, rate = 0.9) => 1.2 * Math.sin(rate * frame);

function after(frames: (at: number) => Surroundings): Carried {
  const carried = new Carried();
  for (let at = 0; at < 20; at++) carried.see(face, frames(at));
  return carried;
}

Deno.test("both sides that move at once are told by how far, in widths of the face", () => {
  const steps = Array.from({ length: 19 }, (_, i) => sway(i + 1) - sway(i));
  const truth = Math.sqrt(steps.reduce((sum, one) => sum + one * one, 0) / 19) / face.width;
  const held = after((at) => wall(sway(at), sway(at), at));
  assert.equal(held.steps, 19);
  assert.ok(Math.abs(held.together / truth - 1) < 0.3, `${held.together} for ${truth}`);
});

Deno.test("a shop that stands still, and people who pass on one side, carry nothing", () => {
  assert.ok(after((at) => wall(0, 0, at)).together < 0.0005);
  assert.ok(after((at) => wall(sway(at), 0, at)).together < 0.002);
  const against = after((at) => wall(sway(at), -sway(at), at));
  assert.equal(against.together, 0);
});

Deno.test("a bare wall tells nothing, and light that changes moves nothing", () => {
  assert.ok(after((at) => wall(sway(at), sway(at), at, 0)).together < 0.0005);
  const lit = after((at) => {
    const shown = wall(0, 0, at);
    for (let i = 0; i < shown.grey.length; i++) shown.grey[i] = shown.grey[i]! + 4 * (at % 3);
    return shown;
  });
  assert.ok(lit.together < 0.0005, `${lit.together}`);
});

Deno.test("a face at the rim has one side only, and nothing is said of it", () => {
  const carried = new Carried();
  for (let at = 0; at < 20; at++) carried.see({ ...face, x: 0 }, wall(sway(at), sway(at), at));
  assert.equal(carried.steps, 0);
  assert.equal(carried.together, 0);
});
