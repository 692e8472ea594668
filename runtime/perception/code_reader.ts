/** Finds the QR code (ISO/IEC 18004) that is held before a gate's camera. */
import jsQR from "jsqr";
import type { Frame } from "../../hardware/ports.ts";
import { limits } from "../limits.ts";
import type { CodeReader } from "../world.ts";

/** The library takes RGBA and looks at brightness alone. */
function grey({ format, width, height, stride, data }: Frame): Uint8ClampedArray | undefined {
  const step = { YUYV: 2, NV12: 1, GREY: 1, RGB24: 3 }[format];
  if (data.length < stride * (height - 1) + width * step) return undefined;
  const pixels = new Uint8ClampedArray(4 * width * height).fill(255);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const from = row * stride + column * step;
      // Of RGB the green carries most of the brightness.
      const light = data[format === "RGB24" ? from + 1 : from] ?? 0;
      pixels.fill(light, 4 * (row * width + column), 4 * (row * width + column) + 3);
    }
  }
  return pixels;
}

/** The text of a code in the picture. Pictures that are larger than a code needs are not looked at:
 * a gate's camera is set to a small format. */
export const readCode: CodeReader = (frame) => {
  const { width, height } = frame;
  if (width * height > limits.code_pixels) return Promise.resolve(undefined);
  const pixels = grey(frame);
  if (pixels === undefined) return Promise.resolve(undefined);
  const found = (jsQR as unknown as typeof jsQR.default)(pixels, width, height, {
    inversionAttempts: "dontInvert",
  });
  return Promise.resolve(found?.data || undefined);
};
