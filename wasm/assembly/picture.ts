/**
 * The picture that a desk holds: any camera format becomes RGB, and a copy is halved as often as
 * wanted.
 *
 * A picture is 4 bytes a pixel (red, green, blue, 0) with a black border: one pixel before each row
 * and above the first, two after, so that samples at the edges need no case of their own.
 */

const FIRST: usize = 65536;
/** Where the constants of a conversion lie. */
const BLACK: usize = 8192;
const RED: usize = BLACK + 16;
const GREEN: usize = RED + 16;
const LESS: usize = GREEN + 16;
const BLUE: usize = LESS + 16;
const HALF: usize = BLUE + 16;
/** Bytes between parts, so that vectors may run over their ends. */
const SLACK: usize = 64;

let source: usize = 0;
let picture: usize = 0;
let spare: usize = 0;
export let tensor: usize = 0;
export let bytes: usize = 0;
let end: usize = FIRST;
/** Size of the picture that was loaded. */
let wholeWidth: i32 = 0;
let wholeHeight: i32 = 0;
/** Size of the picture in use, and its bytes from one row to the next. */
export let width: i32 = 0;
export let height: i32 = 0;
export let pitch: i32 = 0;
/** Whether the halved picture is the one in use. */
let halved: bool = false;

/**
 * Lays memory out for so many source bytes, picture pixels (with borders) and tensor values; false
 * when memory is refused, and then nothing changed. What was loaded stays when only `values` is
 * another number than before.
 */
export function reserve(sourceBytes: i32, pixels: i32, values: i32): bool {
  const first = (FIRST + sourceBytes + SLACK + 15) & ~15;
  const second = first + <usize> pixels * 4 + SLACK;
  const third = second + <usize> pixels * 4 + SLACK;
  const last = third + <usize> values * 5 + SLACK * 2;
  const pages = <i32> ((last + 65535) >> 16) - memory.size();
  if (pages > 0 && memory.grow(pages) < 0) return false;
  source = FIRST;
  picture = first;
  spare = second;
  tensor = third;
  bytes = third + <usize> values * 4 + SLACK;
  end = last;
  return true;
}

export function sourceAt(): usize {
  return source;
}

export function tensorAt(): usize {
  return tensor;
}

export function bytesAt(): usize {
  return bytes;
}

/** Overwrites everything that was seen. */
export function forget(): void {
  memory.fill(FIRST, 0, end - FIRST);
}

/** Address of a pixel of the picture at `base`, whose rows are `step` bytes apart. */
function pixelAt(base: usize, step: i32, x: i32, y: i32): usize {
  return base + <usize> (y + 1) * step + (x + 1) * 4;
}

/** Blackens what surrounds the pixels of the picture at `base`. */
function frame(base: usize, columns: i32, lines: i32): void {
  const step = (columns + 3) * 4;
  memory.fill(base, 0, step);
  memory.fill(pixelAt(base, step, -1, lines), 0, step * 2);
  for (let y = 0; y < lines; y++) {
    memory.fill(pixelAt(base, step, -1, y), 0, 4);
    memory.fill(pixelAt(base, step, columns, y), 0, 8);
  }
}

/** Formats, as the binding numbers them. */
const YUYV: i32 = 0;
const NV12: i32 = 1;
const GREY: i32 = 2;

/** Address of the first pixel of the picture in use; rows are `pitch` bytes apart. */
export function firstPixel(): usize {
  return pixelAt(halved ? spare : picture, pitch, 0, 0);
}

/** Makes the picture that was loaded the one in use again. */
export function restore(): void {
  width = wholeWidth;
  height = wholeHeight;
  pitch = (width + 3) * 4;
  halved = false;
}

/** Converts the source, whose rows are `stride` bytes apart, into the picture in use. */
export function convert(format: i32, columns: i32, lines: i32, stride: i32): void {
  wholeWidth = columns;
  wholeHeight = lines;
  restore();
  const black = ready(BLACK, i16x8(16, 128, 16, 128, 16, 128, 16, 128));
  const redOf = ready(RED, i16x8(298, 409, 298, 409, 298, 409, 298, 409));
  const greenOf = ready(GREEN, i16x8(298, -208, 298, -208, 298, -208, 298, -208));
  const lessOf = ready(LESS, i16x8(0, -100, 0, -100, 0, -100, 0, -100));
  const blueOf = ready(BLUE, i16x8(298, 516, 298, 516, 298, 516, 298, 516));
  const half = ready(HALF, i32x4.splat(128));
  for (let y = 0; y < lines; y++) {
    const from = source + <usize> y * stride;
    const chroma = source + <usize> (lines + (y >> 1)) * stride;
    const to = pixelAt(picture, pitch, 0, y);
    // Four pixels at a time; what runs over the end of a row is border, blackened below.
    for (let x = 0; x < columns; x += 4) {
      let four: v128;
      if (format == YUYV || format == NV12) {
        const yuyv = format == YUYV ? v128.load8x8_u(from + x * 2) : woven(from + x, chroma + x);
        four = rgb(i16x8.sub(yuyv, black), redOf, greenOf, lessOf, blueOf, half);
      } else if (format == GREY) four = grey(v128.load32_zero(from + x));
      else four = packed(v128.load(from + x * 3));
      v128.store(to + x * 4, four);
    }
  }
  frame(picture, columns, lines);
}

