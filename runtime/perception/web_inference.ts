/** Networks on onnxruntime-web: WebAssembly, without any permission, in Workers as in browsers. */
import * as ort from "onnxruntime-web";
import type { Inference } from "./inference.ts";

/** `runtime` is onnxruntime-web's WebAssembly binary; without it the library fetches its own. */
export function webInference(runtime?: ArrayBuffer): Inference {
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.proxy = false;
  ort.env.logLevel = "error";
  if (runtime !== undefined) ort.env.wasm.wasmBinary = runtime;
  return {
    async open(bytes) {
      const session = await ort.InferenceSession.create(bytes, { executionProviders: ["wasm"] });
      return {
        inputs: session.inputMetadata,
        outputs: session.outputMetadata,
        async run(input, { shape, values }) {
          const answers = await session.run({ [input]: new ort.Tensor("float32", values, shape) });
          const floats = new Map<string, Float32Array>();
          for (const [name, { data }] of Object.entries(answers)) {
            if (data instanceof Float32Array) floats.set(name, data);
          }
          return floats;
        },
      };
    },
  };
}
