/**
 * Does what is beside this face move along with it? A till's camera stands still, and so does what
 * is left and right of a living head, whatever the head does. A print or a screen in somebody's
 * hands carries its own surroundings: both sides of the face move at once, in the same way, and the
 * face with them. Others in a shop move as well, but neither with each other nor with the face.
 */
import type { Point } from "./align.ts";
import type { Box } from "./detect.ts";

/** A small grey picture of all that a camera sees. */
export interface Surroundings {
  readonly width: number;
  readonly height: number;
  /** Grey levels by rows. */
  readonly grey: Uint8Array<ArrayBuffer>;
  /** By what places in the camera's picture are multiplied to be places in this one. */
  readonly scale: number;
}

/** Where beside a face is looked, in widths of the face from its middle; hair ends before. */
const NEAR = 0.7, FAR = 1.3, ABOVE = 0.7, BELOW = 0.45;
/** A face that has left its place so far, in its own width, is looked at from its new one. */
const LEFT_PLACE = 0.3;
/** Steps that are remembered. */
const WINDOW = 36;
/** Grey levels a pixel, squared: what a sensor's noise looks like where there is no pattern. */
const NOISE = 6;

interface Patch {
  readonly left: number;
  readonly top: number;
  readonly columns: number;
  readonly rows: number;
  readonly grey: Uint8Array;
}

interface Step {
  readonly x: number;
  readonly y: number;
}

/** How far each has moved since the frame before, in widths of the face. */
type Steps = readonly [left: Step, right: Step, face: Step];

export class Carried {
  #anchor: Box | undefined;
  #before: readonly Patch[] = [];
  #face: Point | undefined;
  #steps: Steps[] = [];

  /** Takes a frame in; `face` is where the face itself is, as exactly as is known. */
  see(box: Box, seen: Surroundings, face: Point = middleOf(box)): void {
    const anchor = this.#anchor;
    const stays = anchor !== undefined &&
      Math.hypot(middleOf(box).x - middleOf(anchor).x, middleOf(box).y - middleOf(anchor).y) <
        LEFT_PLACE * anchor.width &&
      Math.abs(Math.log(box.width / anchor.width)) < LEFT_PLACE;
    if (!stays) this.#anchor = box;
    const patches = [-1, 1].map((side) => patchOf(this.#anchor!, side, seen));
    const [a, b] = stays ? patches.map((patch, i) => stepOf(this.#before[i], patch)) : [];
    for (const { grey } of this.#before) grey.fill(0);
    this.#before = patches.filter((patch) => patch !== undefined).length === 2
      ? patches as Patch[]
      : [];
    const from = this.#face;
    this.#face = face;
    if (a === undefined || b === undefined || from === undefined) return;
    const { width } = this.#anchor!;
    const own = { x: (face.x - from.x) / width, y: (face.y - from.y) / width };
    const small = width * seen.scale;
    this.#steps.push([shared(a, small), shared(b, small), own]);
    if (this.#steps.length > WINDOW) this.#steps.shift();
  }

  /** Steps that could be compared. */
  get steps(): number {
    return this.#steps.length;
  }

  /** How far both sides move at once from frame to frame, in widths of the face: root of the mean
   * product of their steps, which is nothing where they move each by itself. */
  get together(): number {
    return Math.sqrt(Math.max(0, this.#product(0, 1) / Math.max(1, this.#steps.length)));
  }

  /** How alike left side, right side and face move, however far: the sum of the correlations of
   * each two of them. 3 where all are one thing, about 0 where each moves by itself. */
  get alike(): number {
    const pairs = [[0, 1], [0, 2], [1, 2]] as const;
    return pairs.reduce((sum, [one, other]) => {
      const far = Math.sqrt(this.#product(one, one) * this.#product(other, other));
      return far === 0 ? sum : sum + this.#product(one, other) / far;
    }, 0);
  }

  #product(one: 0 | 1 | 2, other: 0 | 1 | 2): number {
    return this.#steps.reduce((sum, step) => {
      const a = step[one], b = step[other];
      return sum + a.x * b.x + a.y * b.y;
    }, 0);
  }

  /** Overwrites what was kept of the picture. */
  clear(): void {
    for (const { grey } of this.#before) grey.fill(0);
    this.#before = [];
    this.#anchor = undefined;
    this.#face = undefined;
    this.#steps = [];
  }
}

function shared({ x, y }: Step, width: number): Step {
  return { x: x / width, y: y / width };
}

function middleOf({ x, y, width, height }: Box): { x: number; y: number } {
  return { x: x + width / 2, y: y + height / 2 };
}

/** What is beside a face; undefined where too little of it is in the picture. */
function patchOf(box: Box, side: number, seen: Surroundings): Patch | undefined {
  const { x, y } = middleOf(box);
  const across = [x + side * NEAR * box.width, x + side * FAR * box.width].sort((a, b) => a - b);
  const whole = (value: number, most: number) =>
    Math.max(0, Math.min(most, Math.round(value * seen.scale)));
  const left = whole(across[0]!, seen.width), right = whole(across[1]!, seen.width);
  const top = whole(y - ABOVE * box.width, seen.height);
  const bottom = whole(y + BELOW * box.width, seen.height);
  const columns = right - left, rows = bottom - top;
  if (columns < 8 || rows < 8) return undefined;
  const grey = new Uint8Array(columns * rows);
  for (let row = 0; row < rows; row++) {
    const from = (top + row) * seen.width + left;
    grey.set(seen.grey.subarray(from, from + columns), row * columns);
  }
  return { left, top, columns, rows, grey };
}

/**
 * By how much the pattern of a patch has moved, in its pixels (Lucas and Kanade 1981, one step).
 * Where there is no pattern it has not moved.
 */
function stepOf(before: Patch | undefined, now: Patch | undefined): Step | undefined {
  if (before === undefined || now === undefined || before.grey.length !== now.grey.length) {
    return undefined;
  }
  const { columns, rows } = now;
  const a = before.grey, b = now.grey;
  let shift = 0;
  for (let i = 0; i < a.length; i++) shift += (b[i]! - a[i]!) / a.length;
  let xx = 0, xy = 0, yy = 0, xt = 0, yt = 0, count = 0;
  for (let row = 1; row < rows - 1; row++) {
    for (let column = 1; column < columns - 1; column++) {
      const i = row * columns + column;
      const gx = (a[i + 1]! - a[i - 1]! + b[i + 1]! - b[i - 1]!) / 4;
      const gy = (a[i + columns]! - a[i - columns]! + b[i + columns]! - b[i - columns]!) / 4;
      const t = a[i]! - b[i]! + shift;
      xx += gx * gx;
      xy += gx * gy;
      yy += gy * gy;
      xt += gx * t;
      yt += gy * t;
      count++;
    }
  }
  xx += NOISE * count;
  yy += NOISE * count;
  const determinant = xx * yy - xy * xy;
  return { x: (yy * xt - xy * yt) / determinant, y: (xx * yt - xy * xt) / determinant };
}
