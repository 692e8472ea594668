/**
 * Gabor filters (Daugman 1985): the fixed first layer of the drawn models. They answer to edges
 * and bars of one size and direction, which is what eyes, brows and mouths are made of.
 */

/** Which filters a bank has; lengths in pixels of the picture they are laid over. */
export interface BankOptions {
  /** Side of a filter; odd. */
  readonly side: number;
  readonly wavelengths: readonly number[];
  readonly orientations: number;
}

/** A bank as a convolution's weights. */
export interface Bank {
  readonly side: number;
  readonly count: number;
  /** count * side * side. */
  readonly weights: Float32Array;
}

/** Even and odd filters of every wavelength and orientation, without answer to an even grey. */
export function gaborBank({ side, wavelengths, orientations }: BankOptions): Bank {
  const filters: number[] = [];
  for (const wavelength of wavelengths) {
    for (let turn = 0; turn < orientations; turn++) {
      for (const phase of [0, Math.PI / 2]) {
        filters.push(...gabor(side, wavelength, Math.PI * turn / orientations, phase));
      }
    }
  }
  const count = filters.length / (side * side);
  return { side, count, weights: Float32Array.from(filters) };
}

/** One filter, its mean taken away, the sum of its absolute weights made 1. */
function gabor(side: number, wavelength: number, angle: number, phase: number): number[] {
  const spread = 0.45 * wavelength;
  const middle = (side - 1) / 2;
  const envelope: number[] = [], wave: number[] = [];
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const x = column - middle, y = row - middle;
      const along = x * Math.cos(angle) + y * Math.sin(angle);
      const weight = Math.exp(-(x * x + y * y) / (2 * spread * spread));
      envelope.push(weight);
      wave.push(weight * Math.cos(2 * Math.PI * along / wavelength + phase));
    }
  }
  const sum = (values: readonly number[]) => values.reduce((total, one) => total + one, 0);
  const offset = sum(wave) / sum(envelope);
  const balanced = wave.map((value, at) => value - offset * envelope[at]!);
  const size = sum(balanced.map(Math.abs));
  return balanced.map((value) => value / size);
}
