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

/** By which try it was taken. */
interface TakenBy extends Taken {
  readonly attempt: number;
}

/** The tries that may hold something: the last, and the one before, which goes when the last is to
 * take its place. Of a payment that is not known nobody knows how often its lane tried. */
function triesOf({ account, items, tries }: Payment): readonly number[] {
  const all = Array.from({ length: limits.payment_tries }, (_, before) => before + 1);
  if (account === null && items === null) return all;
  return [tries, tries - 1].filter((attempt) => attempt > 0 || attempt === tries);
}

export class LettingGo {
  /** Hears of each capture that is booked here, in its transaction. */
  onLearned: (payment: Payment, receipt: string) => void = () => {};

  constructor(readonly rooms: LettingGoNeeds, readonly captures: Captures) {}

  /** The receipt, where it had been captured. What became due while the acquirer was asked stays
   * due. */
  async letGo(found: Payment): Promise<string | undefined> {
    const taken = await this.#reverse(found);
    const { store } = this.rooms.house;
    return store.transaction(() => {
      const now = store.tables.payment.get(found.position);
      if (now?.undo !== found.undo) return now?.receipt ?? undefined;
      store.tables.payment.change(now, { undo: 0 });
      return taken && (now.receipt ?? this.#learn(now, taken));
    });
  }

  /** What turns out to be taken, where it can be booked. Nothing else stays taken. */
  async #reverse(found: Payment): Promise<TakenBy | undefined> {
    const { accounts, house: { acquirer } } = this.rooms;
    const tries = triesOf(found);
    const requests = tries.map((attempt) => requestOf(accounts, found, attempt));
    const [only, ...others] = requests;
    const told = only !== undefined && others.length === 0
      ? [await acquirer.reverse(only)]
      : await acquirer.reverseAll(requests);
    let booked: TakenBy | undefined;
    for (const [at, answer] of told.entries()) {
      if (answer.outcome !== "captured") continue;
      const taken = { ...answer, attempt: tries[at] ?? found.tries };
      if (booked === undefined && this.#isBookable(found, taken)) booked = taken;
      else await this.#giveBack(found, taken);
    }
    return booked;
  }

  #learn(found: Payment, { captured_minor, attempt: tries }: TakenBy): string {
    const { payment } = found;
    const { log, store } = this.rooms.house;
    log("warn", "the acquirer had captured what was to be let go", { payment });
    store.tables.payment.change(found, { tries });
    const receipt = this.captures.book({ ...found, tries }, captured_minor);
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
    { captured_minor: amount_minor, attempt }: TakenBy,
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
