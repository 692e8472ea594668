/** What a payment of a walk-out cart hears that one at a lane does not. */
import type { Item } from "./messages.ts";
import type { PaymentContext, PaymentEventOf } from "./payment_facts.ts";

/** A walk-out cart has its price: the issuer charges by itself and tells what came of it. */
export interface CartPriced {
  readonly type: "cart.priced";
  readonly cart: string;
  readonly gate: string;
  readonly amount_minor: number;
  readonly currency: string;
  readonly items: readonly Item[];
}

/** What the issuer says of a charge that it conducts without having been asked by a lane. */
export type WalkOutOutcome =
  /** Declined after the shopper had left: to be paid from the phone, or not at all. */
  { readonly type: "issuer.charge_owed"; readonly reason: string };
/** The price of a walk-out cart; its gate stands where a lane would. */
export function priced(event: PaymentEventOf<"cart.priced">): Partial<PaymentContext> {
  const { cart, gate, amount_minor, currency, items, at_ms } = event;
  return {
    cart,
    lane: gate,
    amount_minor,
    charge_minor: amount_minor,
    currency,
    items,
    opened_at_ms: at_ms,
  };
}
