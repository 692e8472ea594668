/**
 * From samples of a plate to changes: hands press, springs swing, drift creeps; what counts is the
 * difference between two levels at rest.
 */
import type { Beliefs } from "./beliefs.ts";
import { Moments } from "./moments.ts";

/** A plate moved between two times at rest: something was taken or put, or, where the weight is
 * the same, both at once, or nothing at all. */
export interface Change {
  readonly plate: string;
  readonly began_ms: number;
  readonly settled_ms: number;
  /** Its level at rest before. */
  readonly level_g: number;
  /** Negative when the plate became lighter. Told better while the plate rests on. */
  readonly delta_g: number;
  /** Deviation of that. */
  readonly deviation_g: number;
  /** What it weighed as it went. */
  readonly course: readonly Sample[];
}

export interface Sample {
  readonly at_ms: number;
  readonly weight_g: number;
}

interface Resting extends Sample {
  /** Where it would come to rest if it only swung. */
  readonly rests_at_g: number;
}

/** Share of a new sample in the level of a plate at rest: follows drift, not a hand. */
const follow = 0.05;
/** Samples kept of a plate that moves: at sixty a second, a restless plate's longest. */
const most_samples = 1_024;
/** What still swings when a plate seems to rest has died away after so long; what it weighs from
 * then on, for so long, is what it weighs. */
const dead_ms = 1_000, rests_on_ms = 8_000;
/** Samples come so late at the most; a clock that is set back by no more is unheard for as long. */
const late_ms = 3_000;
/** Where a plate comes to rest is thought of from samples so far apart. */
const apart_ms = 90;

/** A change, with the mean of what the plate weighed since. */
interface Settling {
  readonly change: { -readonly [Name in keyof Change]: Change[Name] };
  sum_g: number;
  samples: number;
}

/** One plate's scale. */
export class Scale {
  /** When a camera counted what lies there. */
  readonly counts = new Moments();
  #level: number | undefined;
  #course: Sample[] = [];
  #resting: Resting[] = [];
  #began_ms = 0;
  #settling: Settling | undefined;
  #last_ms = -Infinity;
  readonly #told = new Moments();

  constructor(readonly plate: string, readonly beliefs: Beliefs) {}

  /** True while something moves on it. */
  get moves(): boolean {
    return this.#course.length > 0;
  }

  /** What it weighs at rest, creeping with drift; undefined before its first sample. */
  get level_g(): number | undefined {
    return this.#level;
  }

  /** When the movement began that has not come to rest. */
  get began_ms(): number {
    return this.#began_ms;
  }

  /** Takes a sample, in order of time; a change when the plate has come to rest at a new level.
   * One from before the last is late, or told again, and says nothing; or it is by a clock that was
   * set back: what moves goes on in its time. */
  take(at_ms: number, weight_g: number): Change | undefined {
    const back_ms = this.#last_ms - at_ms;
    if (back_ms > 0) {
      if (back_ms <= late_ms || this.#told.has(at_ms)) return;
      this.#setBack(back_ms);
    }
    this.#last_ms = at_ms;
    this.#told.add(at_ms);
    if (this.#level === undefined) {
      this.#level = weight_g;
      return;
    }
    if (this.#course.length === 0) {
      const off = weight_g - this.#level;
      if (Math.abs(off) < this.beliefs.trigger_g) {
        this.#level += follow * off;
        this.#restsOn(at_ms, weight_g);
        return;
      }
      this.#settling = undefined;
      this.#began_ms = at_ms;
    }
    if (this.#course.length < most_samples) this.#course.push({ at_ms, weight_g });
    const last = this.#resting.at(-1) ?? { at_ms: at_ms - 1_000, weight_g: this.#level };
    if (at_ms - last.at_ms < apart_ms) return;
    const left = Math.exp((last.at_ms - at_ms) / this.beliefs.settling_ms);
    const rests_at_g = (weight_g - left * last.weight_g) / (1 - left);
    this.#resting.push({ at_ms, weight_g, rests_at_g });
    return this.#rest(at_ms);
  }

  #setBack(by_ms: number): void {
    const earlier = <T extends Sample>(sample: T) => ({ ...sample, at_ms: sample.at_ms - by_ms });
    this.#course = this.#course.map(earlier);
    this.#resting = this.#resting.map(earlier);
    this.#began_ms -= by_ms;
    this.#settling = undefined;
  }

  #rest(at_ms: number): Change | undefined {
    const { calm_ms, calm_g, restless_ms } = this.beliefs;
    const from = this.#resting.findIndex((sample) => sample.at_ms >= at_ms - calm_ms);
    // At least two, however seldom a plate reports.
    const window = this.#resting.slice(Math.max(1, Math.min(from, this.#resting.length - 2)));
    const levels = window.map(({ rests_at_g }) => rests_at_g);
    const spread = Math.max(...levels) - Math.min(...levels);
    const { weight_g, rests_at_g } = this.#resting.at(-1)!;
    // What still swings far may only seem to come to rest: a hand presses. It would also be taken
    // for the next movement.
    const calm = at_ms - this.#began_ms >= calm_ms && levels.length > 1 &&
      spread <= 2 * calm_g && Math.abs(weight_g - rests_at_g) <= 2 * calm_g;
    if (!calm && at_ms - this.#began_ms < restless_ms) return;
    // The latest are the least disturbed by what swings.
    const late = levels.slice(-Math.ceil(levels.length / 2));
    const level = late.reduce((sum, weight) => sum + weight, 0) / late.length;
    const level_g = this.#level!;
    const course = this.#course;
    this.#level = level;
    this.#course = [];
    this.#resting = [];
    const change = {
      plate: this.plate,
      began_ms: this.#began_ms,
      settled_ms: at_ms,
      level_g,
      delta_g: level - level_g,
      deviation_g: this.beliefs.scale_deviation_g,
      course,
    };
    this.#settling = { change, sum_g: 0, samples: 0 };
    return change;
  }

  #restsOn(at_ms: number, weight_g: number): void {
    const settling = this.#settling;
    if (settling === undefined) return;
    const since_ms = at_ms - settling.change.settled_ms;
    if (since_ms > rests_on_ms) this.#settling = undefined;
    else if (since_ms > dead_ms) {
      settling.sum_g += weight_g;
      settling.samples++;
      settling.change.delta_g = settling.sum_g / settling.samples - settling.change.level_g;
    }
  }
}
