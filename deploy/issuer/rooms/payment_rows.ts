/** Payments as they stand in the file: one row a payment of a store, whoever tries it how often. */
import type { z } from "zod";
import type * as schemas from "../../../runtime/sync/contract/schemas.ts";
import type { AcquirerRequest } from "../acquirer.ts";
import { Refusal } from "../refusal.ts";
import type { PaymentRow } from "../store/rows.ts";
import type { House } from "../world.ts";
import type { Accounts } from "./accounts.ts";
import type { Store } from "./merchants.ts";

type AskAuthorise = z.output<typeof schemas.authorise>;

export type Payment = PaymentRow;

/** A payment of which nothing is known yet. */
export const newPayment = {
  position: 0,
  undo: 0,
  tries: 0,
  check_in: null,
  account: null,
  instrument: null,
  lane: null,
  operator: null,
  token: null,
  amount_minor: 0,
  items: null,
  evidence: null,
  confirmed_by: null,
  authorisation: null,
  authorised_until_ms: null,
  captures: 0,
  captured_minor: 0,
  refunded_minor: 0,
  receipt: null,
  reason: null,
  accepted_at_ms: null,
  allowance: null,
} as const;

export class PaymentRows {
  readonly #house: House;

  constructor(house: House) {
    this.#house = house;
  }

  find(store: string, payment: string): Payment | undefined {
    return this.#house.store.tables.payment.first("by_name", store, payment);
  }

  /** A walk-out trip's has deadlines of its own, and whoever charges it sees to them. */
  isOfTrip({ store, payment }: Payment): boolean {
    return this.#house.store.tables.trip.get(payment)?.store === store;
  }

  /** One that must be there. */
  found(store: string, payment: string): Payment {
    const found = this.find(store, payment);
    if (!found) throw new Refusal("payment_unknown");
    return found;
  }

  /** The payment, if it is this gateway's. */
  own(gateway: string, store: Store, payment: string): Payment | undefined {
    const found = this.find(store.store, payment);
    if (found && found.gateway !== gateway) throw new Refusal("payment_foreign");
    return found;
  }

  /** By which an account pays now. */
  instrumentOf(account: string | null): string | null {
    return this.#house.store.tables.account.get(account ?? "")?.instrument ?? null;
  }

  /** Writes what was decided of a try; a declined payment's row becomes the next try's. */
  write(gateway: string, store: Store, ask: AskAuthorise, decided: {
    readonly state: Payment["state"];
    readonly account: string | null;
    readonly token: string | null;
    readonly reason: string | null;
  }): void {
    const { payment } = this.#house.store.tables;
    const known = this.find(store.store, ask.payment);
    const row = {
      ...newPayment,
      ...known,
      store: store.store,
      payment: ask.payment,
      gateway,
      ...decided,
      instrument: this.instrumentOf(decided.account),
      tries: (known?.tries ?? 0) + 1,
      check_in: ask.check_in,
      lane: ask.lane,
      operator: ask.operator,
      amount_minor: ask.amount_minor,
      currency: ask.currency,
      items: JSON.stringify(ask.items),
      evidence: JSON.stringify(ask.evidence),
      confirmed_by: ask.confirmed_by ?? null,
      at_ms: this.#house.clock.now_ms(),
    };
    if (known) payment.change(known, row);
    else payment.insert(row);
  }

  /** A stone for a payment that never came: whatever comes for it later is refused. The acquirer
   * has yet to let go of a first try, which a restored backup would not know of. */
  writeReversed(gateway: string, store: Store, payment: string, reason: string): Payment {
    return this.#house.store.tables.payment.insert({
      ...newPayment,
      tries: 1,
      undo: 1,
      store: store.store,
      payment,
      gateway,
      state: "reversed",
      currency: store.currency,
      reason,
      at_ms: this.#house.clock.now_ms(),
    });
  }
}

/** What the acquirer is asked: the same for every repeat of one try, whatever the account pays by
 * since, and another one for the next. */
export function requestOf(
  accounts: Accounts,
  row: Payment,
  attempt = row.tries,
): AcquirerRequest {
  const { store, payment, amount_minor, currency } = row;
  const instrument = row.instrument ?? accounts.find(row.account ?? "")?.instrument ?? "";
  return { reference: `${store}/${payment}/${attempt}`, instrument, amount_minor, currency };
}
