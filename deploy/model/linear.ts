/**
 * The linear algebra of training: products through the model runtime (whose kernels are many
 * times faster than loops here), and the closed forms that need no search.
 */
import { Graph } from "./onnx.ts";
import { type Model, openModel } from "./session.ts";

/** A matrix in rows. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array;
}

/** Products of matrices. */
export interface Products {
  /** a * b. */
  plain(a: Matrix, b: Matrix): Promise<Matrix>;
  /** a transposed, times b. */
  transposed(a: Matrix, b: Matrix): Promise<Matrix>;
  /** a times b transposed. */
  byTransposed(a: Matrix, b: Matrix): Promise<Matrix>;
  release(): Promise<void>;
}

export async function openProducts(): Promise<Products> {
  const load = (transA: number, transB: number): Promise<Model> => {
    const graph = new Graph("product");
    const a = graph.input("a", ["m", "k"]), b = graph.input("b", ["k2", "n"]);
    graph.output(graph.node("Gemm", [a, b], { transA, transB }), "c", ["r", "n"]);
    return openModel(graph.bytes());
  };
  const plain = await load(0, 0), transposed = await load(1, 0), by_transposed = await load(0, 1);
  const multiply = async (model: Model, a: Matrix, b: Matrix): Promise<Matrix> => {
    const { c } = await model.run({
      a: { shape: [a.rows, a.columns], values: a.values },
      b: { shape: [b.rows, b.columns], values: b.values },
    });
    return { rows: c!.shape[0]!, columns: c!.shape[1]!, values: c!.values };
  };
  return {
    plain: (a, b) => multiply(plain, a, b),
    transposed: (a, b) => multiply(transposed, a, b),
    byTransposed: (a, b) => multiply(by_transposed, a, b),
    async release() {
      await plain.release();
      await transposed.release();
      await by_transposed.release();
    },
  };
}

/**
 * The lower triangle L of a symmetric positive definite matrix A = L * L'. Throws `RangeError`
 * when A is not positive definite; a larger ridge helps.
 */
export function cholesky(size: number, a: Float64Array): Float64Array {
  const l = Float64Array.from(a);
  for (let j = 0; j < size; j++) {
    for (let i = j; i < size; i++) {
      let sum = l[i * size + j]!;
      const row_i = i * size, row_j = j * size;
      for (let k = 0; k < j; k++) sum -= l[row_i + k]! * l[row_j + k]!;
      if (i === j) {
        if (!(sum > 0)) throw new RangeError("the matrix is not positive definite; add a ridge");
        l[row_j + j] = Math.sqrt(sum);
      } else {
        l[row_i + j] = sum / l[row_j + j]!;
        l[row_j + i] = 0;
      }
    }
  }
  return l;
}

/** Solves L * x = b in place, L a lower triangle. */
export function solveLower(size: number, l: Float64Array, b: Float64Array): void {
  for (let i = 0; i < size; i++) {
    let sum = b[i]!;
    for (let k = 0; k < i; k++) sum -= l[i * size + k]! * b[k]!;
    b[i] = sum / l[i * size + i]!;
  }
}

/** Solves L' * x = b in place, L a lower triangle. */
export function solveUpper(size: number, l: Float64Array, b: Float64Array): void {
  for (let i = size - 1; i >= 0; i--) {
    const x = b[i]! / l[i * size + i]!;
    b[i] = x;
    for (let k = 0; k < i; k++) b[k]! -= l[i * size + k]! * x;
  }
}

/**
 * An orthonormal basis (in rows) of what the strongest `count` eigenvectors of a symmetric
 * matrix span, by orthogonal iteration (Golub and Van Loan, 7.3.2) from a start that is given.
 */
export function leadingBasis(
  size: number,
  symmetric: Float64Array,
  start: Float64Array,
  rounds: number,
): Float64Array {
  const count = start.length / size;
  let basis = Float64Array.from(start);
  orthonormalise(size, basis);
  for (let round = 0; round < rounds; round++) {
    const next = new Float64Array(basis.length);
    for (let vector = 0; vector < count; vector++) {
      for (let i = 0; i < size; i++) {
        const weight = basis[vector * size + i]!;
        for (let j = 0; j < size; j++) {
          next[vector * size + j]! += weight * symmetric[i * size + j]!;
        }
      }
    }
    orthonormalise(size, next);
    basis = next;
  }
  return basis;
}

/** Gram and Schmidt's process on rows, twice, since once loses digits. */
export function orthonormalise(size: number, rows: Float64Array): void {
  const count = rows.length / size;
  for (let at = 0; at < count; at++) {
    const row = rows.subarray(at * size, (at + 1) * size);
    for (let pass = 0; pass < 2; pass++) {
      for (let before = 0; before < at; before++) {
        const other = rows.subarray(before * size, (before + 1) * size);
        let along = 0;
        for (let i = 0; i < size; i++) along += row[i]! * other[i]!;
        for (let i = 0; i < size; i++) row[i]! -= along * other[i]!;
      }
    }
    let squares = 0;
    for (let i = 0; i < size; i++) squares += row[i]! ** 2;
    const scale = 1 / Math.sqrt(squares);
    for (let i = 0; i < size; i++) row[i]! *= scale;
  }
}
