/**
 * The auditor's book of ages that are proved from a document on the phone: which were asked for
 * which sale, what was shown at the issuer's door, and that nothing else counts.
 */
import { presentationOf } from "../documents.ts";
import type { Fact } from "../facts.ts";
import type { Report } from "./finding.ts";

type Question = Omit<Extract<Fact, { fact: "age_asked" }>, "fact" | "nonce">;

const ageIn = /^age_over_(\d+)$/;

export class AgeBook {
  readonly #asked = new Map<string, Question>();
  /** Questions to which a good document was shown in time. */
  readonly #shown = new Set<string>();
  /** Years proved, by payment and account. */
  readonly #proved = new Map<string, number>();
  #count = 0;

  constructor(private readonly report: Report, private readonly now_ms: () => number) {}

  /** Ages that were proved. */
  get count(): number {
    return this.#count;
  }

  asked({ nonce, account, payment, need, expires_ms }: Extract<Fact, { fact: "age_asked" }>): void {
    this.#asked.set(nonce, { account, payment, need, expires_ms });
  }

  shows({ account, nonce, wallet_nonce, response }: Extract<Fact, { fact: "shows_age" }>): void {
    const question = this.#asked.get(nonce);
    const shown = presentationOf(response);
    if (!question || !shown || question.account !== account) return;
    const now_ms = this.now_ms();
    const [, years = NaN] = ageIn.exec(question.need) ?? [];
    const { by, is_over, over, valid_until_ms } = shown;
    const [, place, bound, with_wallet] = JSON.parse(shown.session) as string[];
    const own = bound === nonce && with_wallet === wallet_nonce &&
      place?.endsWith(`/${question.payment}/${question.need}`) === true;
    const good = by === "town" && is_over && over >= Number(years) && valid_until_ms > now_ms;
    if (good && own && now_ms < question.expires_ms) this.#shown.add(nonce);
  }

  /** It stands in the issuer's file. */
  proved({ nonce }: Extract<Fact, { fact: "age_proved" }>): void {
    this.#count++;
    const question = this.#asked.get(nonce);
    const { payment = "unknown", account = "", need = "" } = question ?? {};
    if (!question || !this.#shown.has(nonce)) {
      const detail = `${account} showed nothing that proves ${need} for it`;
      this.report("an age is proved by a document for that sale", detail, payment, account);
      return;
    }
    const [, years = NaN] = ageIn.exec(need) ?? [];
    const before = this.#proved.get(`${payment} ${account}`) ?? 0;
    this.#proved.set(`${payment} ${account}`, Math.max(before, Number(years)));
  }

  /** True when this account proved for this payment that it is so old. */
  covers(payment: string, account: string, years: number): boolean {
    return (this.#proved.get(`${payment} ${account}`) ?? -1) >= years;
  }

  forget(): void {
    this.#asked.clear();
    this.#shown.clear();
    this.#proved.clear();
  }
}
