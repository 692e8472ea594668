/** What is beside a face is part of what the face is part of, or others, or not to be told. */
import assert from "node:assert/strict";
import { Beside } from "./beside.ts";
import type { Surroundings } from "./carried.ts";

const width = 160, height = 120;
const face = { x: 62, y: 36, width: 36, height: 44 };
const rule = { carried: 0.002, flicker: 0.002 };

/** Where something is after each frame, in pixels; none of them repeats another. */
const sway = (rate: number, at: number) => (frame: number) => 1.6 * Math.sin(rate * frame + at);
const own = sway(0.9, 0), one = sway(0.63, 2), other = sway(1.17, 4);
const nowhere = () => 0;
type Way = (frame: number) => number;
type Glow = (y: number, frame: number) => number;
/** Bands of 2 % that wander down. */
const band: Glow = (y, frame) => 0.02 * Math.sin(y / 9 + 1.3 * frame);
const dark: Glow = () => 0;

/** Other goods left and right of the face, each side moved by its own, and lit. */
function wall(frame: number, ways: readonly [Way, Way], glow: Glow): Surroundings {
  const grey = new Uint8Array(width * height);
  let noise = 7 * frame + 1;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      noise = (noise * 1_103_515_245 + 12_345) % 2_147_483_648;
      const side = x < 80 ? 0 : 1;
      const at = x - ways[side](frame), row = [y / 5, y / 3.3 + 2][side]!;
      const pattern = 120 + 40 * Math.sin(at / 4 + y / 9) * Math.cos(row);
      const lit = Math.abs(x - 80) < 45 ? 1 + glow(y, frame) : 1;
      grey[y * width + x] = pattern * lit + 4 * (noise / 2_147_483_648 - 0.5);
    }
  }
  return { width, height, scale: 1, grey };
}

interface Scene {
  readonly ways?: readonly [Way, Way];
  readonly glow?: Glow;
  readonly box?: typeof face;
}

/** The signs after each frame of a face that moves in its own way. */
function signs(frames: number, { ways = [nowhere, nowhere], glow = dark, box = face }: Scene) {
  const beside = new Beside(rule);
  return Array.from({ length: frames }, (_, frame) => {
    const moved = { ...box, x: box.x + own(frame) };
    const place = { x: moved.x + box.width / 2, y: moved.y + box.height / 2 };
    beside.see(moved, wall(frame, ways, glow), place);
    return beside.sign;
  });
}

const sign = (frames: number, scene: Scene) => signs(frames, scene).at(-1);

Deno.test("before a shop that stands still, ten frames tell so", () => {
  assert.equal(sign(9, {}), undefined);
  assert.equal(sign(10, {}), "still");
  assert.equal(sign(60, {}), "still");
});

Deno.test("what moves with the face on both sides is not trusted, and then surely carried", () => {
  const ways = [own, own] as const;
  assert.equal(sign(12, { ways }), "stirred");
  assert.equal(sign(24, { ways }), "carried");
});

Deno.test("others who move on both sides are told from that, and refuse nobody", () => {
  const told = signs(70, { ways: [one, other] });
  assert.deepEqual(new Set(told.slice(9)), new Set(["stirred", "still"]));
  assert.equal(told[36], "still");
});

Deno.test("both sides that move as one, but not with the face, are not trusted", () => {
  assert.equal(sign(14, { ways: [one, one] }), "stirred");
});

Deno.test("bands on both sides are a screen's, whoever moves beside it", () => {
  assert.equal(sign(9, { glow: band }), undefined);
  assert.equal(sign(10, { glow: band }), "screen");
});

Deno.test("a face at the rim tells nothing, and after some frames that is told", () => {
  const box = { ...face, x: 2 };
  assert.equal(sign(13, { glow: band, box }), undefined);
  assert.equal(sign(14, { glow: band, box }), "unseen");
  assert.equal(new Beside(rule).sign, "unseen");
});

Deno.test("what was seen beside somebody is forgotten with them", () => {
  const beside = new Beside(rule);
  for (let frame = 0; frame < 40; frame++) {
    const moved = { ...face, x: face.x + own(frame) };
    beside.see(moved, wall(frame, [own, own], dark), { x: moved.x, y: moved.y });
  }
  assert.equal(beside.sign, "carried");
  beside.clear();
  assert.equal(beside.sign, "unseen");
});
