/**
 * Pictures to tensors, in WebAssembly: a camera's frame goes in once, and comes out shrunk for the
 * detector and as aligned crops for the embedder. `image_twin.ts` does the same in plain loops.
 */
import { WasmError } from "./errors.ts";
import type { Sampling, SourcePicture, TensorInput } from "./image_twin.ts";
import { loadKernel } from "./kernels.ts";
import { limits } from "./limits.ts";

export type { Sampling, SourcePicture, TensorInput } from "./image_twin.ts";

export interface PictureDeskOptions {
  /** The largest pictures it will see, and the largest tensor it will make, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly tensor_pixels: number;
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
  forget(): void;
  convert(format: number, width: number, height: number, stride: number): void;
  halve(): void;
  sampleInto(...numbers: number[]): void;
  fillPlane(index: number, plane: number, value: number): void;
}

const FORMATS = { YUYV: 0, NV12: 1, GREY: 2, RGB24: 3 } as const;
const ROW_BYTES = { YUYV: 2, NV12: 1, GREY: 1, RGB24: 3 } as const;

/**
 * Holds one picture at a time. `load` a frame, take crops and at last the shrunk whole; `shrunk`
 * halves the picture it holds, so crops come first or from a frame loaded again.
 */
export class PictureDesk {
  readonly #kernel: Kernel;
  readonly #options: PictureDeskOptions;
  readonly #source: Uint8Array;
  readonly #tensor: Float32Array;
  #size: Size | undefined;

  private constructor(kernel: Kernel, options: PictureDeskOptions, source_bytes: number) {
    this.#kernel = kernel;
    this.#options = options;
    const { buffer } = kernel.memory;
    this.#source = new Uint8Array(buffer, kernel.sourceAt(), source_bytes);
    this.#tensor = new Float32Array(buffer, kernel.tensorAt(), options.tensor_pixels * 3);
  }

  /** Throws `WasmError` `option_invalid` or `kernel_missing`. */
  static create(options: PictureDeskOptions): PictureDesk {
    const { width, height, tensor_pixels } = options;
    const side = (value: number) =>
      Number.isInteger(value) && value >= 2 && value <= limits.picture_side;
    const fits = Number.isInteger(tensor_pixels) && tensor_pixels > 0 &&
      tensor_pixels <= limits.picture_side ** 2;
    if (!side(width) || !side(height) || !fits) {
      throw new WasmError(
        "option_invalid",
        `a picture desk needs sides of 2 to ${limits.picture_side}, not ${width} by ${height}`,
      );
    }
    const module = options.kernel ?? loadKernel("image");
    const kernel = new WebAssembly.Instance(module).exports as unknown as Kernel;
    // Rows may be padded by a quarter; the widest format has 3 bytes a pixel.
    const source_bytes = Math.ceil(width * 3.75) * height;
    const pixels = (width + 3) * (height + 3);
    if (kernel.reserve(source_bytes, pixels, tensor_pixels * 3) === 0) {
      throw new WasmError("option_invalid", `no memory for pictures of ${width} by ${height}`);
    }
    return new PictureDesk(kernel, options, source_bytes);
  }

  /** Takes a frame in and turns it into RGB. Throws `WasmError` `picture_invalid`. */
  load(picture: SourcePicture): void {
    const { format, width, height, stride, data } = picture;
    const row = ROW_BYTES[format] * width;
    const rows = format === "NV12" ? height * 1.5 : height;
    const even = format === "YUYV" || format === "NV12" ? width % 2 === 0 : true;
    const sound = Number.isInteger(width) && Number.isInteger(height) && width >= 2 &&
      height >= 2 && width <= this.#options.width && height <= this.#options.height &&
      Number.isInteger(stride) && stride >= row && even && Number.isInteger(rows) &&
      data.length >= stride * (rows - 1) + row;
    const bytes = sound ? stride * (rows - 1) + row : Infinity;
    if (bytes > this.#source.length) {
      throw new WasmError(
        "picture_invalid",
        `a ${format} picture of ${width} by ${height} with stride ${stride} and ${data.length} ` +
          `bytes does not fit together or is larger than this desk`,
      );
    }
    this.#source.set(data.subarray(0, bytes));
    this.#kernel.convert(FORMATS[format], width, height, stride);
    this.#size = { width, height };
  }

