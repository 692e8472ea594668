/**
 * From a camera's bytes to plain RGB, and from RGB to the tensor a model takes. The only places
 * where colour order, padding and scale are decided.
 */
import { HardwareError } from "../../hardware/errors.ts";
import type { Frame } from "../../hardware/ports.ts";
import type { Picture } from "../../hardware/recorded/picture.ts";
import { limits } from "../limits.ts";
import type { ModelInput } from "./sidecar.ts";

const BYTES_PER_PIXEL = { YUYV: 2, GREY: 1, RGB24: 3 } as const;

/**
 * The frame as packed RGB. Throws `HardwareError` `format_unsupported` where format, size, stride
 * and bytes do not agree with each other.
 */
export function frameToPicture(frame: Frame): Picture {
  const { width, height, stride, data, format } = frame;
  const row_bytes = (BYTES_PER_PIXEL[format] ?? NaN) * width;
  const sound = Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0 &&
    width * height <= limits.frame_pixels && Number.isInteger(stride) && stride >= row_bytes &&
    (format !== "YUYV" || width % 2 === 0) &&
    data.length >= stride * (height - 1) + row_bytes;
  if (!sound) {
    throw new HardwareError(
      "format_unsupported",
      `a frame of ${width} by ${height} ${format} with stride ${stride} and ${data.length} bytes ` +
        `does not fit together; check the camera's format`,
    );
  }
  const rgb = new Uint8Array(width * height * 3);
  const rows = { YUYV: yuyvRow, GREY: greyRow, RGB24: rgbRow }[format];
  for (let y = 0; y < height; y++) rows(data, y * stride, width, rgb, y * width * 3);
  return { width, height, data: rgb };
}

type Row = (from: Uint8Array, at: number, width: number, to: Uint8Array, offset: number) => void;

/** ITU-R BT.601, limited range, in fixed point with 8 fractional bits; two pixels share U and V. */
const yuyvRow: Row = (from, at, width, to, offset) => {
  const rgb = new Uint8ClampedArray(to.buffer, to.byteOffset + offset, width * 3);
  for (let x = 0, i = at, o = 0; x < width; x += 2, i += 4, o += 6) {
    const u = from[i + 1]! - 128;
    const v = from[i + 3]! - 128;
    const red = 409 * v + 128;
    const green = -100 * u - 208 * v + 128;
    const blue = 516 * u + 128;
    const first = 298 * (from[i]! - 16);
    const second = 298 * (from[i + 2]! - 16);
    rgb[o] = (first + red) >> 8;
    rgb[o + 1] = (first + green) >> 8;
    rgb[o + 2] = (first + blue) >> 8;
    rgb[o + 3] = (second + red) >> 8;
    rgb[o + 4] = (second + green) >> 8;
    rgb[o + 5] = (second + blue) >> 8;
  }
};

const greyRow: Row = (from, at, width, to, offset) => {
  for (let x = 0, o = offset; x < width; x++, o += 3) {
    to[o] = to[o + 1] = to[o + 2] = from[at + x]!;
  }
};

const rgbRow: Row = (from, at, width, to, offset) => {
  to.set(from.subarray(at, at + width * 3), offset);
};

/**
 * The picture at `width` by `height`: halved as long as that is not too small, then bilinear, so
 * that shrinking does not drop pixels. Enlarging is bilinear.
 */
export function resize(picture: Picture, width: number, height: number): Picture {
  let from = picture;
  while (from.width >= 2 * width && from.height >= 2 * height) from = halve(from);
  if (from.width === width && from.height === height) return from;
  const data = new Uint8Array(width * height * 3);
  const columns = places(from.width, width);
  const rows = places(from.height, height);
  for (let y = 0, o = 0; y < height; y++) {
    const row = rows[y]!;
    const upper = row.first * from.width * 3;
    const lower = row.second * from.width * 3;
    for (let x = 0; x < width; x++) {
      const { first, second, share } = columns[x]!;
      for (let channel = 0; channel < 3; channel++, o++) {
        const left = first * 3 + channel;
        const right = second * 3 + channel;
        const above = from.data[upper + left]! * (1 - share) + from.data[upper + right]! * share;
        const below = from.data[lower + left]! * (1 - share) + from.data[lower + right]! * share;
        data[o] = Math.round(above * (1 - row.share) + below * row.share);
      }
    }
  }
  return { width, height, data };
}

/** For each target pixel the two source pixels it lies between, and the share of the second. */
function places(from: number, to: number): { first: number; second: number; share: number }[] {
  return Array.from({ length: to }, (_, i) => {
    const place = Math.min(Math.max((i + 0.5) * from / to - 0.5, 0), from - 1);
    const first = Math.floor(place);
    return { first, second: Math.min(first + 1, from - 1), share: place - first };
  });
}

function halve(picture: Picture): Picture {
  const width = picture.width >> 1;
  const height = picture.height >> 1;
  const { data: from } = picture;
  const row_bytes = picture.width * 3;
  const data = new Uint8Array(width * height * 3);
  for (let y = 0, o = 0; y < height; y++) {
    for (let x = 0, i = 2 * y * row_bytes; x < width; x++, i += 6, o += 3) {
      for (let c = i; c < i + 3; c++) {
        const sum = from[c]! + from[c + 3]! + from[c + row_bytes]! + from[c + row_bytes + 3]!;
        data[o + c - i] = (sum + 2) >> 2;
      }
    }
  }
  return { width, height, data };
}

/**
 * Packed RGB as the tensor that `input` describes, in the upper left corner of a canvas of
 * `width` by `height`; the rest of the canvas is black. Writes into `into` when it fits.
 */
export function tensorOf(
  picture: Picture,
  width: number,
  height: number,
  input: ModelInput,
  into?: Float32Array<ArrayBuffer>,
): Float32Array<ArrayBuffer> {
  const length = width * height * 3;
  const tensor = into?.length === length ? into : new Float32Array(length);
  const planar = input.layout === "NCHW";
  const step = planar ? 1 : 3;
  const smaller = picture.width < width || picture.height < height;
  for (let channel = 0; channel < 3; channel++) {
    const source = input.order === "RGB" ? channel : 2 - channel;
    const scale = 1 / input.std[channel]!;
    const shift = (0 - input.mean[channel]!) * scale;
    const start = planar ? channel * width * height : channel;
    if (smaller) {
      for (let i = 0, o = start; i < width * height; i++, o += step) tensor[o] = shift;
    }
    for (let y = 0; y < picture.height; y++) {
      let i = y * picture.width * 3 + source;
      let o = start + y * width * step;
      for (let x = 0; x < picture.width; x++, i += 3, o += step) {
        tensor[o] = picture.data[i]! * scale + shift;
      }
    }
  }
  return tensor;
}
