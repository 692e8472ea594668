/** The auditor's book of the town: whose face, initials and papers belong to which account. */
import type { Papers } from "../../demo/manners.ts";
import type { Fact } from "../facts.ts";

export interface Resident {
  readonly initials: string;
  readonly phrase: string | undefined;
  readonly face: Float32Array;
  readonly papers: Papers | undefined;
  readonly voice: Float32Array;
}

/** What one must be to have it, by the law of the place: years, or a paper. */
const law: Readonly<Record<string, number | string>> = {
  beer_wine: 16,
  spirits: 18,
  prescription: "prescription",
};

export class PeopleBook {
  readonly #residents = new Map<string, Resident>();

  settled({ account, ...resident }: Extract<Fact, { fact: "settled" }>): void {
    this.#residents.set(account, resident);
  }

  of(account: string): Resident | undefined {
    return this.#residents.get(account);
  }

  /** The years of age that the law wants for goods of this category, if it is years. */
  yearsFor(category: string): number | undefined {
    const need = law[category];
    return typeof need === "number" ? need : undefined;
  }

  /** True when papers were shown by which they may have goods of this category. */
  mayHave(account: string, category: string, now_ms: number): boolean {
    const need = law[category];
    const papers = this.#residents.get(account)?.papers;
    if (need === undefined) return true;
    if (typeof need === "string") return papers?.eligibilities.includes(need) ?? false;
    const [year = NaN, month = 1, day = 1] = (papers?.birth_date ?? "").split("-").map(Number);
    return Date.UTC(year + need, month - 1, day) <= now_ms;
  }
}
