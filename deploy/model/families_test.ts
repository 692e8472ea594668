/**
 * Detectors of other families, run as a lane runs them: small graphs stand in for the networks,
 * with the names, shapes and numbers that the real ones answer.
 */
import assert from "node:assert/strict";
import { RuntimeError } from "../../runtime/errors.ts";
import { Networks } from "../../runtime/perception/networks.ts";
import { webInference } from "../../runtime/perception/web_inference.ts";
import { presetSidecar } from "../../runtime/perception/sidecar.ts";
import { loadModel } from "../../runtime/perception/spawn.ts";
import { Graph } from "./onnx.ts";

/** The model runtime keeps a message port of its own for as long as the process lives. */
const kept_port = { sanitizeResources: false };

const side = 64;
const file = { file: "stand-in.onnx", sha256: "0".repeat(64) };
const shipped = new URL("../../models/", import.meta.url).pathname;

/** A square picture of one colour. */
function plain(level: number, pixels = side) {
  return { width: pixels, height: pixels, data: new Uint8Array(pixels * pixels * 3).fill(level) };
}

/** A graph whose scores are those given times the mean of its input: a white picture has faces. */
class StandIn {
  readonly #graph = new Graph("stand-in");
  readonly #mean: string;

  constructor() {
    const picture = this.#graph.input("picture", [1, 3, side, side]);
    this.#mean = this.#graph.node("ReduceMean", [picture], { keepdims: 0 });
  }

  scores(name: string, shape: readonly number[], values: Float32Array): void {
    const constant = this.#graph.constant(shape, values);
    this.#graph.output(this.#graph.node("Mul", [constant, this.#mean]), name, shape);
  }

  plain(name: string, shape: readonly number[], values: Float32Array): void {
    this.#graph.output(this.#graph.constant(shape, values), name, shape);
  }

  async open(preset: string): Promise<Networks> {
    const sidecar = presetSidecar("detector", preset, file);
    const embedder = await loadModel("embedder", `${shipped}drawn-embedder.json`);
    const detector = { sidecar, bytes: this.#graph.bytes() };
    return await Networks.open({ detector, embedder }, webInference());
  }
}

/** Anchor 1 of the cell in column 3, row 2 of stride 8 sees a face, and anchor 0 half of it. */
function scrfd(): StandIn {
  const model = new StandIn();
  const seen = (2 * 8 + 3) * 2 + 1;
  const cells = [8, 16, 32].map((stride) => 2 * (side / stride) ** 2);
  cells.forEach((count, level) => {
    const scores = new Float32Array(count);
    if (level === 0) scores.set([0.7, 0.9], seen - 1);
    model.scores(`${440 + level}`, [count, 1], scores);
  });
  cells.forEach((count, level) => {
    const boxes = new Float32Array(count * 4);
    if (level === 0) boxes.set([1, 1, 1, 1, 1.5, 1, 2, 2.5], (seen - 1) * 4);
    model.plain(`${450 + level}`, [count, 4], boxes);
  });
  cells.forEach((count, level) => {
    const points = new Float32Array(count * 10);
    if (level === 0) points.set([-0.5, 0, 1, 0, 0.25, 1, -0.25, 2, 0.75, 2], seen * 10);
    model.plain(`${460 + level}`, [count, 10], points);
  });
  return model;
}

Deno.test("an SCRFD's anchors become faces with landmarks", kept_port, async () => {
  const networks = await scrfd().open("scrfd");
  // White is (255 - 127.5) / 128: below 1, so that the scores show the normalisation.
  const [face, ...others] = await networks.faces(plain(255, 32));
  assert.equal(others.length, 0);
  assert.ok(Math.abs(face!.score - 0.9 * 127.5 / 128) < 1e-5, `${face!.score}`);
  // The picture of 32 pixels was doubled to fit: a stride is 4 of its pixels.
  assert.deepEqual(face!.box, { x: 6, y: 4, width: 14, height: 14 });
  assert.deepEqual(face!.landmarks.map(({ x, y }) => [x, y]), [
    [10, 8],
    [16, 8],
    [13, 12],
    [11, 16],
    [15, 16],
  ]);
  assert.equal(face!.landmarks_guessed, undefined);
  assert.deepEqual(await networks.faces(plain(0)), []);
});

/** Three priors: a face, nearly the same, and one elsewhere that is no number. */
function ultraface(): StandIn {
  const model = new StandIn();
  model.scores("scores", [1, 3, 2], Float32Array.of(0.1, 0.9, 0.2, 0.8, 0, 1));
  const boxes = Float32Array.of(0.25, 0.25, 0.75, 1, 0.25, 0.25, 0.75, 0.9, NaN, 0, 0.2, 0.2);
  model.plain("boxes", [1, 3, 4], boxes);
  return model;
}

Deno.test("an UltraFace's boxes become faces with guessed landmarks", kept_port, async () => {
  const networks = await ultraface().open("ultraface");
  const [face, ...others] = await networks.faces(plain(255));
  assert.equal(others.length, 0);
  assert.ok(Math.abs(face!.score - 0.9) < 1e-5, `${face!.score}`);
  assert.deepEqual(face!.box, { x: 16, y: 16, width: 32, height: 48 });
  assert.equal(face!.landmarks_guessed, true);
  const [right, left, nose] = face!.landmarks;
  assert.ok(right.y === left.y && right.x < nose.x && nose.x < left.x && nose.y > left.y);
  assert.deepEqual(await networks.faces(plain(0)), []);
});

Deno.test("a model of another family or kind is one clear line at start", kept_port, async () => {
  const refused = (opened: Promise<unknown>, words: RegExp) =>
    assert.rejects(opened, (error) => {
      assert.ok(error instanceof RuntimeError && error.kind === "model_invalid", `${error}`);
      assert.match(error.message, words);
      return true;
    });
  await refused(scrfd().open("yunet"), /outputs are 440, .* bring a YuNet$/);
  await refused(ultraface().open("scrfd"), /2 outputs \(scores, boxes\), not 9/);
  await refused(scrfd().open("ultraface"), /not scores and boxes; bring UltraFace$/);
  const wide = new StandIn();
  wide.scores("scores", [1, 3, 3], new Float32Array(9));
  wide.plain("boxes", [1, 3, 4], new Float32Array(12));
  await refused(wide.open("ultraface"), /its output scores ends in 3, not in 2/);
  const detector = await loadModel("detector", `${shipped}drawn-detector.json`);
  const { bytes } = detector;
  const sidecar = presetSidecar("embedder", "sface", file);
  const wrong = Networks.open({ detector, embedder: { sidecar, bytes } }, webInference());
  await refused(wrong, /the embedder stand-in\.onnx: /);
  const torn = { sidecar, bytes: bytes.slice(0, 999) };
  await refused(
    Networks.open({ detector, embedder: torn }, webInference()),
    /cannot be opened \(.*\): bring/,
  );
});
