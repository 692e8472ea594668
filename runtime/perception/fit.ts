/**
 * Does a model fit what is said of it? Names and sizes are read from the session and held against
 * the sidecar, so that a wrong file is one clear line at start and never a silent wrong answer.
 */
import { RuntimeError } from "../errors.ts";
import { limits } from "../limits.ts";
import type { DetectorSidecar, EmbedderSidecar, ModelInput } from "./sidecar.ts";

/** What a session tells of one input or output; a string in `shape` is a free dimension. */
export interface ValueShape {
  readonly name: string;
  readonly isTensor: boolean;
  readonly type?: string;
  readonly shape?: readonly (number | string)[];
}

/** What must be known to run a detector. */
export interface DetectorFit {
  readonly input: string;
  /** The canvas the session insists on; undefined where it takes any multiple of `multiple`. */
  readonly canvas: { readonly width: number; readonly height: number } | undefined;
  /** Sides of a free canvas are multiples of this. */
  readonly multiple: number;
  /** Ascending; only those whose four outputs the session has. */
  readonly strides: readonly number[];
}

/** What must be known to run an embedder. */
export interface EmbedderFit {
  readonly input: string;
  readonly output: string;
  readonly side: number;
  readonly dim: number;
}

/** Throws `model_invalid`, naming what does not fit, unless the detector can be run. */
export function fitDetector(
  sidecar: DetectorSidecar,
  inputs: readonly ValueShape[],
  outputs: readonly ValueShape[],
): DetectorFit {
  const { name, width, height } = pictureInput(sidecar, inputs);
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
      const last = output.shape?.at(-1);
      if (typeof last === "number" && last !== numbers) {
        throw misfit(sidecar, `its output ${output.name} ends in ${last}, not in ${numbers}`);
      }
    }
  }
  const multiple = Math.max(32, strides.at(-1)!);
  if (width === undefined || height === undefined) {
    return { input: name, canvas: undefined, multiple, strides };
  }
  if (width % strides.at(-1)! !== 0 || height % strides.at(-1)! !== 0) {
    throw misfit(sidecar, `its input ${width} by ${height} is no multiple of ${strides.at(-1)}`);
  }
  if (width > limits.detector_side || height > limits.detector_side) {
    throw misfit(
      sidecar,
      `its input ${width} by ${height} is larger than ${limits.detector_side}; bring a smaller one`,
    );
  }
  return { input: name, canvas: { width, height }, multiple, strides };
}

/** Throws `model_invalid`, naming what does not fit, unless the embedder can be run. */
export function fitEmbedder(
  sidecar: EmbedderSidecar,
  inputs: readonly ValueShape[],
  outputs: readonly ValueShape[],
): EmbedderFit {
  const { name, width, height } = pictureInput(sidecar, inputs);
  if (width === undefined || width !== height) {
    throw misfit(
      sidecar,
      `its input is ${width ?? "any width"} by ${height ?? "any height"} and the sidecar gives ` +
        `no square size; add input.size`,
    );
  }
  const [output] = outputs;
  if (output === undefined || outputs.length !== 1) {
    throw misfit(sidecar, `it has ${outputs.length} outputs (${list(outputs)}), not one embedding`);
  }
  const last = output.shape?.at(-1);
  if (typeof last === "number" && last !== sidecar.dim) {
    throw misfit(
      sidecar,
      `it answers ${last} numbers where ${sidecar.dim} are declared; correct dim or the file`,
    );
  }
  return { input: name, output: output.name, side: width, dim: sidecar.dim };
}

/** The one picture input; its size where the session or the sidecar fixes it. */
function pictureInput(
  sidecar: DetectorSidecar | EmbedderSidecar,
  inputs: readonly ValueShape[],
): { name: string; width: number | undefined; height: number | undefined } {
  const [input] = inputs;
  if (input === undefined || inputs.length !== 1) {
    throw misfit(sidecar, `it has ${inputs.length} inputs (${list(inputs)}), not one picture`);
  }
  if (!input.isTensor || input.type !== "float32" || input.shape?.length !== 4) {
    throw misfit(
      sidecar,
      `its input ${input.name} is ${input.type ?? "no tensor"} of ${input.shape?.length ?? 0} ` +
        `dimensions, not float32 of 4`,
    );
  }
  const planar = sidecar.input.layout === "NCHW";
  const shape = input.shape;
  const [channels, height, width] = planar
    ? [shape[1], shape[2], shape[3]]
    : [shape[3], shape[1], shape[2]];
  if (typeof channels === "number" && channels !== 3) {
    throw misfit(
      sidecar,
      `its input ${input.name} is ${shape.join("x")}, not 3 channels as ${sidecar.input.layout}`,
    );
  }
  const { size } = sidecar.input;
  return {
    name: input.name,
    width: agreed(sidecar, "wide", width, size?.[0]),
    height: agreed(sidecar, "high", height, size?.[1]),
  };
}

function agreed(
  sidecar: { readonly kind: string; readonly file: string; readonly input: ModelInput },
  way: string,
  session: number | string | undefined,
  declared: number | undefined,
): number | undefined {
  if (typeof session !== "number") return declared;
  if (declared !== undefined && declared !== session) {
    throw misfit(
      sidecar,
      `its input is ${session} ${way} where ${declared} is declared; correct input.size`,
    );
  }
  return session;
}

function list(values: readonly ValueShape[]): string {
  return values.map((value) => value.name).join(", ").slice(0, 120) || "none";
}

function misfit(
  sidecar: { readonly kind: string; readonly file: string },
  problem: string,
): RuntimeError {
  return new RuntimeError("model_invalid", `the ${sidecar.kind} ${sidecar.file}: ${problem}`);
}
