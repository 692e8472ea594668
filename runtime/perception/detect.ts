/**
 * What every detector's answer ends as: faces in a picture, each face once. How a family of
 * detectors writes its answer stands in `yunet.ts`, `scrfd.ts` and `ultraface.ts`.
 */
import type { Landmarks } from "./align.ts";

/** A face in a picture, in the picture's pixels. */
export interface Face {
  readonly box: Box;
  readonly landmarks: Landmarks;
  /** The detector saw no landmarks: they are where an average face has them in such a box, and say
   * nothing of the pose. */
  readonly landmarks_guessed?: true;
  /** 0..1. */
  readonly score: number;
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A face of which so much lies within a stronger one, or around it, is a part of that face taken
 * for a whole: no face stands inside another. */
const NESTED = 0.7;
/** Cells looked at in the suppression; the strongest of them. */
const MOST_CELLS = 512;

/** How the answers of one canvas become faces in the picture. */
export interface Reading {
  /** The model's canvas, in pixels. */
  readonly canvas: { readonly width: number; readonly height: number };
  /** What the picture was multiplied by to fit there. */
  readonly scale: number;
  /** Least score of a face. */
  readonly threshold: number;
  /** Faces that are wanted, strongest first. */
  readonly most: number;
}

/** True for a face whose every number is one: any other is noise, whatever its score. */
export function isPlace({ box, landmarks }: Pick<Face, "box" | "landmarks">): boolean {
  return [box.x, box.y, box.width, box.height].every(Number.isFinite) &&
    box.width > 0 && box.height > 0 &&
    landmarks.every(({ x, y }) => Number.isFinite(x) && Number.isFinite(y));
}

/** Non-maximum suppression: the strongest stay, whatever overlaps a stronger one or is nested with
 * it goes. */
export function suppress(faces: readonly Face[], overlap: number): Face[] {
  const kept: Face[] = [];
  const ordered = [...faces].sort((a, b) => b.score - a.score).slice(0, MOST_CELLS);
  for (const face of ordered) {
    const alone = kept.every((other) =>
      intersectionOverUnion(face.box, other.box) <= overlap && nesting(face.box, other.box) < NESTED
    );
    if (alone) kept.push(face);
  }
  return kept;
}

/** 0 for boxes that do not touch, 1 for the same box (Jaccard index). */
export function intersectionOverUnion(a: Box, b: Box): number {
  const common = intersection(a, b);
  return common === 0 ? 0 : common / (a.width * a.height + b.width * b.height - common);
}

/** How much of the smaller box lies within the other: 1 for all of it. */
function nesting(a: Box, b: Box): number {
  return intersection(a, b) / Math.min(a.width * a.height, b.width * b.height);
}

function intersection(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return width > 0 && height > 0 ? width * height : 0;
}
