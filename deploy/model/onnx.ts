/**
 * Writes ONNX files, so that the models of simulation need no other language and no other tool:
 * a graph is put together here and comes out as the protobuf that every ONNX runtime reads.
 */

/** A field of a protobuf message: its bytes as they stand in the file. */
type Bytes = Uint8Array;

const text = new TextEncoder();

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest === 0n ? low : low | 0x80);
  } while (rest !== 0n);
  return bytes;
}

function joined(parts: readonly Bytes[]): Bytes {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Field of wire type 0. */
function integer(field: number, value: number): Bytes {
  return Uint8Array.from([...varint(field << 3), ...varint(value)]);
}

/** Field of wire type 2. */
function block(field: number, content: Bytes | string): Bytes {
  const bytes = typeof content === "string" ? text.encode(content) : content;
  return joined([Uint8Array.from([...varint(field << 3 | 2), ...varint(bytes.length)]), bytes]);
}

/** Field of wire type 5. */
function float(field: number, value: number): Bytes {
  const bytes = new Uint8Array(5);
  bytes[0] = field << 3 | 5;
  new DataView(bytes.buffer).setFloat32(1, value, true);
  return bytes;
}

/** Values of a node's attribute: whole numbers go as INT(S), `{float}` as FLOAT. */
export type Attribute = number | readonly number[] | string | { readonly float: number };

/** AttributeProto (onnx.proto: name 1, f 2, i 3, s 4, ints 8, type 20). */
function attribute(name: string, value: Attribute): Bytes {
  const parts = [block(1, name)];
  if (typeof value === "number") parts.push(integer(3, value), integer(20, 2));
  else if (typeof value === "string") parts.push(block(4, value), integer(20, 3));
  else if ("float" in value) parts.push(float(2, value.float), integer(20, 1));
  else parts.push(...value.map((one) => integer(8, one)), integer(20, 7));
  return joined(parts);
}

/** ValueInfoProto of a float tensor; a text stands for a dimension that is known at run time. */
function valueInfo(name: string, shape: readonly (number | string)[]): Bytes {
  const dims = shape.map((one) =>
    block(1, typeof one === "number" ? integer(1, one) : block(2, one))
  );
  const tensor = joined([integer(1, 1), block(2, joined(dims))]);
  return joined([block(1, name), block(2, block(1, tensor))]);
}

/** How a constant's numbers are stored; all are computed with as float32. */
export type Storage = "float32" | "float16" | "int64";

const data_types: Readonly<Record<Storage, number>> = { float32: 1, float16: 10, int64: 7 };

/** TensorProto (dims 1, data_type 2, name 8, raw_data 9). */
function tensor(
  name: string,
  shape: readonly number[],
  values: ArrayLike<number>,
  storage: Storage,
): Bytes {
  const width = storage === "float32" ? 4 : storage === "float16" ? 2 : 8;
  const raw = new Uint8Array(values.length * width);
  const view = new DataView(raw.buffer);
  for (let i = 0; i < values.length; i++) {
    if (storage === "float32") view.setFloat32(i * 4, values[i]!, true);
    else if (storage === "float16") view.setUint16(i * 2, halfBits(values[i]!), true);
    else view.setBigInt64(i * 8, BigInt(values[i]!), true);
  }
  const dims = shape.map((one) => integer(1, one));
  return joined([...dims, integer(2, data_types[storage]), block(8, name), block(9, raw)]);
}

/** IEEE 754 binary16, rounded to the nearest (ties away from zero), clamped to the finite. */
export function halfBits(value: number): number {
  const sign = value < 0 ? 0x8000 : 0;
  const size = Math.min(Math.abs(value), 65504);
  if (size < 2 ** -14) return sign | Math.round(size * 2 ** 24);
  let exponent = Math.floor(Math.log2(size));
  if (2 ** exponent > size) exponent--;
  const fraction = Math.round((size / 2 ** exponent - 1) * 1024);
  return sign | ((exponent + 15) * 1024 + fraction);
}

/** A graph under construction. Every method returns the name of what it makes. */
export class Graph {
  readonly #nodes: Bytes[] = [];
  readonly #constants: Bytes[] = [];
  readonly #inputs: Bytes[] = [];
  readonly #outputs: Bytes[] = [];
  #names = 0;

  constructor(readonly name: string) {}

  input(name: string, shape: readonly (number | string)[]): string {
    this.#inputs.push(valueInfo(name, shape));
    return name;
  }

  /** Declares a value that a node already gives as an output of the model, under a name. */
  output(value: string, name: string, shape: readonly (number | string)[]): void {
    this.#nodes.push(this.#node("Identity", [value], name, {}));
    this.#outputs.push(valueInfo(name, shape));
  }

  /** A constant. Half floats are widened by the graph itself before they are used. */
  constant(
    shape: readonly number[],
    values: ArrayLike<number>,
    storage: Storage = "float32",
  ): string {
    const name = this.#fresh("c");
    this.#constants.push(block(5, tensor(name, shape, values, storage)));
    return storage === "float16" ? this.node("Cast", [name], { to: 1 }) : name;
  }

  scalar(value: number): string {
    return this.constant([], [value]);
  }

  /** An operator of opset 13 with one output. */
  node(
    operator: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): string {
    const name = this.#fresh("v");
    this.#nodes.push(this.#node(operator, inputs, name, attributes));
    return name;
  }

  /** NodeProto (input 1, output 2, op_type 4, attribute 5). */
  #node(
    operator: string,
    inputs: readonly string[],
    output: string,
    attributes: Readonly<Record<string, Attribute>>,
  ): Bytes {
    return joined([
      ...inputs.map((one) => block(1, one)),
      block(2, output),
      block(4, operator),
      ...Object.entries(attributes).map(([name, value]) => block(5, attribute(name, value))),
    ]);
  }

  #fresh(prefix: string): string {
    return `${prefix}${this.#names++}`;
  }

  /** ModelProto: IR version 8, opset 13. The same graph is the same bytes. */
  bytes(): Uint8Array<ArrayBuffer> {
    const graph = joined([
      ...this.#nodes.map((one) => block(1, one)),
      block(2, this.name),
      ...this.#constants,
      ...this.#inputs.map((one) => block(11, one)),
      ...this.#outputs.map((one) => block(12, one)),
    ]);
    const opset = joined([block(1, ""), integer(2, 13)]);
    const model = [integer(1, 8), block(2, "saunter"), block(7, graph), block(8, opset)];
    return new Uint8Array(joined(model));
  }
}
