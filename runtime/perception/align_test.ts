/** Alignment: exact on exact similarities, never a mirror image, black outside. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { Picture } from "../../hardware/recorded/picture.ts";
import { PictureDesk, type TensorInput } from "../../wasm/image.ts";
import { alignedFace, CROP_SIDE, type Landmarks, REFERENCE, similarity } from "./align.ts";
import { show } from "./picture.ts";

const levels: TensorInput = { layout: "NHWC", order: "RGB", mean: [0, 0, 0], std: [1, 1, 1] };

function deskWith(picture: Picture): PictureDesk {
  const desk = PictureDesk.create();
  show(desk, picture);
  return desk;
}

function moved(a: number, b: number, tx: number, ty: number): Landmarks {
  return REFERENCE.map((p) => ({
    x: a * p.x - b * p.y + tx,
    y: b * p.x + a * p.y + ty,
  })) as unknown as Landmarks;
}

Deno.test("a turned, scaled and shifted reference face is found again", () => {
  const coordinate = fc.double({ min: -3, max: 3, noNaN: true });
  const shift = fc.double({ min: -200, max: 200, noNaN: true });
  fc.assert(fc.property(coordinate, coordinate, shift, shift, (a, b, tx, ty) => {
    fc.pre(a * a + b * b > 0.01);
    const found = similarity(REFERENCE, moved(a, b, tx, ty));
    assert.ok(found !== undefined);
    for (const [got, want] of [[found.a, a], [found.b, b], [found.tx, tx], [found.ty, ty]]) {
      assert.ok(Math.abs(got! - want!) < 1e-6, `${got} is not ${want}`);
    }
  }));
});

Deno.test("a mirrored face is not mirrored back", () => {
  const mirrored = REFERENCE.map((p) => ({ x: -p.x, y: p.y }));
  const found = similarity(mirrored, REFERENCE);
  assert.ok(found !== undefined);
  // A similarity keeps orientation whatever its numbers are: its determinant is a sum of squares.
  const residual = mirrored.reduce((sum, p, i) => {
    const u = found.a * p.x - found.b * p.y + found.tx - REFERENCE[i]!.x;
    const v = found.b * p.x + found.a * p.y + found.ty - REFERENCE[i]!.y;
    return sum + u * u + v * v;
  }, 0);
  assert.ok(residual > 100, "only a reflection could have fitted these points");
});

Deno.test("points that lie on each other give no similarity and no crop", () => {
  const point = { x: 5, y: 5 };
  const landmarks: Landmarks = [point, point, point, point, point];
  assert.equal(similarity(landmarks, REFERENCE), undefined);
  const desk = deskWith({ width: 8, height: 8, data: new Uint8Array(8 * 8 * 3) });
  assert.equal(alignedFace(desk, landmarks, CROP_SIDE, levels), undefined);
  const nan = { x: NaN, y: 0 };
  assert.equal(similarity([nan, nan, nan, nan, nan], REFERENCE), undefined);
});

Deno.test("a face that is in place already is copied pixel for pixel", () => {
  const data = new Uint8Array(CROP_SIDE * CROP_SIDE * 3).map((_, i) => (i * 7919) % 256);
  const desk = deskWith({ width: CROP_SIDE, height: CROP_SIDE, data });
  const face = alignedFace(desk, REFERENCE, CROP_SIDE, levels);
  assert.deepEqual(face?.crop, data);
  assert.deepEqual(face?.tensor, Float32Array.from(data));
});

Deno.test("a face half its size is read from between the pixels, black outside", () => {
  const width = 40;
  const desk = deskWith({
    width,
    height: width,
    data: new Uint8Array(width * width * 3).fill(200),
  });
  const crop = alignedFace(desk, moved(0.5, 0, 0, 0), CROP_SIDE, levels)?.crop;
  assert.ok(crop !== undefined);
  const at = (u: number, v: number) => crop[(v * CROP_SIDE + u) * 3];
  assert.equal(at(20, 20), 200);
  assert.equal(at(79, 20), 100, "half a pixel over the edge");
  assert.equal(at(111, 111), 0);
});

Deno.test("an embedder of another side gets the same face; its pixels are judged at theirs", () => {
  // A slope, which every bilinear crop shows exactly.
  const slope = (x: number, y: number) => Math.floor(x + y / 2);
  const data = new Uint8Array(CROP_SIDE * CROP_SIDE * 3).map((_, i) =>
    slope(Math.floor(i / 3) % CROP_SIDE, Math.floor(i / 3 / CROP_SIDE) & ~1)
  );
  const desk = deskWith({ width: CROP_SIDE, height: CROP_SIDE, data });
  for (const side of [56, 160]) {
    const face = alignedFace(desk, REFERENCE, side, levels);
    assert.deepEqual(face?.crop, data);
    for (const [u, v] of [[0.25, 0.5], [0.5, 0.5], [0.75, 0.25]] as const) {
      const pixel = Math.floor(v * side) * side + Math.floor(u * side);
      const place = (share: number) => (Math.floor(share * side) + 0.5) / side * CROP_SIDE - 0.5;
      const wanted = place(u) + place(v) / 2;
      const found = face!.tensor[pixel * 3]!;
      assert.ok(Math.abs(found - wanted) < 0.6, `${side}: ${found} is not ${wanted}`);
    }
  }
});
