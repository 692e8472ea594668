/** Fine regular ripples are found under noise, whatever their direction; a face's own are not. */
import assert from "node:assert/strict";
import { chanceOf } from "../../hardware/simulated/chance.ts";
import { Shimmer } from "./shimmer.ts";

const SIDE = 112;

/** A crop of these brightnesses, with a camera's noise. */
function crop(seed: string, bright: (x: number, y: number) => number): Uint8Array {
  const chance = chanceOf(seed);
  const data = new Uint8Array(SIDE * SIDE * 3);
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const value = Math.round(bright(x, y) + chance.normal(0, 3));
      data.fill(Math.max(0, Math.min(255, value)), (y * SIDE + x) * 3, (y * SIDE + x) * 3 + 3);
    }
  }
  return data;
}
/** An oval with eyes and a mouth, as rough as may be. */
const face = (x: number, y: number) => {
  const oval = Math.hypot((x - 56) / 40, (y - 56) / 52) < 1 ? 150 : 60;
  const eyes = Math.hypot(Math.abs(x - 56) - 18, y - 46) < 5 ? 70 : 0;
  return oval - eyes - (Math.abs(y - 90) < 2 && Math.abs(x - 56) < 15 ? 60 : 0);
};
function peakOf(bright: (x: number, y: number) => number): number {
  const shimmer = new Shimmer();
  for (let frame = 0; frame < 8; frame++) shimmer.see(crop(`shimmer/${frame}`, bright));
  return shimmer.peak;
}

Deno.test("ripples of two grey levels stand out, along and across", () => {
  const plain = peakOf(face);
  for (const [u, v] of [[1.9, 0], [0, 2.2], [1.5, 1.8], [2.4, -1.1]] as const) {
    const rippled = peakOf((x, y) => face(x, y) + 2 * Math.sin(u * x + v * y));
    assert.ok(rippled > 3 * plain, `${u} ${v}: ${rippled} against ${plain}`);
  }
});

Deno.test("coarse ripples are a face's own, and nothing is left after clear", () => {
  assert.ok(peakOf((x, y) => face(x, y) + 8 * Math.sin(0.5 * x)) < 2 * peakOf(face));
  const shimmer = new Shimmer();
  assert.equal(shimmer.peak, 0);
  shimmer.see(crop("one", (x) => 100 + 20 * Math.sin(2 * x)));
  assert.ok(shimmer.peak > 10);
  shimmer.clear();
  assert.deepEqual([shimmer.peak, shimmer.frames], [0, 0]);
});
