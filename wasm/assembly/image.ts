/**
 * A picture on its way to a network: sampled bilinearly under a linear map straight into the
 * network's tensor. Shrinking and the aligned crop are the same loop.
 */
import { bytes, firstPixel, height, pitch, ready, tensor, width } from "./picture";

export { bytesAt, convert, forget, halve, reserve, restore, sourceAt, tensorAt } from "./picture";

/** What each channel is multiplied by and what is added, red first: three f32 each. */
const SCALES: usize = 4096;
const SHIFTS: usize = SCALES + 16;
/** Where the constants of a sampling lie. */
const READY: usize = SHIFTS + 16;
/** Weights of two neighbours add up to this. */
const GRAIN: i32 = 16384;

/** Where red goes, and how far away green and blue are: they may lie on either side. */
let red: usize = 0;
let channel: i32 = 0;
/** Bytes from one value of a channel to the next, and from one row of the canvas to the next. */
let step: i32 = 0;
let line: i32 = 0;

/**
 * Says where values go: a canvas of `columns` by `lines` in the tensor, whose channels are planes,
 * or stand together pixel by pixel if `packed`; blue first if `swap`. A value is the sample's level
 * times its channel's scale plus its shift.
 */
export function aim(
  columns: i32,
  lines: i32,
  packed: bool,
  swap: bool,
  redScale: f32,
  greenScale: f32,
  blueScale: f32,
  redShift: f32,
  greenShift: f32,
  blueShift: f32,
): void {
  step = packed ? 12 : 4;
  line = columns * step;
  channel = packed ? 4 : columns * lines * 4;
  red = swap ? tensor + channel * 2 : tensor;
  if (swap) channel = -channel;
  store<f32>(SCALES, redScale);
  store<f32>(SCALES, greenScale, 4);
  store<f32>(SCALES, blueScale, 8);
  store<f32>(SHIFTS, redShift);
  store<f32>(SHIFTS, greenShift, 4);
  store<f32>(SHIFTS, blueShift, 8);
}

/** Fills `columns` by `lines` of the canvas, from (left, top) on, with black. */
export function blacken(left: i32, top: i32, columns: i32, lines: i32): void {
  for (let index = 0; index < 3; index++) {
    const black = load<f32>(SHIFTS + index * 4);
    for (let v = top; v < top + lines; v++) {
      let at = red + index * channel + v * line + left * step;
      for (const end = at + columns * step; at < end; at += step) store<f32>(at, black);
    }
  }
}

/**
 * Samples the picture in use into `columns` by `lines` of the canvas. The sample for (u, v) lies at
 * (x + u * ux + v * vx, y + u * uy + v * vy), held within `edge` pixels outside the picture: 0
 * repeats the edge, 1 is black beyond it. With `also` the samples' levels, rounded, are written as
 * packed RGB bytes beside the tensor.
 */
export function sampleInto(
  columns: i32,
  lines: i32,
  x: f64,
  y: f64,
  ux: f64,
  uy: f64,
  vx: f64,
  vy: f64,
  edge: i32,
  also: bool,
): void {
  const pixels = x == 0 && y == 0 && ux == 1 && uy == 0 && vx == 0 && vy == 1;
  const inside = columns <= width && lines <= height;
  if (also) sample<u8>(columns, lines, x, y, ux, uy, vx, vy, edge);
  else if (pixels && inside && columns >= 4 && step == 4) copy(columns, lines);
  else sample<f32>(columns, lines, x, y, ux, uy, vx, vy, edge);
}

