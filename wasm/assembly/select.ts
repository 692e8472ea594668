/**
 * Chooses the exact top-k from certified bounds. Scans offer rows with a lower and an upper bound of
 * their score; only rows that can still belong to the answer are scored, by the one definition.
 */
import {
  BOUNDS,
  CANDIDATES,
  dim,
  FLOAT_ROWS,
  floatsOf,
  MAX_CANDIDATES,
  MAX_DIM,
  MAX_K,
  QUERIES,
  RESULTS,
  STAGING,
} from "./layout";

/** True when the id of row `a` sorts before the id of row `b`; ids live outside. */

declare function precedes(a: i32, b: i32): bool;

/** Fields of a query, as offsets into its 64 bytes. */
const FLOOR: usize = 0; // f32: a row whose upper bound is below it cannot belong to the answer
const THRESHOLD: usize = 4; // f32: the caller's
const WANTED: usize = 8; // i32: k
const HELD: usize = 12; // i32: candidates waiting
const BOUNDED: usize = 16; // i32: entries in the heap of lower bounds
const SCORED: usize = 20; // i32: entries in the heap of exact scores
/** f32: step of the probe's codes, norm of the coded probe, margin that all rows share. */
export const STEP: usize = 24;
export const NORM: usize = 28;
export const MARGIN: usize = 32;
/** i32: exact scores computed for the query. */
const RESCORED: usize = 36;
/** Below every score of unit vectors. */
const NOTHING: f32 = -2;

export function queryAt(slot: i32): usize {
  return QUERIES + <usize> slot * 64;
}

export function probeAt(slot: i32): usize {
  return STAGING + <usize> slot * (MAX_DIM * 4);
}

export function floorOf(slot: i32): f32 {
  return load<f32>(queryAt(slot) + FLOOR);
}

/** Starts a query: nothing held, every row possible. */
export function open(slot: i32, k: i32, threshold: f32): void {
  const query = queryAt(slot);
  store<f32>(query + FLOOR, max<f32>(threshold, NOTHING));
  store<f32>(query + THRESHOLD, threshold);
  store<i32>(query + WANTED, k);
  store<i32>(query + HELD, 0);
  store<i32>(query + BOUNDED, 0);
  store<i32>(query + SCORED, 0);
  store<i32>(query + RESCORED, 0);
}

/**
 * The definition of a score: products of f32 values (exact in f64, so a fused multiply-add gives the
 * same bits), lane l sums positions l, l + 8, l + 16, …; the sum is
 * ((0 + 2) + (4 + 6)) + ((1 + 3) + (5 + 7)), rounded to f32.
 */
function score(slot: i32, row: i32): f32 {
  let a = f64x2.splat(0), b = a, c = a, d = a;
  let probe = probeAt(slot);
  let line = floatsOf(row);
  const end = probe + <usize> dim * 4;
  while (probe < end) {
    for (let half: usize = 0; half < 64; half += 32) {
      const p = probe + half, t = line + half;
      a = f64x2.relaxed_madd(widen(p), widen(t), a);
      b = f64x2.relaxed_madd(widen(p + 8), widen(t + 8), b);
      c = f64x2.relaxed_madd(widen(p + 16), widen(t + 16), c);
      d = f64x2.relaxed_madd(widen(p + 24), widen(t + 24), d);
    }
    probe += 64;
    line += FLOAT_ROWS * 64;
  }
  const sum = f64x2.add(f64x2.add(a, b), f64x2.add(c, d));
  return <f32> (f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1));
}

function widen(address: usize): v128 {
  return f64x2.promote_low_f32x4(v128.load64_zero(address));
}

/** Takes a row whose score lies within [lower, upper], when upper reaches the query's floor. */
export function offer(slot: i32, row: i32, lower: f32, upper: f32): void {
  const query = queryAt(slot);
  if (load<i32>(query + HELD) == MAX_CANDIDATES) settle(slot);
  if (upper < load<f32>(query + FLOOR)) return;
  const held = load<i32>(query + HELD);
  const candidate = CANDIDATES + <usize> (slot * MAX_CANDIDATES + held) * 8;
  store<f32>(candidate, upper);
  store<i32>(candidate, row, 4);
  store<i32>(query + HELD, held + 1);

  const heap = BOUNDS + <usize> (slot * MAX_K) * 8;
  const bounded = load<i32>(query + BOUNDED);
  const k = load<i32>(query + WANTED);
  if (bounded < k) {
    store<i32>(query + BOUNDED, bounded + 1);
    rise(heap, bounded, lower, held, false);
    if (bounded + 1 < k) return;
  } else {
    if (lower <= load<f32>(heap)) return;
    sink(heap, k, lower, held, false);
  }
  // k rows are known to score at least the root: what cannot reach it is out.
  store<f32>(query + FLOOR, max<f32>(load<f32>(query + FLOOR), load<f32>(heap)));
}

