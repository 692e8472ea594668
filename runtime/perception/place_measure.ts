/**
 * Where do people stand who pay here? Somebody stands at the place for some frames, and the medians
 * of where their face was say what the lane's pay position is.
 */
import type { Face } from "./detect.ts";
import type { PayPosition } from "./pay_position.ts";
import { poseOf } from "./quality.ts";

/** A median, and the median distance from it. */
export interface Middle {
  readonly median: number;
  readonly spread: number;
}

/** What was seen of whoever stood there; lengths are shares of the picture's width or height. */
export interface PlaceMeasure {
  /** Frames with exactly one face that is near enough to be whoever stands there. */
  readonly frames: number;
  /** Frames without a face, and with several of nearly one size. */
  readonly empty: number;
  readonly crowded: number;
  readonly x: Middle;
  readonly y: Middle;
  readonly width: Middle;
  /** See `Pose`. */
  readonly turn: Middle;
  readonly tilt_degrees: Middle;
  readonly place: PayPosition;
}

/** Frames below which a median says little. */
const LEAST_FRAMES = 12;
/** Somebody else this much as large as the largest makes a frame tell nothing. */
const RIVAL = 0.6;
/** People differ in height and lean on the till: so many face widths about the middle. */
const REACH_FACES = 0.75;
/** Whoever stands a third farther away is the next in the queue. */
const FARTHER = 1.33;
/** A place that is held no better than this was not stood at. */
const MOST_SPREAD = 0.08, MOST_TURN = 0.4;

export class PlaceGauge {
  readonly #seen: Record<"x" | "y" | "width" | "turn" | "tilt_degrees", number>[] = [];
  #empty = 0;
  #crowded = 0;

  /** Takes one frame's faces in. */
  see(faces: readonly Face[], picture: { readonly width: number; readonly height: number }): void {
    const [largest, second] = [...faces].sort((a, b) => b.box.width - a.box.width);
    if (largest === undefined) return void this.#empty++;
    if (second !== undefined && second.box.width > RIVAL * largest.box.width) {
      return void this.#crowded++;
    }
    const { x, y, width, height } = largest.box;
    this.#seen.push({
      x: (x + width / 2) / picture.width,
      y: (y + height / 2) / picture.height,
      width: width / picture.width,
      ...poseOf(largest.landmarks),
    });
  }

  /** Throws `RangeError`, one line that says what to do, where the frames tell no place. */
  measure(): PlaceMeasure {
    const frames = this.#seen.length;
    if (frames < LEAST_FRAMES) {
      throw new RangeError(
        `one face alone was seen in ${frames} frames, in ${this.#empty} none and in ` +
          `${this.#crowded} several; let one person stand there for ${LEAST_FRAMES} frames or more`,
      );
    }
    const [x, y, width, turn, tilt_degrees] = (["x", "y", "width", "turn", "tilt_degrees"] as const)
      .map((name) => middleOf(this.#seen.map((one) => one[name])));
    if (x!.spread > MOST_SPREAD || y!.spread > MOST_SPREAD || Math.abs(turn!.median) > MOST_TURN) {
      throw new RangeError(
        `whoever stood there moved by ${percent(x!.spread)} of the picture or looked away ` +
          `(turn ${turn!.median.toFixed(2)}); let one person stand still and face the camera`,
      );
    }
    const place = {
      x: rounded(x!.median),
      y: rounded(y!.median),
      reach: rounded(Math.min(1, REACH_FACES * width!.median + 3 * Math.max(x!.spread, y!.spread))),
      least_face: rounded(width!.median / FARTHER),
      beside: 0.85,
    };
    const found = { frames, empty: this.#empty, crowded: this.#crowded };
    return {
      ...found,
      x: x!,
      y: y!,
      width: width!,
      turn: turn!,
      tilt_degrees: tilt_degrees!,
      place,
    };
  }
}

function middleOf(values: readonly number[]): Middle {
  const median = medianOf(values);
  return { median, spread: medianOf(values.map((value) => Math.abs(value - median))) };
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[upper]! : (sorted[upper - 1]! + sorted[upper]!) / 2;
}

const rounded = (value: number) => Math.round(value * 1000) / 1000;
const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
