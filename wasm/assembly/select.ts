/**
 * Chooses the exact top-k from certified bounds. Scans offer rows with a lower and an upper bound
 * of their score; only rows that can still belong to the answer are scored, by the one definition.
 */
import { rise, sink, worse } from "./heap";
import {
  BOUNDS,
  CANDIDATES,
  DESK_NEAR,
  DESK_SLACK,
  MAX_CANDIDATES,
  MAX_K,
  RESULTS,
  rows,
} from "./layout";
import {
  BOUNDED,
  FLOOR,
  floorOf,
  HELD,
  PATIENCE,
  queryAt,
  RESCORED,
  SCORED,
  THRESHOLD,
  WANTED,
  WIDENED,
} from "./query";
import { board, FLIGHT, fly, roughSlack, score, widen } from "./score";

/** Candidates, beside two for each match wanted, that wait before the leaders are scored. */
const LEAST_PATIENCE: i32 = 128;
/** Below every score of unit vectors. */
const NOTHING: f32 = -2;

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
  let left = 0;
  for (let i = 0; i < held; i++) {
    const candidate = candidates + <usize> i * 8;
    if (load<f32>(candidate) < load<f32>(query + FLOOR)) continue;
    store<i64>(candidates + <usize> (left++) * 8, load<i64>(candidate));
  }
  if (all) {
    takeBest(slot, candidates, left);
    left = 0;
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

/** Scores those of so many candidates whose cheaper sums reach the floor. */
function takeBest(slot: i32, candidates: usize, count: i32): void {
  const slack = roughSlack();
  for (let first = 0; first < count; first += FLIGHT) {
    const last = min(FLIGHT, count - first);
    for (let i = 0; i < FLIGHT; i++) {
      board(i, load<i32>(candidates + <usize> (first + min(i, last - 1)) * 8, 4));
    }
    fly(slot);
    for (let i = 0; i < last; i++) {
      if (load<f32>(DESK_NEAR + <usize> i * 4) + slack < floorOf(slot)) continue;
      take(slot, load<i32>(candidates + <usize> (first + i) * 8, 4));
    }
  }
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
