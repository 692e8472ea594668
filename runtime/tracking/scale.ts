/**
 * From samples of a plate to changes: hands press, springs swing, drift creeps; what counts is the
 * difference between two levels at rest.
 */
import type { Beliefs } from "./beliefs.ts";

/** A plate moved between two times at rest: something was taken or put, or, where the weight is
 * the same, both at once, or nothing at all. */
export interface Change {
  readonly plate: string;
  readonly began_ms: number;
  readonly settled_ms: number;
  /** Negative when the plate became lighter. */
  readonly delta_g: number;
  /** Deviation of that. */
  readonly deviation_g: number;
  /** Where the plate would have come to rest, as it went. */
  readonly course: readonly Sample[];
}

export interface Sample {
  readonly at_ms: number;
  readonly weight_g: number;
  /** Where it would come to rest if it only swung. */
  readonly rests_at_g: number;
}

/** Share of a new sample in the level of a plate at rest: follows drift, not a hand. */
const follow = 0.05;
/** Samples kept of a plate that moves: at ten a second, a restless plate's longest. */
const most_samples = 256;

/** One plate's scale. */
export class Scale {
  #level: number | undefined;
  #moving: Sample[] = [];
  #began_ms = 0;

  constructor(readonly plate: string, readonly beliefs: Beliefs) {}

  /** True while something moves on it. */
  get moves(): boolean {
    return this.#moving.length > 0;
  }

  /** When the movement began that has not come to rest. */
  get began_ms(): number {
    return this.#began_ms;
  }

  /** Takes a sample, in order of time; a change when the plate has come to rest at a new level. */
  take(at_ms: number, weight_g: number): Change | undefined {
    if (this.#level === undefined) {
      this.#level = weight_g;
      return;
    }
    if (this.#moving.length === 0) {
      const off = weight_g - this.#level;
      if (Math.abs(off) < this.beliefs.trigger_g) {
        this.#level += follow * off;
        return;
      }
      this.#began_ms = at_ms;
    }
    const last = this.#moving.at(-1) ?? { at_ms: at_ms - 1_000, weight_g: this.#level };
    const left = Math.exp((last.at_ms - at_ms) / this.beliefs.settling_ms);
    const rests_at_g = (weight_g - left * last.weight_g) / (1 - left);
    this.#moving.push({ at_ms, weight_g, rests_at_g });
    if (this.#moving.length > most_samples) this.#moving.shift();
    return this.#rest(at_ms);
  }

  #rest(at_ms: number): Change | undefined {
    const { calm_ms, calm_g, restless_ms } = this.beliefs;
    const from = this.#moving.findIndex((sample) => sample.at_ms >= at_ms - calm_ms);
    // At least two, however seldom a plate reports.
    const window = this.#moving.slice(Math.max(1, Math.min(from, this.#moving.length - 2)));
    const levels = window.map(({ rests_at_g }) => rests_at_g);
    const spread = Math.max(...levels) - Math.min(...levels);
    const calm = at_ms - this.#moving[0]!.at_ms >= calm_ms && levels.length > 1 &&
      spread <= 2 * calm_g;
    if (!calm && at_ms - this.#began_ms < restless_ms) return;
    // The latest are the least disturbed by what swings.
    const late = levels.slice(-Math.ceil(levels.length / 2));
    const level = late.reduce((sum, weight) => sum + weight, 0) / late.length;
    const delta_g = level - this.#level!;
    const course = this.#moving;
    this.#level = level;
    this.#moving = [];
    const deviation_g = this.beliefs.scale_deviation_g;
    const [plate, began_ms] = [this.plate, this.#began_ms];
    return { plate, began_ms, settled_ms: at_ms, delta_g, deviation_g, course };
  }
}

/** Hands closer than this are one movement: the first still presses when the second comes. */
const one_movement_ms = 620;
/** Samples at which a plate is read between two hands. */
const between = 2;

/** A change with the time in which hands that caused it were seen. */
export interface Movement extends Change {
  readonly hands_from_ms: number;
  readonly hands_until_ms: number;
}

/** The change in as many parts as hands came one after the other: before each, the plate is read
 * as it would have come to rest. */
export function partedAt(
  change: Change,
  hands_ms: readonly number[],
  beliefs: Beliefs,
): Movement[] {
  const { began_ms, settled_ms, course } = change;
  const cuts: number[] = [];
  for (const at_ms of [...hands_ms].sort((a, b) => a - b)) {
    const last = cuts.at(-1) ?? Math.min(hands_ms[0]!, began_ms);
    if (at_ms - last > one_movement_ms && at_ms > began_ms && at_ms < settled_ms) cuts.push(at_ms);
  }
  const parts: Movement[] = [];
  let from = { at_ms: began_ms, level_g: 0, unsure_g: 0 };
  const total = change.delta_g;
  const first_g = total - (course.at(-1)?.rests_at_g ?? total);
  let hands_from_ms = began_ms - beliefs.hand_before_ms;
  for (const cut of [...cuts, undefined]) {
    const before = cut === undefined ? [] : course.filter(({ at_ms }) => at_ms <= cut);
    if (cut !== undefined && before.length < between) continue;
    const read = before.slice(-between).map(({ rests_at_g }) => rests_at_g + first_g);
    const to = cut === undefined
      ? { at_ms: settled_ms, level_g: total, unsure_g: 0 }
      : { at_ms: cut, level_g: read.at(-1)!, unsure_g: Math.abs(read.at(-1)! - read[0]!) };
    parts.push({
      plate: change.plate,
      began_ms: from.at_ms,
      settled_ms: to.at_ms,
      delta_g: to.level_g - from.level_g,
      deviation_g: Math.hypot(change.deviation_g, from.unsure_g, to.unsure_g),
      course: [],
      hands_from_ms,
      hands_until_ms: cut === undefined ? settled_ms + beliefs.hand_after_ms : cut - 1,
    });
    from = to;
    if (cut !== undefined) hands_from_ms = cut;
  }
  return parts;
}
