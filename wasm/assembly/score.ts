/**
 * What a score is, exactly; and a cheaper sum with a bound on its error, which spares most exact
 * ones.
 */
import { DESK_NEAR, DESK_ROWS, dim, floatsOf, MAX_DIM, WIDE } from "./layout";
import { probeAt, queryAt, WIDENED } from "./query";

/**
 * The definition of a score: products of f32 values (exact in f64, so a fused multiply-add gives
 * the same bits), lane l sums positions l, l + 8, l + 16, …; the sum is
 * ((0 + 2) + (4 + 6)) + ((1 + 3) + (5 + 7)), rounded to f32.
 */
export function score(slot: i32, row: i32): f32 {
  let a = f64x2.splat(0), b = a, c = a, d = a;
  let probe = WIDE + <usize> slot * (MAX_DIM * 8);
  let values = floatsOf(row);
  for (const end = values + <usize> dim * 4; values < end; values += 32) {
    a = f64x2.relaxed_madd(v128.load(probe), wide(v128.load64_zero(values)), a);
    b = f64x2.relaxed_madd(
      v128.load(probe, 16),
      wide(v128.load64_zero(values, 8)),
      b,
    );
    c = f64x2.relaxed_madd(
      v128.load(probe, 32),
      wide(v128.load64_zero(values, 16)),
      c,
    );
    d = f64x2.relaxed_madd(
      v128.load(probe, 48),
      wide(v128.load64_zero(values, 24)),
      d,
    );
    probe += 64;
  }
  const sum = f64x2.add(f64x2.add(a, b), f64x2.add(c, d));
  return <f32> (f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1));
}

/** Rows whose sums are made at once: so many reads are waited for together, not in turn. */
export const FLIGHT: i32 = 8;

/** Names the i-th row in flight. */
export function board(i: i32, row: i32): void {
  store<usize>(DESK_ROWS + <usize> i * 4, floatsOf(row));
}

/**
 * The scores in f32 of the rows on board, each off by `roughSlack` at most, onto the desk: a third
 * of the cost of exact ones.
 */
export function fly(slot: i32): void {
  let one = load<usize>(DESK_ROWS), two = load<usize>(DESK_ROWS, 4);
  let three = load<usize>(DESK_ROWS, 8), four = load<usize>(DESK_ROWS, 12);
  let five = load<usize>(DESK_ROWS, 16), six = load<usize>(DESK_ROWS, 20);
  let seven = load<usize>(DESK_ROWS, 24), eight = load<usize>(DESK_ROWS, 28);
  let a = f32x4.splat(0), b = a, c = a, d = a, e = a, f = a, g = a, h = a;
  let values = probeAt(slot);
  for (const end = values + <usize> dim * 4; values < end; values += 16) {
    const q = v128.load(values);
    a = f32x4.relaxed_madd(v128.load(one), q, a);
    b = f32x4.relaxed_madd(v128.load(two), q, b);
    c = f32x4.relaxed_madd(v128.load(three), q, c);
    d = f32x4.relaxed_madd(v128.load(four), q, d);
    e = f32x4.relaxed_madd(v128.load(five), q, e);
    f = f32x4.relaxed_madd(v128.load(six), q, f);
    g = f32x4.relaxed_madd(v128.load(seven), q, g);
    h = f32x4.relaxed_madd(v128.load(eight), q, h);
    one += 16, two += 16, three += 16, four += 16;
    five += 16, six += 16, seven += 16, eight += 16;
  }
  v128.store(DESK_NEAR, across(a, b, c, d));
  v128.store(DESK_NEAR, across(e, f, g, h), 16);
}

/** Sums each of four vectors: lane i of the result is the sum over vector i. */
function across(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(
    v128.shuffle<f32>(a, b, 0, 1, 4, 5),
    v128.shuffle<f32>(a, b, 2, 3, 6, 7),
  );
  const cd = f32x4.add(
    v128.shuffle<f32>(c, d, 0, 1, 4, 5),
    v128.shuffle<f32>(c, d, 2, 3, 6, 7),
  );
  return f32x4.add(
    v128.shuffle<f32>(ab, cd, 0, 2, 4, 6),
    v128.shuffle<f32>(ab, cd, 1, 3, 5, 7),
  );
}

/**
 * What any f32 sum of products over 4 lanes or more may lose. With n = dim / 4 + 4 roundings a sum
 * is off by at most n 2^-24 / (1 - n 2^-24) times the sum of |q_i t_i|, which is at most
 * |q| |t| <= 1.001^2. The factor 1.01 covers the denominator and the norms; 2e-7 covers products
 * that underflow, the rounding of a bound made with it and that of the score itself.
 */
export function roughSlack(): f32 {
  return <f32> (1.01 * <f64> (dim / 4 + 4) / 16777216.0 + 2e-7);
}

function wide(pair: v128): v128 {
  return f64x2.promote_low_f32x4(pair);
}

/** Widens the probe to f64 once for all its exact scores. */
export function widen(slot: i32): void {
  const query = queryAt(slot);
  if (load<i32>(query + WIDENED) != 0) return;
  store<i32>(query + WIDENED, 1);
  let to = WIDE + <usize> slot * (MAX_DIM * 8);
  let from = probeAt(slot);
  for (const end = from + <usize> dim * 4; from < end; from += 8) {
    v128.store(to, wide(v128.load64_zero(from)));
    to += 16;
  }
}
