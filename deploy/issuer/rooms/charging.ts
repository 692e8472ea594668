/**
 * How the acquirer is asked for a walk-out trip: what must be asked is a wish in the file, and each
 * is carried out until it has an answer, whoever wished it and whenever a process ended.
 */
import type { FeedItem } from "../../../runtime/sync/contract/schemas.ts";
import type { Taken } from "../acquirer.ts";
import { ConnectorRefusal } from "../connector_refusal.ts";
import { issuerLimits as limits } from "../limits.ts";
import type { TripRow } from "../store/trip_tables.ts";
import type { House } from "../world.ts";
import type { Accounts } from "./accounts.ts";
import { AskedAgain } from "./asked_again.ts";
import type { Feed } from "./feed.ts";
import { newId } from "./keys.ts";
import type { Ledger } from "./ledger.ts";
import { type Payment, type PaymentRows, requestOf } from "./payment_rows.ts";
import type { Trips } from "./trips.ts";

/** The rooms next to this one. */
export interface ChargingNeeds {
  readonly house: House;
  readonly accounts: Accounts;
  readonly trips: Trips;
  readonly ledger: Ledger;
  readonly feed: Feed;
  readonly rows: PaymentRows;
}

type Charged = Extract<FeedItem["body"], { type: "trip.charged" }>["outcome"];

/** The payment service names no lines. */
export const inOneLine = (
  amount_minor: number,
) => [{ name: "Walk-out", quantity: 1, amount_minor }];

/** Why a trip is charged anew, where its shopper wants to pay what is owed: that is taken at once,
 * since nobody else waits to take it. */
export const paidByShopper = "paid_by_shopper";

export class Charging {
  readonly #rooms: ChargingNeeds;
  readonly #again: AskedAgain<TripRow>;
  /** Trips whose acquirer is being asked. */
  readonly #running = new Map<string, Promise<void>>();

  constructor(rooms: ChargingNeeds) {
    this.#rooms = rooms;
    this.#again = new AskedAgain(rooms.house);
  }

