/** Payments as they stand in the file: one row a payment of a store, whoever tries it how often. */
import type { z } from "zod";
import type * as schemas from "../../../runtime/sync/contract/schemas.ts";
import { Refusal } from "../refusal.ts";
import type { House } from "../world.ts";
import type { Store } from "./merchants.ts";

type AskAuthorise = z.output<typeof schemas.authorise>;

export interface Payment {
  readonly position: number;
  readonly store: string;
  readonly payment: string;
  readonly gateway: string;
  readonly state:
    | "pending"
    | "authorised"
    | "declined"
    | "capturing"
    | "captured"
    | "reversed"
    | "expired";
  readonly undo: number;
  readonly tries: number;
  readonly check_in: string | null;
  readonly account: string | null;
  readonly amount_minor: number;
  readonly currency: string;
  readonly items: string | null;
  readonly authorisation: string | null;
  readonly authorised_until_ms: number | null;
  readonly captures: number;
  readonly captured_minor: number;
  readonly receipt: string | null;
  readonly at_ms: number;
}

export class PaymentRows {
  readonly #house: House;

  constructor(house: House) {
    this.#house = house;
  }

  find(store: string, payment: string): Payment | undefined {
    const sql = "SELECT * FROM payment WHERE store = ? AND payment = ?";
    return this.#house.store.get<Payment>(sql, store, payment);
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

  /** Writes what was decided of a try; a declined payment's row becomes the next try's. */
  write(gateway: string, store: Store, ask: AskAuthorise, decided: {
    readonly state: Payment["state"];
    readonly account: string | null;
    readonly token: string | null;
    readonly reason: string | null;
  }): void {
    this.#house.store.run(
      `INSERT INTO payment (store, payment, gateway, state, tries, check_in, account, lane,
      operator, token, amount_minor, currency, items, evidence, reason, at_ms)
      VALUES (?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (store, payment) DO UPDATE SET state = excluded.state, tries = tries + 1,
      check_in = excluded.check_in, account = excluded.account, lane = excluded.lane,
      operator = excluded.operator, token = excluded.token, amount_minor = excluded.amount_minor,
      currency = excluded.currency, items = excluded.items, evidence = excluded.evidence,
      reason = excluded.reason, at_ms = excluded.at_ms`,
      store.store,
      ask.payment,
      gateway,
      decided.state,
      ask.check_in,
      decided.account,
      ask.lane,
      ask.operator,
      decided.token,
      ask.amount_minor,
      ask.currency,
      JSON.stringify(ask.items),
      JSON.stringify(ask.evidence),
      decided.reason,
      this.#house.clock.now_ms(),
    );
  }
}
