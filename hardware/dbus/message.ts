/** Whole D-Bus messages: header fields and body, to bytes and back. */
import { WireError, wireLimits } from "./signature.ts";
import { decode, decodeFrom, encode, type Value, Variant } from "./wire.ts";

export const messageTypes = { call: 1, reply: 2, error: 3, signal: 4 } as const;

export interface Message {
  readonly type: number;
  readonly serial: number;
  readonly path?: string;
  readonly interface?: string;
  readonly member?: string;
  readonly error_name?: string;
  readonly reply_serial?: number;
  readonly destination?: string;
  readonly sender?: string;
  readonly signature?: string;
  readonly body: readonly Value[];
}

/** Header fields by their numbers, with their types. */
const fields = [
  [1, "path", "o"],
  [2, "interface", "s"],
  [3, "member", "s"],
  [4, "error_name", "s"],
  [5, "reply_serial", "u"],
  [6, "destination", "s"],
  [7, "sender", "s"],
  [8, "signature", "g"],
] as const;

const header = "yyyyuua(yv)";
const LITTLE = 0x6c;
const BIG = 0x42;

export function pack(message: Message): Uint8Array<ArrayBuffer> {
  const body = encode(message.signature ?? "", message.body);
  const given = fields.flatMap(([number, name, type]): Value[] => {
    const value = message[name];
    return value === undefined || value === "" ? [] : [[number, new Variant(type, value)]];
  });
  const head = encode(header, [LITTLE, message.type, 0, 1, body.length, message.serial, given]);
  const start = Math.ceil(head.length / 8) * 8;
  const whole = new Uint8Array(start + body.length);
  whole.set(head);
  whole.set(body, start);
  return whole;
}

/** Throws `WireError` for whatever is no message. */
export function unpack(bytes: Uint8Array): Message {
  if (bytes.length > wireLimits.message_bytes) throw new WireError("a message is too long");
  if (bytes[0] !== LITTLE && bytes[0] !== BIG) throw new WireError("a message has no byte order");
  const little = bytes[0] === LITTLE;
  const { values, end } = decodeFrom(header, bytes, little);
  const [, type, , version, body_bytes, serial, list] = values;
  if (version !== 1) throw new WireError("a message is of another protocol");
  const found: Record<string, Value> = {};
  for (const field of list as Value[][]) {
    const [number, variant] = field;
    const known = fields.find(([known]) => known === number);
    if (known === undefined || !(variant instanceof Variant)) continue;
    const [, name, expected] = known;
    if (variant.signature !== expected) throw new WireError(`${name} is of another type`);
    found[name] = variant.value;
  }
  const start = Math.ceil(end / 8) * 8;
  if (start + Number(body_bytes) !== bytes.length) {
    throw new WireError("a message has another length than it says");
  }
  const signature = String(found["signature"] ?? "");
  return {
    ...found,
    type: Number(type),
    serial: Number(serial),
    body: decode(signature, bytes.subarray(start), little),
  };
}
