/**
 * A picture on its way to a network: sampled bilinearly under a linear map straight into the
 * network's tensor. Shrinking and the aligned crop are the same loop.
 */
import { firstPixel, height, pitch, tensor, width } from "./picture";

export { convert, forget, halve, reserve, sourceAt, tensorAt } from "./picture";

/**
 * Samples the picture in use into `columns` by `lines` values of each of three planes of the
 * tensor, whose rows are `canvas` and whose planes `plane` values apart. The sample for (u, v) lies
 * at (x + u * ux + v * vx, y + u * uy + v * vy), held within `edge` pixels outside the picture: 0
 * repeats the edge, 1 is black beyond it. A value is sample * scale + shift, by channel. `swap`
 * puts blue first.
 */
function sample(
  columns: i32,
  lines: i32,
  canvas: i32,
  plane: i32,
  x: f64,
  y: f64,
  ux: f64,
  uy: f64,
  vx: f64,
  vy: f64,
  edge: i32,
  swap: i32,
  scales: v128,
  shifts: v128,
): void {
  const base = firstPixel();
  const first = planeOf(0, plane, swap), second = planeOf(1, plane, swap);
  const third = planeOf(2, plane, swap);
  const least = f64x2.splat(<f64> -edge), one = f64x2.splat(1), grain = f64x2.splat(16384);
  const most = f64x2.replace_lane(
    f64x2.splat(<f64> (width - 1 + edge)),
    1,
    <f64> (height - 1 + edge),
  );
  const start = f64x2.replace_lane(f64x2.splat(x), 1, y);
  const right = f64x2.replace_lane(f64x2.splat(ux), 1, uy);
  const down = f64x2.replace_lane(f64x2.splat(vx), 1, vy);
  for (let v = 0; v < lines; v++) {
    let out = <usize> v * canvas * 4;
    const line = f64x2.add(start, f64x2.mul(f64x2.splat(<f64> v), down));
    for (let u = 0; u < columns; u++) {
      const free = f64x2.add(line, f64x2.mul(f64x2.splat(<f64> u), right));
      const place = f64x2.pmin(f64x2.pmax(free, least), most);
      // Never below -1, so that cutting off after adding 1 rounds down.
      const cell = i32x4.sub(whole(f64x2.add(place, one)), i32x4.splat(1));
      const rest = f64x2.sub(place, f64x2.convert_low_i32x4_s(cell));
      const share = i32x4.extract_lane(whole(f64x2.mul(rest, grain)), 0);
      const weights = i32x4.splat((share << 16) | (16384 - share));
      const at = base + i32x4.extract_lane(cell, 1) * pitch + i32x4.extract_lane(cell, 0) * 4;
      const depth = f32x4.splat(<f32> f64x2.extract_lane(rest, 1));
      const value = between(across(at, weights), across(at + pitch, weights), depth);
      const result = f32x4.add(f32x4.mul(value, scales), shifts);
      v128.store32_lane(first + out, result, 0);
      v128.store32_lane(second + out, result, 1);
      v128.store32_lane(third + out, result, 2);
      out += 4;
    }
  }
}

/** Address of the plane of a channel: red, green, blue, or the other way about. */
function planeOf(channel: i32, plane: i32, swap: i32): usize {
  return tensor + <usize> (swap != 0 ? 2 - channel : channel) * plane * 4;
}

function between(above: v128, below: v128, depth: v128): v128 {
  return f32x4.add(above, f32x4.mul(f32x4.sub(below, above), depth));
}

/** Places within a picture cut off to integers: far inside i32, so there is one result. */
function whole(places: v128): v128 {
  return i32x4.relaxed_trunc_f64x2_s_zero(places);
}

/** `sample` where every sample is a pixel: four of them at a time. */
function spread(
  columns: i32,
  lines: i32,
  canvas: i32,
  plane: i32,
  swap: i32,
  scales: v128,
  shifts: v128,
): void {
  const base = firstPixel();
  const first = planeOf(0, plane, swap), second = planeOf(1, plane, swap);
  const third = planeOf(2, plane, swap);
  const low = i32x4.splat(255), grain = f32x4.splat(16384);
  const red = f32x4.mul(f32x4.splat(f32x4.extract_lane(scales, 0)), grain);
  const green = f32x4.mul(f32x4.splat(f32x4.extract_lane(scales, 1)), grain);
  const blue = f32x4.mul(f32x4.splat(f32x4.extract_lane(scales, 2)), grain);
  const redShift = f32x4.splat(f32x4.extract_lane(shifts, 0));
  const greenShift = f32x4.splat(f32x4.extract_lane(shifts, 1));
  const blueShift = f32x4.splat(f32x4.extract_lane(shifts, 2));
  for (let v = 0; v < lines; v++) {
    const from = base + <usize> v * pitch, to = <usize> v * canvas * 4;
    for (let u = 0; u < columns; u += 4) {
      // The last four may overlap the four before: the same values once more.
      const place = <usize> min(u, columns - 4) * 4;
      const four = v128.load(from + place);
      v128.store(first + to + place, placed(v128.and(four, low), red, redShift));
      v128.store(
        second + to + place,
        placed(v128.and(i32x4.shr_u(four, 8), low), green, greenShift),
      );
      v128.store(third + to + place, placed(i32x4.shr_u(four, 16), blue, blueShift));
    }
  }
}

function placed(values: v128, scale: v128, shift: v128): v128 {
  return f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(values), scale), shift);
}

/** The channels of two neighbours, weighted: times 16 384. */
function across(at: usize, weights: v128): v128 {
  const two = v128.load8x8_u(at);
  const pairs = v128.shuffle<i16>(two, two, 0, 4, 1, 5, 2, 6, 3, 7);
  return f32x4.convert_i32x4_s(i32x4.dot_i16x8_s(pairs, weights));
}

/** `sample` as the binding calls it: scale and shift by channel, in the order of RGB. */
export function sampleInto(
  columns: i32,
  lines: i32,
  canvas: i32,
  plane: i32,
  x: f64,
  y: f64,
  ux: f64,
  uy: f64,
  vx: f64,
  vy: f64,
  edge: i32,
  swap: i32,
  redScale: f32,
  greenScale: f32,
  blueScale: f32,
  redShift: f32,
  greenShift: f32,
  blueShift: f32,
): void {
  let scales = f32x4.splat(redScale / 16384), shifts = f32x4.splat(redShift);
  scales = f32x4.replace_lane(
    f32x4.replace_lane(scales, 1, greenScale / 16384),
    2,
    blueScale / 16384,
  );
  shifts = f32x4.replace_lane(f32x4.replace_lane(shifts, 1, greenShift), 2, blueShift);
  const pixels = x == 0 && y == 0 && ux == 1 && uy == 0 && vx == 0 && vy == 1;
  if (pixels && columns >= 4 && columns <= width && lines <= height) {
    spread(columns, lines, canvas, plane, swap, scales, shifts);
  } else {
    sample(columns, lines, canvas, plane, x, y, ux, uy, vx, vy, edge, swap, scales, shifts);
  }
}

/** Fills one plane of the tensor: what a smaller picture leaves of its canvas. */
export function fillPlane(index: i32, plane: i32, value: f32): void {
  let at = tensor + <usize> index * plane * 4;
  for (const last = at + <usize> plane * 4; at < last; at += 4) store<f32>(at, value);
}
