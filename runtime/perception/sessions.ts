/** Sessions on any library of the ONNX Runtime family: in WebAssembly or native, one wrapper. */
import type { ValueShape } from "./fit.ts";
import type { Inference } from "./inference.ts";

/** The part of such a library that is used. */
export interface OnnxRuntime<Tensor> {
  Tensor: new (type: "float32", data: Float32Array, dims: readonly number[]) => Tensor;
  InferenceSession: {
    create(bytes: Uint8Array, options: Readonly<Record<string, unknown>>): Promise<{
      readonly inputMetadata: readonly ValueShape[];
      readonly outputMetadata: readonly ValueShape[];
      run(feeds: Record<string, Tensor>): Promise<Readonly<Record<string, { data: unknown }>>>;
    }>;
  };
}

/** Opens each model with these options of the library. */
export function inferenceOn<Tensor>(
  library: OnnxRuntime<Tensor>,
  options: Readonly<Record<string, unknown>>,
): Inference {
  return {
    async open(bytes) {
      const session = await library.InferenceSession.create(bytes, options);
      return {
        inputs: session.inputMetadata,
        outputs: session.outputMetadata,
        async run(input, { shape, values }) {
          const tensor = new library.Tensor("float32", values, shape);
          const floats = new Map<string, Float32Array>();
          for (const [name, { data }] of Object.entries(await session.run({ [input]: tensor }))) {
            if (data instanceof Float32Array) floats.set(name, data);
          }
          return floats;
        },
      };
    },
  };
}
