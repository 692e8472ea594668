/**
 * Takes pictures out of their files: PGM by a parser of its own, PNG and JPEG by libraries. What a
 * file claims about its size is checked before memory is given to it.
 */
import { convertIndexedToRgb, decode as decodePng, type DecodedPng } from "fast-png";
import { decode as decodeJpeg } from "jpeg-js";
import { HardwareError } from "../errors.ts";
import { hardwareLimits } from "../limits.ts";
import type { Picture } from "./picture.ts";

/** File name endings that `decodePicture` understands, in lower case. */
export const pictureEndings: readonly string[] = [".pgm", ".png", ".jpg", ".jpeg"];

/**
 * Decodes a PGM (P5), PNG or JPEG file, told apart by its first bytes. Grey becomes equal R, G, B;
 * 16-bit samples lose their lower byte; transparency is dropped.
 * Throws `HardwareError` `picture_unreadable` that begins with `name`.
 */
export function decodePicture(bytes: Uint8Array, name: string): Picture {
  if (bytes.length > hardwareLimits.picture_bytes) {
    throw unreadable(
      name,
      `has ${bytes.length} bytes, more than ${hardwareLimits.picture_bytes}; make it smaller`,
    );
  }
  try {
    if (bytes[0] === 0x50 && bytes[1] === 0x35) return fromPgm(bytes, name);
    if (bytes[0] === 0x89 && bytes[1] === 0x50) return fromPng(bytes, name);
    if (bytes[0] === 0xff && bytes[1] === 0xd8) return fromJpeg(bytes, name);
  } catch (error) {
    if (error instanceof HardwareError) throw error;
    const cause = error instanceof Error ? error.message.split("\n")[0] : String(error);
    throw unreadable(name, `cannot be decoded: ${cause}`, error);
  }
  throw unreadable(name, "is neither PGM (P5), PNG nor JPEG; convert it to one of them");
}

function unreadable(name: string, problem: string, cause?: unknown): HardwareError {
  return new HardwareError("picture_unreadable", `${name} ${problem}`, { cause });
}

function checkSize(width: number, height: number, name: string): void {
  const whole = Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0;
  if (whole && width * height <= hardwareLimits.picture_pixels) return;
  throw unreadable(
    name,
    `says it is ${width} by ${height}; pictures have 1 to ${hardwareLimits.picture_pixels} pixels`,
  );
}

/** Netpbm "rawbits" grey map: `P5 width height maxval`, one white space, then the samples. */
function fromPgm(bytes: Uint8Array, name: string): Picture {
  let at = 2;
  const header: number[] = [];
  while (header.length < 3) {
    const byte = bytes[at];
    if (byte === undefined) throw unreadable(name, "ends inside its PGM header");
    if (byte === 0x23) {
      while (at < bytes.length && bytes[at] !== 0x0a) at++;
    } else if (isSpace(byte)) {
      at++;
    } else {
      let value = 0;
      let digit = bytes[at]!;
      if (!isDigit(digit)) throw unreadable(name, "has a PGM header that is not made of numbers");
      while (isDigit(digit) && value < 1e9) {
        value = value * 10 + digit - 0x30;
        digit = bytes[++at] ?? 0;
      }
      header.push(value);
    }
  }
  at++;
  const [width, height, maximum] = header as [number, number, number];
  checkSize(width, height, name);
  if (maximum < 1 || maximum > 65_535) throw unreadable(name, `has the maximal grey ${maximum}`);
  const sample_bytes = maximum > 255 ? 2 : 1;
  const count = width * height;
  if (bytes.length - at < count * sample_bytes) {
    throw unreadable(
      name,
      `is cut short: ${width} by ${height} needs ${count * sample_bytes} bytes`,
    );
  }
  const data = new Uint8Array(count * 3);
  for (let i = 0; i < count; i++) {
    const sample = sample_bytes === 1
      ? bytes[at + i]!
      : bytes[at + 2 * i]! * 256 + bytes[at + 2 * i + 1]!;
    data.fill(Math.min(255, Math.round(sample * 255 / maximum)), i * 3, i * 3 + 3);
  }
  return { width, height, data };
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function fromPng(bytes: Uint8Array, name: string): Picture {
  // The size stands in the IHDR chunk, which the format demands first.
  if (bytes.length < 33) throw unreadable(name, "is cut short");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  checkSize(view.getUint32(16), view.getUint32(20), name);
  const png = decodePng(bytes);
  const { width, height } = png;
  const channels = png.palette === undefined ? png.channels : png.palette[0]!.length;
  const sample = samplesOf(png);
  const colour = channels >= 3;
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    const from = i * channels;
    data[i * 3] = sample(from);
    data[i * 3 + 1] = sample(colour ? from + 1 : from);
    data[i * 3 + 2] = sample(colour ? from + 2 : from);
  }
  return { width, height, data };
}

/** Reads one 8-bit sample, whatever the depth of the file. */
function samplesOf(png: DecodedPng): (index: number) => number {
  if (png.palette !== undefined) {
    const rgb = convertIndexedToRgb(png);
    return (index) => rgb[index]!;
  }
  const { data, depth, width } = png;
  if (depth === 16) return (index) => data[index]! >> 8;
  if (depth === 8) return (index) => data[index]!;
  // Grey of 1, 2 or 4 bits: several to a byte, each row begins at a byte.
  const row_bytes = Math.ceil(width * depth / 8);
  const maximum = (1 << depth) - 1;
  return (index) => {
    const x = index % width;
    const byte = data[Math.floor(index / width) * row_bytes + (x * depth >> 3)]!;
    const value = (byte >> (8 - depth - (x * depth & 7))) & maximum;
    return Math.round(value * 255 / maximum);
  };
}

function fromJpeg(bytes: Uint8Array, name: string): Picture {
  const decoded = decodeJpeg(bytes, {
    useTArray: true,
    formatAsRGBA: false,
    tolerantDecoding: false,
    maxResolutionInMP: hardwareLimits.picture_pixels / 1e6,
    maxMemoryUsageInMB: hardwareLimits.picture_decoder_mb,
  });
  checkSize(decoded.width, decoded.height, name);
  const data = new Uint8Array(decoded.width * decoded.height * 3);
  data.set(decoded.data.subarray(0, data.length));
  return { width: decoded.width, height: decoded.height, data };
}
