/**
 * Pictures to tensors, in WebAssembly: a camera's frame goes in once, and comes out shrunk for the
 * detector and as aligned crops for the embedder. `image_twin.ts` does the same in plain loops.
 */
import { WasmError } from "./errors.ts";
import type { RgbPicture, SourcePicture, TensorInput } from "./image_twin.ts";
import { loadKernel } from "./kernels.ts";
import { limits } from "./limits.ts";

export type { RgbPicture, SourcePicture, TensorInput } from "./image_twin.ts";

export interface PictureDeskOptions {
  /** The compiled kernel, where this realm may not read it: `loadKernel("image")` elsewhere. */
  readonly kernel?: WebAssembly.Module;
}

/** From picture to crop: u = a x - b y + tx, v = b x + a y + ty. */
export interface Similarity {
  readonly a: number;
  readonly b: number;
  readonly tx: number;
  readonly ty: number;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

interface Kernel {
  readonly memory: WebAssembly.Memory;
  reserve(source_bytes: number, pixels: number, values: number): number;
  sourceAt(): number;
  tensorAt(): number;
  bytesAt(): number;
  forget(): void;
  convert(format: number, width: number, height: number, stride: number): void;
  restore(): void;
  halve(): void;
  aim(columns: number, lines: number, packed: number, swap: number, ...levels: number[]): void;
  blacken(left: number, top: number, columns: number, lines: number): void;
  sampleInto(
    columns: number,
    lines: number,
    x: number,
    y: number,
    ux: number,
    uy: number,
    vx: number,
    vy: number,
    edge: number,
    also: number,
  ): void;
}

const FORMATS = { YUYV: 0, NV12: 1, GREY: 2, RGB24: 3 } as const;
const ROW_BYTES = { YUYV: 2, NV12: 1, GREY: 1, RGB24: 3 } as const;
/** Levels as they are. */
const LEVELS: TensorInput = { layout: "NHWC", order: "RGB", mean: [0, 0, 0], std: [1, 1, 1] };

/**
 * Holds one picture at a time, of any size up to `limits.picture_side`: `load` it, then take it
 * shrunk and crops of it, in any order. Memory grows with the largest picture it has seen.
 */
export class PictureDesk {
  readonly #kernel: Kernel;
  #source: Uint8Array = new Uint8Array();
  #tensor: Float32Array = new Float32Array();
  #bytes: Uint8Array = new Uint8Array();
  /** Room in pixels of a picture with its border. */
  #pixels = 0;
  #size: Size | undefined;

  private constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** Throws `WasmError` `kernel_missing`. */
  static create(options: PictureDeskOptions = {}): PictureDesk {
    const module = options.kernel ?? loadKernel("image");
    return new PictureDesk(new WebAssembly.Instance(module).exports as unknown as Kernel);
  }

  /** Size of the picture it holds. Throws `WasmError` `picture_invalid` where there is none. */
  get size(): Size {
    if (this.#size === undefined) throw new WasmError("picture_invalid", "no picture was loaded");
    return this.#size;
  }

  /** Takes a picture in and turns it into RGB. Throws `WasmError` `picture_invalid`; then it holds
   * none. */
  load(picture: SourcePicture): void {
    const { format, width, height, stride, data } = picture;
    this.#size = undefined;
    const side = (value: number) =>
      Number.isInteger(value) && value >= 1 && value <= limits.picture_side;
    const row = (ROW_BYTES[format] ?? NaN) * width;
    const rows = format === "NV12" ? height * 1.5 : height;
    const even = format === "YUYV" || format === "NV12" ? width % 2 === 0 : true;
    const bytes = stride * (rows - 1) + row;
    const sound = side(width) && side(height) && even && Number.isInteger(rows) &&
      Number.isInteger(stride) && stride >= row && stride <= row + limits.row_padding &&
      data.length >= bytes;
    if (!sound) {
      throw new WasmError(
        "picture_invalid",
        `a picture of ${width} by ${height} ${format} with stride ${stride} and ${data.length} ` +
          `bytes does not fit together`,
      );
    }
    this.#reserve(bytes, (width + 3) * (height + 3), this.#tensor.length);
    this.#source.set(data.subarray(0, bytes));
    this.#kernel.convert(FORMATS[format], width, height, stride);
    this.#size = { width, height };
  }

  /**
   * The whole picture at `size`, in the upper left corner of `canvas`: halved while that is not too
   * small, then bilinear. Writes the three channels of the canvas into `into`; what the picture
   * leaves of it is black.
   */
  shrunk(size: Size, canvas: Size, input: TensorInput, into: Float32Array): void {
    this.#aim(size, canvas, input, into.length);
    let held = this.size;
    this.#kernel.restore();
    while (held.width >= 2 * size.width && held.height >= 2 * size.height) {
      this.#kernel.halve();
      held = { width: held.width >> 1, height: held.height >> 1 };
    }
    const ux = held.width / size.width, vy = held.height / size.height;
    const { width, height } = size;
    this.#kernel.sampleInto(width, height, ux / 2 - 0.5, vy / 2 - 0.5, ux, 0, 0, vy, 0, 0);
    into.set(this.#tensor.subarray(0, into.length));
  }

  /**
   * The square crop of `side` pixels that a similarity takes the picture to, black outside. Writes
   * its three channels into `into`, and where `bytes` are given its levels, as packed RGB, too.
   * Throws `WasmError` `picture_invalid` when the map has no inverse.
   */
  crop(
    forward: Similarity,
    side: number,
    input: TensorInput,
    into: Float32Array,
    bytes?: Uint8Array,
  ): void {
    const { a, b, tx, ty } = forward;
    const determinant = a * a + b * b;
    if (!(determinant > 1e-12) || !Number.isFinite(determinant + tx + ty)) {
      throw new WasmError("picture_invalid", "the crop's similarity has no inverse");
    }
    const x = (-a * tx - b * ty) / determinant, y = (b * tx - a * ty) / determinant;
    const along = a / determinant, across = b / determinant;
    this.#sampleWhole({ width: side, height: side }, [x, y, along, -across, across, along], input, {
      into,
      bytes,
    });
  }

