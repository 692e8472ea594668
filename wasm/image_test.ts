/**
 * The picture kernel against its plain twin, for every format, odd sizes, edges and outside. The
 * conversion is exact; sampling may differ by a fiftieth of a grey level.
 */
import assert from "node:assert/strict";
import { WasmError } from "./errors.ts";
import { PictureDesk } from "./image.ts";
import { halve, sampled, type Sampling, type SourcePicture, toRgb } from "./image_twin.ts";
import { randomFrom } from "./testing.ts";

const plain = { order: "RGB", mean: [0, 0, 0], std: [1, 1, 1] } as const;
const network = { order: "BGR", mean: [127.5, 120, 110], std: [128, 60, 57] } as const;
const LEVEL = 0.02;

function randomPicture(
  format: SourcePicture["format"],
  width: number,
  height: number,
  padding: number,
): SourcePicture {
  const random = randomFrom(width * 1000 + height);
  const stride = { YUYV: 2, NV12: 1, GREY: 1, RGB24: 3 }[format] * width + padding;
  const rows = format === "NV12" ? height * 1.5 : height;
  const data = new Uint8Array(stride * rows).map(() => Math.floor(random() * 256));
  return { format, width, height, stride, data };
}

/** Largest difference, in grey levels of the channel it belongs to. */
function difference(found: Float32Array, wanted: Float32Array, std: readonly number[]): number {
  assert.equal(found.length, wanted.length);
  const plane = found.length / 3;
  return found.reduce(
    (most, value, i) => Math.max(most, Math.abs(value - wanted[i]!) * std[Math.floor(i / plane)]!),
    0,
  );
}

const desk = PictureDesk.create({ width: 200, height: 150, tensor_pixels: 200 * 200 });

Deno.test("every camera format becomes the same RGB as in plain loops, bit for bit", () => {
  for (const format of ["YUYV", "NV12", "GREY", "RGB24"] as const) {
    for (const [width, height] of [[2, 2], [6, 4], [46, 34], [200, 150]] as const) {
      for (const padding of [0, 5]) {
        const source = randomPicture(format, width, height, padding);
        desk.load(source);
        const into = new Float32Array(width * height * 3);
        desk.shrunk(source, source, plain, into);
        const rgb = toRgb(source).data;
        const wanted = into.map((_, i) =>
          rgb[(i % (width * height)) * 3 + Math.floor(i / (width * height))]!
        );
        assert.deepEqual(into, wanted, `${format} ${width} by ${height}, ${padding} more`);
      }
    }
  }
});

Deno.test("pictures of odd sides are shrunk and enlarged as the twin does", () => {
  for (const [width, height] of [[33, 21], [199, 149], [64, 48]] as const) {
    const source = randomPicture("GREY", width, height, 3);
    for (
      const size of [{ width: 16, height: 12 }, { width: 31, height: 40 }, {
        width: 150,
        height: 99,
      }]
    ) {
      const canvas = { width: size.width + 10, height: size.height + 3 };
      let picture = toRgb(source);
      while (picture.width >= 2 * size.width && picture.height >= 2 * size.height) {
        picture = halve(picture);
      }
      const ux = picture.width / size.width, vy = picture.height / size.height;
      const sampling: Sampling = {
        x: ux / 2 - 0.5,
        y: vy / 2 - 0.5,
        ux,
        uy: 0,
        vx: 0,
        vy,
        outside: "edge",
      };
      const wanted = sampled(picture, size.width, size.height, canvas, sampling, network);
      const into = new Float32Array(wanted.length);
      desk.load(source);
      desk.shrunk(size, canvas, network, into);
      assert.ok(difference(into, wanted, network.std) < LEVEL, `${width} to ${size.width}`);
    }
  }
});

Deno.test("a turned crop, even outside, is the twin's, and black beyond the edge", () => {
  const source = randomPicture("YUYV", 160, 120, 0);
  const picture = toRgb(source);
  desk.load(source);
  const crops = [[0.6, 0.3, -20, 5], [1, 0, 0, 0], [2.5, -1, 60, 40], [
    0.2,
    0.9,
    300,
    -80,
  ]] as const;
  for (const [a, b, tx, ty] of crops) {
    const determinant = a * a + b * b;
    const sampling: Sampling = {
      x: (-a * tx - b * ty) / determinant,
      y: (b * tx - a * ty) / determinant,
      ux: a / determinant,
      uy: -b / determinant,
      vx: b / determinant,
      vy: a / determinant,
      outside: "black",
    };
    for (const input of [plain, network]) {
      const wanted = sampled(picture, 112, 112, { width: 112, height: 112 }, sampling, input);
      const into = new Float32Array(wanted.length);
      desk.crop({ a, b, tx, ty }, 112, input, into);
      assert.ok(difference(into, wanted, input.std) < LEVEL, `${a} ${b}`);
    }
  }
});

Deno.test("pictures that do not fit together are refused", () => {
  const refused = (act: () => unknown) =>
    assert.throws(act, (error) => error instanceof WasmError && error.kind === "picture_invalid");
  const source = randomPicture("YUYV", 16, 8, 0);
  refused(() => desk.load({ ...source, stride: 31 }));
  refused(() => desk.load({ ...source, width: 15 }));
  refused(() => desk.load({ ...source, height: 9 }));
  refused(() => desk.load({ ...source, width: NaN }));
  refused(() => desk.load({ ...randomPicture("GREY", 300, 8, 0) }));
  desk.load(source);
  const side = { width: 8, height: 8 };
  refused(() => desk.shrunk(side, side, plain, new Float32Array(7)));
  refused(() => desk.shrunk({ width: 9, height: 8 }, side, plain, new Float32Array(192)));
  refused(() => desk.crop({ a: 0, b: 0, tx: 1, ty: 1 }, 8, plain, new Float32Array(192)));
  desk.clear();
  refused(() => desk.shrunk(side, side, plain, new Float32Array(192)));
});
