/** Drawn scenes: the same by seed, true to what they say of faces, and turning as heads do. */
import assert from "node:assert/strict";
import { drawScene, type Person, type Scene } from "./scene.ts";
import { rgbToYuyv } from "./yuyv.ts";

const someone: Person = {
  identity: 7,
  x: 100,
  y: 90,
  size: 80,
  yaw: 0,
  pitch: 0,
  roll: 0,
  expression: 0,
};

function sceneOf(...people: Person[]): Scene {
  return {
    width: 200,
    height: 180,
    background_seed: 3,
    light: { level: 1, side: 0, warmth: 0 },
    noise: 2,
    noise_seed: 5,
    people,
  };
}

Deno.test("the same scene is the same bytes, in memory of its own or given", () => {
  const first = drawScene(sceneOf(someone));
  const target = new Uint8ClampedArray(200 * 180 * 3);
  const second = drawScene(sceneOf(someone), target);
  assert.deepEqual(first.rgb, second.rgb);
  assert.equal(second.rgb.buffer, target.buffer);
  assert.deepEqual(first.faces, second.faces);
});

Deno.test("another identity, background or noise is another picture", () => {
  const base = drawScene(sceneOf(someone)).rgb;
  const others: Scene[] = [
    sceneOf({ ...someone, identity: 8 }),
    { ...sceneOf(someone), background_seed: 4 },
    { ...sceneOf(someone), noise_seed: 6 },
  ];
  for (const other of others) assert.notDeepEqual(drawScene(other).rgb, base);
});

Deno.test("a target of another size is refused", () => {
  const target = new Uint8ClampedArray(30);
  assert.throws(() => drawScene(sceneOf(someone), target), /needs 108000 bytes, not 30/);
});

Deno.test("landmarks lie in the box, left before right, eyes over nose over mouth", () => {
  for (let identity = 0; identity < 50; identity++) {
    const [face] = drawScene(sceneOf({ ...someone, identity, yaw: identity - 25 })).faces;
    const { box, landmarks: [left_eye, right_eye, nose, left_mouth, right_mouth] } = face!;
    for (const point of face!.landmarks) {
      assert.ok(point.x > box.x && point.x < box.x + box.width, `x of ${identity}`);
      assert.ok(point.y > box.y && point.y < box.y + box.height, `y of ${identity}`);
    }
    assert.ok(left_eye.x < right_eye.x && left_mouth.x < right_mouth.x);
    assert.ok(left_eye.y < nose.y && nose.y < right_mouth.y);
  }
});

Deno.test("a turned head moves its nose further than its eyes, as nothing flat does", () => {
  const at = (yaw: number) => {
    const { landmarks } = drawScene(sceneOf({ ...someone, yaw })).faces[0]!;
    return { eyes: (landmarks[0].x + landmarks[1].x) / 2, nose: landmarks[2].x };
  };
  const still = at(0), turned = at(20);
  assert.ok(turned.eyes > still.eyes + 5);
  assert.ok(turned.nose - still.nose > 1.2 * (turned.eyes - still.eyes));
});

Deno.test("the head rolls about its middle and the truth rolls with it", () => {
  const { landmarks: [left, right] } = drawScene(sceneOf({ ...someone, roll: 20 })).faces[0]!;
  const angle = Math.atan2(right.y - left.y, right.x - left.x) * 180 / Math.PI;
  assert.ok(Math.abs(angle - 20) < 0.5, `${angle}`);
});

Deno.test("the eyes are drawn where the truth says", () => {
  const dark = (x: number, y: number, rgb: Uint8Array) =>
    rgb[(Math.round(y) * 200 + Math.round(x)) * 3]!;
  for (let identity = 0; identity < 20; identity++) {
    const picture = drawScene({ ...sceneOf({ ...someone, identity, yaw: 15 }), noise: 0 });
    const [left, right] = picture.faces[0]!.landmarks;
    assert.ok(dark(left.x, left.y, picture.rgb) < 40, `left pupil of ${identity}`);
    assert.ok(dark(right.x, right.y, picture.rgb) < 40, `right pupil of ${identity}`);
  }
});

Deno.test("a face beyond the edge is drawn as far as it is seen", () => {
  const picture = drawScene(sceneOf({ ...someone, x: -10, y: 175 }));
  assert.equal(picture.faces.length, 1);
  assert.equal(picture.rgb.length, 200 * 180 * 3);
});

Deno.test("colours become BT.601 limited range, two pixels to a chroma pair", () => {
  const yuyv = (
    ...rgb: number[]
  ) => [...rgbToYuyv({ width: 2, height: 1, rgb: new Uint8Array(rgb) })];
  assert.deepEqual(yuyv(0, 0, 0, 0, 0, 0), [16, 128, 16, 128]);
  assert.deepEqual(yuyv(255, 255, 255, 255, 255, 255), [235, 128, 235, 128]);
  assert.deepEqual(yuyv(255, 0, 0, 255, 0, 0), [81, 90, 81, 240]);
  assert.deepEqual(yuyv(0, 0, 255, 0, 0, 255), [41, 240, 41, 110]);
  assert.throws(() => rgbToYuyv({ width: 3, height: 1, rgb: new Uint8Array(9) }), /even width/);
});
