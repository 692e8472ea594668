/**
 * onnxruntime-web as a matcher: the templates are a constant of a two-node model, MatMul and TopK,
 * so that a search hands over nothing but the probe.
 */
import type { Field, Peer } from "./peers.ts";

/** The part of onnxruntime-web that is measured. */
interface Runtime {
  env: { wasm: { numThreads: number; proxy: boolean }; logLevel: string };
  Tensor: new (
    type: "float32",
    data: Float32Array,
    dims: readonly number[],
  ) => unknown;
  InferenceSession: {
    create(bytes: Uint8Array): Promise<{
      run(
        feeds: Record<string, unknown>,
      ): Promise<Record<string, { data: BigInt64Array }>>;
      release(): Promise<void>;
    }>;
  };
}

export async function onnxPeer(field: Field): Promise<Peer> {
  const ort = await import("onnxruntime-web") as unknown as Runtime;
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.proxy = false;
  ort.env.logLevel = "error";
  const session = await ort.InferenceSession.create(model(field));
  const inputs = field.probes.map((probe) => new ort.Tensor("float32", probe, [field.dim, 1]));
  return {
    name: "onnxruntime-web MatMul + TopK",
    search: async (turn) => {
      const results = await session.run({
        probe: inputs[turn % inputs.length]!,
      });
      return Array.from(results["rows"]!.data, Number);
    },
    close: () => session.release(),
  };
}

/** A protobuf field: a number as wire type 0, anything else as wire type 2. */
function field(
  number: number,
  content: number | string | Uint8Array,
): Uint8Array {
  if (typeof content === "number") {
    return Uint8Array.from([...varint(number << 3), content]);
  }
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return joined(
    Uint8Array.from([...varint(number << 3 | 2), ...varint(bytes.length)]),
    bytes,
  );
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [value % 128 + 128, ...varint(Math.floor(value / 128))];
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(
    parts.reduce((sum, part) => sum + part.length, 0),
  );
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const FLOAT = 1, INT64 = 7;

/** Field numbers are those of onnx.proto: opset 13, IR version 8. */
function model({ dim, rows, k, templates }: Field): Uint8Array {
  const node = (
    operator: string,
    inputs: string[],
    outputs: string[],
    attributes = noBytes,
  ) =>
    field(
      1,
      joined(
        ...inputs.map((name) => field(1, name)),
        ...outputs.map((name) => field(2, name)),
        field(4, operator),
        attributes,
      ),
    );
  const dimensions = (shape: readonly number[]) =>
    shape.map((one) => joined(Uint8Array.of(1 << 3), Uint8Array.from(varint(one))));
  const constant = (
    name: string,
    type: number,
    shape: readonly number[],
    bytes: Uint8Array,
  ) =>
    field(
      5,
      joined(
        ...dimensions(shape),
        field(2, type),
        field(8, name),
        field(9, bytes),
      ),
    );
  const value = (
    number: number,
    name: string,
    type: number,
    shape: readonly number[],
  ) => {
    const sizes = dimensions(shape).map((one) => field(1, one));
    const tensor = joined(field(1, type), field(2, joined(...sizes)));
    return field(number, joined(field(1, name), field(2, field(1, tensor))));
  };
  const axis = field(5, joined(field(1, "axis"), field(3, 0), field(20, 2)));
  const graph = joined(
    node("MatMul", ["templates", "probe"], ["scores"]),
    node("TopK", ["scores", "k"], ["best", "rows"], axis),
    field(2, "search"),
    constant("templates", FLOAT, [rows, dim], new Uint8Array(templates.buffer)),
    constant(
      "k",
      INT64,
      [1],
      new Uint8Array(BigInt64Array.of(BigInt(k)).buffer),
    ),
    value(11, "probe", FLOAT, [dim, 1]),
    value(12, "rows", INT64, [k, 1]),
  );
  const opset = joined(field(1, ""), field(2, 13));
  return joined(field(1, 8), field(7, graph), field(8, opset));
}

const noBytes: Uint8Array = new Uint8Array();
