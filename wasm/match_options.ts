/**
 * What callers may ask of a gallery, and the checks of it. Refusals are `WasmError`s in words that
 * an engineer can act on.
 */
import { WasmError } from "./errors.ts";
import { limits } from "./limits.ts";

export interface GalleryOptions {
  /** Values per template: a multiple of 16, up to 1 024. */
  readonly dim: number;
  /** Templates to reserve memory for; more are taken until memory reaches its 4 GiB. */
  readonly capacity: number;
  /** The compiled kernel, where this realm may not read it: `loadKernel("match")` elsewhere. */
  readonly kernel?: WebAssembly.Module;
}

export interface SearchOptions {
  /** Matches wanted at most, 1 to 1 024. */
  readonly k: number;
  /** Only scores of at least this are matches. Without it every template is one. */
  readonly threshold?: number;
}

/** Throws `WasmError` `option_invalid` unless such a gallery can be. */
export function checkShape(dim: number, capacity: number): void {
  if (
    !Number.isInteger(dim) || dim < 16 || dim > limits.dim ||
    dim % limits.dim_step !== 0
  ) {
    throw new WasmError(
      "option_invalid",
      `dim must be a multiple of ${limits.dim_step} up to ${limits.dim}, not ${dim}`,
    );
  }
  if (
    !Number.isInteger(capacity) || capacity < 1 || capacity > 2 ** 31 - 2048
  ) {
    throw new WasmError(
      "option_invalid",
      `capacity must be a whole number of templates from 1, not ${capacity}`,
    );
  }
}

/** The number of matches wanted, once checked. */
export function checkedK(options: SearchOptions): number {
  const { k } = options;
  if (Number.isInteger(k) && k >= 1 && k <= limits.k) return k;
  throw new WasmError(
    "option_invalid",
    `k must be a whole number from 1 to ${limits.k}, not ${k}`,
  );
}

const narrow = new Float32Array(1);
const bits = new Int32Array(narrow.buffer);

/** The least f32 that is not below the threshold: comparing f32 scores with it is exact. */
export function checkedThreshold(options: SearchOptions): number {
  const threshold = options.threshold ?? -Infinity;
  if (Number.isNaN(threshold) || typeof threshold !== "number") {
    throw new WasmError(
      "option_invalid",
      "threshold must be a number, such as 0.42",
    );
  }
  narrow[0] = threshold;
  if (narrow[0]! < threshold) bits[0]! += narrow[0]! < 0 ? -1 : 1;
  return narrow[0]!;
}
