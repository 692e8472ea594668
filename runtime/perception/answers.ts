/** A detector's answers, read as its family writes them. */
import { type Face, type Reading } from "./detect.ts";
import type { DetectorOutputs } from "./fit_detector.ts";
import { ANCHORS, decodeScrfd } from "./scrfd.ts";
import { decodeUltraface } from "./ultraface.ts";
import { decodeYunet } from "./yunet.ts";

/** Gives an output by its name; throws unless it has exactly so many numbers. */
export type TakeOutput = (name: string, length: number) => Float32Array;

/** The faces that a detector's answers speak of, strongest first. */
export function facesOf(outputs: DetectorOutputs, take: TakeOutput, reading: Reading): Face[] {
  const { width, height } = reading.canvas;
  const cellsOf = (stride: number) => Math.floor(width / stride) * Math.floor(height / stride);
  switch (outputs.family) {
    case "yunet":
      return decodeYunet(
        outputs.strides.map((stride) => {
          const cells = cellsOf(stride);
          return {
            stride,
            cls: take(`cls_${stride}`, cells),
            obj: take(`obj_${stride}`, cells),
            bbox: take(`bbox_${stride}`, cells * 4),
            kps: take(`kps_${stride}`, cells * 10),
          };
        }),
        reading,
      );
    case "scrfd":
      return decodeScrfd(
        outputs.strides.map(({ stride, scores, boxes, points }) => {
          const anchors = cellsOf(stride) * ANCHORS;
          return {
            stride,
            scores: take(scores, anchors),
            boxes: take(boxes, anchors * 4),
            points: take(points, anchors * 10),
          };
        }),
        reading,
      );
    case "ultraface":
      return decodeUltraface({
        scores: take("scores", outputs.priors * 2),
        boxes: take("boxes", outputs.priors * 4),
      }, reading);
  }
}
