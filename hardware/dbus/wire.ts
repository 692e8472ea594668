/**
 * Values as D-Bus carries them (D-Bus specification, "Marshaling"): numbers, texts, arrays,
 * structures, dictionaries and variants, each aligned. What comes in is believed nothing: lengths
 * are checked against the bytes that are there.
 */
import { alignmentOf, typeEnd, typesOf, WireError, wireLimits } from "./signature.ts";

/** A value with its type. */
export class Variant {
  constructor(readonly signature: string, readonly value: Value) {}
}

/** Dictionaries are `Map`s, bytes (`ay`) are `Uint8Array`s, 64-bit numbers are `bigint`s. */
export type Value =
  | number
  | bigint
  | boolean
  | string
  | Uint8Array
  | Variant
  | readonly Value[]
  | ReadonlyMap<Value, Value>;

export function encode(signature: string, values: readonly Value[]): Uint8Array<ArrayBuffer> {
  const types = typesOf(signature);
  if (types.length !== values.length) {
    throw new WireError(`"${signature}" has ${types.length} values, not ${values.length}`);
  }
  const writer = new Writer();
  types.forEach((type, i) => writer.write(type, values[i]!));
  return writer.done();
}

/** Reads from the beginning of `bytes`, whose first byte is aligned to 8. */
export function decode(signature: string, bytes: Uint8Array, little = true): Value[] {
  return decodeFrom(signature, bytes, little).values;
}

/** As `decode`, and where the values end. */
export function decodeFrom(
  signature: string,
  bytes: Uint8Array,
  little: boolean,
): { readonly values: Value[]; readonly end: number } {
  const reader = new Reader(bytes, little);
  const values = typesOf(signature).map((type) => reader.read(type, 0));
  return { values, end: reader.at };
}

/** Bytes of the types of fixed length. */
const fixedBytes: Readonly<Record<string, number>> = {
  y: 1,
  b: 4,
  n: 2,
  q: 2,
  i: 4,
  u: 4,
  h: 4,
  x: 8,
  t: 8,
  d: 8,
};

class Writer {
  #bytes = new Uint8Array(256);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  done(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }

  write(type: string, value: Value): void {
    this.#align(alignmentOf(type));
    const fixed = fixedBytes[type[0] ?? ""];
    if (fixed === undefined) return this.#writeLonger(type, value);
    // The place first: taking it may put a larger buffer, and another view, in place.
    const at = this.#take(fixed);
    const view = this.#view;
    switch (type[0]) {
      case "y":
        return view.setUint8(at, Number(value));
      case "b":
        return view.setUint32(at, value ? 1 : 0, true);
      case "n":
      case "q":
        return view.setUint16(at, Number(value), true);
      case "x":
      case "t":
        return view.setBigUint64(at, BigInt.asUintN(64, asBigInt(value)), true);
      case "d":
        return view.setFloat64(at, Number(value), true);
      default:
        return view.setUint32(at, Number(value), true);
    }
  }

  #writeLonger(type: string, value: Value): void {
    switch (type[0]) {
      case "s":
      case "o":
        this.write("u", utf8(value).length);
        return this.#text(value);
      case "g":
        this.write("y", utf8(value).length);
        return this.#text(value);
      case "v":
        if (!(value instanceof Variant)) throw new WireError("a variant needs its type");
        this.write("g", value.signature);
        return this.write(value.signature, value.value);
      case "a":
        return this.#array(type.slice(1), value);
      case "(": {
        const types = typesOf(type.slice(1, -1));
        if (!Array.isArray(value) || value.length !== types.length) {
          throw new WireError(`${type} needs ${types.length} values`);
        }
        return types.forEach((member, i) => this.write(member, value[i]));
      }
    }
    throw new WireError(`${type} cannot be written`);
  }

  #array(element: string, value: Value): void {
    const length_at = this.#take(4);
    this.#align(alignmentOf(element));
    const start = this.#length;
    if (element === "y" && value instanceof Uint8Array) {
      const at = this.#take(value.length);
      this.#bytes.set(value, at);
    } else if (element[0] === "{") {
      if (!(value instanceof Map)) throw new WireError("a dictionary is a Map");
      const key_end = typeEnd(element, 1);
      for (const [key, of] of value as Map<Value, Value>) {
        this.#align(8);
        this.write(element.slice(1, key_end), key);
        this.write(element.slice(key_end, -1), of);
      }
    } else {
      if (!Array.isArray(value)) throw new WireError("an array is an array");
      for (const one of value as Value[]) this.write(element, one);
    }
    this.#view.setUint32(length_at, this.#length - start, true);
  }

  #text(value: Value): void {
    const bytes = utf8(value);
    const at = this.#take(bytes.length + 1);
    this.#bytes.set(bytes, at);
  }

  #align(alignment: number): void {
    this.#take((alignment - this.#length % alignment) % alignment);
  }

  #take(count: number): number {
    const at = this.#length;
    this.#length += count;
    if (this.#length > wireLimits.message_bytes) throw new WireError("a message is too long");
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#length, this.#bytes.length * 2));
      larger.set(this.#bytes);
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    return at;
  }
}

