/**
 * From what a shelf's scale says to what was taken and put back: tared, at rest, above the noise.
 * What creeps is drift and moves the zero; what jumps is goods.
 */
import type { Weight } from "../ports.ts";

/** Something was put on the shelf (above 0) or taken from it. */
export interface WeightChange {
  readonly delta_g: number;
  /** What lies there now. */
  readonly weight_g: number;
  readonly at_ms: number;
}

export interface WeighingRule {
  /** Changes below this are noise or drift. */
  readonly least_g: number;
  /** Readings that differ by no more are the same. */
  readonly tolerance_g: number;
  /** How long it must be the same before it counts. */
  readonly settle_ms: number;
  /** How fast warmth and dust may move the scale. */
  readonly drift_g_per_minute: number;
}

export const weighingRule: WeighingRule = {
  least_g: 5,
  tolerance_g: 2,
  settle_ms: 600,
  drift_g_per_minute: 1,
};

export class Weighing {
  readonly #rule: WeighingRule;
  /** The weight that is known to lie there, as the scale shows it. */
  #settled: { grams: number; at_ms: number } | undefined;
  #zero_g = 0;
  /** Readings that agree with each other, since when. */
  #resting: { grams: number; since_ms: number } | undefined;

  constructor(rule: Partial<WeighingRule> = {}) {
    this.#rule = { ...weighingRule, ...rule };
  }

  /** What lies there now counts as nothing; false while it has not come to rest. */
  tare(): boolean {
    if (this.#settled === undefined) return false;
    this.#zero_g = this.#settled.grams;
    return true;
  }

  /** The change that this reading completes. */
  take({ grams, at_rest, at_ms }: Weight): WeightChange | undefined {
    const { tolerance_g, settle_ms, least_g } = this.#rule;
    const resting = this.#resting;
    if (!at_rest || resting === undefined || Math.abs(grams - resting.grams) > tolerance_g) {
      this.#resting = at_rest ? { grams, since_ms: at_ms } : undefined;
      return undefined;
    }
    if (at_ms - resting.since_ms < settle_ms) return undefined;
    if (this.#settled === undefined) {
      this.#settled = { grams, at_ms };
      return undefined;
    }
    const delta_g = grams - this.#settled.grams;
    if (Math.abs(delta_g) < least_g) {
      this.#drift(delta_g, at_ms);
      return undefined;
    }
    this.#settled = { grams, at_ms };
    return { delta_g, weight_g: grams - this.#zero_g, at_ms };
  }

  /** A small difference is followed slowly, and what is called nothing goes with it. */
  #drift(delta_g: number, at_ms: number): void {
    const settled = this.#settled!;
    const most_g = this.#rule.drift_g_per_minute * (at_ms - settled.at_ms) / 60_000;
    const step_g = Math.max(-most_g, Math.min(most_g, delta_g));
    this.#settled = { grams: settled.grams + step_g, at_ms };
    this.#zero_g += step_g;
    // Readings that agree move with it, so that slow creep never looks like unrest.
    if (this.#resting) this.#resting = { ...this.#resting, grams: this.#resting.grams + step_g };
  }
}
