/**
 * The models that ship, on people and scenes that training never saw, by the functions that lanes
 * use: a short form of what `deno task model` measures before it writes them.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { parseSidecar } from "../../runtime/perception/sidecar.ts";
import { evaluateDetector, evaluateEmbedder } from "./evaluate.ts";
import { type Model, openModel } from "./session.ts";

/** The model runtime keeps a message port of its own for as long as the process lives. */
const kept_port = { sanitizeResources: false };

const folder = new URL("../../models/", import.meta.url);

/** A shipped model and its sidecar, which must be about that very file. */
async function shipped<K extends "detector" | "embedder">(kind: K) {
  const name = `drawn-${kind}.json`;
  const sidecar = parseSidecar(Deno.readTextFileSync(new URL(name, folder)), kind, name);
  const bytes = Deno.readFileSync(new URL(sidecar.file, folder));
  assert.equal(createHash("sha256").update(bytes).digest("hex"), sidecar.sha256);
  assert.equal(sidecar.origin, "drawn");
  assert.match(sidecar.note ?? "", /simulated cameras and tests only/);
  const model: Model = await openModel(bytes);
  return { sidecar, model, size: bytes.length };
}

Deno.test("the shipped detector finds drawn faces and their landmarks", kept_port, async () => {
  const { sidecar, model, size } = await shipped("detector");
  assert.ok(size < 100_000, `${size} bytes`);
  const figures = await evaluateDetector(model, sidecar.threshold, 80, "short");
  assert.ok(figures.faces > 80, `${figures.faces} faces`);
  assert.ok(figures.recall >= 0.99, `recall ${figures.recall}`);
  assert.ok(figures.false_positives_per_picture < 0.05, JSON.stringify(figures));
  assert.ok(figures.landmark_error < 0.04, `landmarks off by ${figures.landmark_error}`);
  await model.release();
});

Deno.test("the shipped embedder tells drawn people apart", kept_port, async () => {
  const detector = await shipped("detector"), embedder = await shipped("embedder");
  assert.ok(embedder.size < 400_000, `${embedder.size} bytes`);
  const figures = await evaluateEmbedder(detector.model, embedder.model, {
    people: 60,
    pictures_each: 5,
    score: detector.sidecar.threshold,
  });
  assert.ok(figures.unseen <= 3, `${figures.unseen} faces not found`);
  assert.ok(figures.equal_error <= 0.02, `equal error ${figures.equal_error}`);
  assert.ok(figures.first_rank >= 0.99, `first rank ${figures.first_rank}`);
  await detector.model.release();
  await embedder.model.release();
});
