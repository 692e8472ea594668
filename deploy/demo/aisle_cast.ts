/**
 * The shoppers of the demo's walk-out aisle: bodies in the simulated aisle joined to the phones
 * that open its gate. What each really took is known here, and held against what was charged.
 */
import { pauseUntil } from "../../hardware/pause.ts";
import { SimulatedAisle } from "../../hardware/simulated/aisle/aisle.ts";
import type { AislePlan, AisleTold } from "../../hardware/simulated/aisle/plan.ts";
import type { AisleConfig } from "../../runtime/config.ts";
import type { Receipt, Trip } from "../../runtime/sync/contract/schemas.ts";
import { utf8 } from "../../runtime/vault/bytes.ts";
import type { PhoneWorld } from "../phone/phone.ts";
import { type Phone, phone } from "../phone/phone.ts";
import { entryPicture } from "../phone/entry.ts";
import { sampleCatalogue } from "../retailer/catalogue.ts";
import { priceOf } from "../retailer/pricing.ts";
import { createNarrator, money, type Narrator } from "./narrator.ts";
import { type CastMember, castPeople } from "./people.ts";
import type { CashierSale } from "./reconcile.ts";

export interface AisleCastSetting extends PhoneWorld {
  readonly seed: number | string;
  readonly aisle: AisleConfig;
  readonly currency: string;
  readonly print: (line: string) => void;
}

/** One who went in, and how that came out. */
export interface WalkOut {
  readonly shopper: string;
  readonly account: string;
  readonly gate: string;
  readonly track: string;
  /** What was really taken; undefined while inside. */
  holds?: Readonly<Record<string, number>>;
  trip?: string;
  /** As the phone shows it. */
  state?: Trip["state"];
  amount_minor?: number;
}

export interface WalkOutSummary {
  /** Who came out again. */
  readonly trips: number;
  readonly paid: number;
  readonly captured_minor: number;
  /** Declined after the exit, and owed. */
  readonly owed: number;
  /** Took nothing, or put it all back. */
  readonly empty: number;
  readonly turned_away: number;
  /** Carts that somebody had to look at. */
  readonly reviewed: number;
}

/** Those who come after the regulars of the tills, so that nobody is in two places. */
const after_regulars = 24;
const people = 6;
const looks_every_ms = 1_000;
/** Whoever owes something comes back late. */
const owing_ms = 15_000;
const ended: readonly Trip["state"][] = ["ended", "cancelled", "paid", "owed", "unpaid"];

/** The part of a configuration's aisle that is played. */
export function playedAisle(aisle: AisleConfig | undefined): AislePlan | undefined {
  const plan = {
    gates: aisle?.gates.filter(({ device }) => device.kind === "simulated") ?? [],
    plates: aisle?.shelves.filter(({ device }) => device.kind === "simulated")
      .flatMap(({ plates }) => plates) ?? [],
    goods: aisle?.products ?? [],
  };
  return plan.gates.length > 0 && plan.plates.length > 0 ? plan : undefined;
}

const productOf = (gtin: string) => sampleCatalogue.products.find((one) => one.gtin === gtin);

/** What the reference retailer asks for these. */
export function priceOfUnits(holds: Readonly<Record<string, number>>): number {
  const cart = Object.entries(holds).flatMap(([gtin, units]) => {
    const product = productOf(gtin);
    return product === undefined ? [] : [{ product, units }];
  });
  return priceOf(sampleCatalogue, cart).total_minor;
}

export class AisleCast {
  readonly aisle: SimulatedAisle;
  readonly walkOuts: WalkOut[] = [];
  readonly #setting: AisleCastSetting;
  readonly #narrator: Narrator;
  readonly #members: readonly CastMember[];
  readonly #phones = new Map<string, Phone>();
  readonly #receipts = new Map<string, Receipt[]>();
  readonly #stopped = new AbortController();
  #turned_away = 0;

  constructor(setting: AisleCastSetting, plan: AislePlan) {
    this.#setting = setting;
    const { seed, clock, print } = setting;
    this.#narrator = createNarrator({ clock, print });
    this.#members = castPeople({ seed, people: after_regulars + people }).slice(after_regulars);
    this.aisle = new SimulatedAisle({
      plan,
      seed,
      clock,
      people: this.#members,
      code: (shopper) => entryPicture(this.#phone(shopper).entryCode()),
      comesAgain: (shopper) => this.#outcome(shopper),
      tell: (told) => this.#happened(told),
    });
  }

  /** Opens accounts, then the aisle. Rejects when the issuer refuses an account. */
  async start(issuer: string): Promise<void> {
    const { seed, vault } = this.#setting;
    await Promise.all(this.#members.map(async (member) => {
      const { shopper, first_name, initials, instrument = "test_ok" } = member;
      // A demo's accounts hold nothing: their keys are known to whoever knows the seed.
      const deviceSeed = vault.sha256(utf8(`saunter demo device ${seed} ${shopper}`));
      const own = phone(this.#setting, { issuer, deviceSeed });
      this.#phones.set(shopper, own);
      const account = await own.openAccount({ first_name, initials, instrument });
      const receipts: Receipt[] = [];
      this.#receipts.set(account, receipts);
      own.watch((event) => {
        if (event.type === "receipt") receipts.push(event.receipt);
      });
    }));
    this.#narrator.say("opens", "the aisle", `${this.#members.length} shoppers with a phone`);
    this.aisle.open();
  }

