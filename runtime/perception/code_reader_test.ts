/** A code that a phone shows is read from a gate's camera's frames, and nothing from others. */
import assert from "node:assert/strict";
import { encode } from "uqr";
import type { Frame } from "../../hardware/ports.ts";
import { readCode } from "./code_reader.ts";

const text = `eyJ.${"a1B_".repeat(80)}.sig`;

/** A phone of 320 by 320 before a camera, its modules some pixels wide. */
function frame(format: Frame["format"], shown: string | undefined): Frame {
  const width = 320, height = 320;
  const bytes = { YUYV: 2, NV12: 1, GREY: 1, RGB24: 3 }[format];
  const stride = width * bytes + 8;
  const data = new Uint8Array(stride * height * (format === "NV12" ? 2 : 1)).fill(128);
  const modules = shown === undefined ? [] : encode(shown, { ecc: "L", border: 4 }).data;
  const side = Math.floor(width / Math.max(1, modules.length));
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const dark = modules[Math.floor(row / side)]?.[Math.floor(column / side)] ?? false;
      // As dim as a screen in a shop.
      const light = dark ? 40 : 200;
      const at = row * stride + column * bytes;
      data.fill(light, at, at + (format === "RGB24" ? 3 : 1));
    }
  }
  return { format, width, height, stride, sequence: 1, captured_at_ms: 1, data };
}

for (const format of ["YUYV", "NV12", "GREY", "RGB24"] as const) {
  Deno.test(`a shown code is read from ${format}, and none where none is shown`, async () => {
    assert.equal(await readCode(frame(format, text)), text);
    assert.equal(await readCode(frame(format, undefined)), undefined);
  });
}

Deno.test("a frame that is cut off or too large is not looked at", async () => {
  const whole = frame("GREY", text);
  assert.equal(await readCode({ ...whole, data: whole.data.slice(0, 1_000) }), undefined);
  assert.equal(await readCode({ ...whole, width: 4_000, height: 4_000 }), undefined);
});
