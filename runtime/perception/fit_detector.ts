/**
 * Does a detector fit its family? Each family names or shapes its outputs in its own way; what is
 * found here is all that reading its answers needs.
 */
import { limits } from "../limits.ts";
import { list, misfit, pictureInput, type ValueShape } from "./fit.ts";
import type { DetectorSidecar } from "./sidecar.ts";

/** What must be known to run a detector. */
export interface DetectorFit {
  readonly input: string;
  /** The canvas the session insists on; undefined where it takes any multiple of `multiple`. */
  readonly canvas: { readonly width: number; readonly height: number } | undefined;
  /** Sides of a free canvas are multiples of this. */
  readonly multiple: number;
  readonly outputs: DetectorOutputs;
}

/** Which of the session's outputs say what. */
export type DetectorOutputs =
  /** Ascending strides; each has its four outputs by name. */
  | { readonly family: "yunet"; readonly strides: readonly number[] }
  /** Strides 8, 16 and 32 in this order, with the names of their outputs. */
  | { readonly family: "scrfd"; readonly strides: readonly ScrfdStride[] }
  | { readonly family: "ultraface"; readonly priors: number };

export interface ScrfdStride {
  readonly stride: number;
  readonly scores: string;
  readonly boxes: string;
  readonly points: string;
}

/** The strides of SCRFD's three levels. */
const SCRFD_STRIDES = [8, 16, 32] as const;

type Outputs = readonly ValueShape[];

/** Throws `model_invalid`, naming what does not fit, unless the detector can be run. */
export function fitDetector(
  sidecar: DetectorSidecar,
  inputs: readonly ValueShape[],
  outputs: Outputs,
): DetectorFit {
  const { name, width, height } = pictureInput(sidecar, inputs);
  const found = outputsOf(sidecar, outputs);
  const coarsest = found.family === "yunet" ? found.strides.at(-1)! : 32;
  const multiple = Math.max(32, coarsest);
  if (width === undefined || height === undefined) {
    if (found.family === "ultraface") {
      throw misfit(sidecar, "its input has no fixed size; add input.size as it was exported with");
    }
    return { input: name, canvas: undefined, multiple, outputs: found };
  }
  // UltraFace's boxes are shares of the picture, whatever its sides.
  if (found.family !== "ultraface" && (width % coarsest !== 0 || height % coarsest !== 0)) {
    throw misfit(sidecar, `its input ${width} by ${height} is no multiple of ${coarsest}`);
  }
  if (width > limits.detector_side || height > limits.detector_side) {
    throw misfit(
      sidecar,
      `its input ${width} by ${height} is larger than ${limits.detector_side}; bring a smaller one`,
    );
  }
  return { input: name, canvas: { width, height }, multiple, outputs: found };
}

function outputsOf(sidecar: DetectorSidecar, outputs: Outputs): DetectorOutputs {
  switch (sidecar.preset) {
    case "yunet":
    case "drawn":
      return yunetOutputs(sidecar, outputs);
    case "scrfd":
      return scrfdOutputs(sidecar, outputs);
    case "ultraface":
      return ultrafaceOutputs(sidecar, outputs);
  }
}

function yunetOutputs(sidecar: DetectorSidecar, outputs: Outputs): DetectorOutputs {
  const have = new Map(outputs.map((output) => [output.name, output]));
  const strides = outputs.flatMap((output) => {
    const match = /^cls_(\d{1,3})$/.exec(output.name);
    return match === null ? [] : [Number(match[1])];
  }).filter((stride) => stride > 0).sort((a, b) => a - b);
  if (strides.length === 0) {
    throw misfit(
      sidecar,
      `its outputs are ${list(outputs)}, not cls_S, obj_S, bbox_S and kps_S; bring a YuNet`,
    );
  }
  for (const stride of strides) {
    for (const [part, numbers] of [["cls", 1], ["obj", 1], ["bbox", 4], ["kps", 10]] as const) {
      const output = have.get(`${part}_${stride}`);
      if (output === undefined) throw misfit(sidecar, `it has no output ${part}_${stride}`);
      checkLast(sidecar, output, numbers);
    }
  }
  return { family: "yunet", strides };
}

/**
 * SCRFD's exports name their outputs by number, or not at all alike; their order is what counts:
 * the scores of all strides, then the boxes, then the landmarks (InsightFace, `scrfd.py`).
 */
function scrfdOutputs(sidecar: DetectorSidecar, outputs: Outputs): DetectorOutputs {
  const levels = SCRFD_STRIDES.length;
  if (outputs.length === 2 * levels) {
    throw misfit(sidecar, "it has no landmarks; bring an SCRFD with key points (bnkps)");
  }
  if (outputs.length !== 3 * levels) {
    throw misfit(
      sidecar,
      `it has ${outputs.length} outputs (${list(outputs)}), not 9: scores, boxes and landmarks ` +
        `of strides 8, 16 and 32; bring an SCRFD`,
    );
  }
  outputs.forEach((output, index) => {
    checkLast(sidecar, output, [1, 4, 10][Math.floor(index / levels)]!);
  });
  const strides = SCRFD_STRIDES.map((stride, level) => ({
    stride,
    scores: outputs[level]!.name,
    boxes: outputs[level + levels]!.name,
    points: outputs[level + 2 * levels]!.name,
  }));
  return { family: "scrfd", strides };
}

function ultrafaceOutputs(sidecar: DetectorSidecar, outputs: Outputs): DetectorOutputs {
  const [scores, boxes] = ["scores", "boxes"].map((wanted) =>
    outputs.find((output) => output.name === wanted)
  );
  if (scores === undefined || boxes === undefined) {
    throw misfit(
      sidecar,
      `its outputs are ${list(outputs)}, not scores and boxes; bring UltraFace`,
    );
  }
  checkLast(sidecar, scores, 2);
  checkLast(sidecar, boxes, 4);
  const [priors, others] = [scores.shape?.at(-2), boxes.shape?.at(-2)];
  if (typeof priors !== "number" || priors !== others) {
    throw misfit(sidecar, `it scores ${priors} places and gives ${others} boxes`);
  }
  return { family: "ultraface", priors };
}

/** A free last dimension is checked when the first answer comes. */
function checkLast(sidecar: DetectorSidecar, output: ValueShape, numbers: number): void {
  const last = output.shape?.at(-1);
  if (typeof last !== "number" || last === numbers) return;
  throw misfit(sidecar, `its output ${output.name} ends in ${last}, not in ${numbers}`);
}
