/**
 * What a merchant is owed for a day, by UTC: charges and refunds as they were receipted, added up
 * by store, and line by line. The same day asked again, once it is over, is the same settlement.
 */
import type { z } from "zod";
import type * as schemas from "../../../runtime/sync/contract/schemas.ts";
import { issuerLimits as limits } from "../limits.ts";
import { Refusal } from "../refusal.ts";
import type { ReceiptRow } from "../store/rows.ts";
import type { House } from "../world.ts";
import type { Merchants } from "./merchants.ts";

type Settlement = z.output<typeof schemas.settlement>;
type Sum = Settlement["stores"][number];
type Lines = z.output<typeof schemas.settlementLines>;

const day_ms = 86_400_000;

export class Settlements {
  constructor(readonly house: House, readonly merchants: Merchants) {}

  of(day: string): Settlement {
    const from_ms = startOf(day);
    const range = { above: from_ms - 1, below: from_ms + day_ms };
    const sums = new Map<string, Sum>();
    for (const row of this.house.store.tables.receipt.all("by_time", [], range)) {
      const sum = this.#sumOf(sums, row.store, row.currency);
      const charged = row.refund === "";
      sums.set(`${row.store} ${row.currency}`, {
        ...sum,
        charges: sum.charges + (charged ? 1 : 0),
        charged_minor: sum.charged_minor + (charged ? row.amount_minor : 0),
        refunds: sum.refunds + (charged ? 0 : 1),
        refunded_minor: sum.refunded_minor + (charged ? 0 : row.amount_minor),
        net_minor: sum.net_minor + (charged ? row.amount_minor : -row.amount_minor),
      });
    }
    const stores = [...sums.values()].toSorted((a, b) => a.store < b.store ? -1 : 1);
    return { day, over: this.house.clock.now_ms() >= from_ms + day_ms, stores };
  }

  /** One for each receipt, a page at a time; receipts of one millisecond are on one page. */
  lines(day: string, after?: string): Lines {
    const from_ms = startOf(day);
    const end_ms = from_ms + day_ms;
    const cursor_ms = after === undefined ? from_ms - 1 : Number(after);
    if (!Number.isSafeInteger(cursor_ms) || cursor_ms < from_ms - 1 || cursor_ms >= end_ms) {
      throw new Refusal("request_invalid", "after is no cursor of that day");
    }
    const { receipt } = this.house.store.tables;
    const limit = limits.settlement_page;
    const page = receipt.all("by_time", [], { above: cursor_ms, below: end_ms, limit });
    const last_ms = page.at(-1)?.captured_at_ms ?? cursor_ms;
    const full = page.length === limit;
    const whole = page.filter(({ captured_at_ms }) => !full || captured_at_ms < last_ms);
    // More in one millisecond than a page holds are a page all the same.
    const rows = full && whole.length === 0
      ? receipt.all("by_time", [], { above: last_ms - 1, below: last_ms + 1 })
      : whole;
    return {
      day,
      over: this.house.clock.now_ms() >= end_ms,
      lines: rows.map((row) => this.#line(row)),
      next: full ? String(rows.at(-1)?.captured_at_ms) : null,
    };
  }

  #line({ store, payment, refund, receipt, amount_minor, currency, captured_at_ms }: ReceiptRow) {
    const merchant = this.merchants.findStore(store)?.merchant ?? store;
    const charge = refund === "";
    return {
      ...{ store, merchant, payment, receipt, amount_minor, currency },
      kind: charge ? "charge" as const : "refund" as const,
      refund: charge ? null : refund,
      at_ms: captured_at_ms,
    };
  }

  #sumOf(sums: ReadonlyMap<string, Sum>, store: string, currency: string): Sum {
    const merchant = this.merchants.findStore(store)?.merchant ?? store;
    const none = { charges: 0, charged_minor: 0, refunds: 0, refunded_minor: 0, net_minor: 0 };
    return sums.get(`${store} ${currency}`) ?? { store, merchant, currency, ...none };
  }
}

/** The first millisecond of a day. */
function startOf(day: string): number {
  const from_ms = Date.parse(`${day}T00:00:00Z`);
  if (/^\d{4}-\d\d-\d\d$/.test(day) && !Number.isNaN(from_ms)) return from_ms;
  throw new Refusal("request_invalid", "A day is YYYY-MM-DD");
}
