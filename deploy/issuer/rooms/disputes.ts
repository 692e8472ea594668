/**
 * Lines of a walk-out receipt that its shopper says are wrong, within a day: the store looks at
 * what it saw and decides, or does not, and what is granted is given back once.
 */
import type { z } from "zod";
import type * as schemas from "../../../runtime/sync/contract/schemas.ts";
import { issuerLimits as limits } from "../limits.ts";
import { Refusal } from "../refusal.ts";
import type { DisputeRow, TripRow } from "../store/trip_tables.ts";
import type { House } from "../world.ts";
import { AskedAgain } from "./asked_again.ts";
import type { Feed } from "./feed.ts";
import type { Idempotency } from "./idempotency.ts";
import { newId } from "./keys.ts";
import type { Refunds } from "./refunds.ts";
import type { Trips } from "./trips.ts";

interface Line {
  readonly name: string;
  readonly gtin?: string;
  readonly quantity: number;
  readonly amount_minor: number;
}

export class Disputes {
  readonly #again: AskedAgain<DisputeRow>;

  constructor(
    readonly house: House,
    readonly trips: Trips,
    readonly feed: Feed,
    readonly refunds: Refunds,
    readonly idempotency: Idempotency,
  ) {
    this.#again = new AskedAgain(house);
  }

  /** The same line and units again are the same dispute; a line is disputed once. */
  raise(
    account: string,
    trip: string,
    { line, units }: z.output<typeof schemas.disputeLine>,
  ): { dispute: string } {
    const { tables } = this.house.store;
    const found = this.trips.find(trip);
    if (found?.account !== account || found.items === null) throw new Refusal("trip_unknown");
    const known = tables.dispute.all("of_trip", [trip]);
    const same = known.find((row) => row.line === line);
    if (same !== undefined && same.units !== units) throw new Refusal("dispute_differs");
    if (same !== undefined) return { dispute: same.dispute };
    const item = (JSON.parse(found.items) as Line[])[line];
    this.#fault(found, item, units, known.length);
    const dispute = newId(this.house.random, "dispute");
    const share = units / (item?.quantity ?? 1);
    tables.dispute.insert({
      dispute,
      trip,
      account,
      line,
      units,
      amount_minor: Math.round((item?.amount_minor ?? 0) * share),
      granted: null,
      operator: null,
      raised_at_ms: this.house.clock.now_ms(),
    });
    const gtin = item?.gtin ?? null;
    this.feed.add(
      found.gateway,
      { type: "trip.disputed", trip, dispute, line, units, gtin },
      this.house.clock.now_ms() + limits.trip_feed_ms,
    );
    return { dispute };
  }

  /** The store's word; the first one counts. What is granted is given back. */
  async decide(gateway: string, ask: z.output<typeof schemas.decideDispute>) {
    const row = this.house.store.transaction(() => this.#decide(gateway, ask));
    const granted = row.granted === 1;
    // Whoever said so first: the same refund again is the same request.
    if (granted && row.amount_minor > 0) await this.#giveBack(row, row.operator ?? ask.operator);
    return { dispute: row.dispute, granted };
  }

  /** Grants what no gateway has decided in its time: one that was put back to an old disk may have
   * forgotten the cart. Given back first, and noted then, so that a crash between is made good. */
  async settle(): Promise<void> {
    const { clock, settings, store, log } = this.house;
    const { dispute: disputes } = store.tables;
    const up_to = clock.now_ms() - settings.dispute_ms;
    await this.#again.all({
      due: (page) => disputes.all("undecided", [], { up_to, ...page }),
      nameOf: ({ dispute }) => dispute,
      ask: async ({ dispute }) => {
        const row = disputes.get(dispute);
        if (row?.granted !== null) return;
        if (row.amount_minor > 0) await this.#giveBack(row, "issuer");
        store.transaction(() => this.#grant(dispute, "issuer"));
      },
      failed: ({ dispute }, error) =>
        log("warn", "a dispute is not granted yet", { dispute, reason: String(error) }),
    });
  }

  #grant(dispute: string, operator: string): void {
    const { dispute: disputes } = this.house.store.tables;
    const found = disputes.get(dispute);
    if (found?.granted === null) disputes.change(found, { granted: 1, operator });
  }

  #decide(gateway: string, ask: z.output<typeof schemas.decideDispute>): DisputeRow {
    const { dispute: disputes } = this.house.store.tables;
    const found = disputes.get(ask.dispute);
    const trip = found && this.trips.find(found.trip);
    if (!found || trip?.gateway !== gateway) throw new Refusal("dispute_unknown");
    const late = this.house.clock.now_ms() - found.raised_at_ms >= this.house.settings.dispute_ms;
    if (found.granted === null) {
      // After its time it is granted, whatever is said: it may be on its way back already, in the
      // issuer's own name, and another name would be another refund.
      const granted = ask.granted || late ? 1 : 0;
      disputes.change(found, { granted, operator: late ? "issuer" : ask.operator });
    }
    return disputes.get(ask.dispute)!;
  }

  async #giveBack({ dispute, trip, amount_minor }: DisputeRow, operator: string): Promise<void> {
    const found = this.trips.find(trip);
    if (found === undefined) throw new Refusal("trip_unknown");
    const { gateway, currency } = found;
    const { outcome } = await this.refunds.refundTrip(gateway, {
      refund: dispute,
      payment: trip,
      amount_minor,
      currency,
      operator,
      reason: "line disputed",
    });
    if (outcome === "refused") {
      this.house.log("error", "a disputed line was granted and not given back", { dispute });
    }
  }

  #fault(found: TripRow, item: Line | undefined, units: number, raised: number): void {
    const since_ms = found.ended_at_ms ?? found.entered_at_ms;
    if (found.state !== "paid") throw new Refusal("dispute_over", "Only a paid trip is disputed");
    if (this.house.clock.now_ms() - since_ms > this.house.settings.disputable_ms) {
      throw new Refusal("dispute_over");
    }
    if (item === undefined || units > item.quantity) {
      throw new Refusal("request_invalid", "line: the receipt has no such line, or not so many");
    }
    if (raised >= limits.disputes_of_trip) throw new Refusal("disputes_enough");
  }
}
