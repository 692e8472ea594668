/**
 * What runs a network: one interface for all runtimes, so that a store chooses by configuration
 * and nothing else of perception knows which one it is.
 */
import type { ValueShape } from "./fit.ts";

/** A float32 tensor: its shape, and its numbers row by row. */
export interface Numbers {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** An opened model. One run at a time. */
export interface Session {
  readonly inputs: readonly ValueShape[];
  readonly outputs: readonly ValueShape[];
  /** Runs the model on its one input and gives every output of float32, by name. The arrays are
   * the caller's. */
  run(input: string, numbers: Numbers): Promise<ReadonlyMap<string, Float32Array>>;
}

/** A runtime for models. */
export interface Inference {
  /** Opens a model for one thread. Throws what the runtime says of a file that is none. */
  open(bytes: Uint8Array): Promise<Session>;
}