  /**
   * The whole picture at `size`, in the upper left corner of `canvas`: halved while that is not too
   * small, then bilinear. Writes 3 planes of the canvas into `into`. Halves what the desk holds.
   */
  shrunk(size: Size, canvas: Size, input: TensorInput, into: Float32Array): void {
    let held = this.#held();
    while (held.width >= 2 * size.width && held.height >= 2 * size.height) {
      this.#kernel.halve();
      held = { width: held.width >> 1, height: held.height >> 1 };
      this.#size = held;
    }
    const ux = held.width / size.width, vy = held.height / size.height;
    const sampling: Sampling = {
      x: ux / 2 - 0.5,
      y: vy / 2 - 0.5,
      ux,
      uy: 0,
      vx: 0,
      vy,
      outside: "edge",
    };
    this.#sample(size, canvas, sampling, input, into);
  }

  /**
   * The square crop of `side` pixels that a similarity takes the picture to, black outside. Writes
   * 3 planes into `into`. Throws `WasmError` `picture_invalid` when the map has no inverse.
   */
  crop(forward: Similarity, side: number, input: TensorInput, into: Float32Array): void {
    const { a, b, tx, ty } = forward;
    const determinant = a * a + b * b;
    if (!(determinant > 1e-12) || !Number.isFinite(determinant + tx + ty)) {
      throw new WasmError("picture_invalid", "the crop's similarity has no inverse");
    }
    const sampling: Sampling = {
      x: (-a * tx - b * ty) / determinant,
      y: (b * tx - a * ty) / determinant,
      ux: a / determinant,
      uy: -b / determinant,
      vx: b / determinant,
      vy: a / determinant,
      outside: "black",
    };
    this.#sample(
      { width: side, height: side },
      { width: side, height: side },
      sampling,
      input,
      into,
    );
  }

  /** Overwrites the picture and all that was made of it. */
  clear(): void {
    this.#kernel.forget();
    this.#size = undefined;
  }

  #held(): Size {
    if (this.#size === undefined) throw new WasmError("picture_invalid", "no picture was loaded");
    return this.#size;
  }

  #sample(
    size: Size,
    canvas: Size,
    sampling: Sampling,
    input: TensorInput,
    into: Float32Array,
  ): void {
    this.#held();
    const plane = canvas.width * canvas.height;
    const sound =
      [size.width, size.height, canvas.width, canvas.height].every((value) =>
        Number.isInteger(value) && value > 0
      ) && size.width <= canvas.width && size.height <= canvas.height &&
      plane <= this.#options.tensor_pixels && into.length === plane * 3;
    if (!sound) {
      throw new WasmError(
        "picture_invalid",
        `${size.width} by ${size.height} on ${canvas.width} by ${canvas.height} does not fit the ` +
          `desk or the ${into.length} values to write`,
      );
    }
    const swapped = input.order === "BGR";
    const scale = input.std.map((std) => 1 / std);
    const shift = input.mean.map((mean, index) => (0 - mean) * scale[index]!);
    if (size.width < canvas.width || size.height < canvas.height) {
      for (let index = 0; index < 3; index++) this.#kernel.fillPlane(index, plane, shift[index]!);
    }
    // The kernel thinks in red, green, blue.
    if (swapped) {
      scale.reverse();
      shift.reverse();
    }
    const { x, y, ux, uy, vx, vy, outside } = sampling;
    const edge = outside === "edge" ? 0 : 1;
    const place = [x, y, ux, uy, vx, vy, edge, swapped ? 1 : 0];
    this.#kernel.sampleInto(
      size.width,
      size.height,
      canvas.width,
      plane,
      ...place,
      ...scale,
      ...shift,
    );
    into.set(this.#tensor.subarray(0, plane * 3));
  }
}
