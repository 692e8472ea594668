/** Heads in space are solid, whatever turns in one plane is flat, and little shows little. */
import assert from "node:assert/strict";
import { chanceOf } from "../../hardware/simulated/chance.ts";
import type { Landmarks, Point } from "./align.ts";
import { Parallax } from "./parallax.ts";

/** Eyes, nose and corners of a mouth in space, in units of the picture. */
const head = [[-20, -12, 0], [20, -12, 0], [0, 10, 18], [-15, 32, -2], [15, 32, -2]] as const;
const picture = head.map(([x, y]) => [x, y, 0] as const);

interface Pose {
  readonly yaw: number;
  readonly pitch: number;
  readonly roll: number;
  readonly size: number;
  readonly noise: number;
}

/** The points as a camera 500 units away sees them. */
function seen(
  points: readonly (readonly [number, number, number])[],
  { yaw, pitch, roll, size, noise }: Pose,
  chance: ReturnType<typeof chanceOf>,
): Landmarks {
  const turned = points.map(([x, y, z]): Point => {
    const right = x * Math.cos(yaw) + z * Math.sin(yaw);
    const near = z * Math.cos(yaw) - x * Math.sin(yaw);
    const down = y * Math.cos(pitch) + near * Math.sin(pitch);
    const close = near * Math.cos(pitch) - y * Math.sin(pitch);
    const scale = size * 500 / (500 - close);
    return {
      x: 160 + scale * (right * Math.cos(roll) - down * Math.sin(roll)) + chance.normal(0, noise),
      y: 120 + scale * (right * Math.sin(roll) + down * Math.cos(roll)) + chance.normal(0, noise),
    };
  });
  return turned as unknown as Landmarks;
}

/** Twenty frames in which the pose goes from one side to the other. */
function watched(points: typeof head | typeof picture, degrees: number, noise = 0.3): Parallax {
  const chance = chanceOf(`parallax/${degrees}`);
  const parallax = new Parallax();
  for (let frame = 0; frame < 20; frame++) {
    const wave = Math.sin(frame / 3);
    parallax.see(seen(points, {
      yaw: degrees * Math.PI / 180 * wave,
      pitch: 0.3 * degrees * Math.PI / 180 * Math.cos(frame / 4),
      roll: 0.2 * Math.sin(frame / 5),
      size: 1 + 0.2 * Math.cos(frame / 6),
      noise,
    }, chance));
  }
  return parallax;
}

Deno.test("a head that turns is solid, a picture that turns as far is flat", () => {
  for (const degrees of [15, 25, 35]) {
    assert.equal(watched(head, degrees).solidity, "solid", `${degrees} degrees`);
    assert.notEqual(watched(picture, degrees).solidity, "solid", `${degrees} degrees`);
  }
  assert.equal(watched(picture, 50).solidity, "flat");
});

Deno.test("what hardly turns shows neither, and noise alone is no depth", () => {
  assert.equal(watched(head, 1).solidity, "undecided");
  assert.equal(watched(picture, 1).solidity, "undecided");
  assert.equal(watched(picture, 1, 2.5).solidity, "undecided");
});

Deno.test("moving, rolling and coming nearer are no turn, for a head as for a picture", () => {
  const chance = chanceOf("parallax/rolling");
  for (const points of [head, picture]) {
    const parallax = new Parallax();
    for (let frame = 0; frame < 20; frame++) {
      const pose = { yaw: 0, pitch: 0, roll: 0.4 * Math.sin(frame), noise: 0 };
      parallax.see(seen(points, { ...pose, size: 1 + frame / 20 }, chance));
    }
    const { parallax: moved, squeeze } = parallax.depth!;
    assert.ok(moved < 0.02 && squeeze < 0.02, JSON.stringify(parallax.depth));
    assert.equal(parallax.solidity, "undecided");
  }
});

Deno.test("a few frames say nothing, nor do frames before somebody was forgotten", () => {
  const parallax = watched(head, 30);
  parallax.clear();
  const chance = chanceOf("parallax/few");
  for (const yaw of [-0.5, 0, 0.5, 0, -0.5]) {
    parallax.see(seen(head, { yaw, pitch: 0, roll: 0, size: 1, noise: 0 }, chance));
  }
  assert.equal(parallax.depth, undefined);
  assert.equal(parallax.solidity, "undecided");
  const nowhere = { x: 5, y: 5 };
  for (let i = 0; i < 9; i++) parallax.see([nowhere, nowhere, nowhere, nowhere, nowhere]);
  assert.equal(parallax.depth, undefined);
});
