/**
 * `deno task model`: makes the two small models that simulated cameras are read with, measures
 * them on people they never saw, and writes them with their sidecars. The same code gives the same
 * bytes: seeds are fixed, and the runtime computes on one thread.
 */
import { createHash } from "node:crypto";
import { flagsOf } from "../flags.ts";
import { detector_input, makeDetector } from "./detector.ts";
import { embedder_input, makeEmbedder } from "./embedder.ts";
import { dim } from "./embedder_graph.ts";
import { evaluateDetector, evaluateEmbedder } from "./evaluate.ts";
import { openProducts } from "./linear.ts";
import { openModel } from "./session.ts";

const folder = new URL("../../models/", import.meta.url);

/** From this score on a place is a face. */
const detector_threshold = 0.6;

const purpose = "For simulated cameras and tests only: made from drawn faces, of no use for " +
  "real people, whom it confuses.";

/** Writes a model and, beside it, the sidecar that says how it is used. */
function write(
  name: string,
  bytes: Uint8Array,
  sidecar: Readonly<Record<string, unknown>>,
  figures: string,
): void {
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const file = `${name}.onnx`;
  const described = {
    ...sidecar,
    file,
    sha256,
    origin: "drawn",
    licence: "Apache-2.0",
    note: `${purpose} ${figures}`,
  };
  Deno.writeFileSync(new URL(file, folder), bytes);
  const text = JSON.stringify(described, null, 2) + "\n";
  Deno.writeTextFileSync(new URL(`${name}.json`, folder), text);
  console.log(`${file}: ${bytes.length} bytes, sha256 ${sha256}`);
}

/** What is not good enough is not written: the message says what fell short. */
function demand(good: boolean, what: string): void {
  if (!good) throw new RangeError(`the model is not good enough: ${what}`);
}

const percent = (share: number) => `${(100 * share).toFixed(2)} %`;

flagsOf("model", "deno task model   makes both models again, and writes them to models/", {});
const progress = (line: string) => console.log(line);
Deno.mkdirSync(folder, { recursive: true });
const products = await openProducts();

const detector_bytes = await makeDetector({ turns: 10, scenes: 450, progress }, products);
const detector = await openModel(detector_bytes);
const seen = await evaluateDetector(detector, detector_threshold, 400);
const detector_figures = `Held out, ${seen.pictures} pictures with ${seen.faces} faces: recall ` +
  `${percent(seen.recall)}, ${seen.false_positives_per_picture.toFixed(3)} false positives a ` +
  `picture, landmarks off by ${percent(seen.landmark_error)} of the face's width.`;
progress(detector_figures);
demand(seen.recall >= 0.99, "the detector's recall is below 99 %");
demand(seen.false_positives_per_picture < 0.05, "the detector invents faces");
demand(seen.landmark_error < 0.04, "the detector's landmarks are off by 4 % or more");
write("drawn-detector", detector_bytes, {
  kind: "detector",
  preset: "drawn",
  input: detector_input,
  threshold: detector_threshold,
}, detector_figures);

const embedder_bytes = await makeEmbedder(
  { identities: 600, pictures_each: 10, landmark_noise: seen.landmark_error / 1.25, progress },
  products,
);
const embedder = await openModel(embedder_bytes);
const options = { people: 200, pictures_each: 8, score: detector_threshold };
const known = await evaluateEmbedder(detector, embedder, options);
const embedder_figures = `Held out, ${known.people} people in ${known.pictures} pictures: equal ` +
  `error ${percent(known.equal_error)}, first rank ${percent(known.first_rank)}; at the ` +
  `threshold, false matches 0.01 %, missed ${percent(known.missed_at_threshold)} of pairs and ` +
  `${percent(known.probes_missed)} of probes against templates of three pictures.`;
progress(embedder_figures);
demand(known.equal_error <= 0.02, "the embedder's equal error is above 2 %");
demand(known.first_rank >= 0.99, "the embedder's first rank is below 99 %");
write("drawn-embedder", embedder_bytes, {
  kind: "embedder",
  preset: "drawn",
  input: embedder_input,
  align: "arcface",
  dim,
  threshold: Math.round(known.threshold * 1000) / 1000,
}, embedder_figures);
await products.release();
