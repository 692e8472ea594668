/**
 * Letters and answers in pieces that fit into one value of a GATT characteristic: each says to
 * which exchange it belongs, how long the whole is, and which bytes of it these are.
 */
import { hardwareLimits } from "../limits.ts";

/** exchange (1), length of the whole (2), offset of the piece (2), its length (2), little-endian */
const head_bytes = 7;

/** In place of a length, in answers. */
export const not_yet = 0;
export const failed = 0xffff;

export interface Fragment {
  /** A number by which a phone tells its letters apart. */
  readonly exchange: number;
  /** Bytes of the whole; of an answer `not_yet` or `failed`. */
  readonly total: number;
  readonly offset: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** The piece of the whole that begins there, in a value of so many bytes at the most. */
export function fragmentOf(
  exchange: number,
  offset: number,
  whole: Uint8Array | typeof not_yet | typeof failed,
  value_bytes: number = hardwareLimits.gatt_value_bytes,
): Uint8Array<ArrayBuffer> {
  const bytes = typeof whole === "number"
    ? new Uint8Array(0)
    : whole.subarray(offset, offset + value_bytes - head_bytes);
  const value = new Uint8Array(head_bytes + bytes.length);
  const head = new DataView(value.buffer);
  head.setUint8(0, exchange);
  head.setUint16(1, typeof whole === "number" ? whole : whole.length, true);
  head.setUint16(3, offset, true);
  head.setUint16(5, bytes.length, true);
  value.set(bytes, head_bytes);
  return value;
}

/** Undefined while the value is not whole; throws `RangeError` when it is none. */
export function readFragment(value: Uint8Array): Fragment | undefined {
  if (value.length < head_bytes) return undefined;
  const head = new DataView(value.buffer, value.byteOffset, value.byteLength);
  const length = head.getUint16(5, true);
  const bytes = value.slice(head_bytes);
  const total = head.getUint16(1, true);
  const offset = head.getUint16(3, true);
  if (bytes.length > length || head_bytes + length > hardwareLimits.gatt_value_bytes) {
    throw new RangeError("a piece is longer than it says, or than it may be");
  }
  if (offset + length > total) throw new RangeError("a piece is beyond the end of the whole");
  if (bytes.length < length) return undefined;
  return { exchange: head.getUint8(0), total, offset, bytes };
}
