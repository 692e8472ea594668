/**
 * From what a YuNet answers to faces: anchor-free, every cell of a grid of some stride speaks for
 * one face at most. The drawn detector answers in the same form.
 */
import type { Landmarks, Point } from "./align.ts";
import { type Face, isPlace, type Reading, suppress } from "./detect.ts";

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
const NMS_OVERLAP = 0.3;

/**
 * The faces of all strides, strongest first, overlaps suppressed. Formulas as in
 * libfacedetection.train: score = sqrt(cls * obj), centre = (cell + d) * stride,
 * size = exp(s) * stride, point = (cell + k) * stride.
 */
export function decodeYunet(
  answers: readonly StrideAnswer[],
  { canvas, scale, threshold, most }: Reading,
): Face[] {
  const faces: Face[] = [];
  for (const answer of answers) {
    const across = Math.floor(canvas.width / answer.stride);
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
  const face: Face = { box, landmarks: points as unknown as Landmarks, score };
  return isPlace(face) ? face : undefined;
}
