/**
 * From what cameras send to the formats of the port: YUYV, NV12 and GREY go through, the others
 * are turned into one of those or into RGB.
 */
import { decode, encode } from "jpeg-js";
import { HardwareError } from "../errors.ts";
import { hardwareLimits } from "../limits.ts";
import type { Frame } from "../ports.ts";
import type { VideoFormat } from "./device.ts";

/** Formats that are understood, the best first: no decoding, then no colour, then a decoder. */
export const understood = ["YUYV", "NV12", "NM12", "UYVY", "GREY", "MJPG", "JPEG"] as const;

type Pixels = Pick<Frame, "format" | "width" | "height" | "stride" | "data">;

/**
 * The picture in the planes that a driver filled; undefined where bytes are missing or do not
 * decode: cables shake, and such a picture is dropped. Throws `HardwareError` `format_unsupported`
 * for formats that nobody here understands.
 */
export function pixelsOf(
  format: VideoFormat,
  planes: readonly Uint8Array<ArrayBuffer>[],
): Pixels | undefined {
  const { width, height, pixel_format } = format;
  const first = planes[0];
  const stride = format.planes[0]?.stride ?? 0;
  if (first === undefined) return undefined;
  switch (pixel_format) {
    case "YUYV":
    case "UYVY": {
      const row = Math.max(stride, width * 2);
      if (first.length < row * (height - 1) + width * 2) return undefined;
      if (pixel_format === "UYVY") swapPairs(first);
      return { format: "YUYV", width, height, stride: row, data: first };
    }
    case "GREY": {
      const row = Math.max(stride, width);
      if (first.length < row * (height - 1) + width) return undefined;
      return { format: "GREY", width, height, stride: row, data: first };
    }
    case "NV12":
      return halfColour(format, first);
    case "NM12":
      return planes[1] && halfColour(format, joined(first, planes[1]));
    case "MJPG":
    case "JPEG":
      return fromJpeg(format, first);
  }
  throw new HardwareError(
    "format_unsupported",
    `pictures in ${pixel_format} are not understood; set the camera to one of ${understood}`,
  );
}

function swapPairs(data: Uint8Array): void {
  for (let i = 0; i + 1 < data.length; i += 2) {
    const byte = data[i]!;
    data[i] = data[i + 1]!;
    data[i + 1] = byte;
  }
}

/** Luma for every pixel, and below it colour for every four. */
function halfColour(format: VideoFormat, data: Uint8Array<ArrayBuffer>): Pixels | undefined {
  const { width, height } = format;
  const stride = Math.max(format.planes[0]?.stride ?? 0, width);
  const even = width % 2 === 0 && height % 2 === 0;
  const bytes = stride * (height * 1.5 - 1) + width;
  return even && data.length >= bytes ? { format: "NV12", width, height, stride, data } : undefined;
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(first.length + second.length);
  whole.set(first);
  whole.set(second, first.length);
  return whole;
}

function fromJpeg({ width, height }: VideoFormat, bytes: Uint8Array): Pixels | undefined {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return undefined;
  try {
    const picture = decode(withTables(bytes), {
      useTArray: true,
      formatAsRGBA: false,
      tolerantDecoding: false,
      maxResolutionInMP: width * height / 1e6,
      maxMemoryUsageInMB: hardwareLimits.picture_decoder_mb,
    });
    if (picture.width !== width || picture.height !== height) return undefined;
    const data = new Uint8Array(width * height * 3);
    data.set(picture.data.subarray(0, data.length));
    return { format: "RGB24", width, height, stride: width * 3, data };
  } catch {
    // A picture that was cut short on the cable; the camera counts it.
    return undefined;
  }
}

const HUFFMAN_TABLES = 0xc4;
const START_OF_SCAN = 0xda;
let tables: Uint8Array | undefined;

/** Cameras leave out the Huffman tables that everybody knows (ITU-T T.81, annex K): they are put
 * back in front of the scan. */
function withTables(bytes: Uint8Array): Uint8Array {
  const scan = segments(bytes).find(({ marker }) => marker === START_OF_SCAN);
  const complete = segments(bytes).some(({ marker }) => marker === HUFFMAN_TABLES);
  if (complete || scan === undefined) return bytes;
  tables ??= standardTables();
  const whole = new Uint8Array(bytes.length + tables.length);
  whole.set(bytes.subarray(0, scan.from));
  whole.set(tables, scan.from);
  whole.set(bytes.subarray(scan.from), scan.from + tables.length);
  return whole;
}

/** The encoder writes the tables of the standard into whatever it makes. */
function standardTables(): Uint8Array {
  const pixel = new Uint8Array(4);
  const sample = new Uint8Array(encode({ width: 1, height: 1, data: pixel }, 50).data);
  const found = segments(sample).filter(({ marker }) => marker === HUFFMAN_TABLES);
  const all = found.flatMap(({ from, to }) => [...sample.subarray(from, to)]);
  return new Uint8Array(all);
}

/** The segments before the picture's data, and the one that begins it. */
function segments(bytes: Uint8Array): { marker: number; from: number; to: number }[] {
  const found: { marker: number; from: number; to: number }[] = [];
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff;) {
    const marker = bytes[at + 1]!;
    const to = at + 2 + bytes[at + 2]! * 256 + bytes[at + 3]!;
    found.push({ marker, from: at, to });
    if (marker === START_OF_SCAN) break;
    at = to;
  }
  return found;
}
