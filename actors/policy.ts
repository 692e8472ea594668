/**
 * Whom a payment may charge: the one place where evidence is held against the store's policy.
 * No charge leaves without passing here.
 */
import { kept } from "./kept.ts";
import { limits } from "./limits.ts";
import type { Candidate, PaymentPolicy } from "./messages.ts";

/** True when the evidence is a face at the pay position, seen in at least one frame, with a
 * liveness outcome that the store accepts, and turned as asked where the store wants that. */
export function meetsPolicy(policy: PaymentPolicy, { evidence }: Candidate): boolean {
  return evidence.kind === "face_at_pay_position" && evidence.frames >= 1 &&
    policy.accept_liveness.includes(evidence.liveness) &&
    (policy.turns !== "always" || (evidence.turns ?? 0) > 0);
}

/** True when only a turn of the head is wanting. */
function needsTurn(policy: PaymentPolicy, candidate: Candidate): boolean {
  const { evidence } = candidate;
  if (policy.turns === undefined || policy.turns === "never") return false;
  const accepted = ["unsure", ...policy.accept_liveness].includes(evidence.liveness);
  return evidence.frames >= 1 && accepted && !meetsPolicy(policy, candidate);
}

/** The policy for a charge of this much. */
export function policyFor(policy: PaymentPolicy, amount_minor: number): PaymentPolicy {
  const { turns_above_minor = Infinity } = policy;
  return amount_minor > turns_above_minor ? { ...policy, turns: "always" } : policy;
}

/** The candidates that may be charged, if need be after a turn of the head: one a visit, at most
 * `limits.candidates`. */
export function admissible(
  policy: PaymentPolicy,
  candidates: readonly Candidate[],
): readonly Candidate[] {
  const admitted: Candidate[] = [];
  for (const candidate of candidates) {
    if (admitted.length === limits.candidates) break;
    if (admitted.some(({ visit }) => visit === candidate.visit)) continue;
    if (!meetsPolicy(policy, candidate) && !needsTurn(policy, candidate)) continue;
    admitted.push(candidate);
  }
  return kept(admitted);
}

/** The one whom an automatic lane charges without a tap: alone, and identified. */
export function soleIdentified(
  policy: PaymentPolicy,
  candidates: readonly Candidate[],
): Candidate | undefined {
  const [only, ...others] = candidates;
  if (policy.selection !== "automatic" || only === undefined || others.length > 0) return undefined;
  if (policy.challenge === "always") return undefined;
  return meetsPolicy(policy, only) && only.evidence.outcome === "identified" ? only : undefined;
}

/** True when whoever stands there must turn the head before anybody is charged. */
export function posesTurn(policy: PaymentPolicy, candidates: readonly Candidate[]): boolean {
  return candidates.some((candidate) => needsTurn(policy, candidate));
}

/** True when one of these must say or key something before anybody is charged: where the store
 * wants it of everybody, or of several among whom the camera cannot tell. */
export function posesChallenge(
  policy: PaymentPolicy,
  candidates: readonly Candidate[],
): boolean {
  if (candidates.length === 0) return false;
  if (policy.challenge === "always") return true;
  const unclear = candidates.length > 1 ||
    candidates.some(({ evidence }) => evidence.outcome === "ambiguous");
  return policy.challenge === "ambiguous" && unclear;
}
