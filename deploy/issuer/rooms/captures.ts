/**
 * Captures: what is held for a payment is taken, once, and its receipt written with it. What the
 * acquirer may have taken before a crash is asked of it again.
 */
import type { z } from "zod";
import type * as schemas from "../../../runtime/sync/contract/schemas.ts";
import { RuntimeError } from "../../../runtime/errors.ts";
import type { Taken } from "../acquirer.ts";
import type { House } from "../world.ts";
import { AskedAgain } from "./asked_again.ts";
import type { Accounts } from "./accounts.ts";
import type { Idempotency, Keyed } from "./idempotency.ts";
import type { Ledger } from "./ledger.ts";
import type { Merchants, Store } from "./merchants.ts";
import { type Payment, type PaymentRows, requestOf } from "./payment_rows.ts";

type AskCapture = z.output<typeof schemas.capture>;
type CaptureOutcome = z.output<typeof schemas.captureOutcome>;

/** The rooms next to this one. */
export interface CaptureNeeds {
  readonly house: House;
  readonly accounts: Accounts;
  readonly merchants: Merchants;
  readonly idempotency: Idempotency;
  readonly ledger: Ledger;
}

export class Captures {
  readonly #rooms: CaptureNeeds;
  readonly #rows: PaymentRows;
  readonly #takenUp: AskedAgain<Payment>;

  constructor(rooms: CaptureNeeds, rows: PaymentRows) {
    this.#rooms = rooms;
    this.#rows = rows;
    this.#takenUp = new AskedAgain(rooms.house);
  }

  get #house(): House {
    return this.#rooms.house;
  }

  /** Takes what is held, or less of it, once. The receipt is written with it. */
  capture(gateway: string, keyed: Keyed, ask: AskCapture): Promise<CaptureOutcome> {
    const store = this.#rooms.merchants.storeOf(gateway);
    return this.#rooms.idempotency.once<CaptureOutcome, Payment>(keyed, {
      begin: (resumed) => this.#beginCapture(gateway, store, ask, resumed),
      work: async (task) => {
        const result = await this.#house.acquirer.capture(requestOf(this.#rooms.accounts, task));
        return () => this.#finishCapture(task, result);
      },
    });
  }

  #beginCapture(gateway: string, store: Store, ask: AskCapture, resumed: boolean) {
    const found = this.#rows.own(gateway, store, ask.payment);
    if (found?.state === "capturing" && resumed) return { task: found };
    const reason = this.#faultOfCapture(found, ask);
    if (!found || reason !== undefined) {
      return { answer: refused(reason ?? "payment_unknown") };
    }
    const at_ms = this.#house.clock.now_ms();
    const { amount_minor } = ask;
    // Whoever takes it up after a crash must know how much was asked for.
    this.#house.store.tables.payment.change(found, { state: "capturing", amount_minor, at_ms });
    return { task: this.#rows.found(store.store, ask.payment) };
  }

  #faultOfCapture(found: Payment | undefined, ask: AskCapture): string | undefined {
    if (!found) return "payment_unknown";
    if (found.state === "capturing") return "payment_under_way";
    if (found.state !== "authorised") return `payment_${found.state}`;
    if (found.authorisation !== ask.authorisation) return "authorisation_wrong";
    if ((found.authorised_until_ms ?? 0) <= this.#house.clock.now_ms()) return "payment_expired";
    if (found.currency !== ask.currency) return "currency_wrong";
    return ask.amount_minor <= found.amount_minor ? undefined : "more_than_authorised";
  }

  #finishCapture(
    task: Payment,
    result: Taken | { outcome: "refused"; reason: string },
  ): CaptureOutcome {
    const { store } = this.#house;
    const now = this.#rows.found(task.store, task.payment);
    if (now.state === "captured" && now.receipt !== null) {
      return { outcome: "captured", receipt: now.receipt };
    }
    if (result.outcome === "refused") {
      store.tables.payment.change(task, { state: "authorised", reason: result.reason });
      return refused(result.reason);
    }
    return { outcome: "captured", receipt: this.book(now, result.captured_minor) };
  }

  /** Writes down what the acquirer has taken, in the transaction under way; answers its receipt. */
  book(found: Payment, captured_minor: number): string {
    const receipt = this.#rooms.ledger.writeReceipt(found, captured_minor);
    this.#house.store.tables.payment.change(found, {
      state: "captured",
      captures: found.captures + 1,
      captured_minor,
      receipt,
      reason: null,
      at_ms: this.#house.clock.now_ms(),
    });
    return receipt;
  }

  /** What the acquirer may have taken is asked of it once more, and written down. */
  async takeUp(up_to: number): Promise<void> {
    const { acquirer, store, log } = this.#house;
    const { payment: payments } = store.tables;
    await this.#takenUp.all({
      due: (page) => payments.all("taking", [], { up_to, ...page }),
      nameOf: ({ position }) => String(position),
      ask: async ({ position }) => {
        const found = payments.get(position);
        if (found?.state !== "capturing" || this.#rows.isOfTrip(found)) return;
        const result = await acquirer.capture(requestOf(this.#rooms.accounts, found));
        store.transaction(() => this.#finishCapture(found, result));
      },
      failed: ({ payment }, error) => {
        // No answer may still come; what is wrong with one is for a person.
        const level = error instanceof RuntimeError ? "warn" : "error";
        log(level, "a capture could not be taken up", { payment, reason: String(error) });
      },
    });
  }
}

function refused(reason: string): CaptureOutcome {
  return { outcome: "refused", reason };
}
