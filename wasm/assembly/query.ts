/**
 * The numbers of a query while it is answered, one slot for each probe of a batch.
 */
import { MAX_DIM, QUERIES, QUERY_BYTES, STAGING } from "./layout";

/** Fields of a query, as offsets into its bytes. */
/** f32: a row whose upper bound is below it cannot belong to the answer */
export const FLOOR: usize = 0;
export const THRESHOLD: usize = 4; // f32: the caller's
export const WANTED: usize = 8; // i32: k
export const HELD: usize = 12; // i32: candidates waiting
export const BOUNDED: usize = 16; // i32: entries in the heap of lower bounds
export const SCORED: usize = 20; // i32: entries in the heap of exact scores
/** f32: step of the probe's codes, norm of the coded probe, margin that all rows share. */
export const STEP: usize = 24;
export const NORM: usize = 28;
export const MARGIN: usize = 32;
/** i32: exact scores computed for the query. */
export const RESCORED: usize = 36;
/** i32: 1 when the probe has been widened. */
export const WIDENED: usize = 40;
/** i32: candidates at which the leaders are scored next. */
export const PATIENCE: usize = 48;
/** i32: where reads end up that are made for their side effect on the machine. */
export const TOUCHED: usize = 52;
/** f32: largest magnitude in the staged vector. */
export const TOP: usize = 44;

export function queryAt(slot: i32): usize {
  return QUERIES + <usize> slot * QUERY_BYTES;
}

export function probeAt(slot: i32): usize {
  return STAGING + <usize> slot * (MAX_DIM * 4);
}

export function floorOf(slot: i32): f32 {
  return load<f32>(queryAt(slot) + FLOOR);
}
