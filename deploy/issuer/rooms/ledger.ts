/**
 * What can be read of payments afterwards: receipts by the shopper, the ledger by the gateway that
 * asked for them.
 */
import type { z } from "zod";
import type * as schemas from "../../../runtime/sync/contract/schemas.ts";
import { InvariantError } from "../../../runtime/errors.ts";
import { toHex, utf8 } from "../../../runtime/vault/bytes.ts";
import { issuerLimits as limits } from "../limits.ts";
import { Refusal } from "../refusal.ts";
import type { House } from "../world.ts";
import type { Merchants } from "./merchants.ts";
import type { PaymentRow as Payment } from "../store/rows.ts";

export class Ledger {
  readonly #house: House;
  readonly #merchants: Merchants;
  readonly #secret: Uint8Array;

  constructor(house: House, merchants: Merchants) {
    this.#house = house;
    this.#merchants = merchants;
    const { vault, sealing } = house;
    this.#secret = vault.hmacSha256(sealing.privateKey, utf8("saunter receipts 1"));
  }

  /** Writes the shopper's receipt, in the transaction of the capture or the refund; answers its
   * name. */
  writeReceipt(payment: Payment, amount_minor: number, refund = ""): string {
    const { store, clock } = this.#house;
    if (payment.account === null || payment.items === null) {
      throw new InvariantError("a payment without an account or items was captured");
    }
    const receipt = this.#nameOf(payment, refund);
    const { account, items, currency } = payment;
    const receipts = store.tables.receipt;
    receipts.insert({
      account,
      sequence: this.#next(account),
      receipt,
      payment: payment.payment,
      store: payment.store,
      merchant_name: this.#merchants.findStore(payment.store)?.merchant_name ?? payment.store,
      amount_minor,
      currency,
      items,
      captured_at_ms: clock.now_ms(),
      refund,
    });
    return receipt;
  }

  /** A receipt's name, which nobody can guess and which is the same when a payment must be booked
   * once more in a file that is older than its receipt. */
  #nameOf({ store, payment, tries }: Payment, refund: string): string {
    const of = utf8(JSON.stringify([store, payment, tries, refund]));
    return `receipt-${toHex(this.#house.vault.hmacSha256(this.#secret, of).subarray(0, 12))}`;
  }

  /** What is told to the shopper counts on, whatever it is: never below the time, so that a phone
   * which has read further than a restored backup goes is told what comes after. */
  #next(account: string): number {
    const { store: { tables }, clock } = this.#house;
    const last = [tables.receipt, tables.refusal]
      .map((table) => table.last("of_account", account)?.sequence ?? 0);
    return Math.max(clock.now_ms(), ...last.map((sequence) => sequence + 1));
  }

  /** Tells the shopper of what a store accepted and nobody is charged for. */
  writeRefusal(
    { account, payment, store, currency }: Payment,
    told: { accepted_at_ms: number; amount_minor: number; reason: string },
  ): void {
    if (account === null) return;
    const { tables } = this.#house.store;
    if (tables.refusal.first("by_payment", store, payment)) return;
    tables.refusal.insert({
      account,
      sequence: this.#next(account),
      payment,
      store,
      currency,
      ...told,
      refused_at_ms: this.#house.clock.now_ms(),
    });
  }

  receipts(
    account: string,
    after: number,
  ): Pick<z.output<typeof schemas.receipts>, "receipts" | "refusals"> {
    const page = { above: after, limit: limits.receipts_page };
    const { tables } = this.#house.store;
    const receipts = tables.receipt.all("of_account", [account], page);
    const refusals = tables.refusal.all("of_account", [account], page);
    // A page that is full ends before what came later; the other one ends there as well.
    const endOf = (rows: readonly { readonly sequence: number }[]) =>
      rows.length < limits.receipts_page ? Infinity : rows.at(-1)?.sequence ?? Infinity;
    const end = Math.min(endOf(receipts), endOf(refusals));
    const told = ({ sequence }: { readonly sequence: number }) => sequence <= end;
    return {
      refusals: refusals.filter(told).map(({ account: _, ...row }) => ({
        ...row,
        merchant_name: this.#merchants.findStore(row.store)?.merchant_name ?? row.store,
      })),
      receipts: receipts.filter(told).map((row) => ({
        sequence: row.sequence,
        receipt: row.receipt,
        payment: row.payment,
        merchant_name: row.merchant_name,
        store: row.store,
        amount_minor: row.amount_minor,
        currency: row.currency,
        items: JSON.parse(row.items),
        captured_at_ms: row.captured_at_ms,
        refund: row.refund === "" ? null : row.refund,
      })),
    };
  }

  /** The gateway's payments, in the order in which they first came. One of which the acquirer has
   * not said anything yet is not in it. */
  page(gateway: string, after: string | undefined): z.output<typeof schemas.ledger> {
    const from = Number(after ?? 0);
    if (!Number.isSafeInteger(from)) throw new Refusal("request_invalid", "after is no cursor");
    const page = { above: from, limit: limits.ledger_page };
    const rows = this.#house.store.tables.payment.all("of_gateway", [gateway], page);
    return {
      payments: rows.flatMap((row) => {
        if (row.state === "pending" || row.state === "awaiting_approval") return [];
        return [{
          payment: row.payment,
          gateway: row.gateway,
          check_in: row.check_in,
          account: row.account,
          state: row.state === "capturing" ? "authorised" as const : row.state,
          amount_minor: row.state === "captured" ? row.captured_minor : row.amount_minor,
          currency: row.currency,
          captures: row.captures,
          refunded_minor: row.refunded_minor,
          receipt: row.receipt,
          at_ms: row.at_ms,
        }];
      }),
      next: rows.length < limits.ledger_page ? null : String(rows.at(-1)?.position),
    };
  }
}
