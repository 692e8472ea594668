/** Seeded numbers and unit vectors for this room's tests and benches: the same on every machine. */

/** A stream of numbers in [0, 1) from a seed (splitmix32). */
export function randomFrom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
  };
}

/** Scales a vector to unit length, in place. */
export function normalise(vector: Float32Array): Float32Array {
  let squared = 0;
  for (const value of vector) squared += value * value;
  const scale = 1 / Math.sqrt(squared);
  for (let i = 0; i < vector.length; i++) vector[i]! *= scale;
  return vector;
}

/** A vector of normally distributed values (Box-Muller), scaled to unit length. */
export function unitVector(dim: number, seed: number): Float32Array {
  const random = randomFrom(Math.imul(seed + 1, 0x01000193));
  const vector = new Float32Array(dim);
  for (let i = 0; i < dim; i++) {
    vector[i] = Math.sqrt(-2 * Math.log(1 - random())) *
      Math.cos(2 * Math.PI * random());
  }
  return normalise(vector);
}
