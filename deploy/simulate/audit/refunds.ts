/**
 * The auditor's book of money given back: what tills asked for and were told, what the acquirer
 * gave, and what phones read of it.
 */
import type { Receipt } from "../../../runtime/sync/contract/schemas.ts";
import type { Fact } from "../facts.ts";
import type { Report } from "./finding.ts";

interface Try {
  readonly payment: string;
  readonly amount_minor: number;
  refund: string | undefined;
  told: string | null;
}

interface Given {
  readonly payment: string;
  readonly amount_minor: number;
}

export class RefundBook {
  readonly #tries = new Map<string, Try>();
  /** What the acquirer gave, by the refund's name. */
  readonly #given = new Map<string, Given>();
  readonly #receipts = new Map<string, Receipt>();
  #count = 0;

  constructor(private readonly report: Report) {}

  /** Refunds that were made so far. */
  get count(): number {
    return this.#count;
  }

  asked({ service_id, payment, amount_minor }: Extract<Fact, { fact: "asks_back" }>): void {
    if (this.#tries.has(service_id)) return;
    this.#tries.set(service_id, { payment, amount_minor, refund: undefined, told: null });
  }

  told({ service_id, answer }: Extract<Fact, { fact: "told_back" }>): void {
    const known = this.#tries.get(service_id);
    if (!known) return;
    const { refund, outcome, payment } = answer;
    const first = known.refund ??= refund;
    if (first !== refund) {
      this.report("one refund a try", `${first} and ${refund}`, payment, first, refund);
    }
    if (outcome === null) return;
    if (known.told !== null && known.told !== outcome) {
      this.report("an outcome stays", `a refund: ${known.told}, then ${outcome}`, payment, refund);
    }
    known.told = outcome;
    if ((outcome === "refunded") !== this.#given.has(refund)) {
      const detail = `the till was told ${outcome}`;
      this.report("refunded means refunded", detail, payment, refund);
    }
  }

  moved(payment: string, refund: string, amount_minor: number): void {
    if (this.#given.has(refund)) {
      this.report("a refund is done once", refund, payment, refund);
    }
    this.#given.set(refund, { payment, amount_minor });
    this.#count++;
  }

  receipt(receipt: Receipt): void {
    this.#receipts.set(receipt.refund ?? "", receipt);
  }

  /** What was given back of a payment today. */
  of(payment: string): number {
    let sum = 0;
    for (const given of this.#given.values()) {
      if (given.payment === payment) sum += given.amount_minor;
    }
    return sum;
  }

  /** After the calm: what was given was asked for, once a try, and the shopper knows. */
  closeDay(): void {
    const tryOf = new Map([...this.#tries.values()].map((one) => [one.refund ?? "", one]));
    for (const [refund, { payment, amount_minor }] of this.#given) {
      const wrong = (detail: string) =>
        this.report("a refund is what was asked for", `${refund}: ${detail}`, payment, refund);
      const asked = tryOf.get(refund);
      if (!asked && [...this.#tries.values()].every((one) => one.refund !== undefined)) {
        wrong("no till asked for it");
      }
      if (asked && asked.amount_minor !== amount_minor) {
        wrong(`${asked.amount_minor} was asked, ${amount_minor} given`);
      }
      const receipt = this.#receipts.get(refund);
      if (receipt?.amount_minor !== amount_minor || receipt.payment !== payment) {
        this.report("a refund is told to the shopper", refund, payment, refund);
      }
    }
    this.#tries.clear();
    this.#given.clear();
    this.#receipts.clear();
  }
}
