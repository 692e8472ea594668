/**
 * What a walk-out trip costs and how it is to be paid: the retailer's price becomes a payment, the
 * phone is asked above a limit, and the retailer adjusts, takes or lets go of what is held.
 */
// long because every word of the retailer's about a charge is to be seen beside the next
import { decimal } from "../../../runtime/money.ts";
import { Refusal } from "../refusal.ts";
import { ConnectorRefusal } from "../connector_refusal.ts";
import { issuerLimits as limits } from "../limits.ts";
import type { ApprovalRow } from "../store/rows.ts";
import type { TripRow } from "../store/trip_tables.ts";
import type { House } from "../world.ts";
import type { Accounts } from "./accounts.ts";
import type { Approvals } from "./approvals.ts";
import { forDue, Pages } from "./due.ts";
import type { Feed } from "./feed.ts";
import { newId } from "./keys.ts";
import { Charging, inOneLine, paidByShopper } from "./charging.ts";
import type { Ledger } from "./ledger.ts";
import type { Merchants } from "./merchants.ts";
import { newPayment, type Payment, type PaymentRows } from "./payment_rows.ts";
import type { Trips } from "./trips.ts";

export interface Price {
  readonly total_minor: number;
  readonly items: readonly {
    readonly name: string;
    readonly gtin?: string | undefined;
    readonly quantity: number;
    readonly amount_minor: number;
  }[];
}

export interface ChargeNeeds {
  readonly house: House;
  readonly accounts: Accounts;
  readonly merchants: Merchants;
  readonly trips: Trips;
  readonly approvals: Approvals;
  readonly ledger: Ledger;
  readonly feed: Feed;
  readonly rows: PaymentRows;
}

export class Charges {
  /** What the acquirer is asked. */
  readonly charging: Charging;
  readonly #over = new Pages<TripRow>();

  constructor(readonly rooms: ChargeNeeds) {
    this.charging = new Charging(rooms);
    rooms.approvals.onConcluded = (found, amount_minor) => this.#answered(found, amount_minor);
  }

  get house(): House {
    return this.rooms.house;
  }

  /** The retailer's price: answers the order, the same for the same words. The charge follows. */
  checkout(merchant: string, trip: string, store: string, price: Price, hash: string): string {
    const found = this.ofMerchant(merchant, trip, store, "UnknownShoppingTripException");
    if (found.order_id !== null && found.checkout_hash === hash) return found.order_id;
    if (found.state !== "open") {
      const late = found.state === "ended";
      throw new ConnectorRefusal(
        late ? "ShoppingTripExpiredException" : "InvalidRequestException",
        "idempotentShoppingTripId",
      );
    }
    this.#alive(found);
    const order_id = newId(this.house.random, "order");
    const { trip: trips } = this.house.store.tables;
    trips.change(found, { order_id, checkout_hash: hash });
    if (price.total_minor === 0) this.#cancelled(found, "nothing_to_pay");
    else this.#price(this.charging.row(trip), price, "checkout");
    return order_id;
  }

