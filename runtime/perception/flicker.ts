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
const LEAST_FRAMES = 8;
/** Below this grey level a camera's own black tells more than light does. */
const DARKEST = 8;

/** Brightness of rows against the shop's at the same rows, as a logarithm: left and right. */
type Rows = readonly [Float64Array, Float64Array];

/** The bands beside one face, over its latest frames. */
export class Flicker {
  #anchor: Box | undefined;
  #frames: Rows[] = [];
  /** What the places before have shown: the strongest bands, and the most frames. */
  #before = { frames: 0, bands: 0 };

  /** Takes a frame in. */
  see(box: Box, seen: Surroundings): void {
    const anchor = this.#anchor;
    const stays = anchor !== undefined && this.#frames.length > 0 &&
      Math.hypot(middle(box.x, box.width, anchor), middle(box.y, box.height, anchor, "y")) <
        LEFT_PLACE * anchor.width &&
      Math.abs(Math.log(box.width / anchor.width)) < LEFT_PLACE;
    if (!stays) {
      this.#before = { frames: this.frames, bands: this.bands };
      this.#anchor = box;
      this.#frames = [];
    }
    const rows = rowsOf(this.#anchor!, seen);
    if (rows === undefined) return;
    this.#frames.push(rows);
    if (this.#frames.length > WINDOW) this.#frames.shift();
  }

  /** Frames that could be compared, in the place where the face stayed longest. */
  get frames(): number {
    return Math.max(this.#before.frames, this.#frames.length);
  }

  /**
   * How strong the bands are that both sides show at once: root of the mean product of what their
   * rows stray from their means over time, as a share of their brightness. What moves on one side
   * only, and noise, has no part in it.
   */
  get bands(): number {
    const count = this.#frames.length;
    if (count < LEAST_FRAMES) return this.#before.bands;
    const [{ length }] = this.#frames[0]!;
    let sum = 0;
    for (let row = 0; row < length; row++) {
      let left = 0, right = 0, both = 0;
      for (const [a, b] of this.#frames) {
        left += a[row]!;
        right += b[row]!;
        both += a[row]! * b[row]!;
      }
      sum += (both - left * right / count) / (count - 1);
    }
    return Math.max(this.#before.bands, Math.sqrt(Math.max(0, sum / length)));
  }

  clear(): void {
    this.#anchor = undefined;
    this.#before = { frames: 0, bands: 0 };
    this.#frames = [];
  }
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
