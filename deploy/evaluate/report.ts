/** Figures for people: a table with an interval beside each rate, and what to make of it. */
import type { Strangers } from "./drawn.ts";
import type { Figures } from "./figures.ts";
import type { Interval } from "./metrics.ts";

/** `0.0126` as `1.26 %`. */
export function percent(share: number, digits = 2): string {
  return `${(100 * share).toFixed(digits)} %`;
}

function within(interval: Interval | undefined, digits = 2): string {
  if (interval === undefined) return "";
  return `${percent(interval[0], digits)} to ${percent(interval[1], digits)}`;
}

/** Columns as wide as their widest cell, two spaces between them. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, i) => widths[i] = Math.max(widths[i] ?? 0, cell.length));
  }
  return rows.map((row) => row.map((cell, i) => cell.padEnd(widths[i]!)).join("  ").trimEnd())
    .join("\n");
}

/** The table of a run. */
export function reportOf(figures: Figures): string {
  const { intervals } = figures;
  const rate = (name: string, value: number, interval: string) => [
    name,
    percent(value),
    within(intervals[interval]),
  ];
  const open = (rate_percent: string, found: number, key: string, met: number) => [
    rate(`named rightly when ${rate_percent} of strangers may pass (TPIR)`, found, `tpir_${key}`),
    rate(`  strangers that did pass (FPIR)`, met, `fpir_met_${key.slice(8)}`),
  ];
  const rows = [
    ["people", `${figures.people}`, ""],
    ["pictures", `${figures.pictures}`, ""],
    [
      "pictures without a face found",
      `${figures.missed}`,
      within(intervals.missed),
    ],
    ["faces that a lane would not compare", `${figures.unfit}`, ""],
    rate("equal error, picture with picture (EER)", figures.eer, "eer"),
    rate(
      "matched where 0.1 % of others match (TAR)",
      figures.tar_at_far_1e3,
      "tar_at_far_1e3",
    ),
    rate(`nearest is their own, of ${figures.enrol} enrolled`, figures.rank1, "rank1"),
    ...open("1 %", figures.tpir_at_fpir_1e2, "at_fpir_1e2", figures.fpir_met_1e2),
    ...open("0.1 %", figures.tpir_at_fpir_1e3, "at_fpir_1e3", figures.fpir_met_1e3),
    ["threshold for 1 % (cosine)", figures.threshold_1e2.toFixed(3), figures.basis_1e2],
    ["threshold for 0.1 % (cosine)", figures.threshold.toFixed(3), figures.basis_1e3],
  ];
  return `${table([["", "", "at 95 %"], ...rows])}\n\n` +
    `Open sets: ${figures.splits} random splits; each threshold was chosen on two thirds of the ` +
    `people and tried\non the others, ${figures.gallery.toFixed(0)} enrolled. "fitted": so rare ` +
    "a score was not seen often enough to be\ncounted and follows from the tail of the others.";
}

/** What drawn strangers came to. */
export function strangersReport({ probes, gallery, at }: Strangers): string {
  const rows = at.map(({ fpir, threshold, passed, passed_interval, found }) => [
    percent(fpir),
    threshold.toFixed(3),
    `${passed}`,
    within(passed_interval, 3),
    percent(found),
  ]);
  const head = ["strangers may pass", "threshold", "passed", "at 95 %", "named rightly"];
  return `${probes} drawn strangers, each once, before ${gallery} enrolled people drawn anew:\n` +
    table([head, ...rows]);
}