  /** Holds this much in all: `APPROVED`, `DECLINED` or `PENDING` (the phone is asked, of this total
   * or of the one before). */
  async adjust(merchant: string, trip: string, store: string, total_minor: number) {
    // The total before, where that is under way: the acquirer's answer to it comes first.
    await this.charging.settle(trip);
    this.house.store.transaction(() => this.#wishHeld(merchant, trip, store, total_minor));
    await this.charging.settle(trip);
    const { state, currency } = this.charging.row(trip);
    const payment = this.rooms.rows.find(store, trip);
    const held = state === "held" || state === "paid";
    return {
      status: held ? "APPROVED" : state === "owed" || state === "unpaid" ? "DECLINED" : "PENDING",
      authorizedAmount: {
        amount: held && payment ? Number(decimal(payment.amount_minor, currency)) : 0,
        code: currency,
      },
    };
  }

  /** Takes what is held, or less. The same again is the same. */
  async capture(merchant: string, trip: string, store: string, amount_minor: number) {
    this.house.store.transaction(() => {
      const found = this.ofMerchant(merchant, trip, store, "UnknownShoppingTrip");
      const payment = this.rooms.rows.find(store, trip);
      const taken = found.state === "paid" || payment?.state === "capturing";
      if (taken && found.total_minor === amount_minor) return;
      this.#alive(found);
      if (found.state !== "held" || payment === undefined) {
        throw new ConnectorRefusal("BadRequestException", "shoppingTripId");
      }
      if (amount_minor > payment.amount_minor) {
        throw new ConnectorRefusal("BadRequestException", "amount");
      }
      const { tables } = this.house.store;
      tables.payment.change(payment, { state: "capturing", amount_minor });
      this.charging.total(found, payment, amount_minor);
      tables.trip.change(found, { due: 1, state: "charging" });
    });
    await this.charging.settle(trip);
    const { state } = this.charging.row(trip);
    if (state === "charging") throw new ConnectorRefusal("ServiceUnavailableException");
    if (state !== "paid") throw new ConnectorRefusal("BadRequestException", "shoppingTripId");
  }

  /** Lets go of what is held: nothing is to be paid. The same again is the same. */
  cancel(merchant: string, trip: string, store: string): void {
    const found = this.ofMerchant(merchant, trip, store, "UnknownShoppingTrip");
    if (found.state === "cancelled") return;
    const payment = this.rooms.rows.find(store, trip);
    if (found.state === "paid") throw new ConnectorRefusal("BadRequestException", "shoppingTripId");
    // It is being taken: whether that works decides first.
    if (payment?.state === "capturing") throw new ConnectorRefusal("ServiceUnavailableException");
    if (found.state !== "ended") this.#alive(found);
    if (payment !== undefined) this.#letGo(payment, "retailer_cancelled");
    this.#cancelled(found, "retailer_cancelled", payment !== undefined);
  }

  /** What the retailer says was paid to it in another way: all of it, or not. Either way nothing
   * is charged here any more, and what is held for it goes. */
  status(
    merchant: string,
    trip: string,
    store: string,
    settled_minor: number,
    total_minor: number,
  ) {
    const found = this.ofMerchant(merchant, trip, store, "UnknownShoppingTrip");
    // What was paid, or let go of, owes nothing, whatever is said again or late.
    if (found.state === "paid" || found.state === "cancelled") return;
    const payment = this.rooms.rows.find(store, trip);
    // It is being taken: whether that works decides first.
    if (payment?.state === "capturing") throw new ConnectorRefusal("ServiceUnavailableException");
    const under_way = payment !== undefined && found.ended_at_ms === null;
    if (settled_minor < total_minor) {
      if (under_way) this.#letGo(payment, "retailer_unpaid");
      this.rooms.trips.close(found, "unpaid", "retailer_unpaid");
      if (under_way) this.charging.tell(found, "declined", null, "retailer_unpaid");
    } else if (under_way) {
      this.#letGo(payment, "settled_with_retailer");
      this.#cancelled(found, "settled_with_retailer", true);
    } else if (found.state === "unpaid") {
      this.rooms.trips.close(found, "cancelled", "settled_with_retailer");
    } else if (found.state === "open") this.#cancelled(found, "settled_with_retailer");
  }

  /** The shopper has what is owed charged once more: that is a yes. */
  async settleOwed(account: string, trip: string): Promise<TripRow> {
    this.house.store.transaction(() => {
      const found = this.rooms.trips.find(trip);
      if (found?.account !== account) throw new Refusal("payment_unknown");
      if (found.state !== "owed") return;
      const payment = this.rooms.rows.found(found.store, trip);
      const { account_most_minor } = this.house.settings;
      if (payment.amount_minor > account_most_minor) throw new Refusal("trip_over_limit");
      this.#again(found, payment, payment.amount_minor, paidByShopper);
    });
    await this.charging.settle(trip);
    return this.charging.row(trip);
  }

  /** The trip, if it is one of this merchant's in that store. */
  ofMerchant(
    merchant: string,
    trip: string,
    store: string,
    unknown: "UnknownShoppingTrip" | "UnknownShoppingTripException",
  ): TripRow {
    const found = this.rooms.trips.find(trip);
    const own = this.rooms.merchants.findStore(found?.store ?? "")?.merchant === merchant;
    if (found === undefined || !own || found.store !== store) throw new ConnectorRefusal(unknown);
    return found;
  }

  /** Ends what cannot be charged any more. */
  sweep(): void {
    const { store, clock } = this.house;
    const up_to = clock.now_ms();
    const over = this.#over.next((page) =>
      store.tables.trip.all("unended", [], { up_to, ...page })
    );
    forDue(store, over, (found) => this.#expire(found));
  }

  #expire(found: TripRow): void {
    const payment = this.rooms.rows.find(found.store, found.trip);
    if (payment === undefined) return this.rooms.trips.close(found, "ended", "expired");
    if (payment.state === "capturing") return;
    if (payment.state === "reversed") {
      return this.rooms.trips.close(found, "cancelled", payment.reason);
    }
    // Held and never taken, or never answered for: that is no debt of the shopper's.
    if (payment.state === "pending" || payment.state === "authorised") {
      this.#letGo(payment, "expired");
      if (found.reason !== paidByShopper) return this.#cancelled(found, "expired", true);
      // It was owed before its shopper wished to pay it, and still is.
      this.rooms.trips.close(found, "unpaid", "expired");
      return this.charging.tell(found, "declined", null, "expired");
    }
    if (payment.state === "awaiting_approval") this.rooms.approvals.withdraw(payment);
    this.house.store.tables.payment.change(payment, { state: "declined" });
    this.rooms.trips.close(found, "unpaid", found.reason ?? "expired");
    this.charging.tell(found, "declined", null, found.reason ?? "expired");
  }

