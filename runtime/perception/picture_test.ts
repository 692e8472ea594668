/** Colours, sizes and tensors are what they were, and a frame that lies is refused. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { HardwareError } from "../../hardware/errors.ts";
import type { Frame } from "../../hardware/ports.ts";
import { rgbToYuyv } from "../../hardware/simulated/yuyv.ts";
import type { Picture } from "../../hardware/recorded/picture.ts";
import { PictureDesk, type TensorInput } from "../../wasm/image.ts";
import { show } from "./picture.ts";

const desk = PictureDesk.create();

/** What a camera's frame becomes. */
function frameToPicture(frame: Frame): Picture {
  show(desk, frame);
  return desk.picture();
}

function frame(change: Partial<Frame>): Frame {
  return {
    format: "GREY",
    width: 2,
    height: 2,
    stride: 2,
    sequence: 0,
    captured_at_ms: 0,
    data: new Uint8Array([1, 2, 3, 4]),
    ...change,
  };
}

Deno.test("grey and RGB frames keep their pixels, whatever their stride", () => {
  const grey = frameToPicture(frame({ stride: 3, data: new Uint8Array([1, 2, 99, 3, 4]) }));
  assert.deepEqual([...grey.data], [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4]);
  const data = new Uint8Array([1, 2, 3, 0, 4, 5, 6, 0]);
  const rgb = frameToPicture(frame({ format: "RGB24", width: 1, stride: 4, data }));
  assert.deepEqual([...rgb.data], [1, 2, 3, 4, 5, 6]);
});

Deno.test("a YUYV frame of one colour comes back within the losses of limited range", () => {
  const level = fc.integer({ min: 0, max: 255 });
  fc.assert(fc.property(level, level, level, (r, g, b) => {
    const rgb = new Uint8Array([r, g, b, r, g, b]);
    const data = rgbToYuyv({ width: 2, height: 1, rgb });
    const back = frameToPicture(frame({ format: "YUYV", height: 1, stride: 4, data }));
    for (let i = 0; i < 6; i++) {
      assert.ok(Math.abs(back.data[i]! - rgb[i]!) <= 3, `${rgb} became ${back.data}`);
    }
  }));
});

Deno.test("a frame whose numbers do not fit together is refused", () => {
  const lies: Partial<Frame>[] = [
    { data: new Uint8Array(3) },
    { stride: 1 },
    { width: 0 },
    { width: NaN },
    { height: 1e9 },
    { format: "YUYV", width: 1 },
    { format: "MJPG" as "GREY" },
  ];
  for (const lie of lies) {
    assert.throws(
      () => frameToPicture(frame(lie)),
      (error) => error instanceof HardwareError && error.kind === "format_unsupported",
      JSON.stringify(lie),
    );
  }
});

Deno.test("a picture is made smaller by means, larger by lines between", () => {
  const data = new Uint8Array([0, 0, 0, 100, 100, 100, 40, 40, 40, 60, 60, 60]);
  const square = { width: 2, height: 2, data };
  assert.deepEqual(levelsOf(square, 1, 1), [50, 50, 50]);
  assert.deepEqual(levelsOf(square, 2, 2), [...data]);
  const wide = levelsOf({ width: 2, height: 1, data: data.slice(0, 6) }, 4, 1);
  assert.deepEqual([0, 3, 6, 9].map((i) => wide[i]), [0, 25, 75, 100]);
});

Deno.test("a picture of one shade keeps it at every size", () => {
  const side = fc.integer({ min: 1, max: 40 });
  fc.assert(fc.property(side, side, side, side, (a, b, c, d) => {
    const picture = { width: a, height: b, data: new Uint8Array(a * b * 3).fill(77) };
    assert.ok(levelsOf(picture, c, d).every((value) => Math.abs(value - 77) < 1e-4));
  }));
});

/** The picture at another size, as packed levels. */
function levelsOf(picture: Picture, width: number, height: number): number[] {
  return tensorOf(picture, { width, height }, { width, height }, {
    layout: "NHWC",
    order: "RGB",
    mean: [0, 0, 0],
    std: [1, 1, 1],
  });
}

type Size = Pick<Picture, "width" | "height">;

function tensorOf(picture: Picture, size: Size, canvas: Size, input: TensorInput): number[] {
  show(desk, picture);
  const into = new Float32Array(canvas.width * canvas.height * 3);
  desk.shrunk(size, canvas, input, into);
  return [...into];
}

Deno.test("a tensor has the order, the layout and the scale of its model", () => {
  const picture = { width: 1, height: 1, data: new Uint8Array([10, 20, 30]) };
  const input: TensorInput = { layout: "NCHW", order: "BGR", mean: [30, 20, 0], std: [1, 2, 10] };
  assert.deepEqual(tensorOf(picture, picture, picture, input), [0, 0, 1]);
  // Padding is black, in the model's own terms.
  const wide = { width: 2, height: 1 };
  assert.deepEqual(tensorOf(picture, picture, wide, input), [0, -30, 0, -10, 1, 0]);
  const packed: TensorInput = { ...input, layout: "NHWC", order: "RGB" };
  assert.deepEqual(tensorOf(picture, picture, wide, packed), [-20, 0, 3, -30, -10, 0]);
});
