/**
 * What must be known of a model besides its file: how a picture becomes its input, and which
 * numbers of its answer count. A wrong normalisation is silent, so a sidecar or a preset says it.
 */
import { z } from "zod";
import { RuntimeError } from "../errors.ts";

const side = z.number().int().min(16).max(4096);
const triple = z.tuple([z.number(), z.number(), z.number()]);

/** How packed RGB bytes become the tensor a model takes: `(value - mean) / std` a channel. */
const inputSchema = z.strictObject({
  layout: z.enum(["NCHW", "NHWC"]).default("NCHW"),
  /** Width and height in pixels, one number for a square; absent: what the session says. */
  size: z.union([
    side.transform((value): [number, number] => [value, value]),
    z.tuple([side, side]),
  ])
    .optional(),
  /** The order in which the model takes the channels; `mean` and `std` stand in it too. */
  order: z.enum(["RGB", "BGR"]),
  /** On the scale of 0..255. */
  mean: triple,
  std: z.tuple([z.number().positive(), z.number().positive(), z.number().positive()]),
});

const common = {
  /** `drawn`: made from drawn faces, fit for simulated cameras only. */
  origin: z.enum(["drawn", "photographs"]).default("photographs"),
  /** The model's file, beside the sidecar. */
  file: z.string().min(1).regex(/^[^/\\]+$/, "a file name without a folder"),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, "64 lower-case hex digits"),
  input: inputSchema,
  /** For people: where the model comes from, what was measured with it. */
  note: z.string().optional(),
  /** SPDX identifier of the model's licence. */
  licence: z.string().optional(),
};

const detectorSchema = z.strictObject({
  kind: z.literal("detector"),
  /** How the answers are read. `drawn` answers in YuNet's form; `ultraface` finds no landmarks. */
  preset: z.enum(["yunet", "scrfd", "ultraface", "drawn"]),
  ...common,
  /** Least score of a face, 0..1. */
  threshold: z.number().min(0.05).max(1),
});

const embedderSchema = z.strictObject({
  kind: z.literal("embedder"),
  preset: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, "a short lower-case name"),
  ...common,
  /** The reference face that crops are aligned to. */
  align: z.literal("arcface"),
  /** How many numbers a template has. */
  dim: z.number().int().min(16).max(4096),
  /** Least cosine of one person with another picture of them. */
  threshold: z.number().min(-1).max(1),
  /** By how much the best must beat the next to be the only one meant. */
  margin: z.number().min(0).max(1).default(0.05),
  /** What the threshold was chosen for, and on what; absent where nobody calibrated. */
  calibration: z.strictObject({
    /** How often one comparison of different people may match, and people in range. */
    fmr: z.number().positive().max(1),
    gallery: z.number().int().positive(),
    /** Pictures that made a template. */
    enrol: z.number().int().positive(),
    people: z.number().int().positive(),
    /** Comparisons of different people that it rests on. */
    comparisons: z.number().int().positive(),
    basis: z.enum(["counted", "fitted"]),
  }).optional(),
  /** From this cosine on, one frame and the next are the same still picture. */
  static_cosine: z.number().min(0.5).max(1).default(0.998),
});

export const sidecarSchema = z.discriminatedUnion("kind", [detectorSchema, embedderSchema]);

export type ModelInput = z.output<typeof inputSchema>;
export type DetectorSidecar = z.output<typeof detectorSchema>;
export type EmbedderSidecar = z.output<typeof embedderSchema>;
export type Sidecar = DetectorSidecar | EmbedderSidecar;

type Preset<S> = Omit<S, "file" | "sha256">;

const BYTES: ModelInput["mean"] = [0, 0, 0];
const ONES: ModelInput["std"] = [1, 1, 1];
const HALVES: ModelInput["mean"] = [127.5, 127.5, 127.5];

/** Detectors by name. Thresholds are for counters, where a face is near and in the light. */
export const detectorPresets: Readonly<Record<string, Preset<DetectorSidecar>>> = {
  yunet: {
    kind: "detector",
    preset: "yunet",
    origin: "photographs",
    input: { layout: "NCHW", order: "BGR", mean: BYTES, std: ONES },
    threshold: 0.6,
  },
  scrfd: {
    kind: "detector",
    preset: "scrfd",
    origin: "photographs",
    input: { layout: "NCHW", order: "RGB", mean: HALVES, std: [128, 128, 128] },
    threshold: 0.5,
  },
  /** Degraded: without landmarks a face is aligned by its box, and its pose is not known. */
  ultraface: {
    kind: "detector",
    preset: "ultraface",
    origin: "photographs",
    input: { layout: "NCHW", order: "RGB", mean: [127, 127, 127], std: [128, 128, 128] },
    threshold: 0.7,
  },
  drawn: {
    kind: "detector",
    preset: "drawn",
    origin: "drawn",
    input: { layout: "NCHW", order: "BGR", mean: BYTES, std: ONES },
    threshold: 0.5,
  },
};

