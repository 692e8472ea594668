/**
 * What a bench says: one JSON object a line, the same shape for every part, so that lines can be
 * compared between machines and between commits.
 */

/** One result. `ratio` says how many times better than the baseline, above 1 is better. */
export interface Row {
  readonly bench: string;
  readonly case: string;
  readonly value: number;
  readonly unit: string;
  readonly baseline: string | null;
  readonly baseline_value: number | null;
  readonly ratio: number | null;
}

/** Takes rows as they are measured: prints them at once and keeps them for charts. */
export class Report {
  readonly rows: Row[] = [];

  constructor(readonly print: (line: string) => void) {}

  add(row: Row): void {
    const rounded = {
      ...row,
      value: rounding(row.value),
      baseline_value: row.baseline_value === null ? null : rounding(row.baseline_value),
      ratio: row.ratio === null ? null : rounding(row.ratio),
    };
    this.rows.push(rounded);
    this.print(JSON.stringify(rounded));
  }

  /** A value that has nothing to be compared with. */
  value(bench: string, name: string, value: number, unit: string): void {
    this.add({
      bench,
      case: name,
      value,
      unit,
      baseline: null,
      baseline_value: null,
      ratio: null,
    });
  }

  /** A time (less is better) beside a peer's. */
  time(
    bench: string,
    name: string,
    value_us: number,
    baseline: string,
    baseline_us: number,
  ): void {
    this.add({
      bench,
      case: name,
      value: value_us,
      unit: "us",
      baseline,
      baseline_value: baseline_us,
      ratio: baseline_us / value_us,
    });
  }
}

/** Four digits say all that a noisy machine can. */
function rounding(value: number): number {
  return Number(value.toPrecision(4));
}
