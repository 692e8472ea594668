/**
 * Faces of a world without pictures: numbers that follow from the seed and the person, how alike
 * two are, and how one is brought into the space of a store's templates.
 */
import type { Chance } from "../../hardware/simulated/chance.ts";
import { limits } from "../limits.ts";
import { toHex } from "../vault/bytes.ts";
import { rotationOf } from "../vault/rotation.ts";
import type { Template } from "../world.ts";

/** Model, preset and length of every template of a simulation. */
export const simulatedModel = { model: "5a".repeat(32), preset: "simulated", dim: 16 } as const;

/** The template of a face, L2-normalised: a function of the seed and the person. */
export function faceOf(chance: Chance): Float32Array<ArrayBuffer> {
  const values = Float32Array.from({ length: simulatedModel.dim }, () => chance.normal(0, 1));
  const length = Math.hypot(...values);
  return values.map((value) => value / length);
}

/** The cosine of two faces. */
export function likeness(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += a[at]! * b[at]!;
  return sum;
}

export type Turn = (face: Float32Array) => Float32Array;

/** Brings a face into the space of a template. */
export function turnOf({ rotation, values }: Template): Turn {
  if (rotation === undefined) return (face) => face;
  const { turn } = rotationOf(rotation.key, values.length);
  return turn;
}

/** Ways to bring a face into the space of a template. There are as few as days and stores; what a
 * rotation makes of a face is worked out once, since the same people come all day. */
export class Turns {
  readonly #turns = new Map<string, Turn>();

  of(template: Template): Turn {
    const { rotation } = template;
    if (rotation === undefined) return turnOf(template);
    const name = `${rotation.name} ${toHex(rotation.key)}`;
    const known = this.#turns.get(name);
    if (known) return known;
    const made = turnOf(template);
    const turned = new WeakMap<Float32Array, Float32Array>();
    const turn = (face: Float32Array) => {
      const before = turned.get(face);
      if (before) return before;
      const after = made(face);
      turned.set(face, after);
      return after;
    };
    this.#turns.set(name, turn);
    for (const oldest of this.#turns.keys()) {
      if (this.#turns.size <= limits.rotations) break;
      this.#turns.delete(oldest);
    }
    return turn;
  }
}
