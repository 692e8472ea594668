/** Arithmetic on embeddings: made unit vectors at once, and refused when they are no numbers. */
import { RuntimeError } from "../errors.ts";

/**
 * The embedding as a unit vector (L2), in a new array. Throws `RuntimeError` `model_invalid` when
 * the model answered something that is no number, or nothing but zeros.
 */
export function normalised(values: ArrayLike<number>): Float32Array<ArrayBuffer> {
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += values[i]! * values[i]!;
  if (!Number.isFinite(squares) || squares < 1e-24) {
    throw new RuntimeError(
      "model_invalid",
      "the embedder answered no direction (not a number, or zero); check the model's file",
    );
  }
  const scale = 1 / Math.sqrt(squares);
  return Float32Array.from(values, (value) => value * scale);
}

/** Cosine of two unit vectors. */
export function cosine(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** The unit vector in the weighted middle of unit vectors. Throws as `normalised` does. */
export function middle(
  probes: readonly Float32Array[],
  weights?: readonly number[],
): Float32Array<ArrayBuffer> {
  const sum = new Float64Array(probes[0]?.length ?? 0);
  for (const [index, probe] of probes.entries()) {
    const weight = weights?.[index] ?? 1;
    for (let i = 0; i < sum.length; i++) sum[i]! += weight * probe[i]!;
  }
  return normalised(sum);
}
