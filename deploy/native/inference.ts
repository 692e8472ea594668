/**
 * Networks on onnxruntime-node: several times as fast as WebAssembly, and native code, for which
 * Deno's permissions are no wall. Only the configuration beside this file knows the library.
 */
import type { ValueShape } from "../../runtime/perception/fit.ts";
import type { Inference } from "../../runtime/perception/inference.ts";

/** The part of onnxruntime-node that is used. */
interface Runtime {
  Tensor: new (type: "float32", data: Float32Array, dims: readonly number[]) => unknown;
  InferenceSession: {
    create(bytes: Uint8Array, options: Readonly<Record<string, unknown>>): Promise<{
      readonly inputMetadata: readonly ValueShape[];
      readonly outputMetadata: readonly ValueShape[];
      run(feeds: Record<string, unknown>): Promise<Record<string, { data: unknown }>>;
    }>;
  };
}

/** Loads the library. Throws where it is not there or not permitted. */
export async function nodeInference(): Promise<Inference> {
  // By a name that is known at run time only: the product's own configuration has no such library.
  const name = "onnxruntime-node";
  const module = await import(name);
  const ort = (module.default ?? module) as Runtime;
  return {
    async open(bytes) {
      const session = await ort.InferenceSession.create(bytes, {
        // One thread for each camera, as on the web: lanes must not take each other's.
        intraOpNumThreads: 1,
        interOpNumThreads: 1,
        logSeverityLevel: 3,
      });
      return {
        inputs: session.inputMetadata,
        outputs: session.outputMetadata,
        async run(input, { shape, values }) {
          const answers = await session.run({ [input]: new ort.Tensor("float32", values, shape) });
          const floats = new Map<string, Float32Array>();
          for (const [output, { data }] of Object.entries(answers)) {
            if (data instanceof Float32Array) floats.set(output, data);
          }
          return floats;
        },
      };
    },
  };
}