/** `sampleInto`; `Least` is what is written: values, or u8 for values and bytes. */
function sample<Least>(
  columns: i32,
  lines: i32,
  x: f64,
  y: f64,
  ux: f64,
  uy: f64,
  vx: f64,
  vy: f64,
  edge: i32,
): void {
  const base = firstPixel();
  const scales = f32x4.mul(v128.load(SCALES), f32x4.splat(<f32> 1 / <f32> GRAIN));
  const shifts = v128.load(SHIFTS);
  const least = f64x2.splat(<f64> -edge);
  const one = ready(READY, f64x2.splat(1)), grain = ready(READY + 16, f64x2.splat(GRAIN));
  const unit = ready(READY + 32, i32x4.splat(1)), half = ready(READY + 48, f32x4.splat(0.5));
  const most = f64x2.add(pair(width - 1, height - 1), f64x2.splat(edge));
  const start = pair(x, y), right = pair(ux, uy), down = pair(vx, vy);
  let byte = bytes;
  for (let v = 0; v < lines; v++) {
    let to = red + v * line;
    const row = f64x2.add(start, f64x2.mul(f64x2.splat(v), down));
    for (let u = 0; u < columns; u++) {
      const free = f64x2.add(row, f64x2.mul(f64x2.splat(u), right));
      const place = f64x2.pmin(f64x2.pmax(free, least), most);
      // Never below -1, so that cutting off after adding 1 rounds down.
      const cell = i32x4.sub(whole(f64x2.add(place, one)), unit);
      const rest = f64x2.sub(place, f64x2.convert_low_i32x4_s(cell));
      const share = i32x4.extract_lane(whole(f64x2.mul(rest, grain)), 0);
      const weights = i32x4.splat((share << 16) | (GRAIN - share));
      const at = base + i32x4.extract_lane(cell, 1) * pitch + i32x4.extract_lane(cell, 0) * 4;
      const depth = f32x4.splat(<f32> f64x2.extract_lane(rest, 1));
      const value = between(across(at, weights), across(at + pitch, weights), depth);
      const result = f32x4.add(f32x4.mul(value, scales), shifts);
      v128.store32_lane(to, result, 0);
      v128.store32_lane(to + channel, result, 1);
      v128.store32_lane(to + channel * 2, result, 2);
      to += step;
      if (sizeof<Least>() == 1) {
        // The fourth byte is the next pixel's first, and overwritten by it.
        v128.store32_lane(byte, levels(value, half), 0);
        byte += 3;
      }
    }
  }
}

function pair(first: f64, second: f64): v128 {
  return f64x2.replace_lane(f64x2.splat(first), 1, second);
}

function between(above: v128, below: v128, depth: v128): v128 {
  return f32x4.add(above, f32x4.mul(f32x4.sub(below, above), depth));
}

/** Places within a picture cut off to integers: far inside i32, so there is one result. */
function whole(places: v128): v128 {
  return i32x4.relaxed_trunc_f64x2_s_zero(places);
}

/** The channels of two neighbours, weighted: times `GRAIN`. */
function across(at: usize, weights: v128): v128 {
  const two = v128.load8x8_u(at);
  const pairs = v128.shuffle<i16>(two, two, 0, 4, 1, 5, 2, 6, 3, 7);
  return f32x4.convert_i32x4_s(i32x4.dot_i16x8_s(pairs, weights));
}

/** Levels times `GRAIN` to the nearest bytes, halves upwards. */
function levels(value: v128, half: v128): v128 {
  const whole = f32x4.mul(value, f32x4.splat(<f32> 1 / <f32> GRAIN));
  const nearest = i32x4.relaxed_trunc_f32x4_s(f32x4.add(whole, half));
  const words = i16x8.narrow_i32x4_s(nearest, nearest);
  return i8x16.narrow_i16x8_u(words, words);
}

/** `sample` where every sample is a pixel and channels are planes: four pixels at a time. */
function copy(columns: i32, lines: i32): void {
  const base = firstPixel(), low = i32x4.splat(255);
  for (let index = 0; index < 3; index++) {
    const scale = v128.load32_splat(SCALES + index * 4);
    const shift = v128.load32_splat(SHIFTS + index * 4);
    for (let v = 0; v < lines; v++) {
      const from = base + v * pitch, to = red + index * channel + v * line;
      for (let u = 0; u < columns; u += 4) {
        // The last four may overlap the four before: the same values once more.
        const place = min(u, columns - 4) * 4;
        const level = v128.and(i32x4.shr_u(v128.load(from + place), index * 8), low);
        const value = f32x4.mul(f32x4.convert_i32x4_s(level), scale);
        v128.store(to + place, f32x4.add(value, shift));
      }
    }
  }
}
