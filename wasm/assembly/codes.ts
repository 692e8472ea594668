/**
 * Templates and probes as small integers, with what that costs in accuracy. The bounds that make
 * the scan by codes exact rest on the three numbers kept here per template: step, error,
 * correction.
 */
import {
  BLOCK_ROWS,
  codesOf,
  codeWords,
  CORRECTIONS,
  dim,
  ERRORS,
  floatsOf,
  MAX_DIM,
  PROBE_CODES,
  STAGING,
  STEPS,
  ZERO,
} from "./layout";
import { MARGIN, NORM, probeAt, queryAt, STEP, TOP } from "./query";

/** Largest code of a template, and of a probe before its bias of 64 makes it 1 to 127. */
const TEMPLATE_CODE: f32 = 64;
const PROBE_CODE: f32 = 63;
const BIAS: i32 = 64;

/**
 * What `quantise` found: the step, the error's norm, and the sum and the sum of squares of codes.
 */
let step: f32 = 0;
let lost: f32 = 0;
let sum: i32 = 0;
let squares: i32 = 0;

/**
 * Squared norm of a staged vector in f64, not finite if any value is not; keeps its largest
 * magnitude for `quantise`.
 */
export function survey(slot: i32): f64 {
  let a = f64x2.splat(0), b = a;
  let top = f32x4.splat(0), other = top;
  let at = probeAt(slot);
  for (const end = at + <usize> dim * 4; at < end; at += 32) {
    const v = v128.load(at), w = v128.load(at, 16);
    a = f64x2.add(a, f64x2.add(squaresOf(v), squaresOf(upperHalf(v))));
    b = f64x2.add(b, f64x2.add(squaresOf(w), squaresOf(upperHalf(w))));
    top = f32x4.pmax(top, f32x4.abs(v));
    other = f32x4.pmax(other, f32x4.abs(w));
  }
  top = f32x4.pmax(top, other);
  top = f32x4.pmax(top, upperHalf(top));
  store<f32>(
    queryAt(slot) + TOP,
    max<f32>(f32x4.extract_lane(top, 0), f32x4.extract_lane(top, 1)),
  );
  const total = f64x2.add(a, b);
  return f64x2.extract_lane(total, 0) + f64x2.extract_lane(total, 1);
}

function squaresOf(pair: v128): v128 {
  const wide = f64x2.promote_low_f32x4(pair);
  return f64x2.mul(wide, wide);
}

function upperHalf(v: v128): v128 {
  return v128.shuffle<f32>(v, v, 2, 3, 2, 3);
}

/**
 * Writes the codes of a staged vector, each word of four `stride` bytes after the one before: value
 * / step to the nearest integer, at most `largest` in magnitude, plus `bias`.
 *
 * The error's norm is summed in f32 and must not come out too small. Each rest is off by at most
 * 2^-24 of its value and of itself, together 2^-23 of the vector's norm; the sum of squares is off
 * by at most (dim / 4 + 5) 2^-24 < 2^-15 of itself. Hence the factor and the term below.
 */
function quantise(
  slot: i32,
  to: usize,
  stride: usize,
  largest: f32,
  bias: i32,
): void {
  const top = load<f32>(queryAt(slot) + TOP);
  step = top / largest;
  const perStep = f32x4.splat(largest / top), wideStep = f32x4.splat(step);
  const wideBias = i8x16.splat(<i8> bias), ones = i16x8.splat(1);
  let error = f32x4.splat(0), total = i32x4.splat(0), square = total;
  let at = probeAt(slot);
  for (const end = at + <usize> dim * 4; at < end; at += 64) {
    const v = v128.load(at), w = v128.load(at, 16);
    const x = v128.load(at, 32), y = v128.load(at, 48);
    const p = nearestOf(v, perStep), q = nearestOf(w, perStep);
    const r = nearestOf(x, perStep), s = nearestOf(y, perStep);
    error = f32x4.add(
      f32x4.add(
        error,
        f32x4.add(restOf(v, p, wideStep), restOf(w, q, wideStep)),
      ),
      f32x4.add(restOf(x, r, wideStep), restOf(y, s, wideStep)),
    );
    const low = i16x8.narrow_i32x4_s(integers(p), integers(q));
    const high = i16x8.narrow_i32x4_s(integers(r), integers(s));
    total = i32x4.add(total, i32x4.dot_i16x8_s(i16x8.add(low, high), ones));
    square = i32x4.add(
      square,
      i32x4.add(i32x4.dot_i16x8_s(low, low), i32x4.dot_i16x8_s(high, high)),
    );
    const codes = i8x16.add(i8x16.narrow_i16x8_s(low, high), wideBias);
    v128.store32_lane(to, codes, 0);
    v128.store32_lane(to + stride, codes, 1);
    v128.store32_lane(to + stride * 2, codes, 2);
    v128.store32_lane(to + stride * 3, codes, 3);
    to += stride * 4;
  }
  const errors = (f32x4.extract_lane(error, 0) + f32x4.extract_lane(error, 1)) +
    (f32x4.extract_lane(error, 2) + f32x4.extract_lane(error, 3));
  lost = Mathf.sqrt(errors) * <f32> (1.0 + 1.0 / 16384.0) +
    <f32> (1.0 / 4194304.0);
  sum = added(total);
  squares = added(square);
}

