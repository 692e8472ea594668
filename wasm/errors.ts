/** Trouble with what callers hand to the kernels, in a closed set of kinds that they can act on. */

export type WasmErrorKind =
  | "kernel_missing"
  | "option_invalid"
  | "vector_length"
  | "vector_not_finite"
  | "vector_zero"
  | "vector_not_normalised"
  | "id_invalid"
  | "id_duplicate"
  | "gallery_full"
  | "picture_invalid";

/** A kernel refused its input. One line that names the cause and the way out; never a value. */
export class WasmError extends Error {
  override readonly name = "WasmError";
  constructor(
    readonly kind: WasmErrorKind,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
