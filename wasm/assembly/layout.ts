/**
 * Where everything lies in a gallery's memory: a fixed desk for queries and their candidates, then
 * segments of 1 024 templates. A new segment only adds memory, so no template ever moves by growth.
 */

/** Queries that one pass over the gallery can serve. */
export const SLOTS: i32 = 16;
/** Longest template, in values. */
export const MAX_DIM: i32 = 1024;
/** Most matches a query may ask for. */
export const MAX_K: i32 = 1024;
/** Candidates a query may hold before the oldest are settled. */
export const MAX_CANDIDATES: i32 = 4096;

/** Templates whose codes are interleaved by 4 bytes: 4 vectors of 4 rows. */
export const BLOCK_ROWS: i32 = 16;
/** Fewest and most templates in a segment: a scan streams through one without a jump. */
const LEAST_SEGMENT_ROWS: i32 = 1024;
const MOST_SEGMENT_ROWS: i32 = 16384;
/** After the codes of a block: step, quantisation error and correction of each of its rows. */
export const STEPS: i32 = 0;
export const ERRORS: i32 = 64;
export const CORRECTIONS: i32 = 128;
const TAIL_BYTES: i32 = 192;

/** Bounds of a block's rows, on their way from a scan to the choice. */
export const DESK_NEAR: usize = 4096;
export const DESK_SLACK: usize = DESK_NEAR + BLOCK_ROWS * 4;
/** Addresses of the rows in flight, on their way to their sums. */
export const DESK_ROWS: usize = DESK_SLACK + BLOCK_ROWS * 4;
/** What must stand in memory to stay in a register: see the scan by codes. */
export const ONES: usize = DESK_ROWS + 64;
/** A word that is never written. */
export const ZERO: usize = ONES + 16;
/** Probes (or the template to add) as f32, one slot each. */
export const STAGING: usize = 8192;
/** The probes widened to f64, for exact scores. */
export const WIDE: usize = STAGING + SLOTS * MAX_DIM * 4;
/** The probes' codes, biased. */
export const PROBE_CODES: usize = WIDE + SLOTS * MAX_DIM * 8;
/** A query's numbers, a slot each; `select.ts` names the fields. */
export const QUERY_BYTES: i32 = 64;
export const QUERIES: usize = PROBE_CODES + SLOTS * MAX_DIM;
/** The best lower bounds so far: heaps of (f32 bound, i32 candidate). */
export const BOUNDS: usize = QUERIES + SLOTS * QUERY_BYTES;
/** The best exact scores so far: heaps of (f32 score, i32 row). Results, once sorted. */
export const RESULTS: usize = BOUNDS + SLOTS * MAX_K * 8;
/** Rows that may still belong to the answer: (f32 upper bound, i32 row). */
export const CANDIDATES: usize = RESULTS + SLOTS * MAX_K * 8;
const DESK_END: usize = CANDIDATES + SLOTS * MAX_CANDIDATES * 8;
/** First segment. */
export const SEGMENTS: usize = (DESK_END + 65535) & ~65535;
/** Bytes that memory may have: the 4 GiB of 32-bit addresses but for the last page. */
const CEILING: u64 = 65535 * 65536;

/** Values per template. */
export let dim: i32 = 0;
/** Templates held; they are rows 0 to rows - 1. */
export let rows: i32 = 0;
/** Bytes of one block of codes with its tail, and of one row of f32 values. */
export let blockBytes: i32 = 0;
export let floatBytes: i32 = 0;
/** Templates in a segment, a power of two, and its logarithm. */
export let segmentRows: i32 = 0;
let segmentShift: i32 = 0;
/** Bytes of a segment's codes, and of a whole segment. */
let segmentCodeBytes: i32 = 0;
let segmentBytes: i32 = 0;
let segments: i32 = 0;

/** Fixes the dimension of an empty gallery, and segments that suit so many templates. */
export function configure(dimension: i32, capacity: i32): void {
  dim = dimension;
  segmentRows = LEAST_SEGMENT_ROWS;
  while (segmentRows < capacity && segmentRows < MOST_SEGMENT_ROWS) segmentRows *= 2;
  segmentShift = ctz(segmentRows);
  blockBytes = BLOCK_ROWS * dim + TAIL_BYTES;
  // One line more than the values: rows a power of two apart would share few places in the cache.
  floatBytes = dim * 4 + 64;
  segmentCodeBytes = (segmentRows / BLOCK_ROWS) * blockBytes;
  segmentBytes = segmentCodeBytes + segmentRows * floatBytes;
}

/** Sets how many templates are held. */
export function setRows(count: i32): void {
  rows = count;
}

/** Rows that fit in the memory there is. */
export function reserved(): i32 {
  return segments << segmentShift;
}

/** Rows that fit below the 4 GiB ceiling. */
export function ceiling(): i32 {
  return <i32> ((CEILING - SEGMENTS) / segmentBytes) << segmentShift;
}

/** Adds segments until `count` rows fit; false when memory is refused, and then nothing changed. */
export function reserve(count: i32): bool {
  if (count > ceiling()) return false;
  const needed = (count + segmentRows - 1) >> segmentShift;
  if (needed <= segments) return true;
  const end: u64 = <u64> SEGMENTS + <u64> needed * segmentBytes;
  const pages = <i32> ((end + 65535) >> 16) - memory.size();
  if (pages > 0 && memory.grow(pages) < 0) return false;
  segments = needed;
  return true;
}

/** Address of a segment. */
export function segmentAt(segment: i32): usize {
  return SEGMENTS + <usize> segment * segmentBytes;
}

/** Address of a row's first 4 codes; each next word lies `BLOCK_ROWS` * 4 bytes further. */
export function codesOf(row: i32): usize {
  const within = row & (segmentRows - 1);
  return segmentAt(row >> segmentShift) +
    <usize> (within / BLOCK_ROWS) * blockBytes +
    (within & (BLOCK_ROWS - 1)) * 4;
}

/** Words of a row in its block: its codes, then its three numbers. */
export function codeWords(): i32 {
  return dim / 4 + 3;
}

/** Address of a row's f32 values. */
export function floatsOf(row: i32): usize {
  return segmentAt(row >> segmentShift) + segmentCodeBytes +
    <usize> (row & (segmentRows - 1)) * floatBytes;
}
