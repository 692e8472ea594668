/** Levenberg's least squares for a handful of unknowns with something thought of each before. */

export interface Fit {
  /** Squares that are left, each over its variance. */
  readonly cost: number;
  readonly values: Float64Array;
  /** Of the values, row by row. */
  readonly covariance: Float64Array;
}

/** Tells what is off under these values, with the slopes of what was thought of it for each value,
 * and its precision. */
export type Observe = (off: number, precision: number) => void;
export type Observations = (values: Float64Array, slopes: Float64Array, observe: Observe) => void;

/** A step that makes it better by no more than that is the last one. */
const enough = 1e-3;

/** The values near `start` under which the observations, and what is thought of the values before,
 * are least off. Never throws. */
export function leastSquares(
  start: Float64Array,
  prior: Float64Array,
  unsure: Float64Array,
  observations: Observations,
  most_steps: number,
): Fit {
  const size = start.length;
  const slopes = new Float64Array(size);
  const sums = new Float64Array(size * size);
  const right = new Float64Array(size);
  const look = (values: Float64Array, whole: boolean): number => {
    let cost = 0;
    if (whole) {
      sums.fill(0);
      right.fill(0);
    }
    for (let index = 0; index < size; index++) {
      const off = prior[index]! - values[index]!;
      const precision = 1 / unsure[index]! ** 2;
      cost += off ** 2 * precision;
      if (!whole) continue;
      sums[index * size + index] = precision;
      right[index] = off * precision;
    }
    observations(values, slopes, (off, precision) => {
      cost += off ** 2 * precision;
      if (!whole) return;
      for (let one = 0; one < size; one++) {
        const factor = slopes[one]! * precision;
        if (factor === 0) continue;
        right[one] = right[one]! + factor * off;
        for (let other = 0; other <= one; other++) {
          sums[one * size + other] = sums[one * size + other]! + factor * slopes[other]!;
        }
      }
    });
    return cost;
  };
  let values = Float64Array.from(start);
  let damping = 1e-2;
  let cost = look(values, true);
  for (let step = 0; step < most_steps; step++) {
    const lower = decomposed(sums, size, damping);
    const by = backward(lower, size, forward(lower, size, right));
    const next = values.map((value, index) => value + by[index]!);
    const then = look(next, false);
    if (then < cost) {
      const better = cost - then;
      values = next;
      cost = look(values, true);
      damping /= 5;
      if (better < enough) break;
    } else damping *= 6;
  }
  return { cost, values, covariance: inverse(decomposed(sums, size, 0), size) };
}

/** Logarithm of the determinant of a positive definite matrix. */
export function logDeterminant(matrix: Float64Array, size: number): number {
  const lower = decomposed(matrix, size, 0);
  let sum = 0;
  for (let index = 0; index < size; index++) sum += 2 * Math.log(lower[index * size + index]!);
  return sum;
}

/** Cholesky's decomposition of the lower half of a positive definite matrix, its diagonal made
 * greater by such a share. */
function decomposed(matrix: Float64Array, size: number, damping: number): Float64Array {
  const lower = Float64Array.from(matrix);
  for (let one = 0; one < size; one++) {
    for (let other = 0; other <= one; other++) {
      let sum = lower[one * size + other]! * (one === other ? 1 + damping : 1);
      for (let index = 0; index < other; index++) {
        sum -= lower[one * size + index]! * lower[other * size + index]!;
      }
      lower[one * size + other] = one === other
        ? Math.sqrt(Math.max(sum, 1e-18))
        : sum / lower[other * size + other]!;
    }
  }
  return lower;
}

/** Solves the lower triangle for a right side. */
function forward(lower: Float64Array, size: number, right: Float64Array): Float64Array {
  const solved = new Float64Array(size);
  for (let one = 0; one < size; one++) {
    let sum = right[one]!;
    for (let index = 0; index < one; index++) sum -= lower[one * size + index]! * solved[index]!;
    solved[one] = sum / lower[one * size + one]!;
  }
  return solved;
}

/** Solves the transposed triangle for a right side. */
function backward(lower: Float64Array, size: number, right: Float64Array): Float64Array {
  const solved = new Float64Array(size);
  for (let one = size - 1; one >= 0; one--) {
    let sum = right[one]!;
    for (let index = one + 1; index < size; index++) {
      sum -= lower[index * size + one]! * solved[index]!;
    }
    solved[one] = sum / lower[one * size + one]!;
  }
  return solved;
}

function inverse(lower: Float64Array, size: number): Float64Array {
  const whole = new Float64Array(size * size);
  for (let column = 0; column < size; column++) {
    const unit = new Float64Array(size);
    unit[column] = 1;
    const solved = backward(lower, size, forward(lower, size, unit));
    for (let row = 0; row < size; row++) whole[row * size + column] = solved[row]!;
  }
  return whole;
}
