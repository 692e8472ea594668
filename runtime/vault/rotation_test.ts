/** Turned by one key, vectors are as alike as they were; turned by two, they are strangers. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { rotationOf } from "./rotation.ts";

const key = (name: number) => new Uint8Array(32).fill(name);
const dot = (a: Float32Array, b: Float32Array) =>
  a.reduce((sum, value, at) => sum + value * b[at]!, 0);

/** A unit vector that is particular to the number. */
function vector(dim: number, number: number): Float32Array {
  let state = number * 2_654_435_761 >>> 0;
  const values = Float32Array.from({ length: dim }, () => {
    state = Math.imul(state ^ state >>> 15, 0x2c1b3c6d) + 0x9e3779b9 >>> 0;
    return state / 2 ** 31 - 1;
  });
  const length = Math.hypot(...values);
  return values.map((value) => value / length);
}

Deno.test("likeness and length stay, and the way back leads back", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(16, 48, 128, 512),
      fc.integer({ min: 1, max: 255 }),
      fc.tuple(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 1, max: 1e6 })),
      (dim, name, [one, other]) => {
        const { turn, turnBack } = rotationOf(key(name), dim);
        const [a, b] = [vector(dim, one), vector(dim, other)];
        assert.ok(Math.abs(dot(turn(a), turn(b)) - dot(a, b)) < 1e-6);
        assert.ok(Math.abs(dot(turn(a), turn(a)) - 1) < 1e-6);
        turnBack(turn(a)).forEach((value, at) => assert.ok(Math.abs(value - a[at]!) < 1e-6));
      },
    ),
    { numRuns: 60 },
  );
});

Deno.test("the same face under two keys is as unlike as two people, and unlike itself", () => {
  const dim = 512;
  const rotations = [0, 1, 2, 3].map((name) => rotationOf(key(name), dim));
  const likenesses: number[] = [];
  for (let person = 1; person <= 60; person++) {
    const face = vector(dim, person);
    const turned = [face, ...rotations.map(({ turn }) => turn(face))];
    turned.forEach((one, at) =>
      turned.slice(at + 1).forEach((other) => likenesses.push(dot(one, other)))
    );
  }
  // Of random directions the likeness has mean 0 and variance 1/dim.
  const mean = likenesses.reduce((sum, value) => sum + value, 0) / likenesses.length;
  const variance = likenesses.reduce((sum, value) => sum + value * value, 0) / likenesses.length;
  assert.ok(Math.abs(mean) < 0.01, String(mean));
  assert.ok(variance * dim > 0.7 && variance * dim < 1.4, String(variance * dim));
  assert.ok(Math.max(...likenesses.map(Math.abs)) < 0.3);
});

Deno.test("the same key gives the same rotation on every machine", () => {
  const turned = rotationOf(Uint8Array.from({ length: 32 }, (_, at) => at), 16)
    .turn(vector(16, 7));
  const told = Array.from(turned, (value) => value.toFixed(5)).join(" ");
  assert.equal(
    told,
    [
      "0.13774 0.25965 0.30467 -0.05504 0.00655 -0.39774 -0.24866 -0.01894",
      "-0.13107 0.04886 -0.42398 0.44723 0.21976 -0.10478 0.04542 0.36966",
    ].join(" "),
  );
  assert.throws(() => rotationOf(key(1), 20), /multiple of 16/);
  assert.throws(() => rotationOf(key(1), 32).turn(vector(16, 1)), /not the 32/);
});
