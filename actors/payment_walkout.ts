/** What a payment of a walk-out cart hears that one at a lane does not. */
import { type Item, tell } from "./messages.ts";
import type { PaymentContext, PaymentEventOf } from "./payment_facts.ts";
import type { TripFact } from "./walkout.ts";

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

/** As its cart passes it on. */
type Charged =
  | WalkOutOutcome
  | { readonly type: "issuer.captured"; readonly receipt: string }
  | { readonly type: "issuer.declined"; readonly reason: string }
  | { readonly type: "issuer.reversed" };

/** The cart tells its payment: behind the price, so that the payment is there when it hears. */
export function passedOn(
  trip: string,
  { outcome, receipt, reason }: Extract<TripFact, { type: "issuer.trip_charged" }>,
) {
  const words: Readonly<Record<typeof outcome, Charged>> = {
    captured: { type: "issuer.captured", receipt: receipt ?? "" },
    owed: { type: "issuer.charge_owed", reason: reason ?? "declined" },
    declined: { type: "issuer.declined", reason: reason ?? "declined" },
    reversed: { type: "issuer.reversed" },
  };
  return tell<Charged>(`payment/${trip}`, words[outcome]);
}

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
