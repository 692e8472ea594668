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

/** Templates whose codes are interleaved: 4 vectors of 4 rows. */
export const CODE_ROWS: i32 = 16;
/** Templates whose f32 values are interleaved by one cache line of 16 values each. */
export const FLOAT_ROWS: i32 = 8;
/** Templates in a segment. */
export const SEGMENT_ROWS: i32 = 1024;
/** After the codes of a block: scale, quantisation error and correction of its 16 rows. */
export const SCALES: i32 = 0;
export const ERRORS: i32 = 64;
export const CORRECTIONS: i32 = 128;
const BLOCK_TAIL: i32 = 192;

/** Probes (or the template to add) as f32, one slot each. */
export const STAGING: usize = 4096;
/** The probes' 7-bit codes. */
export const PROBE_CODES: usize = STAGING + SLOTS * MAX_DIM * 4;
/** A query's numbers, 64 bytes a slot; the fields are below. */
export const QUERIES: usize = PROBE_CODES + SLOTS * MAX_DIM;
/** The best lower bounds so far: heaps of (f32 bound, i32 candidate). */
export const BOUNDS: usize = QUERIES + SLOTS * 64;
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
/** Bytes of one block of codes with its tail, of a segment's codes, and of a whole segment. */
export let codeBlockBytes: i32 = 0;
export let segmentCodeBytes: i32 = 0;
export let segmentBytes: i32 = 0;
let segments: i32 = 0;

/** Fixes the dimension of an empty gallery. */
export function configure(dimension: i32): void {
  dim = dimension;
  codeBlockBytes = CODE_ROWS * dim + BLOCK_TAIL;
  segmentCodeBytes = (SEGMENT_ROWS / CODE_ROWS) * codeBlockBytes;
  segmentBytes = segmentCodeBytes + SEGMENT_ROWS * dim * 4;
}

/** Sets how many templates are held. */
export function setRows(count: i32): void {
  rows = count;
}

/** Rows that fit in the memory there is. */
export function reserved(): i32 {
  return segments * SEGMENT_ROWS;
}

/** Rows that fit below the 4 GiB ceiling. */
export function ceiling(): i32 {
  return <i32> ((CEILING - SEGMENTS) / segmentBytes) * SEGMENT_ROWS;
}

/** Adds segments until `count` rows fit; false when memory is refused, and then nothing changed. */
export function reserve(count: i32): bool {
  if (count > ceiling()) return false;
  const needed = (count + SEGMENT_ROWS - 1) / SEGMENT_ROWS;
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

/** Address of the block of codes that holds a row. */
export function codeBlockOf(row: i32): usize {
  const block = (row & (SEGMENT_ROWS - 1)) / CODE_ROWS;
  return segmentAt(row / SEGMENT_ROWS) + <usize> block * codeBlockBytes;
}

/** Address of a row's first 16 f32 values; the next 16 lie `FLOAT_ROWS` * 64 bytes further. */
export function floatsOf(row: i32): usize {
  const within = row & (SEGMENT_ROWS - 1);
  return segmentAt(row / SEGMENT_ROWS) + segmentCodeBytes +
    <usize> (within / FLOAT_ROWS) * (FLOAT_ROWS * dim * 4) + (within & (FLOAT_ROWS - 1)) * 64;
}
