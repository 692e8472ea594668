/**
 * Two drawings of how well scores tell people apart: the error trade-off (DET) and where the
 * scores of one person and of different people lie. Plain SVG that a page or a README can show.
 */
import { falseMatches, misses, type Scores } from "./metrics.ts";

const WIDTH = 640, HEIGHT = 440, LEFT = 70, RIGHT = 20, TOP = 54, BOTTOM = 50;
const COLOURS = ["#1f6f8b", "#b3532a", "#5b7f2a"];

/** The place that a share takes on an axis of normal deviates, on which the errors of normally
 * distributed scores lie on a straight line (Martin et al. 1997). Inverse of the normal
 * distribution by the rational approximation 26.2.23 of Abramowitz and Stegun, off by 4.5e-4. */
export function deviate(share: number): number {
  if (share > 0.5) return -deviate(1 - share);
  const t = Math.sqrt(-2 * Math.log(share));
  const above = 2.515517 + t * (0.802853 + t * 0.010328);
  const under = 1 + t * (1.432788 + t * (0.189269 + t * 0.001308));
  return above / under - t;
}

/** A set of scores with a name for the legend. */
export interface Named {
  readonly name: string;
  readonly scores: Scores;
}

/** Shares that the axes of a DET begin, end and are marked at. */
const TICKS = [0.0001, 0.001, 0.01, 0.05, 0.1, 0.2, 0.4];
const LEAST = 0.00005, MOST = 0.5;

/** The share of one person's comparisons missed against that of others matching, for every
 * threshold. What is rarer than the axes show lies on their edge. */
export function detPlot(title: string, sets: readonly Named[]): string {
  const low = deviate(LEAST), high = deviate(MOST);
  const part = (share: number) =>
    (deviate(Math.min(Math.max(share, LEAST), MOST)) - low) / (high - low);
  const x = (share: number) => LEFT + part(share) * (WIDTH - LEFT - RIGHT);
  const y = (share: number) => HEIGHT - BOTTOM - part(share) * (HEIGHT - TOP - BOTTOM);
  const marks = TICKS.flatMap((share) => [
    line(x(share), TOP, x(share), HEIGHT - BOTTOM),
    text(x(share), HEIGHT - BOTTOM + 16, label(share), "middle"),
    line(LEFT, y(share), WIDTH - RIGHT, y(share)),
    text(LEFT - 6, y(share) + 4, label(share), "end"),
  ]);
  const curves = sets.map(({ scores }, index) => {
    const points = thresholdsOf(scores).map((threshold) =>
      `${fixed(x(falseMatches(scores, threshold)))},${fixed(y(misses(scores, threshold)))}`
    );
    return `<polyline points="${[...new Set(points)].join(" ")}" fill="none" ` +
      `stroke="${COLOURS[index]}" stroke-width="2"/>`;
  });
  return page(title, [
    ...marks,
    ...curves,
    ...legend(sets.map(({ name }) => name)),
    text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, "different people that match", "middle"),
    upwards("one person's that are missed"),
  ]);
}

/** Some hundred thresholds from the least to the greatest score, at the scores themselves. */
function thresholdsOf({ own, others }: Scores): number[] {
  const all = Float64Array.from([...own, ...others]).sort();
  const tails = [...own.slice(0, 100), ...others.slice(-100)];
  const step = Math.max(1, Math.floor(all.length / 300));
  return [...all.filter((_, index) => index % step === 0), ...tails].sort((a, b) => a - b);
}

/** How often scores of one person and of different people occur, each as a share of its own kind,
 * and the threshold between them. */
export function scorePlot(title: string, { own, others }: Scores, threshold: number): string {
  const bins = 60;
  const least = Math.min(own[0]!, others[0]!), most = Math.max(own.at(-1)!, others.at(-1)!);
  const counts = [others, own].map((scores) => {
    const shares = new Float64Array(bins);
    for (const score of scores) {
      const bin = Math.min(bins - 1, Math.floor((score - least) / (most - least) * bins));
      shares[bin]! += 1 / scores.length;
    }
    return shares;
  });
  const tallest = Math.max(...counts.flatMap((shares) => [...shares]));
  const x = (score: number) => LEFT + (score - least) / (most - least) * (WIDTH - LEFT - RIGHT);
  const y = (share: number) => HEIGHT - BOTTOM - share / tallest * (HEIGHT - TOP - BOTTOM);
  const areas = counts.map((shares, index) => {
    const outline = [...shares].flatMap((share, bin) =>
      [bin, bin + 1].map((edge) =>
        `${fixed(x(least + edge / bins * (most - least)))},${fixed(y(share))}`
      )
    );
    const ends = [`${fixed(x(least))},${fixed(y(0))}`, `${fixed(x(most))},${fixed(y(0))}`];
    return `<polygon points="${[ends[0], ...outline, ends[1]].join(" ")}" ` +
      `fill="${COLOURS[1 - index]}" fill-opacity="0.35" stroke="${COLOURS[1 - index]}"/>`;
  });
  const marks = Array.from({ length: 21 }, (_, i) => i / 10 - 1)
    .filter((score) => score >= least && score <= most)
    .map((score) => text(x(score), HEIGHT - BOTTOM + 16, score.toFixed(1), "middle"));
  return page(title, [
    line(LEFT, HEIGHT - BOTTOM, WIDTH - RIGHT, HEIGHT - BOTTOM),
    ...areas,
    ...marks,
    `<line x1="${fixed(x(threshold))}" y1="${TOP}" x2="${fixed(x(threshold))}" ` +
    `y2="${HEIGHT - BOTTOM}" stroke="#222" stroke-dasharray="5 3"/>`,
    text(x(threshold) + 5, TOP + 12, `threshold ${threshold.toFixed(3)}`, "start"),
    ...legend(["one person", "different people"]),
    text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, "likeness (cosine)", "middle"),
    upwards("share of the comparisons"),
  ]);
}

function page(title: string, parts: readonly string[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" ` +
    `width="${WIDTH}" height="${HEIGHT}" font-family="system-ui, sans-serif" font-size="12">\n` +
    `<rect width="100%" height="100%" fill="#fff"/>\n` +
    `${[text(16, 24, title, "start"), ...parts].join("\n")}\n</svg>\n`;
}

function legend(names: readonly string[]): string[] {
  return names.flatMap((name, index) => {
    const x = LEFT + 10 + index * 200;
    return [
      `<rect x="${x}" y="${TOP - 20}" width="12" height="12" fill="${COLOURS[index]}"/>`,
      text(x + 18, TOP - 10, name, "start"),
    ];
  });
}

function line(x1: number, y1: number, x2: number, y2: number): string {
  return `<line x1="${fixed(x1)}" y1="${fixed(y1)}" x2="${fixed(x2)}" y2="${fixed(y2)}" ` +
    `stroke="#999" stroke-width="0.4"/>`;
}

function text(x: number, y: number, content: string, anchor: string): string {
  const safe = content.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<text x="${fixed(x)}" y="${fixed(y)}" text-anchor="${anchor}" fill="#222">${safe}</text>`;
}

function upwards(content: string): string {
  const y = (TOP + HEIGHT - BOTTOM) / 2;
  return `<text transform="translate(16 ${fixed(y)}) rotate(-90)" text-anchor="middle" ` +
    `fill="#222">${content}</text>`;
}

function label(share: number): string {
  return `${Number((100 * share).toPrecision(2))} %`;
}

function fixed(value: number): string {
  return value.toFixed(1);
}
