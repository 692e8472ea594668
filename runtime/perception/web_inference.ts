/** Networks on onnxruntime-web: WebAssembly, without any permission, in a gateway's Workers. */
import * as ort from "onnxruntime-web";
import type { Inference } from "./inference.ts";
import { inferenceOn } from "./sessions.ts";

/** `runtime` is onnxruntime-web's WebAssembly binary; without it the library fetches its own. */
export function webInference(runtime?: ArrayBuffer): Inference {
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.proxy = false;
  ort.env.logLevel = "error";
  if (runtime !== undefined) ort.env.wasm.wasmBinary = runtime;
  return inferenceOn(ort, { executionProviders: ["wasm"] });
}
