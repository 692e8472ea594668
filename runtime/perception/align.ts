/**
 * Brings every face to the same place and size before it is embedded: the five landmarks are laid
 * over those of a reference face by a similarity (turn, scale, shift, never a mirror image), and
 * the crop is read off the picture bilinearly. Enrolment, lanes and model training share it.
 */
import type { Picture } from "../../hardware/recorded/picture.ts";

/** A place in a picture, in pixels; (0, 0) is the centre of the first pixel. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Right eye, left eye, nose tip, right and left corner of the mouth, as seen from the viewer:
 * "right eye" is the one at the left of the picture. */
export type Landmarks = readonly [Point, Point, Point, Point, Point];

/** Side of the square crop that the reference points belong to, in pixels. */
export const CROP_SIDE = 112;

/** The five points of the ArcFace reference face in a crop of `CROP_SIDE` pixels
 * (InsightFace, `arcface_dst`). */
export const REFERENCE: Landmarks = [
  { x: 38.2946, y: 51.6963 },
  { x: 73.5318, y: 51.5014 },
  { x: 56.0252, y: 71.7366 },
  { x: 41.5493, y: 92.3655 },
  { x: 70.7299, y: 92.2041 },
];

/** `u = a*x - b*y + tx`, `v = b*x + a*y + ty`: from picture to crop. */
export interface Similarity {
  readonly a: number;
  readonly b: number;
  readonly tx: number;
  readonly ty: number;
}

/**
 * The similarity without reflection that takes `from` to `to` with the least sum of squared
 * distances (Umeyama 1991, in its closed form for the plane). Undefined where the points of
 * `from` lie on each other or are not finite.
 */
export function similarity(
  from: readonly Point[],
  to: readonly Point[],
): Similarity | undefined {
  const count = Math.min(from.length, to.length);
  if (count < 2) return undefined;
  const source = centroid(from, count);
  const target = centroid(to, count);
  let spread = 0;
  let along = 0;
  let across = 0;
  for (let i = 0; i < count; i++) {
    const x = from[i]!.x - source.x;
    const y = from[i]!.y - source.y;
    const u = to[i]!.x - target.x;
    const v = to[i]!.y - target.y;
    spread += x * x + y * y;
    along += x * u + y * v;
    across += x * v - y * u;
  }
  const a = along / spread;
  const b = across / spread;
  const scale_squared = a * a + b * b;
  if (!Number.isFinite(scale_squared) || scale_squared < 1e-12) return undefined;
  return {
    a,
    b,
    tx: target.x - (a * source.x - b * source.y),
    ty: target.y - (b * source.x + a * source.y),
  };
}

function centroid(points: readonly Point[], count: number): Point {
  let x = 0;
  let y = 0;
  for (let i = 0; i < count; i++) {
    x += points[i]!.x;
    y += points[i]!.y;
  }
  return { x: x / count, y: y / count };
}

/**
 * The aligned crop of a face, `side * side * 3` packed RGB bytes, bilinear, black outside the
 * picture. `side` other than `CROP_SIDE` scales the reference face with it. Undefined where the
 * landmarks define no similarity. Writes into `into` when it is given and long enough.
 */
export function alignedCrop(
  picture: Picture,
  landmarks: Landmarks,
  side: number = CROP_SIDE,
  into?: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> | undefined {
  const scale = side / CROP_SIDE;
  const reference = REFERENCE.map((point) => ({ x: point.x * scale, y: point.y * scale }));
  const forward = similarity(landmarks, reference);
  if (forward === undefined) return undefined;
  const crop = into !== undefined && into.length >= side * side * 3
    ? into.subarray(0, side * side * 3)
    : new Uint8Array(side * side * 3);
  const { a, b, tx, ty } = forward;
  const determinant = a * a + b * b;
  // The inverse of a similarity is a similarity: one step right in the crop is (dx, dy) in the
  // picture, one step down is (-dy, dx).
  const dx = a / determinant;
  const dy = -b / determinant;
  for (let v = 0; v < side; v++) {
    let x = (a * -tx + b * (v - ty)) / determinant;
    let y = (-b * -tx + a * (v - ty)) / determinant;
    for (let u = 0; u < side; u++) {
      sampleInto(picture, x, y, crop, (v * side + u) * 3);
      x += dx;
      y += dy;
    }
  }
  return crop;
}

/** One bilinear sample of all three channels; neighbours outside the picture count as black. */
function sampleInto(
  picture: Picture,
  x: number,
  y: number,
  into: Uint8Array,
  offset: number,
): void {
  const { width, height, data } = picture;
  const left = Math.floor(x);
  const top = Math.floor(y);
  if (left < -1 || top < -1 || left >= width || top >= height) {
    into[offset] = into[offset + 1] = into[offset + 2] = 0;
    return;
  }
  const fx = x - left;
  const fy = y - top;
  const has_left = left >= 0;
  const has_right = left + 1 < width;
  const upper = top >= 0 ? 1 - fy : 0;
  const lower = top + 1 < height ? fy : 0;
  const w00 = has_left ? upper * (1 - fx) : 0;
  const w01 = has_right ? upper * fx : 0;
  const w10 = has_left ? lower * (1 - fx) : 0;
  const w11 = has_right ? lower * fx : 0;
  const row0 = (Math.max(top, 0) * width) * 3;
  const row1 = (Math.min(top + 1, height - 1) * width) * 3;
  const column0 = Math.max(left, 0) * 3;
  const column1 = Math.min(left + 1, width - 1) * 3;
  for (let channel = 0; channel < 3; channel++) {
    const value = w00 * data[row0 + column0 + channel]! + w01 * data[row0 + column1 + channel]! +
      w10 * data[row1 + column0 + channel]! + w11 * data[row1 + column1 + channel]!;
    into[offset + channel] = Math.round(value);
  }
}
