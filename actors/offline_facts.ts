/**
 * What a payment computes while the issuer is away: what may be asked of whoever stands in, and
 * what goes to the issuer once it is back.
 */
import type { Emitted, StandInAsked } from "./messages.ts";
import { chargeOf, type PaymentContext, type PaymentEvent } from "./payment_facts.ts";

/** True when there is something to pay with that the issuer has reserved. */
export const isCoverable = ({ allowance, charge_minor }: PaymentContext, at_ms: number): boolean =>
  allowance !== null && allowance.amount_minor >= charge_minor && allowance.expires_ms > at_ms;

/** Whether the issuer is away, as far as is known after this event. */
export function offlineAfter(context: PaymentContext, event: PaymentEvent): number | null {
  return event.type === "lane.sale_opened" || event.type === "lane.link_changed"
    ? event.offline_since_ms ?? null
    : context.offline_since_ms;
}

/** What is asked of whoever stands in for the issuer. */
export function standInAsked(context: PaymentContext): StandInAsked {
  const { payment, lane, account, charge_minor: amount_minor, allowance } = context;
  const { proof: _, ...shown } = allowance ?? { proof: "" };
  return {
    type: "payment.stand_in_asked",
    payment,
    lane,
    account: account ?? "",
    amount_minor,
    allowance: allowance === null ? null : shown as StandInAsked["allowance"],
  };
}

/** What goes to the issuer when it is back. */
export function forward(context: PaymentContext, event: PaymentEvent): Emitted {
  const { payment, allowance, token } = context;
  if (allowance === null) throw new Error(`${payment}: nothing was reserved for it`);
  return {
    type: "issuer.forward",
    ...chargeOf(context, token),
    allowance: allowance.allowance,
    proof: allowance.proof,
    accepted_at_ms: event.at_ms,
  };
}
