/** Each family's answers become faces where its formulas say, each face once. */
import assert from "node:assert/strict";
import { type Face, intersectionOverUnion, suppress } from "./detect.ts";
import { canvasFor } from "./networks.ts";
import { face } from "./testing.ts";
import { decodeYunet, type StrideAnswer } from "./yunet.ts";

/** A grid of 4 by 4 cells of 8 pixels in which one cell sees a face. */
function answer(cell: number, cls = 0.81, obj = 1): StrideAnswer {
  const grid: StrideAnswer = {
    stride: 8,
    cls: new Float32Array(16),
    obj: new Float32Array(16),
    bbox: new Float32Array(64),
    kps: new Float32Array(160),
  };
  grid.cls[cell] = cls;
  grid.obj[cell] = obj;
  grid.bbox.set([0.5, 0.25, Math.log(2), Math.log(3)], cell * 4);
  grid.kps.set([0, 0, 1, 0, 0.5, 0.5, 0, 1, 1, 1], cell * 10);
  return grid;
}

function decode(answers: readonly StrideAnswer[], scale: number, most: number): Face[] {
  return decodeYunet(answers, { canvas: { width: 32, height: 32 }, scale, threshold: 0.5, most });
}

Deno.test("a cell speaks for the face around it", () => {
  // Cell 6 is column 2, row 1; the picture was doubled to fit the canvas.
  const [found] = decode([answer(6)], 2, 10);
  assert.ok(found !== undefined);
  assert.ok(Math.abs(found.score - 0.9) < 1e-6);
  const expected = { x: 10 - 4, y: 5 - 6, width: 8, height: 12 };
  for (const key of ["x", "y", "width", "height"] as const) {
    assert.ok(Math.abs(found.box[key] - expected[key]) < 1e-5, key);
  }
  assert.deepEqual(found.landmarks[0], { x: 8, y: 4 });
  assert.deepEqual(found.landmarks[4], { x: 12, y: 8 });
});

Deno.test("weak cells, and answers that are no numbers, are no faces", () => {
  assert.equal(decode([answer(6, 0.2)], 1, 10).length, 0);
  assert.equal(decode([answer(6, NaN)], 1, 10).length, 0);
  const broken = answer(6);
  broken.kps[60] = NaN;
  assert.equal(decode([broken], 1, 10).length, 0);
  const endless = answer(6);
  endless.bbox[26] = 1e6;
  assert.equal(decode([endless], 1, 10).length, 0);
});

Deno.test("the strides' answers are put together; the strongest stay, as many as wanted", () => {
  const strong = answer(0, 1);
  const same = answer(0);
  const other = answer(15);
  const found = decode([same, strong, other], 1, 10);
  assert.deepEqual(found.map((one) => Math.round(one.score * 10)), [10, 9]);
  assert.equal(decode([same, strong, other], 1, 1).length, 1);
});

Deno.test("of faces that overlap the strongest stays", () => {
  const faces = [face(0, 0, 10, 0.7), face(1, 0, 10, 0.9), face(50, 0, 10, 0.6)];
  assert.deepEqual(suppress(faces, 0.3).map((one) => one.score), [0.9, 0.6]);
  // An eye taken for a face: too small for its union with the face to show it.
  const nested = [face(0, 0, 100, 0.9), face(20, 20, 40, 0.8), face(80, 0, 60, 0.7)];
  assert.deepEqual(suppress(nested, 0.3).map((one) => one.score), [0.9, 0.7]);
  const box = { x: 0, y: 0, width: 2, height: 2 };
  assert.equal(intersectionOverUnion(box, box), 1);
  assert.equal(intersectionOverUnion(box, { ...box, x: 1 }), 2 / 6);
  assert.equal(intersectionOverUnion(box, { ...box, x: 2 }), 0);
});

Deno.test("a picture fills a fixed session's canvas, and a free one is 320 wide at most", () => {
  const free = { canvas: undefined, multiple: 32 };
  assert.deepEqual(canvasFor({ width: 640, height: 480 }, free), {
    canvas: { width: 320, height: 256 },
    scale: 0.5,
  });
  assert.deepEqual(canvasFor({ width: 80, height: 160 }, free), {
    canvas: { width: 160, height: 320 },
    scale: 2,
  });
  const fixed = { canvas: { width: 320, height: 240 }, multiple: 32 };
  assert.equal(canvasFor({ width: 640, height: 640 }, fixed).scale, 0.375);
});
