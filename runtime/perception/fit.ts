/**
 * Does a model fit what is said of it? Names and sizes are read from the session and held against
 * the sidecar, so that a wrong file is one clear line at start and never a silent wrong answer.
 */
import { RuntimeError } from "../errors.ts";
import type { DetectorSidecar, EmbedderSidecar, ModelInput } from "./sidecar.ts";

/** What a session tells of one input or output; a string in `shape` is a free dimension. */
export interface ValueShape {
  readonly name: string;
  readonly isTensor: boolean;
  readonly type?: string;
  readonly shape?: readonly (number | string)[];
}

/** What must be known to run an embedder. */
export interface EmbedderFit {
  readonly input: string;
  readonly output: string;
  readonly side: number;
  readonly dim: number;
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
export function pictureInput(
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

/** The names, for an error's line. */
export function list(values: readonly ValueShape[]): string {
  return values.map((value) => value.name).join(", ").slice(0, 120) || "none";
}

/** The error that begins with the model's kind and file. */
export function misfit(
  sidecar: { readonly kind: string; readonly file: string },
  problem: string,
): RuntimeError {
  return new RuntimeError("model_invalid", `the ${sidecar.kind} ${sidecar.file}: ${problem}`);
}
