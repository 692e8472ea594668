/**
 * What the acquirer holds and nobody wants is let go of. Where it turns out to be captured, as when
 * an older file of ours was put back, the capture is booked again, or its money given back.
 */
import type { Taken } from "../acquirer.ts";
import { issuerLimits as limits } from "../limits.ts";
import type { House } from "../world.ts";
import type { Accounts } from "./accounts.ts";
import type { Captures } from "./captures.ts";
import { type Payment, requestOf } from "./payment_rows.ts";

/** The rooms next to this one. */
export interface LettingGoNeeds {
  readonly house: House;
  readonly accounts: Accounts;
}

export class LettingGo {
  /** Hears of each capture that is booked here, in its transaction. */
  onLearned: (payment: Payment, receipt: string) => void = () => {};

  constructor(readonly rooms: LettingGoNeeds, readonly captures: Captures) {}

  /** The receipt, where it had been captured. What became due while the acquirer was asked stays
   * due. */
  async letGo(found: Payment): Promise<string | undefined> {
    const unknown = found.account === null && found.items === null;
    const taken = unknown ? await this.#letGoUnknown(found) : await this.#letGoKnown(found);
    const { store } = this.rooms.house;
    return store.transaction(() => {
      const now = store.tables.payment.get(found.position);
      if (now?.undo !== found.undo) return now?.receipt ?? undefined;
      store.tables.payment.change(now, { undo: 0 });
      return taken && (now.receipt ?? this.#learn(now, taken));
    });
  }

  /** Of a payment that is not known, nor how often its lane tried: nothing of it can be booked. */
  async #letGoUnknown(found: Payment): Promise<undefined> {
    const { accounts, house: { acquirer } } = this.rooms;
    const requests = Array.from(
      { length: limits.payment_tries },
      (_, before) => requestOf(accounts, found, before + 1),
    );
    const told = await acquirer.reverseAll(requests);
    for (const [before, answer] of told.entries()) {
      if (answer.outcome === "captured") await this.#giveBack(found, answer, before + 1);
    }
  }

  /** What turns out to be taken, where it can be booked. */
  async #letGoKnown(found: Payment): Promise<Taken | undefined> {
    const { accounts, house: { acquirer } } = this.rooms;
    const told = await acquirer.reverse(requestOf(accounts, found));
    if (told.outcome === "reversed") return undefined;
    if (this.#isBookable(found, told)) return told;
    await this.#giveBack(found, told, found.tries);
  }

  #learn(found: Payment, { captured_minor }: Taken): string {
    const { payment } = found;
    this.rooms.house.log("warn", "the acquirer had captured what was to be let go", { payment });
    const receipt = this.captures.book(found, captured_minor);
    this.onLearned(found, receipt);
    return receipt;
  }

  /** Whether we know whose it was and for what. */
  #isBookable({ account, items, amount_minor }: Payment, { captured_minor }: Taken): boolean {
    return account !== null && items !== null && captured_minor <= amount_minor;
  }

  /** Of a payment that we know nothing of and whose gateway has not sold it. */
  async #giveBack(
    found: Payment,
    { captured_minor: amount_minor }: Taken,
    attempt: number,
  ): Promise<void> {
    const { acquirer, log } = this.rooms.house;
    const { payment, currency } = found;
    const request = { ...requestOf(this.rooms.accounts, found, attempt), amount_minor };
    const answer = await acquirer.refund({ ...request, refund: `unknown/${payment}` });
    const fields = { payment, amount_minor, currency };
    if (answer.outcome === "refunded") {
      log("warn", "what was captured of an unknown payment was given back", fields);
    } else {
      const { reason } = answer;
      log("error", "what was captured of an unknown payment stays taken", { ...fields, reason });
    }
  }
}
