/**
 * Brings every face to the same place and size before it is embedded: the five landmarks are laid
 * over those of a reference face by a similarity (turn, scale, shift, never a mirror image), and
 * the face is read off the picture into the network's input. Enrolment, lanes and model training
 * share it.
 */
import type { PictureDesk, Similarity, TensorInput } from "../../wasm/image.ts";

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

/**
 * The similarity without reflection that takes `from` to `to` with the least sum of squared
 * distances (Umeyama 1991, in its closed form for the plane): from picture to crop. Undefined where
 * the points of `from` lie on each other or are not finite.
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
  if (!Number.isFinite(scale_squared) || scale_squared < 1e-9) return undefined;
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

/** A face laid over the reference face. */
export interface AlignedFace {
  /** As an embedder takes it. */
  readonly tensor: Float32Array<ArrayBuffer>;
  /** `CROP_SIDE` square, packed RGB: to judge it and to compare it with others. */
  readonly crop: Uint8Array<ArrayBuffer>;
}

/**
 * The face with these landmarks in the picture on the desk, read off bilinearly, black outside: a
 * tensor of `side` by `side` for an embedder, and its pixels. Undefined where the landmarks define
 * no similarity.
 */
export function alignedFace(
  desk: PictureDesk,
  landmarks: Landmarks,
  side: number,
  input: TensorInput,
): AlignedFace | undefined {
  const forward = similarity(landmarks, REFERENCE);
  if (forward === undefined) return undefined;
  const tensor = new Float32Array(side * side * 3);
  const crop = new Uint8Array(CROP_SIDE * CROP_SIDE * 3);
  if (side === CROP_SIDE) {
    desk.crop(forward, side, input, tensor, crop);
    return { tensor, crop };
  }
  desk.crop(forward, CROP_SIDE, input, new Float32Array(crop.length), crop);
  const { a, b, tx, ty } = forward;
  const scale = side / CROP_SIDE;
  // Pixel centres are whole numbers: the crop's first pixel begins half a pixel before its centre.
  const shift = (scale - 1) / 2;
  const scaled = { a: a * scale, b: b * scale, tx: tx * scale + shift, ty: ty * scale + shift };
  desk.crop(scaled, side, input, tensor);
  return { tensor, crop };
}