const embedder = {
  kind: "embedder",
  origin: "photographs",
  align: "arcface",
  margin: 0.05,
  static_cosine: 0.998,
} as const;

/** Embedders by name, with their usual dim and a threshold to begin with; a store calibrates its
 * own on its own cameras. A sidecar may give others. */
export const embedderPresets: Readonly<Record<string, Preset<EmbedderSidecar>>> = {
  /** Normalised as ImageNet is, here on the scale of bytes. One stranger in a thousand passes 0.42
   * with frontal pictures, which is too many for a charge. */
  mobilefacenet: {
    ...embedder,
    preset: "mobilefacenet",
    input: {
      layout: "NCHW",
      size: [112, 112],
      order: "RGB",
      mean: [123.675, 116.28, 103.53],
      std: [58.395, 57.12, 57.375],
    },
    dim: 128,
    threshold: 0.48,
  },
  insightface: {
    ...embedder,
    preset: "insightface",
    input: { layout: "NCHW", size: [112, 112], order: "RGB", mean: HALVES, std: HALVES },
    dim: 512,
    threshold: 0.4,
  },
  sface: {
    ...embedder,
    preset: "sface",
    input: { layout: "NCHW", size: [112, 112], order: "RGB", mean: BYTES, std: ONES },
    dim: 128,
    threshold: 0.363,
  },
  drawn: {
    ...embedder,
    preset: "drawn",
    origin: "drawn",
    input: { layout: "NCHW", size: [112, 112], order: "RGB", mean: HALVES, std: HALVES },
    dim: 64,
    threshold: 0.75,
  },
};

/** False for a detector whose faces have only a box. */
export function findsLandmarks(sidecar: Pick<DetectorSidecar, "preset">): boolean {
  return sidecar.preset !== "ultraface";
}

/** A sidecar of the wanted kind, from the text of its file; `name` begins the error's line. */
export function parseSidecar<K extends Sidecar["kind"]>(
  text: string,
  kind: K,
  name: string,
): Extract<Sidecar, { kind: K }> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new RuntimeError("model_invalid", `${name} is no JSON; a sidecar is a JSON object`, {
      cause,
    });
  }
  const parsed = sidecarSchema.safeParse(json);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) =>
      `${issue.path.join(".") || "the whole"}: ${issue.message}`
    );
    throw new RuntimeError("model_invalid", `${name} is no sidecar: ${problems.join("; ")}`);
  }
  if (parsed.data.kind !== kind) {
    throw new RuntimeError(
      "model_invalid",
      `${name} is the sidecar of a model of kind ${parsed.data.kind}, not ${kind}; ` +
        `give the other one`,
    );
  }
  return parsed.data as Extract<Sidecar, { kind: K }>;
}

/** What `--detector` or `--embedder` names: a sidecar, or a preset and a model's file. */
export type ModelReference =
  | { readonly form: "sidecar"; readonly path: string }
  | { readonly form: "preset"; readonly preset: string; readonly path: string };

/** Reads `SIDECAR.json` or `PRESET:FILE.onnx`. Throws `model_invalid` for anything else. */
export function parseReference(kind: Sidecar["kind"], reference: string): ModelReference {
  const presets = Object.keys(kind === "detector" ? detectorPresets : embedderPresets);
  const colon = reference.indexOf(":");
  const preset = reference.slice(0, Math.max(colon, 0));
  if (presets.includes(preset) && colon + 1 < reference.length) {
    return { form: "preset", preset, path: reference.slice(colon + 1) };
  }
  if (reference.endsWith(".json")) return { form: "sidecar", path: reference };
  throw new RuntimeError(
    "model_invalid",
    `the ${kind} "${reference}" is neither a sidecar (FILE.json) nor PRESET:FILE.onnx with a ` +
      `preset of ${presets.join(", ")}`,
  );
}

/** The sidecar that a preset stands for, once the file's hash is known. */
export function presetSidecar<K extends Sidecar["kind"]>(
  kind: K,
  preset: string,
  file: { readonly file: string; readonly sha256: string },
): Extract<Sidecar, { kind: K }> {
  const presets: Readonly<Record<string, Preset<Sidecar>>> = kind === "detector"
    ? detectorPresets
    : embedderPresets;
  const found = presets[preset];
  if (found === undefined) {
    throw new RuntimeError("model_invalid", `there is no ${kind} preset "${preset}"`);
  }
  return { ...found, ...file } as Extract<Sidecar, { kind: K }>;
}
