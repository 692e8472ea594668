/**
 * From what a detector answers to faces in a picture: YuNet's anchor-free form, in which every
 * cell of a grid of some stride speaks for one face at most.
 */
import type { Landmarks, Point } from "./align.ts";

/** A face in a picture, in the picture's pixels. */
export interface Face {
  readonly box: Box;
  readonly landmarks: Landmarks;
  /** 0..1. */
  readonly score: number;
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** What the grid of one stride answered, row by row. */
export interface StrideAnswer {
  readonly stride: number;
  /** Whether the cell sees a face at all, and whether a face is centred there: one number a
   * cell. */
  readonly cls: Float32Array;
  readonly obj: Float32Array;
  /** Centre offset x, y and log size x, y, in strides: 4 a cell. */
  readonly bbox: Float32Array;
  /** Five points x, y, in strides from the cell's corner: 10 a cell. */
  readonly kps: Float32Array;
}

/** Faces that may overlap this much (intersection over union) before the weaker one is dropped. */
export const NMS_OVERLAP = 0.3;
/** A face of which so much lies within a stronger one, or around it, is a part of that face taken
 * for a whole: no face stands inside another. */
const NESTED = 0.7;
/** Cells looked at in the suppression; the strongest of them. */
const MOST_CELLS = 512;

/**
 * The faces of all strides, strongest first, overlaps suppressed, at most `most`. `columns` is the
 * width of the model's canvas in pixels, `scale` what the picture was multiplied by to fit there.
 * Formulas as in libfacedetection.train: score = sqrt(cls * obj), centre = (cell + d) * stride,
 * size = exp(s) * stride, point = (cell + k) * stride.
 */
export function decodeFaces(
  answers: readonly StrideAnswer[],
  columns: number,
  scale: number,
  threshold: number,
  most: number,
): Face[] {
  const faces: Face[] = [];
  for (const answer of answers) {
    const across = Math.floor(columns / answer.stride);
    for (let cell = 0; cell < answer.cls.length; cell++) {
      const score = Math.sqrt(unit(answer.cls[cell]!) * unit(answer.obj[cell]!));
      if (!(score >= threshold)) continue;
      const face = faceOfCell(answer, cell, across, scale, score);
      if (face !== undefined) faces.push(face);
    }
  }
  return suppress(faces, NMS_OVERLAP).slice(0, most);
}

function unit(value: number): number {
  return Math.min(Math.max(value, 0), 1);
}

/** Undefined where the answer is no place: such a cell is noise, whatever its score. */
function faceOfCell(
  answer: StrideAnswer,
  cell: number,
  across: number,
  scale: number,
  score: number,
): Face | undefined {
  const { stride, bbox, kps } = answer;
  const column = cell % across;
  const row = Math.floor(cell / across);
  const size = stride / scale;
  const width = Math.exp(bbox[cell * 4 + 2]!) * size;
  const height = Math.exp(bbox[cell * 4 + 3]!) * size;
  const box = {
    x: (column + bbox[cell * 4]!) * size - width / 2,
    y: (row + bbox[cell * 4 + 1]!) * size - height / 2,
    width,
    height,
  };
  const points: Point[] = [];
  for (let i = 0; i < 5; i++) {
    points.push({
      x: (column + kps[cell * 10 + 2 * i]!) * size,
      y: (row + kps[cell * 10 + 2 * i + 1]!) * size,
    });
  }
  const numbers = [box.x, box.y, width, height, ...points.flatMap((p) => [p.x, p.y])];
  if (!numbers.every(Number.isFinite)) return undefined;
  return { box, landmarks: points as unknown as Landmarks, score };
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
