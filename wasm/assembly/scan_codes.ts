/**
 * The scan for large galleries: templates and probes as 7-bit integers, a quarter of the bytes.
 * Rows interleave by 4 bytes, so a vector holds 4 rows and sums need no rearranging; a batch reads
 * each block once for all its probes.
 */
import {
  BLOCK_ROWS,
  blockBytes,
  codesOf,
  CORRECTIONS,
  DESK_NEAR,
  DESK_SLACK,
  dim,
  ERRORS,
  rows,
  segmentAt,
  segmentRows,
  STEPS,
} from "./layout";
import { floorOf, MARGIN, NORM, queryAt, STEP, TOUCHED } from "./query";
import { weigh } from "./select";
import { probeCodesAt } from "./codes";

/** Probes that share the registers in a batch. */
export const ABREAST: i32 = 4;

/**
 * Four rows against 8 values of a probe, whose codes stand four times in `q` and `r`; added to
 * `sums`.
 */
function dots(at: usize, q: v128, r: v128, sums: v128): v128 {
  const low = i16x8.relaxed_dot_i8x16_i7x16_s(v128.load(at), q);
  const high = i16x8.relaxed_dot_i8x16_i7x16_s(
    v128.load(at, BLOCK_ROWS * 4),
    r,
  );
  return i32x4.add(sums, i32x4.extadd_pairwise_i16x8_s(i16x8.add(low, high)));
}

/** How far ahead of the scan pages are touched, and how far apart. */
const AHEAD: i32 = 65536;
const PAGE: i32 = 4096;

/**
 * Reads a word of each page of the block that the scan will come to `AHEAD` bytes later, so that
 * its address is translated by then: hardware fetches lines ahead of a stream, but not beyond its
 * page.
 */
function touch(row: i32): i32 {
  const later = row + AHEAD / blockBytes * BLOCK_ROWS;
  if (later >= rows) return 0;
  const block = codesOf(later);
  let seen = 0;
  for (let at = 0; at < blockBytes; at += PAGE) seen |= load<i32>(block + at);
  return seen;
}

/** Offers every row whose bound reaches the floor of the query in slot 0. */
export function scanCodes(): void {
  const query = queryAt(0);
  const step = v128.load32_splat(query + STEP);
  const norm = v128.load32_splat(query + NORM),
    margin = v128.load32_splat(query + MARGIN);
  const probe = probeCodesAt(0, 1), end = probe + dim;
  let floor = f32x4.splat(floorOf(0));
  let seen = 0;
  for (let first = 0; first < rows; first += segmentRows) {
    const last = min(rows, first + segmentRows);
    let block = segmentAt(first / segmentRows);
    for (let row = first; row < last; row += BLOCK_ROWS) {
      seen |= touch(row);
      let a = i32x4.splat(0), b = a, c = a, d = a;
      let at = block;
      for (let codes = probe; codes < end; codes += 16) {
        const w = v128.load(codes);
        let q = v128.shuffle<i32>(w, w, 0, 0, 0, 0), r = v128.shuffle<i32>(w, w, 1, 1, 1, 1);
        a = dots(at, q, r, a);
        b = dots(at + 16, q, r, b);
        c = dots(at + 32, q, r, c);
        d = dots(at + 48, q, r, d);
        q = v128.shuffle<i32>(w, w, 2, 2, 2, 2), r = v128.shuffle<i32>(w, w, 3, 3, 3, 3);
        a = dots(at + 128, q, r, a);
        b = dots(at + 144, q, r, b);
        c = dots(at + 160, q, r, c);
        d = dots(at + 176, q, r, d);
        at += 16 * BLOCK_ROWS;
      }
      a = near(at, step, a);
      b = near(at + 16, step, b);
      c = near(at + 32, step, c);
      d = near(at + 48, step, d);
      const e = slack(at, norm, margin), f = slack(at + 16, norm, margin);
      const g = slack(at + 32, norm, margin), h = slack(at + 48, norm, margin);
      const hits = reach(a, b, e, f, floor) | (reach(c, d, g, h, floor) << 8);
      if (hits != 0) {
        lay(0, a, b, e, f);
        lay(32, c, d, g, h);
        weigh(0, row, hits);
        floor = f32x4.splat(floorOf(0));
      }
      block += blockBytes;
    }
  }
  store<i32>(query + TOUCHED, seen);
}

