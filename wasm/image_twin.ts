/**
 * The plain twin of the picture kernel: the same steps in loops that anyone can check. It works on
 * packed RGB and trusts its input.
 */

/** Packed red, green, blue bytes. */
export interface RgbPicture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array<ArrayBuffer>;
}

/** A picture as a camera gives it. NV12 has its plane of chroma after that of luma, same stride. */
export interface SourcePicture {
  readonly format: "YUYV" | "NV12" | "GREY" | "RGB24";
  readonly width: number;
  readonly height: number;
  /** Bytes from one row to the next. */
  readonly stride: number;
  readonly data: Uint8Array;
}

/** How channels become numbers: (value - mean) / std, in the order the network takes them. */
export interface TensorInput {
  /** Plane after plane, or pixel after pixel. */
  readonly layout: "NCHW" | "NHWC";
  readonly order: "RGB" | "BGR";
  /** By channel in that order, on the scale of 0 to 255. */
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

/**
 * Where a sample for (u, v) lies: (x + u ux + v vx, y + u uy + v vy), pixel centres at integers.
 */
export interface Sampling {
  readonly x: number;
  readonly y: number;
  readonly ux: number;
  readonly uy: number;
  readonly vx: number;
  readonly vy: number;
  /** Outside the picture: its edge goes on, or all is black. */
  readonly outside: "edge" | "black";
}

/** The picture as RGB: YUYV and NV12 by ITU-R BT.601 in limited range, in 8-bit fixed point. */
export function toRgb(source: SourcePicture): RgbPicture {
  const { format, width, height, stride, data } = source;
  const rgb = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * stride + x;
      const chroma = (height + (y >> 1)) * stride + (x & ~1);
      const pixel = format === "YUYV"
        ? fromYuv(
          data[at + x]!,
          data[y * stride + (x & ~1) * 2 + 1]!,
          data[
            y * stride + (x & ~1) * 2 + 3
          ]!,
        )
        : format === "NV12"
        ? fromYuv(data[at]!, data[chroma]!, data[chroma + 1]!)
        : format === "GREY"
        ? [data[at]!, data[at]!, data[at]!]
        : data.subarray(at + x * 2, at + x * 2 + 3);
      rgb.set(pixel, (y * width + x) * 3);
    }
  }
  return { width, height, data: rgb };
}

function fromYuv(luma: number, u: number, v: number): number[] {
  const y = 298 * (luma - 16) + 128;
  const clamped = (value: number) => Math.min(255, Math.max(0, value >> 8));
  return [
    clamped(y + 409 * (v - 128)),
    clamped(y - 100 * (u - 128) - 208 * (v - 128)),
    clamped(y + 516 * (u - 128)),
  ];
}

/** Half the size: each pixel the rounded mean of four. */
export function halve(picture: RgbPicture): RgbPicture {
  const width = picture.width >> 1, height = picture.height >> 1;
  const data = new Uint8Array(width * height * 3);
  const value = (x: number, y: number, channel: number) =>
    picture.data[(y * picture.width + x) * 3 + channel]!;
  for (let i = 0; i < data.length; i++) {
    const channel = i % 3, x = Math.floor(i / 3) % width * 2, y = Math.floor(i / 3 / width) * 2;
    const sum = value(x, y, channel) + value(x + 1, y, channel) + value(x, y + 1, channel) +
      value(x + 1, y + 1, channel);
    data[i] = (sum + 2) >> 2;
  }
  return { width, height, data };
}

/** One channel at a place between pixels, bilinear. */
function valueAt(
  picture: RgbPicture,
  x: number,
  y: number,
  channel: number,
  outside: Sampling["outside"],
): number {
  const { width, height, data } = picture;
  const edge = outside === "edge" ? 0 : 1;
  const placeX = Math.min(Math.max(x, -edge), width - 1 + edge);
  const placeY = Math.min(Math.max(y, -edge), height - 1 + edge);
  const left = Math.floor(placeX), top = Math.floor(placeY);
  const pixel = (column: number, row: number) =>
    column < 0 || row < 0 || column >= width || row >= height
      ? 0
      : data[(row * width + column) * 3 + channel]!;
  const fx = placeX - left, fy = placeY - top;
  const above = pixel(left, top) * (1 - fx) + pixel(left + 1, top) * fx;
  const below = pixel(left, top + 1) * (1 - fx) + pixel(left + 1, top + 1) * fx;
  return above * (1 - fy) + below * fy;
}

/**
 * The three channels of `canvas.width` by `canvas.height`: the samples in the upper left corner,
 * `width` by `height` of them, and what black becomes in the rest.
 */
export function sampled(
  picture: RgbPicture,
  width: number,
  height: number,
  canvas: { readonly width: number; readonly height: number },
  sampling: Sampling,
  input: TensorInput,
): Float32Array {
  const pixels = canvas.width * canvas.height;
  const tensor = new Float32Array(pixels * 3);
  const { x, y, ux, uy, vx, vy, outside } = sampling;
  for (let i = 0; i < tensor.length; i++) {
    const [index, pixel] = input.layout === "NCHW"
      ? [Math.floor(i / pixels), i % pixels]
      : [i % 3, Math.floor(i / 3)];
    const u = pixel % canvas.width, v = Math.floor(pixel / canvas.width);
    const channel = input.order === "RGB" ? index : 2 - index;
    const value = u < width && v < height
      ? valueAt(picture, x + u * ux + v * vx, y + u * uy + v * vy, channel, outside)
      : 0;
    tensor[i] = (value - input.mean[index]!) / input.std[index]!;
  }
  return tensor;
}
