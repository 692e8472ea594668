/**
 * What can be read of payments afterwards: receipts by the shopper, the ledger by the gateway that
 * asked for them.
 */
import type { z } from "zod";
import type * as schemas from "../../../runtime/sync/contract/schemas.ts";
import { InvariantError } from "../../../runtime/errors.ts";
import { issuerLimits as limits } from "../limits.ts";
import { Refusal } from "../refusal.ts";
import type { House } from "../world.ts";
import { newId } from "./keys.ts";
import type { Merchants } from "./merchants.ts";
import type { Payment } from "./payment_rows.ts";

interface ReceiptRow extends Omit<z.output<typeof schemas.receipt>, "items"> {
  readonly items: string;
}

export class Ledger {
  readonly #house: House;
  readonly #merchants: Merchants;

  constructor(house: House, merchants: Merchants) {
    this.#house = house;
    this.#merchants = merchants;
  }

  /** Writes the shopper's receipt, in the transaction of the capture; answers its name. */
  writeReceipt(payment: Payment, amount_minor: number): string {
    const { store, random, clock } = this.#house;
    if (payment.account === null || payment.items === null) {
      throw new InvariantError("a payment without an account or items was captured");
    }
    const receipt = newId(random, "receipt");
    store.run(
      `INSERT INTO receipt SELECT ?, coalesce(max(sequence), 0) + 1, ?, ?, ?, ?, ?, ?, ?, ?
      FROM receipt WHERE account = ?`,
      payment.account,
      receipt,
      payment.payment,
      payment.store,
      this.#merchants.findStore(payment.store)?.merchant_name ?? payment.store,
      amount_minor,
      payment.currency,
      payment.items,
      clock.now_ms(),
      payment.account,
    );
    return receipt;
  }

  receipts(account: string, after: number): z.output<typeof schemas.receipts> {
    const rows = this.#house.store.all<ReceiptRow>(
      "SELECT * FROM receipt WHERE account = ? AND sequence > ? ORDER BY sequence LIMIT ?",
      account,
      after,
      limits.receipts_page,
    );
    return {
      receipts: rows.map((row) => ({
        sequence: row.sequence,
        receipt: row.receipt,
        payment: row.payment,
        merchant_name: row.merchant_name,
        store: row.store,
        amount_minor: row.amount_minor,
        currency: row.currency,
        items: JSON.parse(row.items),
        captured_at_ms: row.captured_at_ms,
      })),
    };
  }

  /** The gateway's payments, in the order in which they first came. One of which the acquirer has
   * not said anything yet is not in it. */
  page(gateway: string, after: string | undefined): z.output<typeof schemas.ledger> {
    const from = Number(after ?? 0);
    if (!Number.isSafeInteger(from)) throw new Refusal("request_invalid", "after is no cursor");
    const rows = this.#house.store.all<Payment>(
      "SELECT * FROM payment WHERE gateway = ? AND position > ? ORDER BY position LIMIT ?",
      gateway,
      from,
      limits.ledger_page,
    );
    return {
      payments: rows.flatMap((row) => {
        if (row.state === "pending") return [];
        return [{
          payment: row.payment,
          gateway: row.gateway,
          check_in: row.check_in,
          account: row.account,
          state: row.state === "capturing" ? "authorised" as const : row.state,
          amount_minor: row.state === "captured" ? row.captured_minor : row.amount_minor,
          currency: row.currency,
          captures: row.captures,
          receipt: row.receipt,
          at_ms: row.at_ms,
        }];
      }),
      next: rows.length < limits.ledger_page ? null : String(rows.at(-1)?.position),
    };
  }
}
