/**
 * What a merchant is owed for a day, by UTC: charges and refunds as they were receipted, added up
 * by store. The same day asked again, once it is over, is the same settlement.
 */
import type { z } from "zod";
import type * as schemas from "../../../runtime/sync/contract/schemas.ts";
import { Refusal } from "../refusal.ts";
import type { House } from "../world.ts";
import type { Merchants } from "./merchants.ts";

type Settlement = z.output<typeof schemas.settlement>;
type Sum = Settlement["stores"][number];

const day_ms = 86_400_000;

export class Settlements {
  constructor(readonly house: House, readonly merchants: Merchants) {}

  of(day: string): Settlement {
    const from_ms = Date.parse(`${day}T00:00:00Z`);
    if (!/^\d{4}-\d\d-\d\d$/.test(day) || Number.isNaN(from_ms)) {
      throw new Refusal("request_invalid", "A day is YYYY-MM-DD");
    }
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

  #sumOf(sums: ReadonlyMap<string, Sum>, store: string, currency: string): Sum {
    const merchant = this.merchants.findStore(store)?.merchant ?? store;
    const none = { charges: 0, charged_minor: 0, refunds: 0, refunded_minor: 0, net_minor: 0 };
    return sums.get(`${store} ${currency}`) ?? { store, merchant, currency, ...none };
  }
}
