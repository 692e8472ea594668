/**
 * Several frames decide, never one: whom the person at the pay position may be, or that nobody can
 * be named. Pure arithmetic on scores, so that its errors can be counted.
 */
import type { CameraOrigin } from "../../hardware/ports.ts";
import type { Liveness } from "../../actors/messages.ts";
import type { PerceptionMatch } from "../world.ts";
import type { Track } from "./track.ts";

/** A template's likeness to a probe. */
export interface Score {
  readonly id: string;
  readonly score: number;
}

/** The declared rule. */
export interface DecisionRule {
  /** Least score of the weighted middle of the frames, and of a frame that agrees. */
  readonly threshold: number;
  /** By how much the best must beat the next. */
  readonly margin: number;
  /** Frames that must agree: comparable, and each by itself nearest to the one who is named. */
  readonly frames: number;
  /** Of all remembered frames, the share that must agree. */
  readonly agreement: number;
  /** A median likeness of neighbouring frames from here on is a still picture. */
  readonly static_cosine: number;
  /** Crops that differ by less than this, in grey levels, are a still picture as well. */
  readonly static_difference: number;
}

/** What is known of one person at the pay position. */
export type Verdict =
  | { readonly outcome: "identified" | "ambiguous"; readonly matches: readonly PerceptionMatch[] }
  /** Somebody nobody in range: also a still picture, whoever it shows. */
  | { readonly outcome: "unknown" }
  /** Too few comparable frames to say anything. */
  | { readonly outcome: "undecided" };

/** What one camera tells of its pay position. */
export interface Decision {
  readonly outcome: "identified" | "ambiguous" | "unknown" | "nobody";
  readonly matches: readonly PerceptionMatch[];
}

/** Searches the gallery: the best `k`, best first, whatever their scores. */
export type Search = (probe: Float32Array, k: number) => readonly Score[];

/** How many of the nearest may be named as ambiguous. */
const MOST_CANDIDATES = 5;

/** The verdict on one track. */
export function judge(
  track: Pick<Track, "frames" | "probe">,
  search: Search,
  rule: DecisionRule,
  origin: CameraOrigin,
): Verdict {
  const { frames, probe } = track;
  if (probe === undefined || frames.length < rule.frames) return { outcome: "undecided" };
  const liveness = origin === "recorded" ? "not_assessed" : livenessOf(frames, rule);
  if (liveness === "undecided") return { outcome: "undecided" };
  if (liveness === "static") return { outcome: "unknown" };
  const near = search(probe, MOST_CANDIDATES).filter(({ score }) => score >= rule.threshold);
  const [best] = near;
  if (best === undefined) return { outcome: "unknown" };
  const single = frames.map((frame) => search(frame.probe, 1)[0]);
  const match = ({ id }: Score): PerceptionMatch => ({
    visit: id,
    frames: single.filter((one) => one?.id === id && one.score >= rule.threshold).length,
    liveness,
  });
  const rivals = near.filter(({ score }) => score > best.score - rule.margin);
  const runner_up = search(probe, 2)[1];
  const contested = runner_up !== undefined && best.score - runner_up.score < rule.margin;
  if (rivals.length > 1 || contested) return { outcome: "ambiguous", matches: rivals.map(match) };
  const named = match(best);
  if (named.frames >= rule.frames && named.frames >= rule.agreement * frames.length) {
    return { outcome: "identified", matches: [named] };
  }
  // The middle of the frames is near somebody whom too few of them show: that names nobody.
  return { outcome: "unknown" };
}

/**
 * Whether neighbouring frames differ as those of a living face do. Noise alone moves an embedding
 * far less than breath and balance. This stops pictures that are held still or replayed frozen,
 * and nothing more.
 */
function livenessOf(
  frames: Track["frames"],
  rule: DecisionRule,
): Extract<Liveness, "passed"> | "static" | "undecided" {
  const steps = frames.flatMap(({ step }) => step === undefined ? [] : [step]);
  if (steps.length < rule.frames - 1) return "undecided";
  const still = median(steps.map((step) => step.cosine)) >= rule.static_cosine ||
    median(steps.map((step) => step.difference)) < rule.static_difference;
  return still ? "static" : "passed";
}

function median(values: number[]): number {
  values.sort((a, b) => a - b);
  const upper = values.length >> 1;
  return values.length % 2 === 1 ? values[upper]! : (values[upper - 1]! + values[upper]!) / 2;
}

/**
 * Puts the verdicts on all who stand at the pay position together. With one stranger among them
 * nobody is named; of several who are known the operator must be told that it may be either.
 */
export function decide(verdicts: readonly Verdict[]): Decision {
  const named = verdicts.flatMap((verdict) => "matches" in verdict ? [verdict] : []);
  if (verdicts.some((verdict) => verdict.outcome === "unknown")) {
    return { outcome: "unknown", matches: [] };
  }
  if (named.length < verdicts.length || named.length === 0) {
    return { outcome: "nobody", matches: [] };
  }
  if (named.length === 1) return named[0]!;
  const matches = new Map<string, PerceptionMatch>();
  for (const match of named.flatMap((one) => one.matches)) {
    if (!matches.has(match.visit)) matches.set(match.visit, match);
  }
  return { outcome: "ambiguous", matches: [...matches.values()] };
}

/** Two decisions that tell a lane the same: who is meant, and how sure; not how many frames. */
export function sameDecision(a: Decision | undefined, b: Decision): boolean {
  const key = ({ visit, liveness }: PerceptionMatch) => `${visit} ${liveness}`;
  return a !== undefined && a.outcome === b.outcome && a.matches.length === b.matches.length &&
    a.matches.map(key).sort().join() === b.matches.map(key).sort().join();
}
