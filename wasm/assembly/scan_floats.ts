/**
 * The scan for small galleries: f32 sums with a bound on what they may have lost, 8 templates in
 * flight.
 */
import { DESK_NEAR, DESK_SLACK, dim, floatBytes, floatsOf, rows } from "./layout";
import { floorOf, probeAt } from "./query";
import { roughSlack } from "./score";
import { weigh } from "./select";

/** Rows in flight. A segment holds a multiple of it, so 8 rows are always one after the other. */
const FLIGHT: i32 = 8;

/** Offers every row whose bound reaches the floor of the query in slot 0. */
export function scanFloats(): void {
  const wide = f32x4.splat(roughSlack());
  v128.store(DESK_SLACK, wide);
  v128.store(DESK_SLACK, wide, 16);
  const probe = probeAt(0), end = probe + <usize> dim * 4;
  let floor = f32x4.splat(floorOf(0));
  for (let row = 0; row < rows; row += FLIGHT) {
    let t = floatsOf(row), v = t + floatBytes * 4;
    const one = floatBytes, two = one * 2, three = one * 3;
    let a = f32x4.splat(0), b = a, c = a, d = a, e = a, f = a, g = a, h = a;
    for (let values = probe; values < end; values += 16) {
      const q = v128.load(values);
      a = f32x4.relaxed_madd(v128.load(t), q, a);
      b = f32x4.relaxed_madd(v128.load(t + one), q, b);
      c = f32x4.relaxed_madd(v128.load(t + two), q, c);
      d = f32x4.relaxed_madd(v128.load(t + three), q, d);
      e = f32x4.relaxed_madd(v128.load(v), q, e);
      f = f32x4.relaxed_madd(v128.load(v + one), q, f);
      g = f32x4.relaxed_madd(v128.load(v + two), q, g);
      h = f32x4.relaxed_madd(v128.load(v + three), q, h);
      t += 16;
      v += 16;
    }
    const near = across(a, b, c, d), far = across(e, f, g, h);
    const hits = i32x4.bitmask(f32x4.ge(f32x4.add(near, wide), floor)) |
      (i32x4.bitmask(f32x4.ge(f32x4.add(far, wide), floor)) << 4);
    if (hits != 0) {
      v128.store(DESK_NEAR, near);
      v128.store(DESK_NEAR, far, 16);
      weigh(0, row, hits);
      floor = f32x4.splat(floorOf(0));
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
