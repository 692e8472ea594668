/**
 * Money given back: never more than was captured, however many parts and tries, and never more than
 * an operator may give back in an hour. What the acquirer is asked is written down before.
 */
import type { z } from "zod";
import type * as schemas from "../../../runtime/sync/contract/schemas.ts";
import { InvariantError } from "../../../runtime/errors.ts";
import { utf8 } from "../../../runtime/vault/bytes.ts";
import { Refusal } from "../refusal.ts";
import type { PaymentRow, RefundRow } from "../store/rows.ts";
import type { House } from "../world.ts";
import type { Accounts } from "./accounts.ts";
import { AskedAgain } from "./asked_again.ts";
import type { Idempotency, Keyed } from "./idempotency.ts";
import type { Ledger } from "./ledger.ts";
import type { Merchants, Store } from "./merchants.ts";
import { type PaymentRows, requestOf } from "./payment_rows.ts";

type Ask = z.output<typeof schemas.refund>;
type Outcome = z.output<typeof schemas.refundOutcome>;

const refused = (reason: string): Outcome => ({ outcome: "refused", reason });

export class Refunds {
  /** Refunds of which the acquirer is being asked by this process. */
  readonly #running = new Set<string>();
  readonly #again: AskedAgain<RefundRow>;

  constructor(
    readonly house: House,
    readonly accounts: Accounts,
    readonly merchants: Merchants,
    readonly idempotency: Idempotency,
    readonly ledger: Ledger,
    readonly payments: PaymentRows,
  ) {
    this.#again = new AskedAgain(house);
  }

  refund(gateway: string, keyed: Keyed, ask: Ask): Promise<Outcome> {
    const own = keyed.principal !== "issuer";
    const store = this.merchants.findStore(this.merchants.find(gateway)?.store ?? "");
    if (!store) throw new Refusal("store_unknown");
    return this.idempotency.once<Outcome, RefundRow>(keyed, {
      begin: () => this.#begin(gateway, store, ask, own),
      work: (task) => this.#ask(task, own),
    });
  }

