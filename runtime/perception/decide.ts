/**
 * Several frames decide, never one: whom the person at the pay position may be, or that nobody can
 * be named. Pure arithmetic on scores, so that its errors can be counted.
 */
import type { CameraOrigin } from "../../hardware/ports.ts";
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
  /** A face that moves less about the picture, as a share of its own size, has shown no life. */
  readonly least_sway: number;
  /** What a face must have shown before it is taken for alive. */
  readonly proof: LivenessProof;
}

/**
 * `motion`: it moved otherwise than a picture that is held still, and did not look flat. `depth`:
 * its landmarks moved as those of a solid head do. `challenge`: it turned to the sides that it was
 * asked to turn to. Each asks for more than the one before, and takes whoever stands there longer.
 * `graded`: as `depth`, before a shop that is seen on both sides of it and is no part of it, and
 * nothing that shines as a screen does; what moved and has not shown so much for a while is
 * `unsure`, and passes by a challenge.
 */
export const livenessProofs = ["motion", "depth", "challenge", "graded"] as const;
export type LivenessProof = typeof livenessProofs[number];

/** What is known of whether a face is alive; `undecided` until it has shown enough, `unsure` where
 * it will not do so by itself. */
export type LivenessSign =
  | "passed"
  | "static"
  | "flat"
  | "carried"
  | "screen"
  | "undecided"
  | "unsure";

/** What is known of one person at the pay position. */
export type Verdict =
  | { readonly outcome: "identified" | "ambiguous"; readonly matches: readonly PerceptionMatch[] }
  /** Somebody nobody in range: also a still or flat picture, whoever it shows. */
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

/** What of a track is judged. */
export type Judged = Pick<
  Track,
  "frames" | "probe" | "solidity" | "sway" | "turns" | "solid_by_itself" | "shown" | "beside"
>;

/** Whom one frame may show: the nearest, and who is as near within the margin. */
function mayShow(near: readonly Score[], { threshold, margin }: DecisionRule): string[] {
  const least = Math.max(threshold, (near[0]?.score ?? 0) - margin);
  return near.filter(({ score }) => score >= least).map(({ id }) => id);
}

/** The verdict on one track. */
export function judge(
  track: Judged,
  search: Search,
  rule: DecisionRule,
  origin: CameraOrigin,
): Verdict {
  const { frames, probe } = track;
  if (probe === undefined || frames.length < rule.frames) return { outcome: "undecided" };
  const liveness = origin === "recorded" ? "not_assessed" : livenessOf(track, rule);
  if (liveness === "undecided") return { outcome: "undecided" };
  if (isNoFace(liveness)) return { outcome: "unknown" };
  const near = search(probe, MOST_CANDIDATES).filter(({ score }) => score >= rule.threshold);
  const [best] = near;
  if (best === undefined) return { outcome: "unknown" };
  const match = (shown: readonly (readonly string[])[]) => ({ id }: Score): PerceptionMatch => ({
    visit: id,
    frames: shown.filter((ids) => ids.includes(id)).length,
    liveness,
    ...(track.turns > 0 ? { turns: track.turns } : {}),
  });
  const rivals = near.filter(({ score }) => score > best.score - rule.margin);
  const runner_up = search(probe, 2)[1];
  const contested = runner_up !== undefined && best.score - runner_up.score < rule.margin;
  if (rivals.length > 1 || contested) {
    // Of those whom a frame cannot tell apart, it may show each.
    const shown = frames.map((frame) => mayShow(search(frame.probe, MOST_CANDIDATES), rule));
    return { outcome: "ambiguous", matches: rivals.map(match(shown)) };
  }
  const shown = frames.map((frame) => mayShow(search(frame.probe, 1), rule));
  const named = match(shown)(best);
  if (named.frames >= rule.frames && named.frames >= rule.agreement * frames.length) {
    return { outcome: "identified", matches: [named] };
  }
  // The middle of the frames is near somebody whom too few of them show: that names nobody.
  return { outcome: "unknown" };
}

/**
 * Whether this is a living face. Noise alone moves an embedding far less than breath and balance
 * do, which stops pictures that are held still or replayed frozen; landmarks that stay in one plane
 * while it tilts are those of a picture; and what has answered a challenge was there to hear it.
 */
export function livenessOf(track: Omit<Judged, "probe">, rule: DecisionRule): LivenessSign {
  const steps = track.frames.flatMap(({ step }) => step === undefined ? [] : [step]);
  if (steps.length < rule.frames - 1) return "undecided";
  const still = median(steps.map((step) => step.cosine)) >= rule.static_cosine ||
    median(steps.map((step) => step.difference)) < rule.static_difference;
  if (still) return "static";
  // The other proofs ask nothing of what is beside a face.
  if (rule.proof === "graded") {
    if (track.beside === undefined) return "undecided";
    if (track.beside === "carried" || track.beside === "screen") return track.beside;
  }
  if (track.turns > 0) return "passed";
  if (track.solidity === "flat") return "flat";
  if ((track.sway ?? 0) < rule.least_sway) return "undecided";
  switch (rule.proof) {
    case "motion":
      return "passed";
    case "depth":
      return track.solidity === "solid" ? "passed" : "undecided";
    case "challenge":
      return "undecided";
    case "graded":
      // Who stands where others move, or where too little is seen beside them, is asked.
      if (track.solid_by_itself && track.beside === "still") return "passed";
      return track.shown ? "unsure" : "undecided";
  }
}

/** What is held up and no head. */
function isNoFace(
  sign: LivenessSign | "not_assessed",
): sign is "static" | "flat" | "carried" | "screen" {
  return sign === "static" || sign === "flat" || sign === "carried" || sign === "screen";
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
  const key = ({ visit, liveness, turns = 0 }: PerceptionMatch) => `${visit} ${liveness} ${turns}`;
  return a !== undefined && a.outcome === b.outcome && a.matches.length === b.matches.length &&
    a.matches.map(key).sort().join() === b.matches.map(key).sort().join();
}
