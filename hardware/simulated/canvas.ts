/**
 * The brush of the simulated cameras: filled polygons with soft edges on packed RGB, drawn row by
 * row, fast enough for several cameras on one shared core.
 */

/** Packed RGB being drawn. */
export interface Canvas {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array;
}

/** Red, green and blue, 0..255. */
export type Colour = readonly [number, number, number];

/** A colour made lighter or darker. */
export function toned(colour: Colour, tone: number): Colour {
  return [colour[0] * tone, colour[1] * tone, colour[2] * tone];
}

/** How a surface takes the light: the factor at a pixel is `base + x * across + y * down`. */
export interface Shade {
  readonly base: number;
  readonly across: number;
  readonly down: number;
}

/** The shade of a surface that faces an even light. */
const evenShade: Shade = { base: 1, across: 0, down: 0 };

/** Samples of a pixel's height: edges are exact along a row and have five levels across rows. */
const sub_rows = 4;

/** Corners that one polygon may have: bounds the scratch space below. */
const corners_most = 64;

const crossings = new Float64Array(corners_most);
let coverage = new Float32Array(0);

/** Fills a polygon, given as x, y, x, y, … in pixels, by the even-odd rule. */
export function fillPolygon(
  canvas: Canvas,
  points: ArrayLike<number>,
  colour: Colour,
  opacity: number,
  shade: Shade = evenShade,
): void {
  const corners = points.length / 2;
  if (corners > corners_most) throw new RangeError(`a polygon has ${corners} corners, at most 64`);
  let top = Infinity, bottom = -Infinity;
  for (let i = 1; i < points.length; i += 2) {
    top = Math.min(top, points[i]!);
    bottom = Math.max(bottom, points[i]!);
  }
  const first = Math.max(0, Math.floor(top));
  const last = Math.min(canvas.height - 1, Math.floor(bottom));
  if (coverage.length < canvas.width + 2) coverage = new Float32Array(canvas.width + 2);
  for (let row = first; row <= last; row++) {
    let low = canvas.width, high = -1;
    for (let sub = 0; sub < sub_rows; sub++) {
      const count = findCrossings(points, row + (sub + 0.5) / sub_rows);
      for (let i = 0; i + 1 < count; i += 2) {
        const from = Math.max(0, crossings[i]!);
        const to = Math.min(canvas.width, crossings[i + 1]!);
        if (to <= from) continue;
        coverSpan(from, to);
        low = Math.min(low, Math.floor(from));
        high = Math.max(high, Math.min(canvas.width - 1, Math.floor(to)));
      }
    }
    if (high >= low) blendRow(canvas, row, low, high, colour, opacity / sub_rows, shade);
  }
}

/** Where the polygon's edges cross a horizontal line, sorted; returns how many. */
function findCrossings(points: ArrayLike<number>, y: number): number {
  let count = 0;
  let x0 = points[points.length - 2]!, y0 = points[points.length - 1]!;
  for (let i = 0; i < points.length; i += 2) {
    const x1 = points[i]!, y1 = points[i + 1]!;
    if ((y0 <= y) !== (y1 <= y)) {
      const x = x0 + (x1 - x0) * (y - y0) / (y1 - y0);
      let at = count++;
      while (at > 0 && crossings[at - 1]! > x) {
        crossings[at] = crossings[at - 1]!;
        at--;
      }
      crossings[at] = x;
    }
    x0 = x1;
    y0 = y1;
  }
  return count;
}

/** Adds one span to the row's coverage as steps, which `blendRow` sums up. */
function coverSpan(from: number, to: number): void {
  const left = Math.floor(from), right = Math.floor(to);
  const cut_left = from - left, cut_right = to - right;
  coverage[left]! += 1 - cut_left;
  coverage[left + 1]! += cut_left;
  coverage[right]! -= 1 - cut_right;
  coverage[right + 1]! -= cut_right;
}

function blendRow(
  canvas: Canvas,
  row: number,
  low: number,
  high: number,
  colour: Colour,
  weight: number,
  shade: Shade,
): void {
  const { rgb, width } = canvas;
  const [red, green, blue] = colour;
  let sum = 0;
  let at = (row * width + low) * 3;
  let lit = shade.base + shade.down * row + shade.across * low;
  for (let x = low; x <= high; x++, at += 3, lit += shade.across) {
    sum += coverage[x]!;
    coverage[x] = 0;
    const alpha = sum * weight;
    if (alpha < 0.004) continue;
    const r = Math.min(255, red * lit), g = Math.min(255, green * lit);
    const b = Math.min(255, blue * lit);
    rgb[at] = rgb[at]! + (r - rgb[at]!) * alpha + 0.5;
    rgb[at + 1] = rgb[at + 1]! + (g - rgb[at + 1]!) * alpha + 0.5;
    rgb[at + 2] = rgb[at + 2]! + (b - rgb[at + 2]!) * alpha + 0.5;
  }
  coverage[high + 1] = 0;
  coverage[high + 2 < coverage.length ? high + 2 : high + 1] = 0;
}

/** Fills an upright rectangle with whole-pixel edges. */
export function fillRectangle(
  canvas: Canvas,
  left: number,
  top: number,
  width: number,
  height: number,
  colour: Colour,
): void {
  const from = Math.max(0, Math.round(left));
  const to = Math.min(canvas.width, Math.round(left + width));
  const until = Math.min(canvas.height, Math.round(top + height));
  for (let row = Math.max(0, Math.round(top)); row < until; row++) {
    for (let x = from, at = (row * canvas.width + from) * 3; x < to; x++, at += 3) {
      canvas.rgb[at] = colour[0];
      canvas.rgb[at + 1] = colour[1];
      canvas.rgb[at + 2] = colour[2];
    }
  }
}