const utf8 = (value: Value) => new TextEncoder().encode(String(value));
const asBigInt = (value: Value) =>
  typeof value === "bigint" ? value : BigInt(Math.trunc(Number(value)));

class Reader {
  at = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #little: boolean;

  constructor(bytes: Uint8Array, little: boolean) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#little = little;
  }

  read(type: string, depth: number): Value {
    if (depth > wireLimits.depth) throw new WireError("a message is too deep");
    this.#align(alignmentOf(type));
    const little = this.#little;
    switch (type[0]) {
      case "y":
        return this.#view.getUint8(this.#take(1));
      case "b": {
        const value = this.#view.getUint32(this.#take(4), little);
        if (value > 1) throw new WireError("a boolean is neither true nor false");
        return value === 1;
      }
      case "n":
        return this.#view.getInt16(this.#take(2), little);
      case "q":
        return this.#view.getUint16(this.#take(2), little);
      case "i":
        return this.#view.getInt32(this.#take(4), little);
      case "u":
      case "h":
        return this.#view.getUint32(this.#take(4), little);
      case "x":
        return this.#view.getBigInt64(this.#take(8), little);
      case "t":
        return this.#view.getBigUint64(this.#take(8), little);
      case "d":
        return this.#view.getFloat64(this.#take(8), little);
      default:
        return this.#readLonger(type, depth);
    }
  }

  #readLonger(type: string, depth: number): Value {
    switch (type[0]) {
      case "s":
      case "o":
        return this.#text(this.#view.getUint32(this.#take(4), this.#little));
      case "g":
        return this.#text(this.#view.getUint8(this.#take(1)));
      case "v": {
        const signature = String(this.read("g", depth));
        const [only, ...others] = typesOf(signature);
        if (only === undefined || others.length > 0) {
          throw new WireError("a variant holds one value");
        }
        return new Variant(signature, this.read(only, depth + 1));
      }
      case "a":
        return this.#array(type.slice(1), depth);
      default:
        return typesOf(type.slice(1, -1)).map((member) => this.read(member, depth + 1));
    }
  }

  #array(element: string, depth: number): Value {
    const length = this.#view.getUint32(this.#take(4), this.#little);
    this.#align(alignmentOf(element));
    const end = this.at + length;
    if (end > this.#bytes.length) throw new WireError("an array ends after its message");
    if (element === "y") return this.#bytes.slice(this.#take(length), end);
    const map = new Map<Value, Value>();
    const list: Value[] = [];
    const key_end = element[0] === "{" ? typeEnd(element, 1) : 0;
    while (this.at < end) {
      if (key_end > 0) {
        this.#align(8);
        const key = this.read(element.slice(1, key_end), depth + 1);
        map.set(key, this.read(element.slice(key_end, -1), depth + 1));
      } else list.push(this.read(element, depth + 1));
    }
    if (this.at !== end) throw new WireError("an array ends inside its last element");
    return key_end > 0 ? map : list;
  }

  #text(length: number): string {
    const from = this.#take(length + 1);
    if (this.#bytes[from + length] !== 0) throw new WireError("a text does not end");
    return new TextDecoder().decode(this.#bytes.subarray(from, from + length));
  }

  #align(alignment: number): void {
    this.#take((alignment - this.at % alignment) % alignment);
  }

  #take(count: number): number {
    const at = this.at;
    if (at + count > this.#bytes.length) throw new WireError("a message ends too early");
    this.at = at + count;
    return at;
  }
}
