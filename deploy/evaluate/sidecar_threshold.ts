/** A sidecar with a new threshold, and what it rests on. */
import { dirname, join } from "node:path";
import { type EmbedderSidecar, parseReference } from "../../runtime/perception/sidecar.ts";
import type { Chosen } from "./tail.ts";

/** What was wanted of a threshold, and what it rests on. */
type Calibration = NonNullable<EmbedderSidecar["calibration"]>;

/** Writes the sidecar with its new threshold, whole or not at all. */
export async function writeThreshold(
  reference: string,
  sidecar: EmbedderSidecar,
  { threshold }: Chosen,
  calibration: Calibration,
): Promise<{ readonly path: string; readonly threshold: number }> {
  const named = parseReference("embedder", reference);
  const path = named.form === "sidecar" ? named.path : named.path.replace(/(\.onnx)?$/, ".json");
  // Rounded up: a stranger may pass no more often than was asked for.
  const rounded = Math.ceil(threshold * 1000) / 1000;
  const text = JSON.stringify({ ...sidecar, threshold: rounded, calibration }, null, 2);
  const draft = join(dirname(path), `.${crypto.randomUUID()}.json`);
  await Deno.writeTextFile(draft, `${text}\n`);
  await Deno.rename(draft, path);
  return { path, threshold: rounded };
}
