/**
 * Does this face shine as a screen does? The dots of a screen beat with those of the camera into
 * fine regular ripples, which skin, hair and paper do not have: a peak in the spectrum of the
 * aligned crop, high above what lies around it (after Garcia and de Queiroz 2015, on moiré).
 */

/** Side of the window, in the middle of the crop; a power of two. */
const SIDE = 64;
/** Ripples coarser than this many to a window may be a face's own. */
const LEAST_RIPPLES = 14;
/** The peak is compared with what lies this far around it, itself and its slopes left out. */
const AROUND = 6, OWN = 2;

/** How regular the ripples in one face's crops are, over its latest frames. */
export class Shimmer {
  readonly #power = new Float64Array(SIDE * SIDE);
  #frames = 0;

  /** Takes an aligned crop in: packed RGB, at least 64 pixels a side. */
  see(crop: Uint8Array): void {
    const spectrum = windowOf(crop);
    for (let y = 0; y < SIDE; y++) transform(spectrum, y * SIDE, 1);
    for (let x = 0; x < SIDE; x++) transform(spectrum, x, SIDE);
    const { real, imaginary } = spectrum;
    for (let at = 0; at < real.length; at++) {
      this.#power[at]! += real[at]! ** 2 + imaginary[at]! ** 2;
    }
    real.fill(0);
    imaginary.fill(0);
    this.#frames++;
  }

  get frames(): number {
    return this.#frames;
  }

  clear(): void {
    this.#power.fill(0);
    this.#frames = 0;
  }

  /** By how many times the highest peak stands above its surroundings; 0 before the first crop. */
  get peak(): number {
    if (this.#frames === 0) return 0;
    const sums = this.#sums();
    const wide = 2 * AROUND + 1, own = 2 * OWN + 1;
    let highest = 0;
    // Half of the plane: the other mirrors it.
    for (let y = 0; y <= SIDE / 2; y++) {
      for (let x = -SIDE / 2; x < SIDE / 2; x++) {
        if (Math.hypot(x, y) < LEAST_RIPPLES) continue;
        const peak = (this.#at(x, y) + this.#at(x + 1, y) + this.#at(x - 1, y) +
          this.#at(x, y + 1) + this.#at(x, y - 1)) / 5;
        const around = sums(x, y, AROUND) - sums(x, y, OWN);
        const usual = around / (wide * wide - own * own);
        if (usual > 0) highest = Math.max(highest, peak / usual);
      }
    }
    return highest;
  }

  #at(x: number, y: number): number {
    return this.#power[(y & (SIDE - 1)) * SIDE + (x & (SIDE - 1))]!;
  }

  /** Gives the power in a square around a place, by running sums over the plane and its rim. */
  #sums(): (x: number, y: number, reach: number) => number {
    const rim = AROUND + SIDE / 2, side = SIDE + 2 * AROUND + 2;
    const total = new Float64Array(side * side);
    for (let y = 1; y < side; y++) {
      let row = 0;
      for (let x = 1; x < side; x++) {
        row += this.#at(x - 1 - rim, y - 1 - rim);
        total[y * side + x] = row + total[(y - 1) * side + x]!;
      }
    }
    return (x, y, reach) => {
      const left = x + rim - reach, top = y + rim - reach;
      const right = x + rim + reach + 1, bottom = y + rim + reach + 1;
      return total[bottom * side + right]! - total[top * side + right]! -
        total[bottom * side + left]! + total[top * side + left]!;
    };
  }
}

interface Spectrum {
  readonly real: Float64Array;
  readonly imaginary: Float64Array;
}

/** Hann's window, of one side. */
const hann = Float64Array.from(
  { length: SIDE },
  (_, i) => 0.5 - 0.5 * Math.cos(2 * Math.PI * (i + 0.5) / SIDE),
);
/** cos and sin of the turns of a transform of SIDE. */
const cosines = Float64Array.from({ length: SIDE }, (_, i) => Math.cos(2 * Math.PI * i / SIDE));
const sines = Float64Array.from({ length: SIDE }, (_, i) => -Math.sin(2 * Math.PI * i / SIDE));

/** Brightness in the middle of the crop, without its mean, faded out to the rim. */
function windowOf(crop: Uint8Array): Spectrum {
  const side = Math.round(Math.sqrt(crop.length / 3));
  const from = (side - SIDE) >> 1;
  const real = new Float64Array(SIDE * SIDE);
  let mean = 0;
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const at = ((y + from) * side + x + from) * 3;
      const bright = 0.299 * crop[at]! + 0.587 * crop[at + 1]! + 0.114 * crop[at + 2]!;
      real[y * SIDE + x] = bright;
      mean += bright / real.length;
    }
  }
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      real[y * SIDE + x] = (real[y * SIDE + x]! - mean) * hann[x]! * hann[y]!;
    }
  }
  return { real, imaginary: new Float64Array(SIDE * SIDE) };
}

/** Cooley and Tukey's transform of SIDE numbers in place, `stride` apart. */
function transform({ real, imaginary }: Spectrum, from: number, stride: number): void {
  for (let i = 1, j = 0; i < SIDE; i++) {
    let bit = SIDE >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i >= j) continue;
    const a = from + i * stride, b = from + j * stride;
    [real[a], real[b]] = [real[b]!, real[a]!];
    [imaginary[a], imaginary[b]] = [imaginary[b]!, imaginary[a]!];
  }
  for (let length = 2; length <= SIDE; length <<= 1) {
    const half = length >> 1, step = SIDE / length;
    for (let i = 0; i < SIDE; i += length) {
      for (let k = 0; k < half; k++) {
        const c = cosines[k * step]!, s = sines[k * step]!;
        const p = from + (i + k) * stride, q = p + half * stride;
        const re = real[q]! * c - imaginary[q]! * s, im = real[q]! * s + imaginary[q]! * c;
        real[q] = real[p]! - re;
        imaginary[q] = imaginary[p]! - im;
        real[p]! += re;
        imaginary[p]! += im;
      }
    }
  }
}
