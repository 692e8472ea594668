/**
 * Draws a part's results: for each case a bar per baseline, as long as its ratio, on a logarithmic
 * axis with a line at 1. Plain SVG that reads in light and dark pages.
 */
import type { Row } from "./report.ts";

const LABEL = 420, PLOT = 480, BAR = 14, GAP = 4, TOP = 58, EDGE = 16;

/** An SVG of all rows that have a ratio; those of one case stand together. */
export function chart(rows: readonly Row[], machine: string): string {
  const shown = rows.filter((row) => row.ratio !== null && row.ratio > 0);
  const largest = Math.max(2, ...shown.map((row) => row.ratio!));
  const least = Math.min(0.5, ...shown.map((row) => row.ratio!));
  const place = (ratio: number) =>
    LABEL + PLOT * Math.log(ratio / least) / Math.log(largest / least);
  const parts: string[] = [];
  let y = TOP;
  let before = "";
  for (const row of shown) {
    if (row.bench !== before) y += 10;
    before = row.bench;
    const x = Math.min(place(1), place(row.ratio!));
    const width = Math.abs(place(row.ratio!) - place(1));
    const colour = row.ratio! >= 1 ? "#2a7f62" : "#b3532a";
    const middle = y + BAR - 3;
    const name = row.bench.split("/").slice(1).join("/");
    parts.push(
      text(LABEL - 8, middle, `${name} ${row.case}, ${row.baseline}`, "end"),
      `<rect x="${fixed(x)}" y="${y}" width="${fixed(width)}" height="${BAR}" fill="${colour}"/>`,
      text(Math.max(x + width, place(1)) + 6, middle, `${row.ratio}x`, "start"),
    );
    y += BAR + GAP;
  }
  const axis = ticks(least, largest).map((tick) =>
    `<line x1="${fixed(place(tick))}" y1="${TOP}" x2="${fixed(place(tick))}" y2="${y}" ` +
    `stroke="#888" stroke-width="${tick === 1 ? 1.5 : 0.3}"/>` +
    text(place(tick), TOP - 4, `${tick}x`, "middle")
  );
  const width = LABEL + PLOT + 70, height = y + EDGE;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" ` +
    `width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="11">\n` +
    `<rect width="100%" height="100%" fill="#fff"/>\n` +
    text(
      EDGE,
      20,
      "Times better than each baseline, measured in the same run",
      "start",
      14,
    ) +
    text(EDGE, 36, machine, "start") +
    `${axis.join("\n")}\n${parts.join("\n")}\n</svg>\n`;
}

function ticks(least: number, largest: number): number[] {
  const candidates = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200];
  return candidates.filter((tick) => tick >= least && tick <= largest);
}

function text(
  x: number,
  y: number,
  content: string,
  anchor: string,
  size = 11,
): string {
  const safe = content.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<text x="${fixed(x)}" y="${y}" text-anchor="${anchor}" font-size="${size}" ` +
    `fill="#222">${safe}</text>\n`;
}

function fixed(value: number): string {
  return value.toFixed(1);
}
