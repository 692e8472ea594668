/** What is said of models is checked, and so is whether a model fits what is said of it. */
import assert from "node:assert/strict";
import { RuntimeError } from "../errors.ts";
import { fitEmbedder, type ValueShape } from "./fit.ts";
import { fitDetector } from "./fit_detector.ts";
import {
  detectorPresets,
  embedderPresets,
  parseReference,
  parseSidecar,
  presetSidecar,
  sidecarSchema,
} from "./sidecar.ts";

const file = { file: "face.onnx", sha256: "0123456789abcdef".repeat(4) };
const sidecar = {
  kind: "embedder",
  preset: "sface",
  ...file,
  input: { size: 112, order: "RGB", mean: [0, 0, 0], std: [1, 1, 1] },
  align: "arcface",
  dim: 128,
  threshold: 0.363,
};

function invalid(call: () => unknown, words: RegExp): void {
  assert.throws(call, (error) => {
    assert.ok(error instanceof RuntimeError);
    assert.equal(error.kind, "model_invalid");
    assert.match(error.message, words);
    assert.doesNotMatch(error.message, /\n/);
    return true;
  });
}

Deno.test("a sidecar is read, and what it leaves out has its usual value", () => {
  const read = parseSidecar(JSON.stringify(sidecar), "embedder", "a.json");
  assert.deepEqual(read.input.size, [112, 112]);
  assert.equal(read.input.layout, "NCHW");
  assert.equal(read.origin, "photographs");
  assert.equal(read.static_cosine, 0.998);
});

Deno.test("a sidecar that says too little, too much or a wrong thing is refused", () => {
  const refused = (change: Record<string, unknown>, words: RegExp) =>
    invalid(
      () => parseSidecar(JSON.stringify({ ...sidecar, ...change }), "embedder", "a.json"),
      words,
    );
  refused({ dim: undefined }, /^a\.json is no sidecar: dim: /);
  refused({ treshold: 0.4 }, /treshold/);
  refused({ sha256: "abc" }, /sha256: 64 lower-case hex digits/);
  refused({ file: "../other.onnx" }, /file: a file name without a folder/);
  refused({ input: { ...sidecar.input, std: [1, 0, 1] } }, /input\.std\.1/);
  refused({ kind: "ear" }, /kind/);
  invalid(() => parseSidecar("{", "embedder", "a.json"), /a\.json is no JSON/);
  invalid(
    () => parseSidecar(JSON.stringify(sidecar), "detector", "a.json"),
    /of kind embedder, not detector/,
  );
});

Deno.test("every preset, with a file, is a sidecar of its own", () => {
  for (const preset of Object.keys(detectorPresets)) {
    assert.ok(sidecarSchema.safeParse(presetSidecar("detector", preset, file)).success, preset);
  }
  for (const preset of Object.keys(embedderPresets)) {
    const made = presetSidecar("embedder", preset, file);
    assert.ok(sidecarSchema.safeParse(made).success, preset);
    assert.equal(made.preset, preset);
  }
  assert.equal(presetSidecar("embedder", "drawn", file).origin, "drawn");
});

Deno.test("a model is named by a sidecar or by preset and file", () => {
  assert.deepEqual(parseReference("detector", "yunet:/a:b/c.onnx"), {
    form: "preset",
    preset: "yunet",
    path: "/a:b/c.onnx",
  });
  assert.deepEqual(parseReference("embedder", "/m/a.json"), { form: "sidecar", path: "/m/a.json" });
  invalid(() => parseReference("embedder", "yunet:a.onnx"), /preset of mobilefacenet, /);
  invalid(() => parseReference("detector", "yunet:"), /neither a sidecar/);
  invalid(() => parseReference("detector", "a.onnx"), /neither a sidecar/);
});

const tensor = (name: string, ...shape: (number | string)[]): ValueShape => ({
  name,
  isTensor: true,
  type: "float32",
  shape,
});
const yunet = presetSidecar("detector", "yunet", file);
const sface = presetSidecar("embedder", "sface", file);
const grids = (stride: number): ValueShape[] => [
  tensor(`cls_${stride}`, 1, "n", 1),
  tensor(`obj_${stride}`, 1, "n", 1),
  tensor(`bbox_${stride}`, 1, "n", 4),
  tensor(`kps_${stride}`, 1, "n", 10),
];

Deno.test("a detector has the strides that its session has", () => {
  const free = [tensor("in", "b", 3, "h", "w")];
  assert.deepEqual(fitDetector(yunet, free, [...grids(16), ...grids(8)]), {
    input: "in",
    canvas: undefined,
    multiple: 32,
    outputs: { family: "yunet", strides: [8, 16] },
  });
  const fixed = fitDetector(yunet, [tensor("in", 1, 3, 240, 320)], grids(8));
  assert.deepEqual(fixed.canvas, { width: 320, height: 240 });
  assert.deepEqual(fixed.outputs, { family: "yunet", strides: [8] });
});

Deno.test("a detector of another family is refused by the name of what does not fit", () => {
  const free = [tensor("in", "b", 3, "h", "w")];
  invalid(() => fitDetector(yunet, free, [tensor("boxes", 1, 4)]), /face\.onnx: .*are boxes/);
  invalid(() => fitDetector(yunet, free, grids(8).slice(0, 3)), /no output kps_8/);
  const wrong = [...grids(8).slice(0, 2), tensor("bbox_8", 1, "n", 8), grids(8)[3]!];
  invalid(() => fitDetector(yunet, free, wrong), /bbox_8 ends in 8, not in 4/);
  invalid(() => fitDetector(yunet, [tensor("in", 1, 1, 64, 64)], grids(8)), /not 3 channels/);
  invalid(() => fitDetector(yunet, [tensor("in", 1, 3, 60, 60)], grids(8)), /no multiple of 8/);
  invalid(() => fitDetector(yunet, [tensor("in", 1, 3, 4096, 4096)], grids(8)), /larger than/);
  invalid(() => fitDetector(yunet, [], grids(8)), /0 inputs \(none\)/);
});

Deno.test("an embedder fits by size, channels and dim", () => {
  const fit = fitEmbedder(sface, [tensor("data", 1, 3, 112, 112)], [tensor("fc1", 1, 128)]);
  assert.deepEqual(fit, { input: "data", output: "fc1", side: 112, dim: 128 });
  const picture = [tensor("data", 1, 3, 112, 112)];
  invalid(() => fitEmbedder(sface, picture, [tensor("fc1", 1, 512)]), /512 numbers where 128 are/);
  const smaller = [tensor("data", 1, 3, 96, 96)];
  invalid(() => fitEmbedder(sface, smaller, [tensor("fc1", 1, 128)]), /is 96 wide where 112 is/);
  const two = [tensor("a", 1, 128), tensor("b", 1, 128)];
  invalid(() => fitEmbedder(sface, picture, two), /2 outputs \(a, b\)/);
  const bytes = [{ ...picture[0]!, type: "uint8" }];
  invalid(() => fitEmbedder(sface, bytes, [tensor("fc1", 1, 128)]), /is uint8 of 4 dimensions/);
});
