/** What is told of a sale at a lane while it goes on, and how it ended: lines of the story. */
import type { Customer, OpenSale } from "./cashier.ts";
import { money, type Narrator } from "./narrator.ts";
import type { SaleAnswer } from "./till_words.ts";

export class LaneStory {
  readonly #at: { readonly lane: string; readonly narrator: Narrator };

  constructor(at: { readonly lane: string; readonly narrator: Narrator }) {
    this.#at = at;
  }

  /** It has come to another situation. */
  situation({ state, restricted }: SaleAnswer, customer: Customer | undefined): void {
    const { narrator, lane } = this.#at;
    if (customer === undefined) return;
    if (state === "awaiting_answer") {
      narrator.say("must answer", customer.shopper, `initials, lane ${lane}`);
    }
    if (state === "awaiting_turn") {
      narrator.say("must turn", customer.shopper, `the head, lane ${lane}`);
    }
    if (state === "awaiting_eligibility") {
      const names = restricted.map(({ name, eligible }) => `${name}: ${eligible ? "yes" : "no"}`);
      narrator.say("may have", customer.shopper, `${names.join(", ")}, lane ${lane}`);
    }
  }

  /** It is over; `last` is undefined where it never began. */
  end({ sale, shopper, account }: OpenSale, last: SaleAnswer | undefined): void {
    const { narrator, lane } = this.#at;
    const asked = money(sale.amount_minor, sale.currency);
    const charged = money(last?.charge_minor ?? sale.amount_minor, sale.currency);
    const amount = `${charged === asked ? asked : `${charged} of ${asked}`}, lane ${lane}`;
    if (last === undefined) return narrator.say("walks off", shopper, `lane ${lane}`);
    const part = last.charge_minor < sale.amount_minor;
    const words: Partial<Record<string, string>> = {
      captured: part ? "pays a part" : "pays",
      declined: "is declined",
      accepted_offline: "pays offline",
    };
    const { outcome } = last;
    const known = words[outcome ?? ""];
    if (known !== undefined) return narrator.say(known, shopper, amount);
    const reason = last.reason === null ? "" : ` (${last.reason})`;
    const what = account === null ? "pays cash" : "gives up";
    narrator.say(what, shopper, `${amount}${account === null ? "" : reason}`);
  }
}
