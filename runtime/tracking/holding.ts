/** What a cart or a plate holds under one hypothesis, and the steps by which it came there. */

/** One person's part in a change: units of a product, taken from the plate or (negative) put on
 * it. */
export interface Step {
  readonly change: string;
  /** Where and when. */
  readonly plate: string;
  readonly at_ms: number;
  readonly gtin: string;
  readonly units: number;
  /** What it likely weighed, as the plate measured it; negative when put back. */
  readonly grams: number;
  /** How well that is known. */
  readonly variance: number;
}

/** What something likely weighs, and how well that is known. */
export interface Weight {
  readonly grams: number;
  readonly variance: number;
}

/** Numbers of what was ever held, so that two can be compared at once. */
const numbers = new Map<string, number>();
const most_numbers = 100_000;
let last_number = 0;

/** Immutable; two with the same units are the same whatever way they came about. */
export class Holding {
  static readonly empty = new Holding(new Map(), []);
  readonly key: string;
  readonly id: number;

  constructor(
    readonly units: ReadonlyMap<string, number>,
    readonly steps: readonly Step[],
  ) {
    this.key = [...units].filter(([, count]) => count !== 0)
      .map(([gtin, count]) => `${gtin}x${count}`).sort().join(" ");
    this.id = numberOf(this.key);
  }

  static of(stock: Readonly<Record<string, number>>): Holding {
    return new Holding(new Map(Object.entries(stock)), []);
  }

  /** What it weighs: what was put back to the last unit weighs nothing, however it was measured. */
  get weight(): Weight {
    let grams = 0, variance = 0;
    for (const [gtin, units] of this.units) {
      const weight = units > 0 ? this.#weight(gtin) : undefined;
      grams += weight?.grams ?? 0;
      variance += weight?.variance ?? 0;
    }
    return { grams, variance };
  }

  /** The mean weight of its units of a product as they were measured, if they were. */
  unit(gtin: string): Weight | undefined {
    const weight = this.#weight(gtin);
    const units = this.count(gtin);
    if (weight === undefined || units <= 0) return;
    return { grams: weight.grams / units, variance: weight.variance / units ** 2 };
  }

  #weight(gtin: string): Weight | undefined {
    let grams = 0, variance = 0, seen = false;
    for (const step of this.steps) {
      if (step.gtin !== gtin) continue;
      seen = true;
      grams += step.grams;
      variance += step.variance;
    }
    return seen ? { grams, variance } : undefined;
  }

  count(gtin: string): number {
    return this.units.get(gtin) ?? 0;
  }

  /** Kinds it holds that belong, or do not belong, on the same plate as the product. */
  alike(gtin: string, stock: Readonly<Record<string, number>>): number {
    const home = Object.hasOwn(stock, gtin);
    let kinds = 0;
    for (const [other, count] of this.units) {
      if (count > 0 && Object.hasOwn(stock, other) === home) kinds++;
    }
    return kinds;
  }

  /** With the step taken; below nothing does not count. */
  with(step: Step, sign: 1 | -1, remember: boolean): Holding {
    const units = new Map(this.units);
    const count = Math.max(0, this.count(step.gtin) + sign * step.units);
    if (count === 0 && sign === 1) units.delete(step.gtin);
    else units.set(step.gtin, count);
    return new Holding(units, remember ? [...this.steps, step] : this.steps);
  }
}

function numberOf(key: string): number {
  const known = numbers.get(key);
  if (known !== undefined) return known;
  // Forgotten ones get another number when they come again: no harm, they are only kept apart.
  if (numbers.size >= most_numbers) numbers.clear();
  numbers.set(key, ++last_number);
  return last_number;
}