  async #ask(task: RefundRow, own: boolean): Promise<() => Outcome> {
    const name = nameOf(task);
    this.#running.add(name);
    try {
      const payment = this.payments.found(task.store, task.payment);
      const result = await this.house.acquirer.refund({
        ...requestOf(this.accounts, payment),
        refund: task.refund,
        amount_minor: task.amount_minor,
      });
      return () => {
        this.#running.delete(name);
        return this.#finish(task, result, own);
      };
    } catch (error) {
      this.#running.delete(name);
      throw error;
    }
  }

  /** Gives back for a walk-out trip without having been asked by its gateway, which is told. The
   * same refund again is the same one. */
  refundTrip(gateway: string, ask: Ask): Promise<Outcome> {
    const request_hash = this.house.vault.sha256(utf8(JSON.stringify(ask)));
    return this.refund(gateway, { principal: "issuer", key: ask.refund, request_hash }, ask);
  }

  /** Asks the acquirer again for what nobody has asked for since: a crash cut it off, and whoever
   * wanted it has lost its memory of it. */
  async settle(): Promise<void> {
    const { store, clock, settings, log } = this.house;
    const up_to = clock.now_ms() - settings.authorisation_ms;
    const { refund: refunds } = store.tables;
    await this.#again.all({
      due: (page) => refunds.all("waiting", [], { up_to, ...page }),
      nameOf,
      ask: async ({ store: place, refund }) => {
        const row = refunds.get(place, refund);
        if (row?.state !== "pending" || this.#running.has(nameOf(row))) return;
        const ofTrip = this.payments.isOfTrip(this.payments.found(row.store, row.payment));
        store.transaction(await this.#ask(row, !ofTrip));
      },
      failed: ({ refund }, error) =>
        log("warn", "a refund is not made yet", { refund, reason: String(error) }),
    });
  }

  /** Told of each refund that was not asked for by a gateway, in its transaction. */
  onMade: (task: RefundRow, receipt: string, currency: string) => void = () => {};

  #begin(gateway: string, store: Store, ask: Ask, own: boolean) {
    const { tables } = this.house.store;
    const known = tables.refund.get(store.store, ask.refund);
    // Told how another one ended, a till would believe that this was given back.
    if (known && !isSame(known, gateway, ask)) return { answer: refused("refund_differs") };
    if (known?.state === "pending") {
      // Under another key, as of a gateway that was restored: nothing is final before the acquirer
      // has answered, and nobody else asks it after a crash.
      if (this.#running.has(nameOf(known))) throw new Refusal("payment_busy");
      return { task: known };
    }
    if (known) return { answer: outcomeOf(known) };
    const payment = this.payments.own(gateway, store, ask.payment);
    const reason = this.#fault(gateway, payment, ask, own);
    if (!payment || reason !== undefined) return { answer: refused(reason ?? "payment_unknown") };
    const task = tables.refund.insert({
      store: store.store,
      refund: ask.refund,
      payment: ask.payment,
      gateway,
      state: "pending",
      amount_minor: ask.amount_minor,
      operator: ask.operator,
      reason: ask.reason,
      receipt: null,
      at_ms: this.house.clock.now_ms(),
    });
    const refunded_minor = payment.refunded_minor + ask.amount_minor;
    tables.payment.change(payment, { refunded_minor });
    return { task };
  }

  #fault(
    gateway: string,
    payment: PaymentRow | undefined,
    ask: Ask,
    own: boolean,
  ): string | undefined {
    if (!payment) return "payment_unknown";
    // Nothing is final before the acquirer has answered.
    if (payment.state === "capturing") throw new Refusal("payment_busy");
    if (payment.state !== "captured") return `payment_${payment.state}`;
    if (payment.currency !== ask.currency) return "currency_wrong";
    if (payment.refunded_minor + ask.amount_minor > payment.captured_minor) {
      return "more_than_captured";
    }
    // Bounds what one person at a store may give away; a retailer gives back its own.
    if (!own) return undefined;
    const since = { above: this.house.clock.now_ms() - 3_600_000 };
    const { refund } = this.house.store.tables;
    const sumOf = (rows: readonly RefundRow[]) =>
      rows.filter(({ state }) => state !== "refused")
        .reduce((sum, row) => sum + row.amount_minor, ask.amount_minor);
    const { operator_refunds_minor, gateway_refunds_minor } = this.house.settings;
    const theirs = refund.all("of_operator", [gateway, ask.operator], since);
    if (sumOf(theirs) > operator_refunds_minor) return "operator_limit";
    const all = refund.all("lately_of", [gateway], since);
    return sumOf(all) > gateway_refunds_minor ? "gateway_limit" : undefined;
  }

  #finish(
    task: RefundRow,
    result: { outcome: "refunded" } | { outcome: "refused"; reason: string },
    own: boolean,
  ): Outcome {
    const { tables } = this.house.store;
    const payment = this.payments.found(task.store, task.payment);
    if (result.outcome === "refused") {
      tables.refund.change(task, { state: "refused", reason: result.reason });
      const refunded_minor = payment.refunded_minor - task.amount_minor;
      tables.payment.change(payment, { refunded_minor });
      return refused(result.reason);
    }
    const receipt = this.ledger.writeReceipt(payment, task.amount_minor, task.refund);
    tables.refund.change(task, { state: "refunded", receipt });
    if (!own) this.onMade(task, receipt, payment.currency);
    return { outcome: "refunded", receipt };
  }
}

/** Whether the refund of this name is the one that is asked for. */
const isSame = (known: RefundRow, gateway: string, { payment, amount_minor }: Ask) =>
  known.gateway === gateway && known.payment === payment && known.amount_minor === amount_minor;

const nameOf = ({ store, refund }: RefundRow) => JSON.stringify([store, refund]);

function outcomeOf({ state, receipt, reason }: RefundRow): Outcome {
  if (state === "refunded" && receipt !== null) return { outcome: "refunded", receipt };
  if (state === "refused") return refused(reason);
  throw new InvariantError("a refund without an outcome was told as one");
}
