/**
 * What an account may have that not everybody may: ages and other eligibilities, attested one by
 * one to a store where the shopper is. A date of birth goes in here and never comes out.
 */
import type { z } from "zod";
import type * as schemas from "../../../runtime/sync/contract/schemas.ts";
import { issuerLimits as limits } from "../limits.ts";
import { Refusal } from "../refusal.ts";
import type { House } from "../world.ts";
import { ageOf, type Ages, type Sale } from "./ages.ts";
import type { Accounts } from "./accounts.ts";
import type { CheckIns } from "./check_ins.ts";
import type { Merchants } from "./merchants.ts";

/** Whole years from a date (`2008-02-29`) to a moment, by the calendar of UTC: a birthday counts
 * once it has begun everywhere. */
function yearsSince(birth_date: string, now_ms: number): number {
  const [year = 0, month = 1, day = 1] = birth_date.split("-").map(Number);
  const now = new Date(now_ms - limits.latest_day_ms);
  const years = now.getUTCFullYear() - year;
  const before = now.getUTCMonth() + 1 < month ||
    now.getUTCMonth() + 1 === month && now.getUTCDate() < day;
  return before ? years - 1 : years;
}

export class Eligibility {
  constructor(
    readonly house: House,
    readonly accounts: Accounts,
    readonly merchants: Merchants,
    readonly checkIns: CheckIns,
    readonly ages: Ages,
  ) {}

  set(account: string, ask: z.output<typeof schemas.setEligibility>): { account: string } {
    if (!this.accounts.find(account)) throw new Refusal("account_unknown");
    this.house.store.tables.eligibility.put({
      account,
      birth_date: ask.birth_date ?? null,
      others: JSON.stringify(ask.eligibilities),
    });
    return { account };
  }

  /** True when the account meets the need, or its owner has proved it for this sale; what is not
   * known of it, it does not meet. */
  meets(account: string, need: string, sale: Sale): boolean {
    return this.#knows(account, need) || this.ages.isProved(sale, need);
  }

  /** Of whom the age is known nobody asks the phone. */
  #hasAge(account: string): boolean {
    return (this.house.store.tables.eligibility.get(account)?.birth_date ?? null) !== null;
  }

  #knows(account: string, need: string): boolean {
    const known = this.house.store.tables.eligibility.get(account);
    if (!known) return false;
    const age = ageOf(need);
    if (Number.isNaN(age)) return JSON.parse(known.others).includes(need);
    return known.birth_date !== null &&
      yearsSince(known.birth_date, this.house.clock.now_ms()) >= age;
  }

  /** Those of the needs that the shopper of this check-in meets. Each is written down; a store that
   * asks one age after another to find out how old somebody is gets no answer. */
  attest(gateway: string, ask: z.output<typeof schemas.attest>): { eligible: string[] } {
    const store = this.merchants.find(gateway)?.store;
    const check_in = this.checkIns.find(ask.check_in);
    if (!check_in || check_in.store !== store) throw new Refusal("check_in_unknown");
    if (!this.checkIns.isLive(check_in)) throw new Refusal("check_in_ended");
    const { tables } = this.house.store;
    const asked = new Set(
      tables.attestation.all("of_check_in", [ask.check_in]).map(({ need }) => need),
    );
    for (const need of ask.needs) asked.add(need);
    const ages = [...asked].filter((need) => !Number.isNaN(ageOf(need)));
    if (ages.length > limits.ages_per_check_in) throw new Refusal("attestations_enough");
    const { account } = check_in;
    const eligible = [...new Set(ask.needs)].filter((need) => this.meets(account, need, ask));
    for (const need of new Set(ask.needs)) {
      if (!eligible.includes(need) && !this.#hasAge(account)) {
        this.ages.ask(account, store, ask, need);
      }
      tables.attestation.insert({
        position: 0,
        check_in: ask.check_in,
        payment: ask.payment,
        gateway,
        need,
        eligible: eligible.includes(need) ? 1 : 0,
        at_ms: this.house.clock.now_ms(),
      });
    }
    return { eligible };
  }
}