  /** A copy of the picture it holds, as packed RGB. */
  picture(): RgbPicture {
    const { width, height } = this.size;
    const data = new Uint8Array(width * height * 3);
    const into = new Float32Array(data.length);
    this.#sampleWhole({ width, height }, [0, 0, 1, 0, 0, 1], LEVELS, { into, bytes: data });
    return { width, height, data };
  }

  /** Overwrites the picture and all that was made of it. */
  clear(): void {
    this.#kernel.forget();
    this.#size = undefined;
  }

  /** Fills a canvas from the picture as it was loaded, black outside. */
  #sampleWhole(
    canvas: Size,
    [x, y, ux, uy, vx, vy]: readonly [number, number, number, number, number, number],
    input: TensorInput,
    { into, bytes }: { readonly into: Float32Array; readonly bytes: Uint8Array | undefined },
  ): void {
    const { width, height } = canvas;
    if (bytes !== undefined && bytes.length !== width * height * 3) {
      throw new WasmError("picture_invalid", `${width} by ${height} do not fit the bytes to write`);
    }
    this.#aim(canvas, canvas, input, into.length);
    this.#kernel.restore();
    const also = bytes === undefined ? 0 : 1;
    this.#kernel.sampleInto(width, height, x, y, ux, uy, vx, vy, 1, also);
    into.set(this.#tensor.subarray(0, into.length));
    bytes?.set(this.#bytes.subarray(0, bytes.length));
  }

  /** Checks that it holds a picture and that all sizes fit, and tells the kernel of the canvas. */
  #aim(size: Size, canvas: Size, input: TensorInput, length: number): void {
    const { width, height } = canvas;
    if (this.#size === undefined) throw new WasmError("picture_invalid", "no picture was loaded");
    const sound =
      [size.width, size.height, width, height].every((value) =>
        Number.isInteger(value) && value > 0 && value <= limits.picture_side
      ) && size.width <= width && size.height <= height && length === width * height * 3;
    if (!sound) {
      throw new WasmError(
        "picture_invalid",
        `${size.width} by ${size.height} on ${width} by ${height} does not fit the ${length} ` +
          `values to write`,
      );
    }
    this.#reserve(this.#source.length, this.#pixels, length);
    const scale = input.std.map((std) => 1 / std);
    const shift = input.mean.map((mean, index) => (0 - mean) * scale[index]!);
    const swapped = input.order === "BGR";
    // The kernel thinks in red, green, blue.
    if (swapped) {
      scale.reverse();
      shift.reverse();
    }
    const packed = input.layout === "NHWC" ? 1 : 0;
    this.#kernel.aim(width, height, packed, swapped ? 1 : 0, ...scale, ...shift);
    this.#kernel.blacken(size.width, 0, width - size.width, size.height);
    this.#kernel.blacken(0, size.height, width, height - size.height);
  }

  /** Makes room. What is there is overwritten before anything moves. */
  #reserve(source_bytes: number, pixels: number, values: number): void {
    const kernel = this.#kernel;
    const fits = source_bytes <= this.#source.length && pixels <= this.#pixels;
    if (fits && values <= this.#tensor.length) return;
    if (!fits) kernel.forget();
    const bytes = Math.max(source_bytes, this.#source.length);
    this.#pixels = Math.max(pixels, this.#pixels);
    const length = Math.max(values, this.#tensor.length);
    if (kernel.reserve(bytes, this.#pixels, length) === 0) {
      throw new WasmError("picture_invalid", `no memory for a picture of ${this.#pixels} pixels`);
    }
    const { buffer } = kernel.memory;
    this.#source = new Uint8Array(buffer, kernel.sourceAt(), bytes);
    this.#tensor = new Float32Array(buffer, kernel.tensorAt(), length);
    this.#bytes = new Uint8Array(buffer, kernel.bytesAt(), length);
  }
}
