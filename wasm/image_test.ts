/**
 * The picture kernel against its plain twin, for every format, odd sizes, edges and outside. The
 * conversion is exact; sampling may differ by a fiftieth of a grey level.
 */
import assert from "node:assert/strict";
import { WasmError } from "./errors.ts";
import { PictureDesk, type Similarity } from "./image.ts";
import {
  halve,
  type RgbPicture,
  sampled,
  type Sampling,
  type SourcePicture,
  type TensorInput,
  toRgb,
} from "./image_twin.ts";
import { randomFrom } from "./testing.ts";

const plain: TensorInput = { layout: "NCHW", order: "RGB", mean: [0, 0, 0], std: [1, 1, 1] };
const network: TensorInput = {
  layout: "NCHW",
  order: "BGR",
  mean: [127.5, 120, 110],
  std: [128, 60, 57],
};
const inputs: readonly TensorInput[] = [plain, network, { ...network, layout: "NHWC" }];
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
function difference(found: Float32Array, wanted: Float32Array, input: TensorInput): number {
  assert.equal(found.length, wanted.length);
  const pixels = found.length / 3;
  const std = (i: number) => input.std[input.layout === "NCHW" ? Math.floor(i / pixels) : i % 3]!;
  return found.reduce((most, value, i) => Math.max(most, Math.abs(value - wanted[i]!) * std(i)), 0);
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** What the twin makes of `shrunk`. */
function shrunkTwin(source: SourcePicture, size: Size, canvas: Size, input: TensorInput) {
  let picture = toRgb(source);
  while (picture.width >= 2 * size.width && picture.height >= 2 * size.height) {
    picture = halve(picture);
  }
  const ux = picture.width / size.width, vy = picture.height / size.height;
  const x = ux / 2 - 0.5, y = vy / 2 - 0.5;
  const sampling: Sampling = { x, y, ux, uy: 0, vx: 0, vy, outside: "edge" };
  return sampled(picture, size.width, size.height, canvas, sampling, input);
}

/** What the twin makes of `crop`. */
function cropTwin(picture: RgbPicture, forward: Similarity, side: number, input: TensorInput) {
  const { a, b, tx, ty } = forward;
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
  return sampled(picture, side, side, { width: side, height: side }, sampling, input);
}

const desk = PictureDesk.create();

Deno.test("every camera format becomes the same RGB as in plain loops, bit for bit", () => {
  for (const format of ["YUYV", "NV12", "GREY", "RGB24"] as const) {
    for (const [width, height] of [[2, 2], [6, 4], [46, 34], [200, 150]] as const) {
      for (const padding of [0, 5]) {
        const source = randomPicture(format, width, height, padding);
        desk.load(source);
        const wanted = toRgb(source);
        assert.deepEqual(desk.picture(), wanted, `${format} ${width} by ${height}, ${padding}`);
        const into = new Float32Array(width * height * 3);
        desk.shrunk(source, source, plain, into);
        const plane = width * height;
        const planes = into.map((_, i) => wanted.data[(i % plane) * 3 + Math.floor(i / plane)]!);
        assert.deepEqual(into, planes, `${format} ${width} by ${height}, ${padding} more`);
      }
    }
  }
});

Deno.test("pictures of odd sides are shrunk and enlarged as the twin does", () => {
  const targets = [[16, 12], [31, 40], [150, 99], [1, 1], [3, 3]] as const;
  for (const [width, height] of [[33, 21], [199, 149], [64, 48], [1, 1], [3, 5]] as const) {
    const source = randomPicture("GREY", width, height, 3);
    desk.load(source);
    for (const input of inputs) {
      for (const [across, down] of targets) {
        const size = { width: across, height: down };
        for (const canvas of [size, { width: across + 10, height: down + 3 }]) {
          const wanted = shrunkTwin(source, size, canvas, input);
          const into = new Float32Array(wanted.length);
          desk.shrunk(size, canvas, input, into);
          assert.ok(difference(into, wanted, input) < LEVEL, `${width} to ${across}`);
        }
      }
    }
  }
});

Deno.test("a turned crop, even outside, is the twin's, and black beyond the edge", () => {
  const source = randomPicture("YUYV", 160, 120, 0);
  const picture = toRgb(source);
  desk.load(source);
  const crops = [
    { a: 0.6, b: 0.3, tx: -20, ty: 5 },
    { a: 1, b: 0, tx: 0, ty: 0 },
    { a: 2.5, b: -1, tx: 60, ty: 40 },
    { a: 0.2, b: 0.9, tx: 300, ty: -80 },
  ];
  for (const forward of crops) {
    for (const input of inputs) {
      const wanted = cropTwin(picture, forward, 112, input);
      const into = new Float32Array(wanted.length);
      const bytes = new Uint8Array(wanted.length);
      desk.crop(forward, 112, input, into, bytes);
      assert.ok(difference(into, wanted, input) < LEVEL, JSON.stringify(forward));
      const alone = new Float32Array(wanted.length);
      desk.crop(forward, 112, input, alone);
      assert.deepEqual(alone, into);
      const levels = cropTwin(picture, forward, 112, { ...plain, layout: "NHWC" });
      bytes.forEach((byte, i) => {
        assert.ok(Math.abs(byte - levels[i]!) <= 0.5 + LEVEL, `byte ${i}: ${byte}, ${levels[i]}`);
      });
    }
  }
});

Deno.test("a desk gives the same in any order, and after larger and smaller pictures", () => {
  const source = randomPicture("YUYV", 120, 90, 0);
  const forward = { a: 0.7, b: -0.1, tx: 3, ty: 9 };
  const small = { width: 20, height: 15 };
  const take = (one: PictureDesk, cropFirst: boolean) => {
    const crop = new Float32Array(64 * 64 * 3), shrunk = new Float32Array(20 * 15 * 3);
    if (cropFirst) one.crop(forward, 64, network, crop);
    one.shrunk(small, small, network, shrunk);
    if (!cropFirst) one.crop(forward, 64, network, crop);
    return { crop, shrunk, picture: one.picture() };
  };
  const fresh = PictureDesk.create();
  fresh.load(source);
  const wanted = take(fresh, true);
  assert.deepEqual(take(fresh, false), wanted);
  for (const side of [2, 400, 64]) {
    fresh.load(randomPicture("RGB24", side, side, 0));
    fresh.picture();
    fresh.load(source);
    assert.deepEqual(take(fresh, false), wanted);
  }
});

Deno.test("nothing of a picture is left in memory once the desk is cleared", () => {
  const { desk: one, bytes } = withMemory();
  for (const side of [40, 90, 30]) {
    const source = randomPicture("YUYV", side, side, 0);
    one.load(source);
    const into = new Float32Array(side * side * 3), levels = new Uint8Array(into.length);
    one.crop({ a: 1, b: 0.1, tx: 0, ty: 0 }, side, network, into, levels);
  }
  const content = 65536;
  assert.ok(bytes().subarray(content).some((byte) => byte !== 0));
  one.clear();
  assert.ok(bytes().subarray(content).every((byte) => byte === 0));
});

/** Makes a desk and shows the memory it works in. */
function withMemory(): { desk: PictureDesk; bytes: () => Uint8Array } {
  const seen: WebAssembly.Instance[] = [];
  const Original = WebAssembly.Instance;
  WebAssembly.Instance = class extends Original {
    constructor(module: WebAssembly.Module, imports?: WebAssembly.Imports) {
      super(module, imports);
      seen.push(this);
    }
  };
  try {
    const one = PictureDesk.create();
    const memory = seen[0]!.exports["memory"] as WebAssembly.Memory;
    return { desk: one, bytes: () => new Uint8Array(memory.buffer) };
  } finally {
    WebAssembly.Instance = Original;
  }
}

Deno.test("pictures that do not fit together are refused", () => {
  const refused = (act: () => unknown) =>
    assert.throws(act, (error) => error instanceof WasmError && error.kind === "picture_invalid");
  const source = randomPicture("YUYV", 16, 8, 0);
  refused(() => desk.load({ ...source, stride: 31 }));
  refused(() => desk.load({ ...source, width: 15 }));
  refused(() => desk.load({ ...source, height: 9 }));
  refused(() => desk.load({ ...source, width: NaN }));
  refused(() => desk.load({ ...source, width: 5000, stride: 10_000 }));
  refused(() => desk.load({ ...source, stride: 5000 }));
  refused(() => desk.load({ ...source, format: "MJPG" as "GREY" }));
  refused(() => desk.picture());
  desk.load(source);
  const side = { width: 8, height: 8 };
  refused(() => desk.shrunk(side, side, plain, new Float32Array(7)));
  refused(() => desk.shrunk({ width: 9, height: 8 }, side, plain, new Float32Array(192)));
  const crop = { a: 1, b: 0, tx: 1, ty: 1 };
  refused(() => desk.crop({ ...crop, a: 0 }, 8, plain, new Float32Array(192)));
  refused(() => desk.crop({ ...crop, tx: NaN }, 8, plain, new Float32Array(192)));
  refused(() => desk.crop(crop, 8, plain, new Float32Array(192), new Uint8Array(191)));
  desk.clear();
  refused(() => desk.shrunk(side, side, plain, new Float32Array(192)));
});
