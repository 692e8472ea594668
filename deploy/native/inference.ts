/**
 * Networks on onnxruntime-node: several times as fast as WebAssembly, and native code, for which
 * Deno's permissions are no wall. Only the configuration beside this file knows the library.
 */
import type { Inference } from "../../runtime/perception/inference.ts";
import { inferenceOn, type OnnxRuntime } from "../../runtime/perception/sessions.ts";

/** Loads the library. Throws where it is not there or not permitted. */
export async function nodeInference(): Promise<Inference> {
  // By a name that is known at run time only: the product's own configuration has no such library.
  const name = "onnxruntime-node";
  const module = await import(name);
  return inferenceOn((module.default ?? module) as OnnxRuntime<unknown>, {
    // One thread for each camera, as on the web: lanes must not take each other's.
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
  });
}