  #wishHeld(merchant: string, trip: string, store: string, total_minor: number): void {
    const found = this.ofMerchant(merchant, trip, store, "UnknownShoppingTrip");
    if (found.mode === "service" && found.total_minor === total_minor && found.state !== "open") {
      return;
    }
    this.#alive(found);
    if (found.state === "open") {
      return this.#price(found, { total_minor, items: inOneLine(total_minor) }, "service");
    }
    if (found.mode === "service" && found.state === "awaiting_approval") return;
    const payment = this.rooms.rows.find(store, trip);
    const may = found.mode === "service" && ["held", "owed"].includes(found.state);
    if (!may || payment === undefined || payment.tries >= limits.payment_tries) {
      throw new ConnectorRefusal("BadRequestException", "shoppingTripId");
    }
    const { tables } = this.house.store;
    this.charging.total(found, payment, total_minor);
    // Less than is held is held already.
    if (found.state === "held" && total_minor <= payment.amount_minor) return;
    const { most, question } = this.#judged(found, total_minor, payment);
    if (!most && question === undefined) {
      return this.#again(this.charging.row(trip), payment, total_minor);
    }
    // What is held was agreed to for less: it goes, whatever the shopper says now.
    const undo = payment.undo + (found.state === "held" ? 1 : 0);
    const state = most ? "declined" : "awaiting_approval";
    tables.payment.change(payment, { state, undo, amount_minor: total_minor, reason: null });
    this.#toBeAsked(this.charging.row(trip), this.rooms.rows.found(store, trip), most, question);
  }

  /** Whether a price is above what anybody may pay so, or above what may be charged unasked. */
  #judged({ account, store }: TripRow, total_minor: number, before?: Payment) {
    const known = this.rooms.accounts.find(account);
    const at = this.rooms.merchants.findStore(store);
    if (known === undefined || at === undefined) throw new ConnectorRefusal("UnknownShoppingTrip");
    const replaced_minor = before?.state === "authorised" ? before.amount_minor : 0;
    const most = total_minor > this.house.settings.account_most_minor;
    const question = most
      ? undefined
      : this.rooms.approvals.reasonToAsk(known, at, total_minor, replaced_minor);
    return { most, question };
  }

  /** The phone is asked, or it is too much for that; no other price is due to the acquirer. */
  #toBeAsked(found: TripRow, payment: Payment, most: boolean, question: string | undefined): void {
    if (most) return this.charging.owed(found, payment, "over_limit");
    const { store: { tables }, settings } = this.house;
    const reason = question ?? null;
    tables.trip.change(found, { state: "awaiting_approval", due: 0, reason });
    this.rooms.approvals.ask(payment, found.account, question ?? "", settings.trip_approval_ms);
  }

  /** The price becomes a payment; above a limit the phone is asked first. */
  #price(found: TripRow, { total_minor, items }: Price, mode: "checkout" | "service"): void {
    const { store: { tables }, clock, settings } = this.house;
    const { trip, store, gateway, gate, account, currency, evidence } = found;
    const text = JSON.stringify(items);
    const { most, question } = this.#judged(found, total_minor);
    tables.payment.insert({
      ...newPayment,
      store,
      payment: trip,
      gateway,
      state: most ? "declined" : question === undefined ? "pending" : "awaiting_approval",
      // A yes begins a try.
      tries: question === undefined ? 1 : 0,
      account,
      instrument: this.rooms.rows.instrumentOf(account),
      lane: gate,
      operator: "walk-out",
      amount_minor: total_minor,
      currency,
      items: text,
      evidence,
      reason: most ? "over_limit" : question ?? null,
      at_ms: clock.now_ms(),
    });
    const asked = most || question !== undefined;
    tables.trip.change(found, {
      state: "charging",
      due: asked ? 0 : 1,
      expires_ms: clock.now_ms() + settings.trip_ms,
      mode,
      total_minor,
      items: text,
      reason: null,
    });
    this.charging.feed(gateway, {
      type: "trip.priced",
      trip,
      amount_minor: total_minor,
      currency,
      items: [
        ...items,
      ],
    });
    const payment = this.rooms.rows.found(store, trip);
    if (asked) this.#toBeAsked(this.charging.row(trip), payment, most, question);
    this.house.store.afterCommit(() => this.charging.soon(trip));
  }

  /** Another try, under another reference. */
  #again(found: TripRow, payment: Payment, amount_minor: number, reason: string | null = null) {
    const { rows, house: { store: { tables } } } = this.rooms;
    if (payment.tries >= limits.payment_tries) throw new Refusal("trip_tried_enough");
    tables.payment.change(payment, {
      state: "pending",
      tries: payment.tries + 1,
      undo: 0,
      amount_minor,
      // What was declined may be had of another one.
      ...(found.state === "owed" ? { instrument: rows.instrumentOf(found.account) } : {}),
    });
    tables.trip.change(found, { state: "charging", due: 1, reason });
  }

  /** The shopper's word about a trip, or silence. */
  #answered(
    { store, payment: trip, amount_minor: asked_minor }: ApprovalRow,
    amount_minor: number,
  ) {
    const found = this.rooms.trips.find(trip);
    if (found === undefined || found.state !== "awaiting_approval" || found.store !== store) return;
    const payment = this.rooms.rows.found(store, trip);
    if (amount_minor < asked_minor) {
      return this.charging.owed(
        found,
        payment,
        amount_minor === 0 ? "not_approved" : "partly_approved",
      );
    }
    const { tables } = this.house.store;
    tables.payment.change(payment, { state: "pending", tries: payment.tries + 1, undo: 0 });
    tables.trip.change(found, { state: "charging", due: 1, reason: null });
    this.house.store.afterCommit(() => this.charging.soon(trip));
  }

  /** Nothing is asked of the shopper any more, and what the acquirer holds goes. */
  #letGo(payment: Payment, reason: string): void {
    if (payment.state === "awaiting_approval") this.rooms.approvals.withdraw(payment);
    const holds = payment.state === "pending" || payment.state === "authorised";
    const undo = payment.undo + (holds ? 1 : 0);
    this.house.store.tables.payment.change(payment, { state: "reversed", undo, reason });
  }

  #cancelled(found: TripRow, reason: string, priced = false): void {
    this.rooms.trips.close(found, "cancelled", reason);
    if (priced) this.charging.tell(found, "reversed", null, reason);
    else this.charging.feed(found.gateway, { type: "trip.cancelled", trip: found.trip });
  }

  #alive({ expires_ms }: TripRow): void {
    if (expires_ms > this.house.clock.now_ms()) return;
    throw new ConnectorRefusal("ShoppingTripExpiredException");
  }
}
