/** What a payment computes while the shopper is asked on the phone. */
import { limits } from "./limits.ts";
import type { ApprovalAnswer, PaymentContext, PaymentEvent } from "./payment_facts.ts";

/** The issuer's clock is not ours: its time is taken for what it is, up to a bound. */
export function approvalNeeded(
  context: PaymentContext,
  event: PaymentEvent,
): Partial<PaymentContext> {
  if (event.type !== "issuer.approval_needed") return {};
  const latest_ms = event.at_ms + limits.approval_most_ms;
  const until_ms = event.until_ms + limits.approval_grace_ms;
  return {
    approval: event.approval,
    approval_until_ms: Math.min(latest_ms, until_ms),
    approval_answer: isOwnAnswer(event, context.approval_answer) ? context.approval_answer : null,
    reason: event.reason,
  };
}

/** What the shopper said on the phone. */
export function approvalAnswered(event: PaymentEvent): Partial<PaymentContext> {
  if (event.type === "issuer.approval_refused") {
    const { approval, reason } = event;
    return { approval_answer: { approval, amount_minor: 0, reason } };
  }
  if (event.type !== "issuer.approval_given") return {};
  const { approval, amount_minor } = event;
  return { approval_answer: { approval, amount_minor, reason: null } };
}

/** True for an answer to the approval that this event is about. */
export function isOwnAnswer(event: PaymentEvent, answer: ApprovalAnswer | null): boolean {
  return "approval" in event && answer?.approval === event.approval;
}

/** True when this much is a charge that the POS takes. */
export function takes(
  { charge_minor, accept_partial }: PaymentContext,
  answer: { readonly amount_minor: number } | null,
): boolean {
  if (answer === null || answer.amount_minor < 1 || answer.amount_minor > charge_minor) {
    return false;
  }
  return accept_partial || answer.amount_minor === charge_minor;
}
