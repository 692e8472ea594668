/**
 * The auditor's book of what staff and shoppers decide about a basket: what was taken out of it,
 * who confirmed that somebody may have it, what was keyed where a lane asks who somebody is.
 */
import type { Batch, HistoryRow } from "../../../runtime/journal/journal.ts";
import type { SimulatedDisk } from "../../../runtime/sim/disk.ts";
import type { TillSale } from "../../demo/till_words.ts";
import type { Fact } from "../facts.ts";
import type { AgeBook } from "./ages.ts";
import type { Report } from "./finding.ts";
import type { PeopleBook } from "./people.ts";

interface Basket {
  /** Names of lines that are not sold; no basket has one twice. */
  gone: Set<string>;
  /** By `word operator`. */
  readonly decided: Set<string>;
  readonly keyed: Set<string>;
  confirmed: boolean;
  wrong: number;
}

const most_wrong = 3;
const decisions: Readonly<Record<string, string>> = {
  "operator.items_dropped": "drop",
  "operator.eligibility_confirmed": "confirm",
};

export class BasketBook {
  readonly #baskets = new Map<string, Basket>();

  constructor(
    private readonly report: Report,
    private readonly now_ms: () => number,
    private readonly people: PeopleBook,
    private readonly asked: (payment: string) => TillSale | undefined,
    private readonly ages: Pick<AgeBook, "covers">,
  ) {}

  committed({ history }: Batch): void {
    for (const row of history) {
      if (!row.address.startsWith("payment/")) continue;
      const decision = decisions[row.event.type];
      if (decision !== undefined) this.#decided(row, decision);
      else if (row.event.type === "challenge.checked") this.#checked(row);
      else if (row.event.type === "voice.heard") this.#heard(row);
    }
  }

  #decided({ address, event, before, commands }: HistoryRow, word: string): void {
    const payment = address.slice("payment/".length);
    const basket = this.#of(payment);
    const operator = String(event["operator"]);
    if (!basket.decided.has(`${word} ${operator}`)) {
      this.report("what is decided was said", `${word} by ${operator}`, payment);
    }
    if (before !== "awaiting_eligibility") return;
    if (word === "confirm") basket.confirmed ||= commands.length > 0;
    else this.#dropped(payment, basket, event["items"] as readonly number[]);
  }

  #dropped(payment: string, basket: Basket, places: readonly number[]): void {
    const left = this.left(payment);
    if (places.length === 0 || places.some((at) => !left?.[at])) return;
    for (const at of places) basket.gone.add(left?.[at]?.name ?? "");
  }

  #checked({ address, event, before, after }: HistoryRow): void {
    if (before !== "checking_answer" || after === before || event["outcome"] !== "wrong") return;
    this.#wrong(address.slice("payment/".length), after);
  }

  /** Spoken answers count with those that are keyed. */
  #heard({ address, event, before, after }: HistoryRow): void {
    if (before !== "awaiting_answer" || event["outcome"] !== "wrong") return;
    this.#wrong(address.slice("payment/".length), after);
  }

  #wrong(payment: string, after: unknown): void {
    const wrong = ++this.#of(payment).wrong;
    if (wrong < most_wrong || wrong === most_wrong && after !== "awaiting_answer") return;
    this.report("three wrong answers are enough", `${wrong} were, then ${after}`, payment);
  }

  decides({ payment, word, operator }: Extract<Fact, { fact: "decides" }>): void {
    this.#of(payment).decided.add(`${word} ${operator}`);
  }

  keys({ payment, kind, answer }: Extract<Fact, { fact: "keys" }>): void {
    this.#of(payment).keyed.add(`${kind} ${answer}`);
  }

  /** True when somebody keyed the initials, or the phrase, of this account for this payment. */
  wasKeyed(payment: string, account: string, kind: string): boolean {
    const own = this.people.of(account);
    const answer = kind === "phrase" ? own?.phrase : own?.initials;
    return answer !== undefined && this.#of(payment).keyed.has(`${kind} ${answer}`);
  }

  /** What is sold, once something was taken out; undefined while no till has heard of it. */
  left(payment: string): TillSale["items"] | undefined {
    const gone = this.#baskets.get(payment)?.gone;
    return this.asked(payment)?.items.filter(({ name }) => !gone?.has(name));
  }

  due_minor(payment: string): number | undefined {
    return this.left(payment)?.reduce((sum, { amount_minor }) => sum + amount_minor, 0);
  }

  /** Money is to be held for it by this account. */
  charged(payment: string, account: string): void {
    for (const { name, category } of this.left(payment) ?? []) {
      if (category === undefined) continue;
      const { confirmed } = this.#of(payment);
      const years = this.people.yearsFor(category);
      const may = this.people.mayHave(account, category, this.now_ms()) ||
        years !== undefined && this.ages.covers(payment, account, years);
      if (confirmed && may) continue;
      const detail = `${name} by ${account}: ${may ? "nobody looked" : "no papers"}`;
      this.report("nothing restricted without its evidence", detail, payment, account);
    }
  }

  restored(disk: SimulatedDisk): void {
    for (const [payment, basket] of this.#baskets) {
      const context = disk.actor(`payment/${payment}`)?.context as
        | Partial<{
          dropped: readonly { name: string }[];
          eligibility_operator: string | null;
          wrong_answers: number;
        }>
        | undefined;
      basket.gone = new Set((context?.dropped ?? []).map(({ name }) => name));
      basket.confirmed = (context?.eligibility_operator ?? null) !== null;
      basket.wrong = context?.wrong_answers ?? 0;
    }
  }

  forget(): void {
    this.#baskets.clear();
  }

  #of(payment: string): Basket {
    let basket = this.#baskets.get(payment);
    if (!basket) {
      basket = {
        gone: new Set(),
        decided: new Set(),
        keyed: new Set(),
        confirmed: false,
        wrong: 0,
      };
      this.#baskets.set(payment, basket);
    }
    return basket;
  }
}