  /** Everything that the acquirer must still be asked. */
  async settleAll(): Promise<void> {
    const { store, log } = this.#rooms.house;
    await this.#again.all({
      due: (page) => store.tables.trip.all("due", [], page),
      nameOf: ({ trip }) => trip,
      ask: ({ trip }) => this.settle(trip),
      failed: ({ trip }, error) =>
        log("warn", "a trip is not charged yet", { trip, reason: String(error) }),
    });
  }

  /** Asks the acquirer for one trip; resolves when there is nothing more to ask now. */
  async settle(trip: string): Promise<void> {
    const running = this.#running.get(trip);
    if (running !== undefined) return await running;
    const work = this.#work(trip).finally(() => void this.#running.delete(trip));
    this.#running.set(trip, work);
    await work;
  }

  async #work(trip: string): Promise<void> {
    const { acquirer, store } = this.#rooms.house;
    for (;;) {
      const found = this.row(trip);
      const payment = this.#rooms.rows.find(found.store, trip);
      if (found.due === 0 || payment === undefined) return;
      if (payment.state === "pending") {
        // What an earlier try may still hold goes first: it would be held twice.
        if (await this.#takenBefore(found, payment)) continue;
        const result = await acquirer.authorise(requestOf(this.#rooms.accounts, payment));
        store.transaction(() =>
          this.#authorised(trip, result.outcome === "declined" ? result.reason : null)
        );
      } else if (payment.state === "capturing") {
        const result = await acquirer.capture(requestOf(this.#rooms.accounts, payment));
        store.transaction(() => this.#captured(trip, result));
      } else return void store.transaction(() => store.tables.trip.change(found, { due: 0 }));
    }
  }

  /** True when an earlier try turns out to be captured, which an older file of ours forgot: it is
   * taken as this one. */
  async #takenBefore(found: TripRow, payment: Payment): Promise<boolean> {
    if (payment.tries === 1) return false;
    const { acquirer, store } = this.#rooms.house;
    const tries = payment.tries - 1;
    const told = await acquirer.reverse(requestOf(this.#rooms.accounts, payment, tries));
    if (told.outcome === "reversed") return false;
    const amount_minor = told.captured_minor;
    store.transaction(() => {
      store.tables.payment.change(payment, { state: "capturing", tries, amount_minor });
      store.tables.trip.change(found, { state: "charging" });
    });
    return true;
  }

  /** What was to be let go of is taken: the trip is paid, and its gateway told. */
  learned({ payment }: Payment, receipt: string): void {
    const found = this.#rooms.trips.find(payment);
    if (found === undefined) return;
    this.#rooms.trips.close(found, "paid", null);
    this.tell(found, "captured", receipt, null);
  }

  #authorised(trip: string, declined: string | null): void {
    const { tables } = this.#rooms.house.store;
    const found = this.row(trip);
    const payment = this.#rooms.rows.found(found.store, trip);
    if (payment.state !== "pending") {
      // It was cancelled while the acquirer was asked: what is held by now must go again.
      tables.payment.change(payment, { undo: payment.undo + 1 });
      return;
    }
    if (declined !== null) return this.owed(found, payment, declined);
    const capture = found.mode === "checkout" || found.reason === paidByShopper;
    tables.payment.change(payment, {
      state: capture ? "capturing" : "authorised",
      authorisation: newId(this.#rooms.house.random, "authorisation"),
      authorised_until_ms: found.expires_ms,
      reason: null,
    });
    if (!capture) tables.trip.change(found, { state: "held", due: 0, reason: null });
  }

  #captured(
    trip: string,
    result: Taken | { readonly outcome: "refused"; readonly reason: string },
  ): void {
    const { store: { tables }, clock } = this.#rooms.house;
    const found = this.row(trip);
    const payment = this.#rooms.rows.found(found.store, trip);
    if (payment.state !== "capturing") return;
    if (result.outcome === "refused") {
      tables.payment.change(payment, { undo: payment.undo + 1 });
      return this.owed(found, this.#rooms.rows.found(found.store, trip), result.reason);
    }
    const { captured_minor } = result;
    // Taken before, which an older file of ours forgot, is not taken again for another amount.
    if (captured_minor !== payment.amount_minor) this.total(found, payment, captured_minor);
    const taken = this.#rooms.rows.found(found.store, trip);
    const receipt = this.#rooms.ledger.writeReceipt(taken, captured_minor);
    tables.payment.change(payment, {
      state: "captured",
      captures: payment.captures + 1,
      amount_minor: captured_minor,
      captured_minor,
      receipt,
      at_ms: clock.now_ms(),
    });
    this.#rooms.trips.close(found, "paid", null);
    this.tell(found, "captured", receipt, null);
  }

  /** What trip and receipt say of a total: one line. */
  total(found: TripRow, payment: Payment, total_minor: number): void {
    const { tables } = this.#rooms.house.store;
    const items = JSON.stringify(inOneLine(total_minor));
    tables.trip.change(found, { total_minor, items });
    tables.payment.change(payment, { items });
  }

  /** Declined after the shopper has left: it is owed, and the phone says so. */
  owed(found: TripRow, payment: Payment, reason: string): void {
    const { tables } = this.#rooms.house.store;
    tables.payment.change(payment, { state: "declined", reason });
    tables.trip.change(found, { state: "owed", due: 0, reason });
    this.tell(found, "owed", null, reason);
  }

  /** The trip as it stands now. */
  row(trip: string): TripRow {
    const found = this.#rooms.trips.find(trip);
    if (found === undefined) throw new ConnectorRefusal("UnknownShoppingTrip");
    return found;
  }

  /** Tells the gateway how the charge ended. */
  tell(
    { gateway, trip }: TripRow,
    outcome: Charged,
    receipt: string | null,
    reason: string | null,
  ): void {
    this.feed(gateway, { type: "trip.charged", trip, outcome, receipt, reason });
  }

  /** Tells a gateway something of a trip. */
  feed(gateway: string, body: FeedItem["body"]): void {
    this.#rooms.feed.add(gateway, body, this.#rooms.house.clock.now_ms() + limits.trip_feed_ms);
  }

  /** As `settle`; trouble is told, and the sweep tries again. */
  soon(trip: string): void {
    this.settle(trip).catch((error: unknown) =>
      this.#rooms.house.log("warn", "a trip is not charged yet", { trip, reason: String(error) })
    );
  }
}
