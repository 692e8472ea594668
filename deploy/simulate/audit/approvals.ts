/**
 * The auditor's book of questions to phones: what may be charged unasked, what was asked, what
 * which device said and when, and so what may be charged.
 */
import type { Fact } from "../facts.ts";
import type { IssuerRow } from "./agreement.ts";
import type { Report } from "./finding.ts";

type Asked = Extract<Fact, { fact: "question" }>;
type Ended = Extract<Fact, { fact: "question_ended" }>;
type Says = Extract<Fact, { fact: "phone_says" }>;

interface Question extends Asked {
  readonly asked_at_ms: number;
  /** What devices of the account said in time. */
  readonly said: Says[];
  ended: Ended | undefined;
}

/** Until a shopper has said otherwise, as the issuer is set. */
const usual = { since_ms: -Infinity, sale_minor: 40_000, day_minor: 200_000 };

export class ApprovalBook {
  /** What may be charged unasked, and since when; the latest last. */
  readonly #limits = new Map<string, (typeof usual)[]>();
  readonly #questions = new Map<string, Question>();
  readonly #of = new Map<string, Question[]>();

  #count = 0;

  constructor(
    private readonly report: Report,
    private readonly now_ms: () => number,
    /** What a till rang up and has not taken back; undefined while it has heard of no payment. */
    private readonly due_minor: (payment: string) => number | undefined,
  ) {}

  /** Questions that were put so far. */
  get count(): number {
    return this.#count;
  }

  limited({ account, sale_minor, day_minor }: Extract<Fact, { fact: "limits" }>): void {
    const known = this.#limits.get(account) ?? [usual];
    const since_ms = this.now_ms();
    this.#limits.set(account, [...known.slice(-3), { since_ms, sale_minor, day_minor }]);
  }

  /** What the account may be charged unasked now. */
  limitsOf(account: string): { readonly sale_minor: number; readonly day_minor: number } {
    return this.#limits.get(account)?.at(-1) ?? usual;
  }

  asked(fact: Asked): void {
    const { payment, approval, amount_minor } = fact;
    const question = { ...fact, asked_at_ms: this.now_ms(), said: [], ended: undefined };
    this.#questions.set(approval, question);
    this.#count++;
    const others = this.#of.get(payment);
    if (others) others.push(question);
    else this.#of.set(payment, [question]);
    const due = this.due_minor(payment);
    if (due !== undefined && amount_minor > due) {
      const detail = `${amount_minor} is asked, ${due} was rung up`;
      this.report("no more is asked than was rung up", detail, payment, approval);
    }
  }

  said(fact: Says): void {
    const question = this.#questions.get(fact.approval);
    const account = fact.device.replace(/^device:/, "").split("~")[0];
    if (!question || question.account !== account) return;
    if (this.now_ms() >= question.expires_ms) return;
    question.said.push(fact);
  }

  ended(fact: Ended): void {
    const question = this.#questions.get(fact.approval);
    if (!question) return;
    const { payment, said, ended } = question;
    if (ended) {
      const detail = `${ended.how} ${ended.amount_minor}, then ${fact.how} ${fact.amount_minor}`;
      this.report("a first answer counts", detail, payment, fact.approval);
    }
    question.ended = fact;
    if (fact.how !== "answered") return;
    const really = said.some(({ device, amount_minor }) =>
      device === fact.device &&
      (amount_minor === "all" ? question.amount_minor : amount_minor) === fact.amount_minor
    );
    if (really) return;
    const detail = `${fact.device} said no ${fact.amount_minor} in time`;
    this.report("only what was said in time counts", detail, payment, fact.approval);
  }

  /** The acquirer is to hold this: it is below the limit, or the shopper has said yes to it. */
  charged({ payment, at_ms, state }: IssuerRow, account: string, amount_minor: number): void {
    // A reversal that came meanwhile has another time.
    const question = this.#of.get(payment)?.findLast((one) =>
      one.account === account && (one.asked_at_ms >= at_ms || state === "reversed")
    );
    const most = question
      ? question.ended?.how === "answered" ? question.ended.amount_minor : 0
      : this.#unasked(account, at_ms);
    if (amount_minor <= most) return;
    const by = question ? "by the phone" : "unasked";
    const detail = `${amount_minor} is held, ${most} may be ${by}`;
    this.report("above a limit only with a yes", detail, payment, account);
  }

  /** The most that was the limit at that moment. */
  #unasked(account: string, at_ms: number): number {
    const known = this.#limits.get(account) ?? [usual];
    const last = known.findLast(({ since_ms }) => since_ms < at_ms) ?? usual;
    const then = known.filter(({ since_ms }) => since_ms === at_ms);
    return Math.max(...[last, ...then].map(({ sale_minor }) => sale_minor));
  }

  /** What a shopper has agreed to of this payment last; undefined where nobody was asked. */
  agreed(payment: string): number | undefined {
    return this.#of.get(payment)?.findLast(({ ended }) => ended?.how === "answered")?.ended
      ?.amount_minor;
  }

  /** After the calm: no question is open. */
  lookAtRest(): void {
    for (const { approval, payment, ended } of this.#questions.values()) {
      if (!ended) this.report("every question comes to its end", approval, payment, approval);
    }
    this.#questions.clear();
    this.#of.clear();
  }
}
