/**
 * Runs the models under construction on the same runtime that lanes use, so that training sees
 * exactly the numbers that a camera's pictures will give.
 */
import * as ort from "onnxruntime-web";

ort.env.wasm.numThreads = 1;
ort.env.wasm.proxy = false;
ort.env.logLevel = "error";

/** A tensor of float32: its shape and its numbers, row by row. */
export interface Numbers {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** A loaded model. `run` gives every output by its name. */
export interface Model {
  run(inputs: Readonly<Record<string, Numbers>>): Promise<Readonly<Record<string, Numbers>>>;
  release(): Promise<void>;
}

/** Loads a model from its bytes; throws what the runtime says when it does not fit together. */
export async function openModel(bytes: Uint8Array): Promise<Model> {
  const session = await ort.InferenceSession.create(bytes, {
    executionProviders: ["wasm"],
    graphOptimizationLevel: "all",
  });
  return {
    async run(inputs) {
      const feeds: Record<string, ort.Tensor> = {};
      for (const [name, { shape, values }] of Object.entries(inputs)) {
        feeds[name] = new ort.Tensor("float32", values, shape);
      }
      const results = await session.run(feeds);
      const outputs: Record<string, Numbers> = {};
      for (const [name, tensor] of Object.entries(results)) {
        outputs[name] = { shape: tensor.dims, values: tensor.data as Float32Array };
      }
      return outputs;
    },
    release: () => session.release(),
  };
}
