/** The gateway's and the issuer's books of a store, as reconciliation wants them. */
import type { Gateway } from "../../runtime/gateway.ts";
import type { Ledger } from "../../runtime/sync/contract/schemas.ts";
import { type Books, type GatewayPayment, reconcile } from "../demo/reconcile.ts";

/** Payments that are looked at: a demo store's life. */
const payments_at_most = 100_000;

/** Every payment that the gateway has on its disk. */
export function gatewayBook(gateway: Gateway): GatewayPayment[] {
  return gateway.payments(payments_at_most).map(({ address, state, context }) => ({
    payment: address.slice("payment/".length),
    state: String(state),
    visit: text(context["selected"]),
    amount_minor: Number(context["charge_minor"]),
    currency: String(context["currency"]),
    receipt: text(context["receipt"]),
  }));
}

/** Payments that are under way. What is owed after a walk-out may be for days. */
export function unsettled(gateway: Gateway): number {
  return gateway.engine.views("payment").filter(({ done, state }) => !done && state !== "owing")
    .length;
}

export async function issuerBook(gateway: Gateway): Promise<Ledger["payments"]> {
  return (await Array.fromAsync(gateway.issuer.ledger())).flat();
}

/** Prints every violation, one line each; how many there are. */
export function complaints(books: Books, print: (line: string) => void): number {
  const violations = reconcile(books);
  for (const { payment, kind, detail } of violations) {
    print(`violation: ${kind} at payment ${payment}: ${detail}`);
  }
  return violations.length;
}

function text(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
