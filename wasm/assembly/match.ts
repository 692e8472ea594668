/**
 * The gallery's kernel as its binding sees it: stage a vector, add, remove, search. All checks of
 * what callers pass are the binding's; addresses and layout are `layout.ts`.
 */
import {
  configure,
  dim,
  MAX_DIM,
  PROBE_CODES,
  QUERIES,
  QUERY_BYTES,
  reserve as reserveRows,
  RESULTS,
  rows,
  setRows,
  STAGING,
  WIDE,
} from "./layout";
import { codeProbe, move, wipe, write } from "./codes";
import { ABREAST, scanCodes, scanCodesBatch } from "./scan_codes";
import { scanFloats } from "./scan_floats";
import { close, open, rescored as rescoredOf } from "./select";

export { ceiling, codesOf, floatsOf, reserved } from "./layout";
export { survey } from "./codes";

export function create(dimension: i32, capacity: i32): bool {
  configure(dimension, capacity);
  return reserveRows(capacity);
}

export function reserve(count: i32): bool {
  return reserveRows(count);
}

export function staging(): usize {
  return STAGING;
}

export function results(): usize {
  return RESULTS;
}

/** Overwrites the staged vectors of the first `slots` slots and all that was made of them. */
export function forget(slots: i32): void {
  for (let slot = 0; slot < slots; slot++) {
    memory.fill(STAGING + <usize> slot * (MAX_DIM * 4), 0, <usize> dim * 4);
    memory.fill(WIDE + <usize> slot * (MAX_DIM * 8), 0, <usize> dim * 8);
  }
  memory.fill(QUERIES, 0, <usize> slots * QUERY_BYTES);
  // A lone probe's codes lie within the first group of a batch's.
  for (let slot = 0; slot < slots; slot += ABREAST) {
    memory.fill(PROBE_CODES + <usize> slot * MAX_DIM, 0, dim * ABREAST);
  }
}

/** Adds the staged template as the last row, for which there is room. */
export function add(): void {
  write(rows);
  setRows(rows + 1);
}

/** Removes a row; the last one takes its place, and its old place is zeroed. */
export function remove(row: i32): void {
  const last = rows - 1;
  if (row != last) move(row, last);
  wipe(last);
  setRows(last);
}

/** Zeroes every row. */
export function clear(): void {
  for (let row = 0; row < rows; row++) wipe(row);
  setRows(0);
}

/** Searches for the probe in slot 0 by f32. Returns how many results there are. */
export function searchFloats(k: i32, threshold: f32): i32 {
  open(0, k, threshold);
  scanFloats();
  return close(0);
}

/** Searches for the probe in slot 0 by codes. */
export function searchCodes(k: i32, threshold: f32): i32 {
  open(0, k, threshold);
  codeProbe(0, 1);
  scanCodes();
  return close(0);
}

/**
 * Scans for the probes in slots 0 to `queries` - 1 at once; `finish` then gives each its results.
 */
export function searchBatch(queries: i32, k: i32, threshold: f32): void {
  const abreast = (queries + ABREAST - 1) / ABREAST * ABREAST;
  for (let slot = 0; slot < abreast; slot++) {
    // A slot without a probe gets a threshold that nothing reaches.
    open(slot, k, slot < queries ? threshold : Infinity);
    if (slot < queries) codeProbe(slot, ABREAST);
  }
  scanCodesBatch(abreast);
}

export function finish(slot: i32): i32 {
  return close(slot);
}

export function rescored(slot: i32): i32 {
  return rescoredOf(slot);
}
