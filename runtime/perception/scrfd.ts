/**
 * From what an SCRFD answers to faces: every cell of a grid has two anchors in its corner, and each
 * anchor says how far a face's edges and landmarks lie from there.
 */
import type { Landmarks, Point } from "./align.ts";
import { type Face, isPlace, type Reading, suppress } from "./detect.ts";

/** What the anchors of one stride answered: cell by cell, row by row, both anchors of a cell one
 * after the other. */
export interface AnchorAnswer {
  readonly stride: number;
  /** 0..1, one number an anchor. */
  readonly scores: Float32Array;
  /** How far left, up, right and down of the anchor the box reaches, in strides: 4 an anchor. */
  readonly boxes: Float32Array;
  /** Five points x, y, in strides from the anchor: 10 an anchor. */
  readonly points: Float32Array;
}

/** Anchors of one cell. */
export const ANCHORS = 2;
/** Intersection over union from which the weaker face goes (InsightFace, `nms_thresh`). */
const NMS_OVERLAP = 0.4;

/** The faces of all strides, strongest first, overlaps suppressed. Formulas as in InsightFace's
 * `scrfd.py`: an anchor lies at (column, row) * stride, distances are multiples of the stride. */
export function decodeScrfd(answers: readonly AnchorAnswer[], reading: Reading): Face[] {
  const { canvas, scale, threshold, most } = reading;
  const faces: Face[] = [];
  for (const answer of answers) {
    const across = Math.floor(canvas.width / answer.stride);
    for (let anchor = 0; anchor < answer.scores.length; anchor++) {
      const score = answer.scores[anchor]!;
      if (!(score >= threshold)) continue;
      const face = faceOfAnchor(answer, anchor, across, answer.stride / scale, score);
      if (isPlace(face)) faces.push(face);
    }
  }
  return suppress(faces, NMS_OVERLAP).slice(0, most);
}

/** `size` is the stride in the picture's pixels. */
function faceOfAnchor(
  { boxes, points }: AnchorAnswer,
  anchor: number,
  across: number,
  size: number,
  score: number,
): Face {
  const cell = Math.floor(anchor / ANCHORS);
  const column = cell % across;
  const row = Math.floor(cell / across);
  const [left, up, right, down] = boxes.subarray(anchor * 4, anchor * 4 + 4);
  const box = {
    x: (column - left!) * size,
    y: (row - up!) * size,
    width: (left! + right!) * size,
    height: (up! + down!) * size,
  };
  const landmarks = Array.from({ length: 5 }, (_, i): Point => ({
    x: (column + points[anchor * 10 + 2 * i]!) * size,
    y: (row + points[anchor * 10 + 2 * i + 1]!) * size,
  }));
  return { box, landmarks: landmarks as unknown as Landmarks, score: Math.min(score, 1) };
}
