/**
 * Chooses the exact top-k from certified bounds. Scans offer rows with a lower and an upper bound of
 * their score; only rows that can still belong to the answer are scored, by the one definition.
 */
import {
  BOUNDS,
  CANDIDATES,
  DESK_NEAR,
  DESK_SLACK,
  dim,
  floatsOf,
  MAX_CANDIDATES,
  MAX_DIM,
  MAX_K,
  QUERIES,
  QUERY_BYTES,
  RESULTS,
  rows,
  STAGING,
  WIDE,
} from "./layout";

/** True when the id of row `a` sorts before the id of row `b`; ids live outside. */

declare function precedes(a: i32, b: i32): bool;

/** Fields of a query, as offsets into its bytes. */
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
/** i32: 1 when the probe has been widened. */
const WIDENED: usize = 40;
/** i32: candidates at which the leaders are scored next. */
const PATIENCE: usize = 48;
/** f32: largest magnitude in the staged vector. */
export const TOP: usize = 44;
/** Candidates, beside two for each match wanted, that wait before the leaders are scored. */
const LEAST_PATIENCE: i32 = 128;
/** Below every score of unit vectors. */
const NOTHING: f32 = -2;

export function queryAt(slot: i32): usize {
  return QUERIES + <usize> slot * QUERY_BYTES;
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
  store<i32>(query + WIDENED, 0);
  store<i32>(query + PATIENCE, 2 * k + LEAST_PATIENCE);
}

/**
 * The definition of a score: products of f32 values (exact in f64, so a fused multiply-add gives the
 * same bits), lane l sums positions l, l + 8, l + 16, …; the sum is
 * ((0 + 2) + (4 + 6)) + ((1 + 3) + (5 + 7)), rounded to f32.
 */
function score(slot: i32, row: i32): f32 {
  let a = f64x2.splat(0), b = a, c = a, d = a;
  let probe = WIDE + <usize> slot * (MAX_DIM * 8);
  let values = floatsOf(row);
  for (const end = values + <usize> dim * 4; values < end; values += 32) {
    a = f64x2.relaxed_madd(v128.load(probe), wide(v128.load64_zero(values)), a);
    b = f64x2.relaxed_madd(
      v128.load(probe, 16),
      wide(v128.load64_zero(values, 8)),
      b,
    );
    c = f64x2.relaxed_madd(
      v128.load(probe, 32),
      wide(v128.load64_zero(values, 16)),
      c,
    );
    d = f64x2.relaxed_madd(
      v128.load(probe, 48),
      wide(v128.load64_zero(values, 24)),
      d,
    );
    probe += 64;
  }
  const sum = f64x2.add(f64x2.add(a, b), f64x2.add(c, d));
  return <f32> (f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1));
}

/** The score in f32, off by `roughSlack` at most: a third of the cost. */
function rough(slot: i32, row: i32): f32 {
  let a = f32x4.splat(0), b = a, c = a, d = a;
  let probe = probeAt(slot), values = floatsOf(row);
  for (const end = values + <usize> dim * 4; values < end; values += 64) {
    a = f32x4.relaxed_madd(v128.load(probe), v128.load(values), a);
    b = f32x4.relaxed_madd(v128.load(probe, 16), v128.load(values, 16), b);
    c = f32x4.relaxed_madd(v128.load(probe, 32), v128.load(values, 32), c);
    d = f32x4.relaxed_madd(v128.load(probe, 48), v128.load(values, 48), d);
    probe += 64;
  }
  const sum = f32x4.add(f32x4.add(a, b), f32x4.add(c, d));
  return (f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1)) +
    (f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3));
}

/**
 * What any f32 sum of products over 4 lanes or more may lose. With n = dim / 4 + 4 roundings a sum is
 * off by at most n 2^-24 / (1 - n 2^-24) times the sum of |q_i t_i|, which is at most
 * |q| |t| <= 1.001^2. The factor 1.01 covers the denominator and the norms; 2e-7 covers products that
 * underflow, the rounding of a bound made with it and that of the score itself.
 */
export function roughSlack(): f32 {
  return <f32> (1.01 * <f64> (dim / 4 + 4) / 16777216.0 + 2e-7);
}

function wide(pair: v128): v128 {
  return f64x2.promote_low_f32x4(pair);
}

/** Widens the probe to f64 once for all its exact scores. */
function widen(slot: i32): void {
  const query = queryAt(slot);
  if (load<i32>(query + WIDENED) != 0) return;
  store<i32>(query + WIDENED, 1);
  let to = WIDE + <usize> slot * (MAX_DIM * 8);
  let from = probeAt(slot);
  for (const end = from + <usize> dim * 4; from < end; from += 8) {
    v128.store(to, wide(v128.load64_zero(from)));
    to += 16;
  }
}

