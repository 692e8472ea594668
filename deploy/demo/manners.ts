/**
 * What happens to a played shopper, drawn from the seed: what their papers say, how much they let
 * go unasked, how they answer a phone, and what they ask of a cashier on a given visit.
 */
import type { WantedChange } from "../../actors/messages.ts";
import { type Chance, chanceOf } from "../../hardware/simulated/chance.ts";

/** How a shopper answers when the phone asks. */
export type Reply = "yes" | "less" | "no" | "silence";

/** What the issuer's office has seen of somebody's papers. */
export interface Papers {
  readonly birth_date?: string;
  readonly eligibilities: readonly string[];
}

/** One visit at a lane. */
export interface Errand {
  /** Something in the basket is not for everybody. */
  readonly restricted: boolean;
  /** The till may take a part of it by the phone, and the rest in cash. */
  readonly accept_partial: boolean;
  /** So many wrong answers before the right one. */
  readonly mumbles: number;
  /** Brings something back once it is paid. */
  readonly brings_back: boolean;
  /** Wants account data changed first. */
  readonly wanted: WantedChange | undefined;
  /** Says that they are somebody else, for the change. */
  readonly pretends: boolean;
}

/** More frequent than in a store, so that a minute shows most of them. */
const one_in = {
  modest: 3,
  restricted: 5,
  mumbles: 4,
  brings_back: 6,
  wants_change: 10,
  pretends: 3,
  undoes: 2,
} as const;
const modest_limit_minor = [700, 1_600] as const;
const grown_up_years = [19, 80] as const;
/** Old enough for beer where that is sold from 16 on, and for nothing stronger. */
const youth_years = 17;

export class Manner {
  readonly papers: Papers | undefined;
  /** Above this much a sale, they are asked; undefined for those who leave it to the issuer. */
  readonly sale_limit_minor: number | undefined;
  readonly #errands: Chance;
  readonly #phone: Chance;

  /** The same for the same seed and shopper; `year` is the current one. */
  constructor(seed: number | string, shopper: string, year: number) {
    const chance = chanceOf(`${seed}/manner/${shopper}`);
    const born = (years: number) => ({ birth_date: `${year - years}-01-01` });
    const age = chance.next();
    const grown_up = age < 0.75;
    const youth = !grown_up && age < 0.9;
    this.papers = grown_up
      ? {
        ...born(Math.floor(chance.between(...grown_up_years))),
        eligibilities: chance.happens(0.5) ? ["prescription"] : [],
      }
      : youth
      ? { ...born(youth_years), eligibilities: [] }
      : undefined;
    this.sale_limit_minor = chance.happens(1 / one_in.modest)
      ? Math.round(chance.between(...modest_limit_minor))
      : undefined;
    this.#errands = chance.fork("errands");
    this.#phone = chance.fork("phone");
  }

  /** The next visit at a lane. */
  errand(): Errand {
    const chance = this.#errands;
    const wants = chance.happens(1 / one_in.wants_change);
    return {
      restricted: chance.happens(1 / one_in.restricted),
      accept_partial: chance.happens(0.8),
      mumbles: chance.happens(1 / one_in.mumbles) ? chance.pick([1, 1, 2, 3]) : 0,
      brings_back: chance.happens(1 / one_in.brings_back),
      wanted: wants ? this.#wanted() : undefined,
      pretends: chance.happens(1 / one_in.pretends),
    };
  }

  /** How the phone's next question is answered. */
  reply(): Reply {
    const drawn = this.#phone.next();
    return drawn < 0.55 ? "yes" : drawn < 0.75 ? "less" : drawn < 0.9 ? "no" : "silence";
  }

  /** Whether the phone takes the next change back that can be. */
  undoes(): boolean {
    return this.#phone.happens(1 / one_in.undoes);
  }

  #wanted(): WantedChange {
    const chance = this.#errands;
    const number = 1 + chance.whole(98);
    return chance.pick<WantedChange>([
      { what: "address", address: `${number} Mill Lane` },
      { what: "email", email: `shopper${number}@example.com` },
      { what: "instrument", instrument: "test_ok" },
      { what: "limit", sale_minor: 1_000 + 10 * number, day_minor: 100_000 },
    ]);
  }
}