/** Scores every candidate that can still belong to the answer, the most promising first. */
export function settle(slot: i32): void {
  const query = queryAt(slot);
  const heap = BOUNDS + <usize> (slot * MAX_K) * 8;
  const candidates = CANDIDATES + <usize> (slot * MAX_CANDIDATES) * 8;
  const bounded = load<i32>(query + BOUNDED);
  for (let i = 0; i < bounded; i++) {
    const held = load<i32>(heap + <usize> i * 8, 4);
    if (held < 0) continue;
    const candidate = candidates + <usize> held * 8;
    take(slot, load<i32>(candidate, 4));
    store<f32>(candidate, -Infinity);
  }
  const held = load<i32>(query + HELD);
  for (let i = 0; i < held; i++) {
    const candidate = candidates + <usize> i * 8;
    if (load<f32>(candidate) >= load<f32>(query + FLOOR)) take(slot, load<i32>(candidate, 4));
  }
  store<i32>(query + HELD, 0);
  // From here on the exact scores are the lower bounds; they stand for no candidate any more.
  const results = RESULTS + <usize> (slot * MAX_K) * 8;
  const scored = load<i32>(query + SCORED);
  for (let i = 0; i < scored; i++) {
    store<f32>(heap + <usize> i * 8, load<f32>(results + <usize> i * 8));
    store<i32>(heap + <usize> i * 8, -1, 4);
  }
  store<i32>(query + BOUNDED, scored);
}

/** Scores a row and keeps it while it is among the k best; raises the floor. */
function take(slot: i32, row: i32): void {
  const query = queryAt(slot);
  const exact = score(slot, row);
  store<i32>(query + RESCORED, load<i32>(query + RESCORED) + 1);
  if (exact < load<f32>(query + THRESHOLD)) return;
  const results = RESULTS + <usize> (slot * MAX_K) * 8;
  const scored = load<i32>(query + SCORED);
  const k = load<i32>(query + WANTED);
  if (scored < k) {
    store<i32>(query + SCORED, scored + 1);
    rise(results, scored, exact, row, true);
    if (scored + 1 < k) return;
  } else {
    if (!worse(load<f32>(results), load<i32>(results, 4), exact, row, true)) return;
    sink(results, k, exact, row, true);
  }
  store<f32>(query + FLOOR, max<f32>(load<f32>(query + FLOOR), load<f32>(results)));
}

/** Ends a query: settles it and sorts its results best first. Returns how many there are. */
export function close(slot: i32): i32 {
  settle(slot);
  const results = RESULTS + <usize> (slot * MAX_K) * 8;
  const scored = load<i32>(queryAt(slot) + SCORED);
  for (let last = scored - 1; last > 0; last--) {
    const key = load<f32>(results + <usize> last * 8);
    const payload = load<i32>(results + <usize> last * 8, 4);
    store<i64>(results + <usize> last * 8, load<i64>(results));
    sink(results, last, key, payload, true);
  }
  return scored;
}

/** Exact scores that the query cost. */
export function rescored(slot: i32): i32 {
  return load<i32>(queryAt(slot) + RESCORED);
}

/** The order of both heaps, worst at the root; `ranked` breaks ties by id. */

function worse(keyA: f32, a: i32, keyB: f32, b: i32, ranked: bool): bool {
  if (keyA != keyB) return keyA < keyB;
  return ranked && precedes(b, a);
}

/** Puts an entry into a heap at the free place `index`. */
function rise(heap: usize, index: i32, key: f32, payload: i32, ranked: bool): void {
  while (index > 0) {
    const parent = (index - 1) >> 1;
    const at = heap + <usize> parent * 8;
    if (!worse(key, payload, load<f32>(at), load<i32>(at, 4), ranked)) break;
    store<i64>(heap + <usize> index * 8, load<i64>(at));
    index = parent;
  }
  store<f32>(heap + <usize> index * 8, key);
  store<i32>(heap + <usize> index * 8, payload, 4);
}

/** Puts an entry in the place of the root of a heap of `size`. */
function sink(heap: usize, size: i32, key: f32, payload: i32, ranked: bool): void {
  let index = 0;
  while (true) {
    let child = 2 * index + 1;
    if (child >= size) break;
    let at = heap + <usize> child * 8;
    if (
      child + 1 < size &&
      worse(load<f32>(at, 8), load<i32>(at, 12), load<f32>(at), load<i32>(at, 4), ranked)
    ) {
      child += 1;
      at += 8;
    }
    if (!worse(load<f32>(at), load<i32>(at, 4), key, payload, ranked)) break;
    store<i64>(heap + <usize> index * 8, load<i64>(at));
    index = child;
  }
  store<f32>(heap + <usize> index * 8, key);
  store<i32>(heap + <usize> index * 8, payload, 4);
}
