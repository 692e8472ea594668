/**
 * Perception on the web backend with the models that come with the software; the rows are
 * `perception/…`. Smaller networks than a store's, so that all else weighs more than it will there.
 */
import { fileURLToPath } from "node:url";
import { loadModels } from "../../../runtime/perception/spawn.ts";
import type { Part } from "../main.ts";
import { measureOverhead } from "../perception/overhead.ts";
import { measureStall } from "../perception/stall.ts";

const drawn = (kind: string) =>
  fileURLToPath(new URL(`../../../models/drawn-${kind}.json`, import.meta.url));

export const part: Part = async (report) => {
  const models = await loadModels({ detector: drawn("detector"), embedder: drawn("embedder") });
  for (const [width, height] of [[320, 240], [640, 480], [1280, 720]] as const) {
    const options = { width, height, face_px: width / 4, gallery: 200, frames: 60 };
    const { around_us, inference_us, faces } = await measureOverhead(models, options);
    if (faces !== 1) throw new Error(`${faces} faces were found where one was drawn`);
    report.time(
      "perception/overhead",
      `all but the networks, a frame of ${width} x ${height}`,
      around_us,
      "both inferences, onnxruntime-web",
      inference_us,
    );
  }
  const stall = { cameras: 4, frames_per_second: 5, seconds: 20 };
  const { idle, looking, frames } = await measureStall(models, stall);
  const what = `${stall.cameras} cameras, ${frames} frames in ${stall.seconds} s`;
  const rows = [
    ["delay of the event loop, 99 % within", "p99_ms"],
    ["delay of the event loop, longest", "max_ms"],
    ["the loop's own work between two ticks, longest", "own_max_ms"],
  ] as const;
  for (const [name, key] of rows) {
    report.add({
      bench: "perception/stall",
      case: `${name}, ${what}`,
      value: looking[key],
      unit: "ms",
      baseline: "the same loop with nothing to do",
      baseline_value: idle[key],
      ratio: looking[key] === 0 ? null : idle[key] / looking[key],
    });
  }
};
