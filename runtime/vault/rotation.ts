/**
 * A keyed rotation of the space that templates live in: lengths and likenesses stay as they are, up
 * to the last bits of f32, while vectors turned by two keys are no more alike than strangers. What
 * was stolen from two stores, or on two days, cannot be held against each other (ISO/IEC 24745,
 * renewability); whoever has a key turns back what was turned by it.
 */
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { invariant } from "../errors.ts";
import { utf8 } from "./bytes.ts";

/** A rotation as it is handed about. */
export interface RotationKey {
  /** Says which one it is, and nothing about it. */
  readonly name: string;
  /** 32 bytes. Secret. */
  readonly key: Uint8Array<ArrayBuffer>;
}

export interface Rotation {
  /** A new vector; the given one stays as it is. */
  turn(values: Float32Array): Float32Array<ArrayBuffer>;
  turnBack(values: Float32Array): Float32Array<ArrayBuffer>;
}

/** Every number meets 16 others in a round, so three rounds mix the longest vectors; one more. */
const rounds = 4;
const block = 16;

interface Round {
  /** -1 or 1, by place. */
  readonly signs: Int8Array;
  /** Where the number at a place comes from. */
  readonly from: Uint16Array;
}

/** Words that follow from the key alone. */
function* words(key: Uint8Array): Generator<number, never> {
  for (let counter = 0;; counter++) {
    const bytes = hmac(sha256, key, utf8(`saunter/rotation/1 ${counter}`));
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    for (let at = 0; at < bytes.length; at += 4) yield view.getUint32(at, true);
  }
}

function roundOf(dim: number, next: () => number): Round {
  const signs = Int8Array.from({ length: dim }, () => next() & 1 ? 1 : -1);
  const from = Uint16Array.from({ length: dim }, (_, at) => at);
  for (let last = dim - 1; last > 0; last--) {
    const other = Math.floor(next() / 2 ** 32 * (last + 1));
    [from[last], from[other]] = [from[other]!, from[last]!];
  }
  return { signs, from };
}

/** The Walsh-Hadamard transform of each block of 16, of unit length: its own inverse. */
function mix(values: Float64Array): void {
  for (let start = 0; start < values.length; start += block) {
    for (let step = 1; step < block; step *= 2) {
      for (let pair = start; pair < start + block; pair += 2 * step) {
        for (let at = pair; at < pair + step; at++) {
          const a = values[at]!;
          const b = values[at + step]!;
          values[at] = a + b;
          values[at + step] = a - b;
        }
      }
    }
    for (let at = start; at < start + block; at++) values[at]! /= 4;
  }
}

/** The rotation of vectors of `dim` numbers, a multiple of 16, by this key. */
export function rotationOf(key: Uint8Array, dim: number): Rotation {
  invariant(dim > 0 && dim % block === 0, `a template has a multiple of ${block} numbers`);
  const stream = words(key);
  const next = () => stream.next().value;
  const all = Array.from({ length: rounds }, () => roundOf(dim, next));
  const taken = (values: Float32Array): Float64Array<ArrayBuffer> => {
    invariant(
      values.length === dim,
      `${values.length} numbers are not the ${dim} of this rotation`,
    );
    return new Float64Array(values);
  };
  /** The numbers were somebody's face on the way. */
  const given = (values: Float64Array): Float32Array<ArrayBuffer> => {
    const turned = new Float32Array(values);
    values.fill(0);
    return turned;
  };
  return {
    turn(values) {
      let turned = taken(values);
      for (const { signs, from } of all) {
        const before = turned;
        turned = new Float64Array(dim);
        for (let at = 0; at < dim; at++) turned[at] = before[from[at]!]! * signs[at]!;
        before.fill(0);
        mix(turned);
      }
      return given(turned);
    },
    turnBack(values) {
      let turned = taken(values);
      for (const { signs, from } of all.toReversed()) {
        mix(turned);
        const before = turned;
        turned = new Float64Array(dim);
        for (let at = 0; at < dim; at++) turned[from[at]!] = before[at]! * signs[at]!;
        before.fill(0);
      }
      return given(turned);
    },
  };
}
