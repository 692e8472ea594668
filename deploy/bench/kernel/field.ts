/**
 * What is searched: random unit vectors, the worst case for every index and every bound, since no
 * template is near a probe and all are equally far.
 */
import { normalise, randomFrom } from "../../../wasm/testing.ts";
import type { Field } from "./peers.ts";

/** Matches wanted, and probes that take turns (16 make a batch). */
const K = 5, PROBES = 16;

/** A field of so many templates, the same on every machine. */
export function makeField(rows: number, dim: number): Field {
  const random = randomFrom(rows + dim);
  const templates = new Float32Array(rows * dim);
  for (let row = 0; row < rows; row++) {
    fillRow(templates.subarray(row * dim, row * dim + dim), random);
  }
  const probes = Array.from({ length: PROBES }, () => {
    const probe = new Float32Array(dim);
    fillRow(probe, random);
    return probe;
  });
  return { dim, rows, k: K, templates, probes };
}

/** Normally distributed values, two from each pair of random numbers (Box-Muller). */
function fillRow(row: Float32Array, random: () => number): void {
  for (let i = 0; i < row.length; i += 2) {
    const radius = Math.sqrt(-2 * Math.log(1 - random())),
      angle = 2 * Math.PI * random();
    row[i] = radius * Math.cos(angle);
    row[i + 1] = radius * Math.sin(angle);
  }
  normalise(row);
}