/** The same for the queries in slots 0 to `queries` - 1, which must be a multiple of `ABREAST`. */
export function scanCodesBatch(queries: i32): void {
  let seen = 0;
  for (let first = 0; first < rows; first += segmentRows) {
    const last = min(rows, first + segmentRows);
    let block = segmentAt(first / segmentRows);
    for (let row = first; row < last; row += BLOCK_ROWS) {
      seen |= touch(row);
      for (let slot = 0; slot < queries; slot += ABREAST) {
        scanEight(slot, row, block);
        scanEight(slot, row + 8, block + 32);
      }
      block += blockBytes;
    }
  }
  store<i32>(queryAt(0) + TOUCHED, seen);
}

/** Four probes against eight rows of a block: 8 sums in registers. */
function scanEight(slot: i32, row: i32, block: usize): void {
  let a = i32x4.splat(0), b = a, c = a, d = a, e = a, f = a, g = a, h = a;
  let at = block;
  const probe = probeCodesAt(slot, ABREAST), end = probe + dim * ABREAST;
  for (let codes = probe; codes < end; codes += 32) {
    const w = v128.load(codes), x = v128.load(codes, 16);
    let q = v128.shuffle<i32>(w, w, 0, 0, 0, 0), r = v128.shuffle<i32>(x, x, 0, 0, 0, 0);
    a = dots(at, q, r, a);
    b = dots(at + 16, q, r, b);
    q = v128.shuffle<i32>(w, w, 1, 1, 1, 1), r = v128.shuffle<i32>(x, x, 1, 1, 1, 1);
    c = dots(at, q, r, c);
    d = dots(at + 16, q, r, d);
    q = v128.shuffle<i32>(w, w, 2, 2, 2, 2), r = v128.shuffle<i32>(x, x, 2, 2, 2, 2);
    e = dots(at, q, r, e);
    f = dots(at + 16, q, r, f);
    q = v128.shuffle<i32>(w, w, 3, 3, 3, 3), r = v128.shuffle<i32>(x, x, 3, 3, 3, 3);
    g = dots(at, q, r, g);
    h = dots(at + 16, q, r, h);
    at += 8 * BLOCK_ROWS;
  }
  judge(slot, row, at, a, b);
  judge(slot + 1, row, at, c, d);
  judge(slot + 2, row, at, e, f);
  judge(slot + 3, row, at, g, h);
}

/** Turns the sums of eight rows into bounds and offers those that reach the floor. */
function judge(
  slot: i32,
  row: i32,
  tail: usize,
  sums: v128,
  others: v128,
): void {
  const query = queryAt(slot);
  const step = v128.load32_splat(query + STEP);
  const norm = v128.load32_splat(query + NORM),
    margin = v128.load32_splat(query + MARGIN);
  const a = near(tail, step, sums), b = near(tail + 16, step, others);
  const e = slack(tail, norm, margin), f = slack(tail + 16, norm, margin);
  const hits = reach(a, b, e, f, f32x4.splat(floorOf(slot)));
  if (hits != 0) {
    lay(0, a, b, e, f);
    weigh(slot, row, hits);
  }
}

/** Approximate scores of four rows. */
function near(tail: usize, step: v128, sums: v128): v128 {
  const exact = f32x4.convert_i32x4_s(
    i32x4.sub(sums, v128.load(tail, CORRECTIONS)),
  );
  return f32x4.mul(f32x4.mul(v128.load(tail, STEPS), step), exact);
}

/** How far the scores of four rows may be from that. */
function slack(tail: usize, norm: v128, margin: v128): v128 {
  return f32x4.add(f32x4.mul(v128.load(tail, ERRORS), norm), margin);
}

/** Bit i is set when the upper bound of the i-th of eight rows reaches the floor. */
function reach(a: v128, b: v128, e: v128, f: v128, floor: v128): i32 {
  const near = f32x4.ge(f32x4.add(a, e), floor),
    far = f32x4.ge(f32x4.add(b, f), floor);
  return i16x8.bitmask(i16x8.narrow_i32x4_s(near, far));
}

/** Lays eight rows' scores and slack on the desk. */
function lay(at: usize, a: v128, b: v128, e: v128, f: v128): void {
  v128.store(DESK_NEAR + at, a);
  v128.store(DESK_NEAR + at, b, 16);
  v128.store(DESK_SLACK + at, e);
  v128.store(DESK_SLACK + at, f, 16);
}