/** Takes the rows marked in `hits` (bit i is row + i); their scores and slack are on the desk. */
export function weigh(slot: i32, row: i32, hits: i32): void {
  const last = rows - row;
  for (; hits != 0; hits &= hits - 1) {
    const i = ctz(hits);
    if (i >= last) return;
    const near = load<f32>(DESK_NEAR + <usize> i * 4),
      slack = load<f32>(DESK_SLACK + <usize> i * 4);
    offer(slot, row + i, near - slack, near + slack);
  }
}

/** Takes a row whose score lies within [lower, upper]; upper reached the floor when it was read. */
function offer(slot: i32, row: i32, lower: f32, upper: f32): void {
  const query = queryAt(slot);
  const k = load<i32>(query + WANTED);
  let held = load<i32>(query + HELD);
  if (held == load<i32>(query + PATIENCE)) {
    settle(slot, false);
    held = load<i32>(query + HELD);
    if (held > MAX_CANDIDATES / 4 * 3) {
      settle(slot, true);
      held = 0;
    }
    // Twice as many as are left: each is looked at twice on average, however many there are.
    store<i32>(query + PATIENCE, min(MAX_CANDIDATES, 2 * (held + k) + LEAST_PATIENCE));
  }
  const candidate = CANDIDATES + <usize> (slot * MAX_CANDIDATES + held) * 8;
  store<f32>(candidate, upper);
  store<i32>(candidate, row, 4);
  store<i32>(query + HELD, held + 1);

  const heap = BOUNDS + <usize> (slot * MAX_K) * 8;
  const bounded = load<i32>(query + BOUNDED);
  if (bounded < k) {
    store<i32>(query + BOUNDED, bounded + 1);
    rise(heap, bounded, lower, held, false);
    if (bounded + 1 < k) return;
  } else {
    if (lower <= load<f32>(heap)) return;
    sink(heap, k, lower, held, false);
  }
  // k rows are known to score at least the root: what cannot reach it is out.
  store<f32>(
    query + FLOOR,
    max<f32>(load<f32>(query + FLOOR), load<f32>(heap)),
  );
}

/**
 * Scores the leaders, the candidates with the best lower bounds, which raises the floor; then drops
 * the candidates below it, and scores the rest too if `all`.
 */
function settle(slot: i32, all: bool): void {
  const query = queryAt(slot);
  const held = load<i32>(query + HELD);
  if (held == 0) return;
  widen(slot);
  const heap = BOUNDS + <usize> (slot * MAX_K) * 8;
  const candidates = CANDIDATES + <usize> (slot * MAX_CANDIDATES) * 8;
  const bounded = load<i32>(query + BOUNDED);
  for (let i = 0; i < bounded; i++) {
    const leader = load<i32>(heap + <usize> i * 8, 4);
    if (leader < 0) continue;
    const candidate = candidates + <usize> leader * 8;
    take(slot, load<i32>(candidate, 4));
    store<f32>(candidate, -Infinity);
  }
  const slack = roughSlack();
  let left = 0;
  for (let i = 0; i < held; i++) {
    const candidate = candidates + <usize> i * 8;
    const floor = load<f32>(query + FLOOR);
    if (load<f32>(candidate) < floor) continue;
    if (all && rough(slot, load<i32>(candidate, 4)) + slack < floor) continue;
    if (all) take(slot, load<i32>(candidate, 4));
    else store<i64>(candidates + <usize> (left++) * 8, load<i64>(candidate));
  }
  store<i32>(query + HELD, left);
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
    if (!worse(load<f32>(results), load<i32>(results, 4), exact, row, true)) {
      return;
    }
    sink(results, k, exact, row, true);
  }
  store<f32>(
    query + FLOOR,
    max<f32>(load<f32>(query + FLOOR), load<f32>(results)),
  );
}

/** Ends a query: settles it and sorts its results best first. Returns how many there are. */
export function close(slot: i32): i32 {
  settle(slot, true);
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
function rise(
  heap: usize,
  index: i32,
  key: f32,
  payload: i32,
  ranked: bool,
): void {
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
function sink(
  heap: usize,
  size: i32,
  key: f32,
  payload: i32,
  ranked: bool,
): void {
  let index = 0;
  while (true) {
    let child = 2 * index + 1;
    if (child >= size) break;
    let at = heap + <usize> child * 8;
    if (
      child + 1 < size &&
      worse(
        load<f32>(at, 8),
        load<i32>(at, 12),
        load<f32>(at),
        load<i32>(at, 4),
        ranked,
      )
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
