/**
 * The scan for small galleries: approximate f32 scores, 8 templates in flight, with a bound on what
 * the approximation may have lost.
 */
import { dim, FLOAT_ROWS, floatsOf, rows } from "./layout";
import { floorOf, offer, probeAt } from "./select";

/**
 * A lane sums dim / 4 products in f32, then 4 lanes are added: with n = dim / 4 + 4 roundings the
 * sum is off by at most n 2^-24 / (1 - n 2^-24) times the sum of |q_i t_i|, which is at most
 * |q| |t| <= 1.001^2. The factor 1.01 covers the denominator and the norms; 2e-7 covers products
 * that underflow, the rounding of the bound and that of the score itself.
 */
function margin(): f32 {
  return <f32> (1.01 * <f64> (dim / 4 + 4) / 16777216.0 + 2e-7);
}

/** Offers every row whose bound reaches the floor of the slot's query. */
export function scanFloats(slot: i32): void {
  const slack = margin();
  const wide = f32x4.splat(slack);
  const probe = probeAt(slot), end = probe + <usize> dim * 4;
  let floor = f32x4.splat(floorOf(slot));
  for (let row = 0; row < rows; row += FLOAT_ROWS) {
    let line = floatsOf(row);
    let a = f32x4.splat(0), b = a, c = a, d = a, e = a, f = a, g = a, h = a;
    for (let chunk = probe; chunk < end; chunk += 64) {
      for (let part: usize = 0; part < 64; part += 16) {
        const q = v128.load(chunk + part);
        const t = line + part;
        a = f32x4.relaxed_madd(v128.load(t), q, a);
        b = f32x4.relaxed_madd(v128.load(t, 64), q, b);
        c = f32x4.relaxed_madd(v128.load(t, 128), q, c);
        d = f32x4.relaxed_madd(v128.load(t, 192), q, d);
        e = f32x4.relaxed_madd(v128.load(t, 256), q, e);
        f = f32x4.relaxed_madd(v128.load(t, 320), q, f);
        g = f32x4.relaxed_madd(v128.load(t, 384), q, g);
        h = f32x4.relaxed_madd(v128.load(t, 448), q, h);
      }
      line += FLOAT_ROWS * 64;
    }
    const near = across(a, b, c, d), far = across(e, f, g, h);
    const hits = i32x4.bitmask(f32x4.ge(f32x4.add(near, wide), floor)) |
      (i32x4.bitmask(f32x4.ge(f32x4.add(far, wide), floor)) << 4);
    if (hits != 0) {
      offerFour(slot, row, near, slack);
      offerFour(slot, row + 4, far, slack);
      floor = f32x4.splat(floorOf(slot));
    }
  }
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

function offerFour(slot: i32, row: i32, scores: v128, slack: f32): void {
  offerOne(slot, row, f32x4.extract_lane(scores, 0), slack);
  offerOne(slot, row + 1, f32x4.extract_lane(scores, 1), slack);
  offerOne(slot, row + 2, f32x4.extract_lane(scores, 2), slack);
  offerOne(slot, row + 3, f32x4.extract_lane(scores, 3), slack);
}

function offerOne(slot: i32, row: i32, score: f32, slack: f32): void {
  if (row < rows) offer(slot, row, score - slack, score + slack);
}
