/**
 * Who stands at the till? Of all faces in view only those at the pay position are asked about:
 * near the place, near enough to the camera, and in front of everybody else there.
 */
import type { Face } from "./detect.ts";

/** The place in a camera's picture where the one who pays stands; shares of the picture's width
 * and height, so that it holds for every resolution of the same view. */
export interface PayPosition {
  readonly x: number;
  readonly y: number;
  /** How far from there the middle of a face may be, as a share of the picture's width. */
  readonly reach: number;
  /** Least width of a face, as a share of the picture's width: its size gives its distance. */
  readonly least_face: number;
  /** Somebody this much as large as the largest stands beside, not behind. */
  readonly beside: number;
}

/** Fits a camera above the till that looks at a person about 0.9 m away. */
export const payPosition: PayPosition = {
  x: 0.5,
  y: 0.5,
  reach: 0.35,
  least_face: 0.15,
  beside: 0.85,
};

/**
 * The faces at the pay position, the largest first: none, one, or several where people stand side
 * by side and the picture cannot tell who of them pays.
 */
export function atPayPosition(
  faces: readonly Face[],
  picture: { readonly width: number; readonly height: number },
  place: PayPosition,
): Face[] {
  const near = faces.filter(({ box }) => {
    const x = box.x + box.width / 2 - place.x * picture.width;
    const y = box.y + box.height / 2 - place.y * picture.height;
    return Math.hypot(x, y) <= place.reach * picture.width &&
      box.width >= place.least_face * picture.width;
  }).sort((a, b) => b.box.width - a.box.width || b.score - a.score);
  const [largest] = near;
  return near.filter(({ box }) => box.width >= place.beside * largest!.box.width);
}
