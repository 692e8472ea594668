/**
 * Chance for simulated devices: numbers that look random and are the same for the same seed, so
 * that a walk through the shop can be repeated. Not for secrets.
 */

/** A stream of chance. Streams made by `fork` do not disturb the one they came from. */
export interface Chance {
  /** At least 0, below 1. */
  next(): number;
  /** At least `low`, below `high`. */
  between(low: number, high: number): number;
  /** A whole number, at least 0 and below `count`. */
  whole(count: number): number;
  /** True in the given share of cases, 0 to 1. */
  happens(share: number): boolean;
  /** Gaussian. */
  normal(mean: number, deviation: number): number;
  /** One of a list that is not empty. */
  pick<Of>(list: readonly Of[]): Of;
  /** A stream that depends on the seed and the name only, not on what was drawn before. */
  fork(name: string): Chance;
}

/** Four 32-bit words from a text: FNV-1a, one word per prefix, each finished with a mixer. */
function words(text: string): [number, number, number, number] {
  const word = (salt: number): number => {
    let hash = (0x811c9dc5 ^ salt) >>> 0;
    for (let at = 0; at < text.length; at++) {
      hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193) >>> 0;
    }
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    return (hash ^ (hash >>> 16)) >>> 0;
  };
  return [word(0x9e3779b9), word(0x243f6a88), word(0xb7e15162), word(0x6a09e667)];
}

/** Chance from a seed. The generator is sfc32 (Chris Doty-Humphrey), of period at least 2^32. */
export function chanceOf(seed: number | string): Chance {
  const name = String(seed);
  let [a, b, c, counter] = words(name);
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum | 0;
    return (sum >>> 0) / 4_294_967_296;
  };
  for (let warm = 0; warm < 12; warm++) next();
  return {
    next,
    between: (low, high) => low + (high - low) * next(),
    whole: (count) => Math.floor(next() * count),
    happens: (share) => next() < share,
    normal(mean, deviation) {
      const radius = Math.sqrt(-2 * Math.log(1 - next()));
      return mean + deviation * radius * Math.cos(2 * Math.PI * next());
    },
    pick<Of>(list: readonly Of[]): Of {
      const one = list[Math.floor(next() * list.length)];
      if (one === undefined) throw new RangeError("cannot pick from an empty list");
      return one;
    },
    fork: (branch) => chanceOf(`${name}/${branch}`),
  };
}
