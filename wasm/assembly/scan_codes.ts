/**
 * The scan for large galleries: 8-bit templates against 7-bit probes, a quarter of the bytes. Rows
 * interleave by 4 bytes, so one vector holds 4 rows and sums need no rearranging; a batch reads each
 * block once for all its probes.
 */
import {
  CODE_ROWS,
  codeBlockBytes,
  CORRECTIONS,
  dim,
  ERRORS,
  rows,
  SCALES,
  SEGMENT_ROWS,
  segmentAt,
} from "./layout";
import { MARGIN, NORM, offer, queryAt, STEP } from "./select";
import { probeCodesAt } from "./codes";

/** Probes that share the registers in a batch. */
export const ABREAST: i32 = 4;

/** Offers every row whose bound reaches the floor of the query in slot 0. */
export function scanCodes(): void {
  const probe = probeCodesAt(0, 1), end = probe + dim;
  for (let first = 0; first < rows; first += SEGMENT_ROWS) {
    const last = min(rows, first + SEGMENT_ROWS);
    let block = segmentAt(first / SEGMENT_ROWS);
    for (let row = first; row < last; row += CODE_ROWS) {
      let a = i32x4.splat(0), b = a, c = a, d = a;
      let at = block;
      for (let codes = probe; codes < end; codes += 16) {
        for (let four: usize = 0; four < 16; four += 4) {
          const q = v128.load32_splat(codes + four);
          const t = at + four * CODE_ROWS;
          a = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(t), q, a);
          b = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(t, 16), q, b);
          c = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(t, 32), q, c);
          d = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(t, 48), q, d);
        }
        at += 16 * CODE_ROWS;
      }
      judge(0, row, at, a);
      judge(0, row + 4, at + 16, b);
      judge(0, row + 8, at + 32, c);
      judge(0, row + 12, at + 48, d);
      block += codeBlockBytes;
    }
  }
}

/** The same for the queries in slots 0 to `queries` - 1, which must be a multiple of `ABREAST`. */
export function scanCodesBatch(queries: i32): void {
  for (let first = 0; first < rows; first += SEGMENT_ROWS) {
    const last = min(rows, first + SEGMENT_ROWS);
    let block = segmentAt(first / SEGMENT_ROWS);
    for (let row = first; row < last; row += CODE_ROWS) {
      for (let slot = 0; slot < queries; slot += ABREAST) {
        scanEight(slot, row, block);
        scanEight(slot, row + 8, block + 32);
      }
      block += codeBlockBytes;
    }
  }
}

/** Four probes against eight rows of a block: 8 sums in registers. */
function scanEight(slot: i32, row: i32, rowsAt: usize): void {
  let a = i32x4.splat(0), b = a, c = a, d = a, e = a, f = a, g = a, h = a;
  let at = rowsAt;
  const probe = probeCodesAt(slot, ABREAST), end = probe + dim * ABREAST;
  for (let codes = probe; codes < end; codes += 16) {
    const near = v128.load(at), far = v128.load(at, 16);
    const p = v128.load32_splat(codes);
    a = i32x4.relaxed_dot_i8x16_i7x16_add_s(near, p, a);
    b = i32x4.relaxed_dot_i8x16_i7x16_add_s(far, p, b);
    const q = v128.load32_splat(codes, 4);
    c = i32x4.relaxed_dot_i8x16_i7x16_add_s(near, q, c);
    d = i32x4.relaxed_dot_i8x16_i7x16_add_s(far, q, d);
    const r = v128.load32_splat(codes, 8);
    e = i32x4.relaxed_dot_i8x16_i7x16_add_s(near, r, e);
    f = i32x4.relaxed_dot_i8x16_i7x16_add_s(far, r, f);
    const s = v128.load32_splat(codes, 12);
    g = i32x4.relaxed_dot_i8x16_i7x16_add_s(near, s, g);
    h = i32x4.relaxed_dot_i8x16_i7x16_add_s(far, s, h);
    at += 4 * CODE_ROWS;
  }
  judge(slot, row, at, a);
  judge(slot, row + 4, at + 16, b);
  judge(slot + 1, row, at, c);
  judge(slot + 1, row + 4, at + 16, d);
  judge(slot + 2, row, at, e);
  judge(slot + 2, row + 4, at + 16, f);
  judge(slot + 3, row, at, g);
  judge(slot + 3, row + 4, at + 16, h);
}

/** Turns the sums of four rows into bounds and offers those that reach the floor. */

function judge(slot: i32, row: i32, tail: usize, sums: v128): void {
  const query = queryAt(slot);
  const scale = f32x4.mul(v128.load(tail, SCALES), v128.load32_splat(query + STEP));
  const dots = f32x4.convert_i32x4_s(i32x4.sub(sums, v128.load(tail, CORRECTIONS)));
  const near = f32x4.mul(scale, dots);
  const slack = f32x4.add(
    f32x4.mul(v128.load(tail, ERRORS), v128.load32_splat(query + NORM)),
    v128.load32_splat(query + MARGIN),
  );
  const hits = i32x4.bitmask(f32x4.ge(f32x4.add(near, slack), v128.load32_splat(query)));
  if (hits != 0) offerFour(slot, row, near, slack, hits);
}

function offerFour(slot: i32, row: i32, near: v128, slack: v128, hits: i32): void {
  const lower = f32x4.sub(near, slack), upper = f32x4.add(near, slack);
  if (hits & 1) offerOne(slot, row, f32x4.extract_lane(lower, 0), f32x4.extract_lane(upper, 0));
  if (hits & 2) offerOne(slot, row + 1, f32x4.extract_lane(lower, 1), f32x4.extract_lane(upper, 1));
  if (hits & 4) offerOne(slot, row + 2, f32x4.extract_lane(lower, 2), f32x4.extract_lane(upper, 2));
  if (hits & 8) offerOne(slot, row + 3, f32x4.extract_lane(lower, 3), f32x4.extract_lane(upper, 3));
}

function offerOne(slot: i32, row: i32, lower: f32, upper: f32): void {
  if (row < rows) offer(slot, row, lower, upper);
}
