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
  ONES,
  rows,
  STEPS,
} from "./layout";
import { floorOf, MARGIN, NORM, queryAt, STEP, TOUCHED } from "./query";
import { weigh } from "./select";
import { probeCodesAt } from "./codes";

/** Probes that share the registers in a batch. */
export const ABREAST: i32 = 2;

/** How far ahead of the scan pages are touched, and how far apart they are. */
const AHEAD: usize = 131072;
const PAGE: usize = 4096;
/** Codes of so many bytes stay in a cache, whose addresses need no help. */
const NEAR_BYTES: i32 = 16777216;

/** Offers every row whose bound reaches the floor of the query in slot 0. */
export function scanCodes(): void {
  scan(1);
}

/** The same for the queries in slots 0 to `queries` - 1, which must be a multiple of `ABREAST`. */
export function scanCodesBatch(queries: i32): void {
  scan(queries);
}

/**
 * Walks through both halves of the gallery at once, a block of each at a time: two streams come
 * faster than one, and what is prepared of a probe serves both.
 */
function scan(queries: i32): void {
  v128.store(ONES, i16x8.splat(1));
  const blocks = (rows + BLOCK_ROWS - 1) / BLOCK_ROWS;
  const half = (blocks + 1) / 2 * BLOCK_ROWS;
  const far = blocks > NEAR_BYTES / blockBytes;
  const last = codesOf(rows - 1);
  let seen = 0;
  for (let row = 0; row < half; row += BLOCK_ROWS) {
    // Of an odd number of blocks one has no partner: it is its own, for rows that are not there.
    const other = min(row + half, rows);
    const block = codesOf(row), partner = other < rows ? codesOf(other) : block;
    if (far) seen |= touch(block, last) | touch(partner, last);
    if (queries == 1) {
      scanPair(row, block, other, partner);
    } else {
      for (let slot = 0; slot < queries; slot += ABREAST) {
        scanBoth(slot, row, block);
        scanBoth(slot, other, partner);
      }
    }
  }
  store<i32>(queryAt(0) + TOUCHED, seen);
}

/**
 * Reads a word of each page of the block that the scan will come to `AHEAD` bytes later, so that
 * its address is translated by then: hardware fetches lines ahead of a stream, but not beyond its
 * page. `last` lies within memory and stands in for what may lie after it.
 */
function touch(block: usize, last: usize): i32 {
  let seen = 0;
  const start = block + AHEAD, end = start + blockBytes;
  for (let at = (start + PAGE - 1) & ~(PAGE - 1); at < end; at += PAGE) {
    seen |= load<i32>(min(at, last));
  }
  return seen;
}

/**
 * Adds four rows against 8 values of a probe, whose codes stand four times each in `q` and `r`, to
 * `sums`. `ones` comes from memory, or it would be made anew each time.
 */
function plus(sums: v128, low: v128, high: v128, q: v128, r: v128, ones: v128): v128 {
  const products = i16x8.add(
    i16x8.relaxed_dot_i8x16_i7x16_s(low, q),
    i16x8.relaxed_dot_i8x16_i7x16_s(high, r),
  );
  return i32x4.add(sums, i32x4.dot_i16x8_s(products, ones));
}

/** Four rows against 16 values. */
function column(
  sums: v128,
  at: usize,
  q: v128,
  r: v128,
  s: v128,
  t: v128,
  ones: v128,
): v128 {
  const near = plus(sums, v128.load(at), v128.load(at, 64), q, r, ones);
  return plus(near, v128.load(at, 128), v128.load(at, 192), s, t, ones);
}

/** One probe against two blocks: 8 sums in registers. */
function scanPair(row: i32, block: usize, other: i32, partner: usize): void {
  let a = i32x4.splat(0), b = a, c = a, d = a, e = a, f = a, g = a, h = a;
  const ones = v128.load(ONES);
  let codes = probeCodesAt(0, 1);
  for (const end = codes + dim; codes < end; codes += 16) {
    const w = v128.load(codes);
    const q = first(w), r = second(w), s = third(w), t = fourth(w);
    a = column(a, block, q, r, s, t, ones);
    e = column(e, partner, q, r, s, t, ones);
    b = column(b, block + 16, q, r, s, t, ones);
    f = column(f, partner + 16, q, r, s, t, ones);
    c = column(c, block + 32, q, r, s, t, ones);
    g = column(g, partner + 32, q, r, s, t, ones);
    d = column(d, block + 48, q, r, s, t, ones);
    h = column(h, partner + 48, q, r, s, t, ones);
    block += 16 * BLOCK_ROWS;
    partner += 16 * BLOCK_ROWS;
  }
  judge(0, row, block, a, b);
  judge(0, row + 8, block + 32, c, d);
  judge(0, other, partner, e, f);
  judge(0, other + 8, partner + 32, g, h);
}

/** Two probes against one block: 8 sums in registers. */
function scanBoth(slot: i32, row: i32, block: usize): void {
  let a = i32x4.splat(0), b = a, c = a, d = a, e = a, f = a, g = a, h = a;
  const ones = v128.load(ONES);
  let codes = probeCodesAt(slot, ABREAST);
  for (const end = codes + dim * ABREAST; codes < end; codes += 16) {
    const w = v128.load(codes);
    const q = first(w), r = third(w), s = second(w), t = fourth(w);
    let low = v128.load(block), high = v128.load(block, 64);
    a = plus(a, low, high, q, r, ones);
    e = plus(e, low, high, s, t, ones);
    low = v128.load(block, 16), high = v128.load(block, 80);
    b = plus(b, low, high, q, r, ones);
    f = plus(f, low, high, s, t, ones);
    low = v128.load(block, 32), high = v128.load(block, 96);
    c = plus(c, low, high, q, r, ones);
    g = plus(g, low, high, s, t, ones);
    low = v128.load(block, 48), high = v128.load(block, 112);
    d = plus(d, low, high, q, r, ones);
    h = plus(h, low, high, s, t, ones);
    block += 8 * BLOCK_ROWS;
  }
  judge(slot, row, block, a, b);
  judge(slot, row + 8, block + 32, c, d);
  judge(slot + 1, row, block, e, f);
  judge(slot + 1, row + 8, block + 32, g, h);
}

/** The first of four words, four times. */
function first(words: v128): v128 {
  return v128.shuffle<i32>(words, words, 0, 0, 0, 0);
}

function second(words: v128): v128 {
  return v128.shuffle<i32>(words, words, 1, 1, 1, 1);
}

function third(words: v128): v128 {
  return v128.shuffle<i32>(words, words, 2, 2, 2, 2);
}

function fourth(words: v128): v128 {
  return v128.shuffle<i32>(words, words, 3, 3, 3, 3);
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
    lay(a, b, e, f);
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
function lay(a: v128, b: v128, e: v128, f: v128): void {
  v128.store(DESK_NEAR, a);
  v128.store(DESK_NEAR, b, 16);
  v128.store(DESK_SLACK, e);
  v128.store(DESK_SLACK, f, 16);
}
