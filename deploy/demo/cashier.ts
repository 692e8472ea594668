/**
 * A simulated cashier: scans what the shopper in front brings, asks the gateway to be paid, taps
 * the one whose name the shopper tells, takes cash where nobody is recognised, and lets them go.
 */
import type { Chance } from "../../hardware/simulated/chance.ts";
import { RuntimeError } from "../../runtime/errors.ts";
import type { Clock } from "../../runtime/world.ts";
import { wordFor } from "./deciding.ts";
import { type ChangeOutcome, Errands } from "./errands.ts";
import { fillBasket } from "./goods.ts";
import type { Errand } from "./manners.ts";
import { LaneStory } from "./lane_story.ts";
import type { Narrator } from "./narrator.ts";
import type { CashierSale } from "./reconcile.ts";
import type { Till } from "./till.ts";
import type { SaleAnswer, TillSale } from "./till_words.ts";

/** What a cashier sees with their own eyes. */
export interface LaneSight {
  /** Who stands at the pay position. */
  standing(): string | undefined;
  /** How many faces are before the lane's camera. */
  inView(): number;
  /** Lets the one at the pay position go. */
  release(): void;
  /** They are asked to turn the head: whoever stands there reads the display from now on. */
  asked?(): void;
}

/** What a shopper tells when asked. */
export interface Customer {
  readonly shopper: string;
  readonly first_name: string;
  readonly initials: string;
  /** Null for those who say that they pay cash. */
  readonly account: string | null;
  /** What they come for beside a plain basket. */
  readonly errand?: Errand;
  /** Initials of somebody else, for those who say that they are that one. */
  readonly pretended?: string;
}

/** A sale that a till has begun and not ended: kept, so that a restart asks for its outcome. */
export interface OpenSale {
  readonly sale: TillSale;
  readonly shopper: string;
  readonly account: string | null;
}

export interface TillMemory {
  load(lane: string): OpenSale | undefined;
  /** Undefined: there is none any more. Kept for good when it returns. */
  keep(lane: string, open: OpenSale | undefined): void;
}

/** How fast a cashier is, and how often a sale is given up on purpose. */
export interface CashierPace {
  readonly scan_ms: readonly [low: number, high: number];
  /** Between two looks at who was recognised. */
  readonly look_ms: number;
  /** How long the cashier waits for somebody with an account to be recognised. */
  readonly recognise_ms: number;
  /** How long until somebody without account says that they pay cash. */
  readonly cash_ms: number;
  /** How long the cashier waits for a phone's yes, or another answer. */
  readonly approve_ms: number;
  /** How long a change of account data may take. */
  readonly change_ms: number;
  /** Every how many sales one is given up on purpose. */
  readonly cancel_every: number;
}

export const briskPace: CashierPace = {
  scan_ms: [800, 1_500],
  look_ms: 150,
  recognise_ms: 7_000,
  cash_ms: 1_400,
  approve_ms: 20_000,
  change_ms: 8_000,
  cancel_every: 9,
};

export interface FinishedSale extends CashierSale {
  readonly several_in_view: boolean;
  /** Situations that it came through, in order. */
  readonly situations: readonly string[];
  /** What the basket came to; `amount_minor` is what was charged. */
  readonly asked_minor: number;
}

export interface CashierSetting {
  readonly lane: string;
  /** Which of the lanes this is, from 0: lanes give up different sales on purpose. */
  readonly place: number;
  readonly currency: string;
  readonly sight: LaneSight;
  readonly till: Till;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly pace: CashierPace;
  /** Letters and digits that no earlier run used: makes service ids new. Six characters. */
  readonly run: string;
  readonly memory: TillMemory;
  readonly narrator: Narrator;
  readonly customer: (shopper: string) => Customer;
  readonly finished: (sale: FinishedSale) => void;
  /** Told how a change of account data ended. */
  readonly changed?: (outcome: ChangeOutcome) => void;
}

/** States of a payment in which the operator can still choose or give up for nothing. */
const choosing = ["awaiting_candidates", "awaiting_selection"];
/** In which somebody must say something, and the sale can be given up. */
const asking = [
  "awaiting_turn",
  "turning_again",
  "awaiting_eligibility",
  "awaiting_answer",
  "awaiting_approval",
];
const settle_wait_ms = 2_000;
const tap_again_ms = 1_000;

export class Cashier {
  readonly #setting: CashierSetting;
  readonly #errands: Errands;
  readonly #story: LaneStory;
  #count = 0;
  #closing = false;
  #working: Promise<void> | undefined;

  constructor(setting: CashierSetting) {
    this.#setting = setting;
    this.#story = new LaneStory(setting);
    const asked = () => setting.sight.asked?.();
    this.#errands = new Errands({ ...setting, asked, newTry: () => this.#newTry() });
  }

