/**
 * Trips that were paid to the shop itself: its own people say so, and the service is told, which
 * lets their shopper in again.
 */
import type { Hono } from "hono";
import { z } from "zod";
import { decimal } from "../../runtime/money.ts";
import * as contract from "./contract.ts";
import type { Priced } from "./pricing.ts";
import type { Ledger } from "./ledger.ts";

const settlement = z.object({ trip: z.string().min(1).max(255) });

/** `POST /settlements`; whoever asks is known. */
export function settlements(app: Hono, ledger: Ledger): void {
  app.post("/settlements", async (context) => {
    const parsed = settlement.safeParse(await context.req.json().catch(() => null));
    if (!parsed.success) return context.json(contract.answers.invalid("body"), 400);
    return ledger.settle(parsed.data.trip)
      ? context.json({}, 200)
      : context.json(contract.answers.invalid("trip"), 409);
  });
}

/** A trip that the service must hear is paid. */
export interface Settled {
  readonly trip: string;
  readonly store: string;
  readonly priced: Priced;
}

/** The body of `POST /v1/feedback/payment-status`. */
export function statusOf({ trip, store, priced }: Settled, now_ms: number) {
  const amount = {
    amount: Number(decimal(priced.total_minor, priced.currency)),
    code: priced.currency,
  };
  return {
    storeId: store,
    shoppingTripId: trip,
    totalAmount: amount,
    settledAmount: amount,
    paymentStatusTime: Math.floor(now_ms / 1_000),
  };
}
