/**
 * Real faces and real models through the whole path: pictures before the lane's camera, a match, a
 * sale, a charge, a receipt. Needs a folder with `models/yunet_n_320.onnx`,
 * `models/mobilefacenet-112.onnx` and `faces/PERSON/PICTURE.pgm`, named by the environment variable
 * FIELDWORK.
 */
import assert from "node:assert/strict";
import type { ShowFigures } from "./demo/picture_show.ts";
import { ownStore, startStore, summaryOf } from "./testing/store_process.ts";

const field = Deno.env.get("FIELDWORK");
if (field === undefined) {
  console.log("sales to real faces: skipped, set FIELDWORK to a folder of models and faces");
}

Deno.test({
  name: "everybody in the pictures is charged for their own sales, nobody for another's",
  ignore: field === undefined,
  async fn() {
    await using own = await ownStore("deploy/store.recorded.json");
    const { code, out, err } = await startStore(
      ...own.flags,
      "--camera",
      `recorded:${field}/faces`,
      "--detector",
      `yunet:${field}/models/yunet_n_320.onnx`,
      "--embedder",
      `mobilefacenet:${field}/models/mobilefacenet-112.onnx`,
    ).ended;
    assert.equal(code, 0, err);
    const line = out.split("\n").find((text) => text.startsWith('{"people"'));
    assert.ok(line, out);
    console.log(line);
    const figures: ShowFigures = JSON.parse(line);
    assert.equal(figures.wrong, 0);
    assert.ok(figures.recognised >= 0.95 * figures.pictures, line);
    const summary = summaryOf(out);
    assert.equal(summary.sales, figures.recognised);
    assert.equal(summary.violations, 0, out);
  },
});