  /** Ends the sale that an earlier run left open, then serves whoever stands at the lane. */
  start(): void {
    this.#working = this.#work().catch((error: unknown) => {
      if (!(error instanceof RuntimeError && error.kind === "stopped")) throw error;
    });
  }

  /** Serves nobody any more and gives up what is not chosen yet; resolves when the last sale has
   * its outcome. `Till.stop` cuts that short. */
  async close(): Promise<void> {
    this.#closing = true;
    await this.#working;
  }

  async #work(): Promise<void> {
    const { sight, till, pace, memory, lane, customer } = this.#setting;
    const left = memory.load(lane);
    if (left !== undefined) await this.#sell(left, false);
    while (!this.#closing) {
      const shopper = sight.standing();
      if (shopper === undefined) {
        await till.pause(pace.look_ms);
        continue;
      }
      await this.#serve(customer(shopper));
    }
  }

  async #serve(customer: Customer): Promise<void> {
    const { till, pace, chance, sight, memory, lane } = this.#setting;
    await till.pause(chance.between(...pace.scan_ms));
    if (this.#closing || sight.standing() !== customer.shopper) return;
    if (customer.errand?.wanted) await this.#errands.change(customer, customer.errand.wanted);
    if (this.#closing || sight.standing() !== customer.shopper) return;
    const sale = this.#newSale(customer.errand);
    const open = { sale, shopper: customer.shopper, account: customer.account };
    memory.keep(lane, open);
    await this.#sell(open, true, customer);
    if (sight.standing() === customer.shopper) sight.release();
  }

  #newSale(errand?: Errand): TillSale {
    const { lane, currency, chance } = this.#setting;
    const { items, amount_minor } = fillBasket(chance, errand);
    return {
      poi_id: `poi-${lane}`,
      sale_id: `till-${lane}`,
      service_id: this.#newTry(),
      ...(errand?.accept_partial ? { accept_partial: true } : {}),
      amount_minor,
      currency,
      items,
    };
  }

  #newTry(): string {
    return `${this.#setting.run}${(this.#count++).toString(36).padStart(3, "0")}`;
  }

  /** Sees a sale through to its outcome and writes it down. */
  async #sell(open: OpenSale, present: boolean, customer?: Customer): Promise<void> {
    const { sight, till, memory, lane, finished, narrator } = this.#setting;
    const here = () => present && !this.#closing && sight.standing() === open.shopper;
    let last: SaleAnswer | undefined;
    let several = false;
    let refunded_minor = 0;
    const situations: string[] = [];
    try {
      const first = await till.open(open.sale, here);
      several = first !== undefined && sight.inView() > 1;
      last = first && await this.#settle(first, here, customer, situations);
      this.#story.end(open, last);
      if (last?.outcome === "captured" && customer?.errand?.brings_back) {
        refunded_minor = await this.#errands.refund(open, last);
      }
    } catch (error) {
      if (!(error instanceof RuntimeError) || error.kind !== "request_invalid") throw error;
      narrator.say("till stuck", open.shopper, error.message);
    }
    memory.keep(lane, undefined);
    const { currency } = open.sale;
    finished({
      payment: last?.payment ?? null,
      lane,
      shopper: open.shopper,
      account: open.account,
      amount_minor: last?.charge_minor ?? open.sale.amount_minor,
      currency,
      told: last?.outcome ?? null,
      refunded_minor,
      several_in_view: several,
      situations,
      asked_minor: open.sale.amount_minor,
    });
  }

  /** Taps, gives up or waits until the payment has an outcome. */
  async #settle(
    first: SaleAnswer,
    here: () => boolean,
    customer: Customer | undefined,
    situations: string[],
  ): Promise<SaleAnswer> {
    const { till, clock, pace, sight } = this.#setting;
    const onPurpose = customer !== undefined && this.#givesUpThisOne();
    const patience_ms = customer?.account == null ? pace.cash_ms : pace.recognise_ms;
    let until_ms = clock.now_ms() + patience_ms;
    let tapped_at_ms = -Infinity;
    let given = 0;
    let answer = first;
    const decide = async (decision: Promise<SaleAnswer | undefined>) => {
      answer = await decision ?? answer;
    };
    while (answer.outcome === null) {
      const now_ms = clock.now_ms();
      if (situations.at(-1) !== answer.state) {
        situations.push(answer.state);
        this.#story.situation(answer, customer);
        if (answer.state === "awaiting_turn") sight.asked?.();
        if (!choosing.includes(answer.state)) until_ms = now_ms + pace.approve_ms;
      }
      const mine = answer.candidates.find((one) =>
        one.initials === customer?.initials && one.first_name === customer.first_name
      );
      const choice = choosing.includes(answer.state);
      const waiting = choice || asking.includes(answer.state);
      const word = wordFor(answer, { initials: "", mumbles: 0, ...spokenBy(customer) }, given);
      if (waiting && (!here() || now_ms > until_ms || onPurpose && mine !== undefined)) {
        await decide(till.cancel(answer.payment));
      } else if (word !== undefined) {
        if (word.say === "answer") given++;
        await till.pause(pace.look_ms);
        await decide(till.decide(word));
      } else if (choice && mine !== undefined && now_ms > tapped_at_ms + tap_again_ms) {
        tapped_at_ms = now_ms;
        until_ms = now_ms + patience_ms;
        await decide(till.select(answer.payment, mine.visit));
      }
      if (answer.outcome !== null) break;
      const wait_ms = waiting ? 0 : settle_wait_ms;
      if (wait_ms === 0) await till.pause(pace.look_ms);
      const next = await till.look(answer.payment, wait_ms);
      if (next === undefined) await till.pause(pace.look_ms * 3);
      answer = next ?? answer;
    }
    return answer;
  }

  /** Every ninth sale or so: a forgotten purse, a wrong price. Each lane begins elsewhere. */
  #givesUpThisOne(): boolean {
    const { pace, place } = this.#setting;
    return this.#count % pace.cancel_every === (3 + 2 * place) % pace.cancel_every;
  }
}

/** How somebody answers what they are asked. */
function spokenBy(customer: Customer | undefined) {
  return customer && { initials: customer.initials, mumbles: customer.errand?.mumbles ?? 0 };
}