/** Puts a constant into memory and takes it from there, or it would be made anew for each pixel. */
export function ready(at: usize, constant: v128): v128 {
  v128.store(at, constant);
  return v128.load(at);
}

/** Four pixels' luma and the chroma that they share in pairs, in the order of YUYV, as i16. */
function woven(luma: usize, chroma: usize): v128 {
  const y = v128.load32_zero(luma), uv = v128.load32_zero(chroma);
  const bytes = v128.shuffle<i8>(y, uv, 0, 16, 1, 17, 2, 18, 3, 19, 4, 4, 4, 4, 4, 4, 4, 4);
  return i16x8.extend_low_i8x16_u(bytes);
}

/**
 * YUYV as i16, less black, to four RGB pixels: ITU-R BT.601, limited range, coefficients times 256.
 * A dot product of pairs gives luma and one chroma at once, exactly.
 */
function rgb(v: v128, redOf: v128, greenOf: v128, lessOf: v128, blueOf: v128, half: v128): v128 {
  const yu = v128.shuffle<i16>(v, v, 0, 1, 2, 1, 4, 5, 6, 5);
  const yv = v128.shuffle<i16>(v, v, 0, 3, 2, 3, 4, 7, 6, 7);
  const red = i32x4.dot_i16x8_s(yv, redOf), blue = i32x4.dot_i16x8_s(yu, blueOf);
  const green = i32x4.add(i32x4.dot_i16x8_s(yv, greenOf), i32x4.dot_i16x8_s(yu, lessOf));
  const redGreen = i16x8.narrow_i32x4_s(
    i32x4.shr_s(i32x4.add(red, half), 8),
    i32x4.shr_s(i32x4.add(green, half), 8),
  );
  const blueNone = i16x8.narrow_i32x4_s(
    i32x4.shr_s(i32x4.add(blue, half), 8),
    i32x4.splat(0),
  );
  const planes = i8x16.narrow_i16x8_u(redGreen, blueNone);
  return v128.shuffle<i8>(planes, planes, 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
}

function grey(y: v128): v128 {
  return v128.shuffle<i8>(y, y, 0, 0, 0, 4, 1, 1, 1, 4, 2, 2, 2, 4, 3, 3, 3, 4);
}

function packed(bytes: v128): v128 {
  const none = i32x4.splat(0);
  return v128.shuffle<i8>(bytes, none, 0, 1, 2, 16, 3, 4, 5, 16, 6, 7, 8, 16, 9, 10, 11, 16);
}

/**
 * Halves the picture in use, beside the one that was loaded: each pixel is the rounded mean of
 * four. A second halving writes where it reads, always behind what is still to be read.
 */
export function halve(): void {
  const columns = width >> 1, lines = height >> 1;
  const step = (columns + 3) * 4;
  const from = halved ? spare : picture;
  for (let y = 0; y < lines; y++) {
    const upper = pixelAt(from, pitch, 0, 2 * y), lower = upper + pitch;
    const target = pixelAt(spare, step, 0, y);
    for (let x = 0; x < columns; x += 2) {
      const above = v128.load(upper + x * 8), below = v128.load(lower + x * 8);
      const near = pairOf(i16x8.extend_low_i8x16_u(above), i16x8.extend_low_i8x16_u(below));
      const far = pairOf(i16x8.extend_high_i8x16_u(above), i16x8.extend_high_i8x16_u(below));
      const sums = v128.shuffle<i64>(near, far, 0, 2);
      const means = i16x8.shr_u(i16x8.add(sums, i16x8.splat(2)), 2);
      v128.store64_lane(target + x * 4, i8x16.narrow_i16x8_u(means, means), 0);
    }
  }
  frame(spare, columns, lines);
  width = columns;
  height = lines;
  pitch = step;
  halved = true;
}

/** Sums of the two pixels of each row, in the lower half. */
function pairOf(above: v128, below: v128): v128 {
  const both = i16x8.add(above, below);
  return i16x8.add(both, v128.shuffle<i64>(both, both, 1, 1));
}
