/**
 * `deno task calibrate --shadow FILE`: chooses the threshold from what a store in shadow mode saw.
 * Nobody has to say who was who: of the two people in range who are likest to somebody, one at
 * least is somebody else.
 */
import { RuntimeError } from "../../runtime/errors.ts";
import { loadModel } from "../../runtime/perception/spawn.ts";
import { type Interval, matchRateFor, wilson } from "./metrics.ts";
import { numberWithin, readOptions } from "./options.ts";
import { percent } from "./report.ts";
import { writeThreshold } from "./sidecar_threshold.ts";
import { chooseThreshold } from "./tail.ts";

const shadowUsage =
  `usage: deno task calibrate --shadow data/shadow.jsonl --embedder MODEL [--fpir 0.001] [--write]
Chooses the threshold that the likest stranger in range reaches as rarely as --fpir says, from what
a store with policies.shadow saw; --write puts it into the embedder's sidecar.`;

const spec = {
  shadow: { type: "string" },
  embedder: { type: "string" },
  fpir: { type: "string" },
  write: { type: "boolean" },
} as const;

/** True when the arguments ask for a shadow run. */
export function asksForShadow(args: readonly string[]): boolean {
  return args.some((one) => one === "--shadow" || one.startsWith("--shadow="));
}

/** What a shadow run has seen. */
export interface ShadowRun {
  /** Of those who stood there with two people or more in range: the likest's score, ascending. */
  readonly best: Float64Array;
  /** The likest of the others, ascending. */
  readonly others: Float64Array;
  /** Median number of others in range. */
  readonly gallery: number;
}

/** Reads the lines of a run. Throws `RuntimeError` `data_corrupt` for one that is none. */
export function readShadow(text: string, path: string): ShadowRun {
  const best: number[] = [], others: number[] = [], sizes: number[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (line === "") continue;
    const seen = parsed(line);
    if (seen === undefined) {
      throw new RuntimeError(
        "data_corrupt",
        `${path}, line ${index + 1}, holds no scores: take it out, or name the right file`,
      );
    }
    if (seen.next === undefined) continue;
    best.push(seen.best);
    others.push(seen.next);
    sizes.push(seen.in_range - 1);
  }
  sizes.sort((a, b) => a - b);
  return {
    best: Float64Array.from(best).sort(),
    others: Float64Array.from(others).sort(),
    gallery: sizes[sizes.length >> 1] ?? 0,
  };
}

function parsed(line: string): { best: number; next?: number; in_range: number } | undefined {
  const score = (value: unknown): value is number =>
    typeof value === "number" && Math.abs(value) <= 1.001;
  try {
    const { best, next, in_range } = JSON.parse(line);
    const sound = score(best) && (next === undefined || score(next)) &&
      Number.isInteger(in_range) && in_range > 0;
    if (!sound) return undefined;
    return next === undefined ? { best, in_range } : { best, next, in_range };
  } catch {
    return undefined;
  }
}

/** Runs the command and says what it found. */
export async function calibrateShadow(
  args: readonly string[],
  say: (line: string) => void,
): Promise<void> {
  const options = readOptions(args, spec, shadowUsage);
  const { shadow: path, embedder: reference } = options;
  if (path === undefined || reference === undefined) throw new RangeError(shadowUsage);
  const fpir = numberWithin("fpir", options.fpir, 1e-3, [1e-6, 0.5]);
  const { sidecar } = await loadModel("embedder", reference);
  const run = readShadow(await Deno.readTextFile(path), path);
  const chosen = chooseThreshold(run.others, fpir);
  const people = run.best.length;
  const named = run.best.filter((score) => score >= chosen.threshold).length;
  const [low, high]: Interval = wilson(named, people);
  say(
    `threshold ${chosen.threshold.toFixed(3)} (${chosen.basis}): the likest of ${run.gallery} ` +
      `others reaches it once in ${Math.round(1 / fpir)} times.\nOf ${people} people who stood ` +
      `there ${percent(named / people)} reach it (at 95 %, ${percent(low)} to ${percent(high)}); ` +
      `those who had not checked in are among them, and must not.`,
  );
  if (options.write !== true) return;
  const gallery = Math.max(1, run.gallery);
  const written = await writeThreshold(reference, sidecar, chosen, {
    fmr: matchRateFor(fpir, gallery),
    gallery,
    enrol: 1,
    people,
    comparisons: run.others.length,
    basis: chosen.basis,
  });
  say(`the threshold ${written.threshold} is written to ${written.path}`);
}
