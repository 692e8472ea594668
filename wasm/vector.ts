/**
 * Says what is wrong with a vector, and makes vectors of unit length. The kernel only sees that one
 * is not of unit length; the words for it are found here, off the fast path.
 */
import { WasmError } from "./errors.ts";
import { limits } from "./limits.ts";

/**
 * Throws the `WasmError` that fits a vector which is not of unit length: `vector_not_finite`,
 * `vector_zero` or `vector_not_normalised`. No message holds a value of it.
 */
export function checkVector(vector: Float32Array, what: string): void {
  let squared = 0;
  for (const [index, value] of vector.entries()) {
    if (!Number.isFinite(value)) {
      throw new WasmError(
        "vector_not_finite",
        `the ${what} holds ${Number.isNaN(value) ? "NaN" : "infinity"} at position ${index}`,
      );
    }
    squared += value * value;
  }
  if (squared === 0) {
    throw new WasmError("vector_zero", `the ${what} is all zeros`);
  }
  const norm = Math.sqrt(squared);
  if (!(Math.abs(norm - 1) < limits.norm_tolerance)) {
    throw new WasmError(
      "vector_not_normalised",
      `the ${what} is not of unit length: divide it by its L2 norm first`,
    );
  }
}
