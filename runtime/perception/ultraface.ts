/**
 * From what an UltraFace answers to faces: boxes as shares of the canvas, and no landmarks. Those
 * of an average face stand in for them, so that a face can be aligned at all.
 */
import type { Landmarks } from "./align.ts";
import { type Box, type Face, isPlace, type Reading, suppress } from "./detect.ts";

/** Intersection over union from which the weaker face goes. */
const NMS_OVERLAP = 0.3;

/** Where the five landmarks lie in the box of a face that looks at the camera, as shares of its
 * width and height. */
const AVERAGE: readonly (readonly [number, number])[] = [
  [0.3, 0.4],
  [0.7, 0.4],
  [0.5, 0.6],
  [0.34, 0.78],
  [0.66, 0.78],
];

/** What UltraFace answered. */
export interface PriorAnswer {
  /** Background and face, 0..1: 2 a prior. */
  readonly scores: Float32Array;
  /** Left, top, right, bottom, as shares of the canvas: 4 a prior. */
  readonly boxes: Float32Array;
}

/** The faces of an answer, strongest first, overlaps suppressed, landmarks guessed. */
export function decodeUltraface({ scores, boxes }: PriorAnswer, reading: Reading): Face[] {
  const { canvas, scale, threshold, most } = reading;
  const across = canvas.width / scale;
  const down = canvas.height / scale;
  const faces: Face[] = [];
  for (let prior = 0; 2 * prior < scores.length; prior++) {
    const score = scores[2 * prior + 1]!;
    if (!(score >= threshold)) continue;
    const [left, top, right, bottom] = boxes.subarray(4 * prior, 4 * prior + 4);
    const box = {
      x: left! * across,
      y: top! * down,
      width: (right! - left!) * across,
      height: (bottom! - top!) * down,
    };
    const face: Face = {
      box,
      landmarks: averageLandmarks(box),
      landmarks_guessed: true,
      score: Math.min(score, 1),
    };
    if (isPlace(face)) faces.push(face);
  }
  return suppress(faces, NMS_OVERLAP).slice(0, most);
}

/** Where an upright face that looks at the camera has its landmarks. */
function averageLandmarks({ x, y, width, height }: Box): Landmarks {
  return AVERAGE.map(([u, v]) => ({ x: x + u * width, y: y + v * height })) as unknown as Landmarks;
}
