/**
 * Do bands of light wander beside this face, and nowhere else? A screen is lit anew many times a
 * second while a camera reads its rows one after the other, and both beat into bands that move
 * over the screen. What stands around it has no part in them; a shop's lamps put theirs on all.
 */
import type { Surroundings } from "./carried.ts";
import type { Box } from "./detect.ts";

/** Where beside a face is looked, in widths of the face from its middle; beyond is the shop. */
const NEAR = 0.7, FAR = 1.25, ABOVE = 0.8, BELOW = 0.5;
/** Columns of the small picture below which a side is too narrow to be judged. */
const LEAST_COLUMNS = 5;
/** A face that has left its place so far, in its own width, is looked at from its new one. */
const LEFT_PLACE = 0.3;
/** Frames that are remembered. */
const WINDOW = 30;
/** Frames in one place that tell of bands. */
const LEAST_FRAMES = 10;
/** Below this grey level a camera's own black tells more than light does. */
const DARKEST = 8;

/** What a face's surroundings show. */
export interface Bands {
  /** Frames that could be compared, in the place where the face stayed longest. */
  readonly frames: number;
  /** How strong bands are that both sides show at once, as a share of their brightness. */
  readonly strength: number;
  /** How alike the rows of both sides change, -1 to 1: the median over time, so that whoever walks
   * past counts for no more than a moment. */
  readonly accord: number;
}

const none: Bands = { frames: 0, strength: 0, accord: 0 };

/** Brightness of rows against the shop's at the same rows, as a logarithm: left and right. */
type Rows = readonly [Float64Array, Float64Array];

/** The bands beside one face, over its latest frames. */
export class Flicker {
  #anchor: Box | undefined;
  #frames: Rows[] = [];
  /** What the places before have shown. */
  #before: Bands = none;

  /** Takes a frame in. */
  see(box: Box, seen: Surroundings): void {
    const anchor = this.#anchor;
    const stays = anchor !== undefined && this.#frames.length > 0 &&
      Math.hypot(middle(box.x, box.width, anchor), middle(box.y, box.height, anchor, "y")) <
        LEFT_PLACE * anchor.width &&
      Math.abs(Math.log(box.width / anchor.width)) < LEFT_PLACE;
    if (!stays) {
      this.#before = this.bands;
      this.#anchor = box;
      this.#frames = [];
    }
    const rows = rowsOf(this.#anchor!, seen);
    if (rows === undefined) return;
    this.#frames.push(rows);
    if (this.#frames.length > WINDOW) this.#frames.shift();
  }

  /** Those of the place where they were plainest. */
  get bands(): Bands {
    const before = this.#before;
    const frames = Math.max(before.frames, this.#frames.length);
    if (this.#frames.length < LEAST_FRAMES) return { ...before, frames };
    const steps = this.#frames.slice(1).map((rows, i) => stepOf(this.#frames[i]!, rows));
    const accord = median(steps.map((step) => step.accord));
    if (accord < before.accord) return { ...before, frames };
    const shared = median(steps.map((step) => step.shared));
    return { frames, accord, strength: Math.sqrt(Math.max(0, shared / 2)) };
  }

  clear(): void {
    this.#anchor = undefined;
    this.#before = none;
    this.#frames = [];
  }
}

/**
 * How both sides change from one frame to the next, each against the shop beyond it: the mean
 * product of what their rows do at once, and how alike they do it, row by row. People who move are
 * somewhere on one side; a band is on both at the same height, in each pair of frames.
 */
function stepOf([left, right]: Rows, [left_now, right_now]: Rows) {
  let both = 0, a_square = 0, b_square = 0;
  for (let row = 0; row < left.length; row++) {
    const a = left_now[row]! - left[row]!, b = right_now[row]! - right[row]!;
    both += a * b;
    a_square += a * a;
    b_square += b * b;
  }
  const far = Math.sqrt(a_square * b_square);
  return { shared: both / left.length, accord: far === 0 ? 0 : both / far };
}

function median(values: number[]): number {
  values.sort((a, b) => a - b);
  return values[values.length >> 1]!;
}

function middle(at: number, extent: number, anchor: Box, axis: "x" | "y" = "x"): number {
  const other = axis === "x" ? anchor.width : anchor.height;
  return at + extent / 2 - anchor[axis] - other / 2;
}

/** Undefined where either side, or the shop beyond it, is not in the picture. */
function rowsOf(box: Box, seen: Surroundings): Rows | undefined {
  const { scale, width, height } = seen;
  const whole = (value: number, most: number) =>
    Math.max(0, Math.min(most, Math.round(value * scale)));
  const x = box.x + box.width / 2, y = box.y + box.height / 2;
  const rows = [
    whole(y - ABOVE * box.width, height),
    whole(y + BELOW * box.width, height),
  ] as const;
  const edge = (side: number, reach: number) => whole(x + side * reach * box.width, width);
  const left = against(seen, rows, [edge(-1, FAR), edge(-1, NEAR)], [0, edge(-1, FAR)]);
  const right = against(seen, rows, [edge(1, NEAR), edge(1, FAR)], [edge(1, FAR), width]);
  return left === undefined || right === undefined ? undefined : [left, right];
}

type Span = readonly [from: number, to: number];

function against(seen: Surroundings, rows: Span, near: Span, far: Span): Float64Array | undefined {
  if (near[1] - near[0] < LEAST_COLUMNS || far[1] - far[0] < LEAST_COLUMNS) return undefined;
  if (rows[1] - rows[0] < LEAST_COLUMNS) return undefined;
  return Float64Array.from({ length: rows[1] - rows[0] }, (_, i) => {
    const row = rows[0] + i;
    return Math.log(meanOf(seen, row, near) / meanOf(seen, row, far));
  });
}

function meanOf({ grey, width }: Surroundings, row: number, [from, to]: Span): number {
  let sum = 0;
  for (let column = from; column < to; column++) sum += grey[row * width + column]!;
  return Math.max(DARKEST, sum / (to - from));
}
