/** What a cart or a plate holds under one hypothesis, and the steps by which it came there. */

/** One person's part in a change: units of a product, taken from the plate or (negative) put on
 * it. */
export interface Step {
  readonly change: string;
  readonly gtin: string;
  readonly units: number;
  /** What it weighed, as the plate measured it; negative when put back. */
  readonly grams: number;
}

/** Immutable; two with the same units are the same whatever way they came about. */
export class Holding {
  static readonly empty = new Holding(new Map(), []);
  readonly key: string;

  constructor(
    readonly units: ReadonlyMap<string, number>,
    readonly steps: readonly Step[],
  ) {
    this.key = [...units].filter(([, count]) => count !== 0)
      .map(([gtin, count]) => `${gtin}x${count}`).sort().join(" ");
  }

  static of(stock: Readonly<Record<string, number>>): Holding {
    return new Holding(new Map(Object.entries(stock)), []);
  }

  /** What its steps weighed. */
  get grams(): number {
    return this.steps.reduce((sum, { grams }) => sum + grams, 0);
  }

  /** The mean weight of its units of a product as they were measured, if they were. */
  unit_g(gtin: string): number | undefined {
    const steps = this.steps.filter((step) => step.gtin === gtin);
    const units = steps.reduce((sum, step) => sum + step.units, 0);
    if (units <= 0) return;
    return steps.reduce((sum, { grams }) => sum + grams, 0) / units;
  }

  count(gtin: string): number {
    return this.units.get(gtin) ?? 0;
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
