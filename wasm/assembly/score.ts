/**
 * What a score is, exactly; and a cheaper sum with a bound on its error, which spares most exact
 * ones.
 */
import { dim, floatsOf, MAX_DIM, WIDE } from "./layout";
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

/** The score in f32, off by `roughSlack` at most: a third of the cost. */
export function rough(slot: i32, row: i32): f32 {
  let a = f32x4.splat(0), b = a, c = a, d = a;
  let probe = probeAt(slot), values = floatsOf(row);
  for (const end = values + <usize> dim * 4; values < end; values += 64) {
    a = f32x4.relaxed_madd(v128.load(probe), v128.load(values), a);
    b = f32x4.relaxed_madd(v128.load(probe, 16), v128.load(values, 16), b);
    c = f32x4.relaxed_madd(v128.load(probe, 32), v128.load(values, 32), c);
    d = f32x4.relaxed_madd(v128.load(probe, 48), v128.load(values, 48), d);
    probe += 64;
  }
  const sum = f32x4.add(f32x4.add(a, b), f32x4.add(c, d));
  return (f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1)) +
    (f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3));
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