function nearestOf(values: v128, perStep: v128): v128 {
  return f32x4.nearest(f32x4.mul(values, perStep));
}

/** Squares of what the codes leave of the values. */
function restOf(values: v128, codes: v128, wideStep: v128): v128 {
  const rest = f32x4.sub(values, f32x4.mul(codes, wideStep));
  return f32x4.mul(rest, rest);
}

/** Whole numbers far inside i32, for which the relaxed conversion has one result. */
function integers(codes: v128): v128 {
  return i32x4.relaxed_trunc_f32x4_s(codes);
}

function added(v: v128): i32 {
  return i32x4.extract_lane(v, 0) + i32x4.extract_lane(v, 1) +
    i32x4.extract_lane(v, 2) +
    i32x4.extract_lane(v, 3);
}

/**
 * Writes the surveyed template of slot 0 into a row: its codes, what they lose, and its f32 values.
 */
export function write(row: i32): void {
  const codes = codesOf(row);
  quantise(0, codes, BLOCK_ROWS * 4, TEMPLATE_CODE, 0);
  const tail = codes + BLOCK_ROWS * dim;
  store<f32>(tail + STEPS, step);
  store<f32>(tail + ERRORS, lost);
  store<i32>(tail + CORRECTIONS, BIAS * sum);
  memory.copy(floatsOf(row), STAGING, <usize> dim * 4);
}

/** Copies all that is held of row `from` into row `to`. */
export function move(to: i32, from: i32): void {
  putWords(to, codesOf(from), BLOCK_ROWS * 4);
  memory.copy(floatsOf(to), floatsOf(from), <usize> dim * 4);
}

/** Overwrites all that is held of a row with zeros. */
export function wipe(row: i32): void {
  putWords(row, ZERO, 0);
  memory.fill(floatsOf(row), 0, <usize> dim * 4);
}

/** Fills a row's words in its block from words `stride` bytes apart. */
function putWords(row: i32, source: usize, stride: usize): void {
  let target = codesOf(row);
  for (let word = codeWords(); word > 0; word--) {
    store<i32>(target, load<i32>(source));
    target += BLOCK_ROWS * 4;
    source += stride;
  }
}

/** Address of a probe's codes: those of a batch interleave by 4 bytes, `width` of them. */
export function probeCodesAt(slot: i32, width: i32): usize {
  return PROBE_CODES + <usize> (slot / width) * (width * MAX_DIM) +
    (slot % width) * 4;
}

/**
 * Codes the staged probe of a slot and sets what its bounds need.
 *
 * With q = q' + f (probe, coded probe, its error) and t = t' + e for a template, the score is
 *   q.t = q'.t' + q'.e + f.t,   so   |q.t - q'.t'| <= |q'| |e| + |f| |t|   (Cauchy-Schwarz).
 * q'.t' = step_q step_t (Q.T) with the integers Q and T, and Q.T is exact: the scan sums
 * (Q + 64).T and subtracts 64 times the sum of T. It adds four products in i16, at most
 * 4 * 127 * 64 = 32 512 together, so the relaxed dot product has one possible result on every
 * machine; |Q.T| <= 1024 * 63 * 64 < 2^24 is exact in f32. |t| <= 1.001, as the binding checked.
 * What f32 arithmetic loses (three roundings of a value below 1.1, three of a margin below 0.3, one
 * of the score itself, each at most 2^-24 of its value) is below 4e-7, and the term for it is 1e-6.
 * The norm of q' is rounded three times: the factor of 1 + 2^-20 covers it.
 */
export function codeProbe(slot: i32, width: i32): void {
  quantise(slot, probeCodesAt(slot, width), width * 4, PROBE_CODE, BIAS);
  const query = queryAt(slot);
  store<f32>(query + STEP, step);
  store<f32>(
    query + NORM,
    step * Mathf.sqrt(<f32> squares) * <f32> (1.0 + 1.0 / 1048576.0),
  );
  store<f32>(query + MARGIN, lost * <f32> 1.001 + <f32> 1e-6);
}
