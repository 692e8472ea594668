/**
 * Templates and probes as small integers, with what that costs in accuracy. The bounds that make the
 * int8 scan exact rest on the three numbers kept here per template: step, error norm, correction.
 */
import {
  CODE_ROWS,
  codeBlockOf,
  CORRECTIONS,
  dim,
  ERRORS,
  FLOAT_ROWS,
  floatsOf,
  MAX_DIM,
  PROBE_CODES,
  SCALES,
  STAGING,
} from "./layout";
import { MARGIN, NORM, probeAt, queryAt, STEP } from "./select";

/** Largest code of a template, and of a probe before its bias of 64 makes it 1 to 127. */
const TEMPLATE_CODE: f32 = 127;
const PROBE_CODE: f32 = 63;
const BIAS: i32 = 64;
/** Rounds a computed norm up to a safe f32. */
const UP: f64 = 1.0 + 1.0 / 1048576.0;
/** Largest norm that the checks let through, and all f32 rounding of a bound and of a score. */
const NORM_CEILING: f64 = 1.001;
const ROUNDING: f64 = 1e-6;

/** Squared norm of the staged vector in f64: not finite if any value is not. */
export function squaredNorm(slot: i32): f64 {
  let sum = f64x2.splat(0);
  const start = probeAt(slot), end = start + <usize> dim * 4;
  for (let at = start; at < end; at += 8) {
    const pair = f64x2.promote_low_f32x4(v128.load64_zero(at));
    sum = f64x2.add(sum, f64x2.mul(pair, pair));
  }
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

function largest(start: usize): f32 {
  let top = f32x4.splat(0);
  for (let at = start, end = start + <usize> dim * 4; at < end; at += 16) {
    top = f32x4.max(top, f32x4.abs(v128.load(at)));
  }
  return max<f32>(
    max<f32>(f32x4.extract_lane(top, 0), f32x4.extract_lane(top, 1)),
    max<f32>(f32x4.extract_lane(top, 2), f32x4.extract_lane(top, 3)),
  );
}

/** Writes the staged template (slot 0) into a row: its codes, what they lose, and its f32 values. */
export function write(row: i32): void {
  const block = codeBlockOf(row);
  const lane = <usize> (row & (CODE_ROWS - 1)) * 4;
  const step: f32 = largest(STAGING) / TEMPLATE_CODE;
  let lost: f64 = 0;
  let sum: i32 = 0;
  for (let i = 0; i < dim; i++) {
    const value = load<f32>(STAGING + <usize> i * 4);
    const code = nearest<f32>(value / step);
    const rest = <f64> value - <f64> step * <f64> code;
    lost += rest * rest;
    sum += <i32> code;
    store<i8>(block + <usize> (i >> 2) * (CODE_ROWS * 4) + lane + (i & 3), <i8> code);
  }
  const tail = block + CODE_ROWS * dim + lane;
  store<f32>(tail + SCALES, step);
  store<f32>(tail + ERRORS, <f32> (Math.sqrt(lost) * UP));
  store<i32>(tail + CORRECTIONS, BIAS * sum);
  const floats = floatsOf(row);
  for (let i = 0; i < dim; i += 16) {
    memory.copy(floats + <usize> i * (FLOAT_ROWS * 4), STAGING + <usize> i * 4, 64);
  }
}

/** Copies all that is held of row `from` into row `to`. */
export function move(to: i32, from: i32): void {
  const target = codeBlockOf(to) + <usize> (to & (CODE_ROWS - 1)) * 4;
  const source = codeBlockOf(from) + <usize> (from & (CODE_ROWS - 1)) * 4;
  const words = dim / 4 + 3;
  for (let word = 0; word < words; word++) {
    const at = <usize> word * (CODE_ROWS * 4);
    store<i32>(target + at, load<i32>(source + at));
  }
  const floats = floatsOf(to), old = floatsOf(from);
  for (let i = 0; i < dim; i += 16) {
    const at = <usize> i * (FLOAT_ROWS * 4);
    memory.copy(floats + at, old + at, 64);
  }
}

/** Overwrites all that is held of a row with zeros. */
export function wipe(row: i32): void {
  const block = codeBlockOf(row) + <usize> (row & (CODE_ROWS - 1)) * 4;
  const words = dim / 4 + 3;
  for (let word = 0; word < words; word++) store<i32>(block + <usize> word * (CODE_ROWS * 4), 0);
  const floats = floatsOf(row);
  for (let i = 0; i < dim; i += 16) memory.fill(floats + <usize> i * (FLOAT_ROWS * 4), 0, 64);
}

/** Address of a probe's codes: the probes of a batch interleave by 4 bytes, `width` of them. */
export function probeCodesAt(slot: i32, width: i32): usize {
  return PROBE_CODES + <usize> (slot / width) * (width * MAX_DIM) + (slot % width) * 4;
}

/**
 * Codes the staged probe of a slot, biased to 1..127, and sets what its bounds need.
 *
 * With q = q' + f (probe, coded probe, its error) and t = t' + e, the score is
 *   q.t = q'.t' + q'.e + f.t,   so   |q.t - q'.t'| <= |q'| |e| + |f| |t|   (Cauchy-Schwarz).
 * q'.t' = step_q step_t (Q.T) with the integers Q and T, and Q.T is exact: the scan sums
 * (Q + 64).T in i32 and subtracts 64 times the sum of T. A pair of products is at most
 * 2 * 127 * 127 = 32 258, inside i16, so the relaxed dot product has one possible result on every
 * machine; |Q.T| <= 1024 * 63 * 127 < 2^24 is exact as f32. What f32 arithmetic then loses (three
 * roundings of a value below 1.1, two of a margin below 0.2, one of the score itself, each at most
 * 2^-24 relative, and the f64 sum of the definition) is below 4e-7; `ROUNDING` is 1e-6.
 */
export function codeProbe(slot: i32, width: i32): void {
  const probe = probeAt(slot);
  const codes = probeCodesAt(slot, width);
  const step: f32 = largest(probe) / PROBE_CODE;
  let lost: f64 = 0;
  let square: i32 = 0;
  for (let i = 0; i < dim; i++) {
    const value = load<f32>(probe + <usize> i * 4);
    const code = nearest<f32>(value / step);
    const rest = <f64> value - <f64> step * <f64> code;
    lost += rest * rest;
    square += <i32> code * <i32> code;
    store<i8>(codes + <usize> (i >> 2) * (width * 4) + (i & 3), <i8> (<i32> code + BIAS));
  }
  const query = queryAt(slot);
  store<f32>(query + STEP, step);
  store<f32>(query + NORM, <f32> (<f64> step * Math.sqrt(<f64> square) * UP));
  store<f32>(query + MARGIN, <f32> ((Math.sqrt(lost) * NORM_CEILING + ROUNDING) * UP));
}