  /** Nobody comes in any more. */
  shut(): void {
    this.aisle.shut();
  }

  /** Everybody is out, and every phone shows how it ended. */
  get over(): boolean {
    return this.aisle.inside === 0 &&
      this.walkOuts.every(({ state }) => state !== undefined && ended.includes(state));
  }

  /** What a shopper who has just been here really took, by the name of the account. */
  truthOf(account: string): WalkOut["holds"] {
    return this.walkOuts.findLast((one) => one.account === account)?.holds;
  }

  /** Trips as sales of their gates: what should have been paid, and what phones were told. */
  sales(): CashierSale[] {
    return this.walkOuts.flatMap(({ trip, shopper, account, gate, holds = {}, state }) => {
      if (trip === undefined || (state !== "paid" && state !== "owed")) return [];
      return [{
        payment: trip,
        lane: gate,
        shopper,
        account,
        amount_minor: priceOfUnits(holds),
        currency: this.#setting.currency,
        told: state === "paid" ? "captured" : state,
      }];
    });
  }

  /** Those who took something and were charged nothing, one line each. */
  escaped(): string[] {
    return this.walkOuts.flatMap(({ shopper, trip, holds = {}, state = "open" }) => {
      const charged = state === "paid" || state === "owed";
      const took = Object.keys(holds).length > 0;
      return charged || !took ? [] : [`${shopper} took something, and trip ${trip} is ${state}`];
    });
  }

  async receipts(): Promise<ReadonlyMap<string, readonly Receipt[]>> {
    await Promise.all([...this.#phones.values()].map((own) => own.receipts()));
    return this.#receipts;
  }

  summary(reviewed: number): WalkOutSummary {
    const of = (state: Trip["state"]) => this.walkOuts.filter((one) => one.state === state);
    return {
      trips: this.walkOuts.filter(({ holds }) => holds !== undefined).length,
      paid: of("paid").length,
      captured_minor: of("paid").reduce((sum, { amount_minor = 0 }) => sum + amount_minor, 0),
      owed: of("owed").length,
      empty: of("cancelled").length,
      turned_away: this.#turned_away,
      reviewed,
    };
  }

  stop(): void {
    this.#stopped.abort();
    for (const own of this.#phones.values()) own.stop();
  }

  #phone(shopper: string): Phone {
    const own = this.#phones.get(shopper);
    if (own === undefined) throw new RangeError(`nobody in the aisle is called ${shopper}`);
    return own;
  }

  #happened(told: AisleTold): void {
    const { shopper } = told;
    const say = (what: string, more = "") => this.#narrator.say(what, shopper, more);
    switch (told.type) {
      case "shows_code":
        return say("shows code", `gate ${told.gate}`);
      case "turned_away":
        this.#turned_away++;
        return say("turned away", `gate ${told.gate}`);
      case "enters": {
        const account = this.#phone(shopper).account ?? "";
        this.walkOuts.push({ shopper, account, gate: told.gate, track: told.track });
        return say("walks in", `gate ${told.gate}`);
      }
      case "takes":
      case "puts_back":
        return say(told.type.replace("_", " "), productOf(told.gtin)?.name ?? told.gtin);
      case "walks_out": {
        const inside = this.#last(shopper);
        if (inside !== undefined) inside.holds = told.holds;
        const units = Object.values(told.holds).reduce((sum, some) => sum + some, 0);
        return say("walks out", `with ${units === 1 ? "1 item" : `${units} items`}`);
      }
    }
  }

  #last(shopper: string): WalkOut | undefined {
    return this.walkOuts.findLast((one) => one.shopper === shopper);
  }

  /** Looks at the phone until it shows how the last trip ended. */
  async #outcome(shopper: string): Promise<void> {
    const own = this.#phone(shopper);
    const last = this.#last(shopper);
    if (last === undefined || last.state !== undefined) return await this.#pause(owing_ms);
    const known = new Set(this.walkOuts.map(({ trip }) => trip));
    while (!this.#stopped.signal.aborted) {
      await this.#pause(looks_every_ms);
      // An issuer that is away is asked again.
      const trips = await own.trips().catch(() => []);
      // A gate that opened for nobody left a trip, too: the one of this visit is the newest.
      const found = trips.find(({ trip }) => trip === last.trip || !known.has(trip));
      if (found === undefined) continue;
      last.trip = found.trip;
      if (!ended.includes(found.state)) continue;
      last.state = found.state;
      last.amount_minor = found.amount_minor;
      this.#tellEnd(last, found);
      if (found.state === "owed") await this.#pause(owing_ms);
      return;
    }
  }

  #tellEnd({ shopper }: WalkOut, { state, amount_minor, currency, reason }: Trip): void {
    const words: Partial<Record<Trip["state"], string>> = {
      paid: "has receipt",
      owed: "owes",
      cancelled: "pays nothing",
    };
    const more = state === "cancelled" ? "took nothing" : money(amount_minor, currency);
    const why = reason === null || state === "cancelled" ? "" : ` (${reason})`;
    this.#narrator.say(words[state] ?? `trip ${state}`, shopper, `${more}${why}`);
  }

  #pause(ms: number): Promise<void> {
    return pauseUntil(this.#stopped.signal, this.#setting.clock, ms);
  }
}
