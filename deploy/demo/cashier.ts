/**
 * A simulated cashier: scans what the shopper in front brings, asks the gateway to be paid, taps
 * the one whose name the shopper tells, takes cash where nobody is recognised, and lets them go.
 */
import type { Chance } from "../../hardware/simulated/chance.ts";
import { RuntimeError } from "../../runtime/errors.ts";
import type { Clock } from "../../runtime/world.ts";
import { fillBasket } from "./goods.ts";
import { money, type Narrator } from "./narrator.ts";
import type { CashierSale } from "./reconcile.ts";
import type { SaleAnswer, Till, TillSale } from "./till.ts";

/** What a cashier sees with their own eyes. */
export interface LaneSight {
  /** Who stands at the pay position. */
  standing(): string | undefined;
  /** How many faces are before the lane's camera. */
  inView(): number;
  /** Lets the one at the pay position go. */
  release(): void;
}

/** What a shopper tells when asked. */
export interface Customer {
  readonly shopper: string;
  readonly first_name: string;
  readonly initials: string;
  /** Null for those who say that they pay cash. */
  readonly account: string | null;
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
  /** Every how many sales one is given up on purpose. */
  readonly cancel_every: number;
}

export const briskPace: CashierPace = {
  scan_ms: [800, 1_500],
  look_ms: 150,
  recognise_ms: 7_000,
  cash_ms: 1_400,
  cancel_every: 9,
};

export interface FinishedSale extends CashierSale {
  readonly several_in_view: boolean;
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
}

/** States of a payment in which the operator can still choose or give up for nothing. */
const choosing = ["awaiting_candidates", "awaiting_selection"];
const settle_wait_ms = 2_000;
const tap_again_ms = 1_000;

export class Cashier {
  readonly #setting: CashierSetting;
  #count = 0;
  #closing = false;
  #working: Promise<void> | undefined;

  constructor(setting: CashierSetting) {
    this.#setting = setting;
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
    const open = { sale: this.#newSale(), shopper: customer.shopper, account: customer.account };
    memory.keep(lane, open);
    await this.#sell(open, true, customer);
    if (sight.standing() === customer.shopper) sight.release();
  }

  #newSale(): TillSale {
    const { lane, run, currency, chance } = this.#setting;
    const count = (this.#count++).toString(36).padStart(3, "0");
    const { items, amount_minor } = fillBasket(chance);
    return {
      poi_id: `poi-${lane}`,
      sale_id: `till-${lane}`,
      service_id: `${run}${count}`,
      amount_minor,
      currency,
      items,
    };
  }

  /** Sees a sale through to its outcome and writes it down. */
  async #sell(open: OpenSale, present: boolean, customer?: Customer): Promise<void> {
    const { sight, till, memory, lane, finished, narrator } = this.#setting;
    const here = () => present && !this.#closing && sight.standing() === open.shopper;
    let last: SaleAnswer | undefined;
    let several = false;
    try {
      const first = await till.open(open.sale, here);
      several = first !== undefined && sight.inView() > 1;
      last = first && await this.#settle(first, here, customer);
    } catch (error) {
      if (!(error instanceof RuntimeError) || error.kind !== "request_invalid") throw error;
      narrator.say("till stuck", open.shopper, error.message);
    }
    memory.keep(lane, undefined);
    const { amount_minor, currency } = open.sale;
    finished({
      payment: last?.payment ?? null,
      lane,
      shopper: open.shopper,
      account: open.account,
      amount_minor,
      currency,
      told: last?.outcome ?? null,
      several_in_view: several,
    });
    this.#narrate(open, last);
  }

  /** Taps, gives up or waits until the payment has an outcome. */
  async #settle(
    first: SaleAnswer,
    here: () => boolean,
    customer: Customer | undefined,
  ): Promise<SaleAnswer> {
    const { till, clock, pace } = this.#setting;
    const onPurpose = customer !== undefined && this.#givesUpThisOne();
    const patience_ms = customer?.account == null ? pace.cash_ms : pace.recognise_ms;
    let until_ms = clock.now_ms() + patience_ms;
    let tapped_at_ms = -Infinity;
    let answer = first;
    const decide = async (decision: Promise<SaleAnswer | undefined>) => {
      answer = await decision ?? answer;
    };
    while (answer.outcome === null) {
      const now_ms = clock.now_ms();
      const mine = answer.candidates.find((one) =>
        one.initials === customer?.initials && one.first_name === customer.first_name
      );
      const waiting = choosing.includes(answer.state);
      if (waiting && (!here() || now_ms > until_ms || onPurpose && mine !== undefined)) {
        await decide(till.cancel(answer.payment));
      } else if (waiting && mine !== undefined && now_ms > tapped_at_ms + tap_again_ms) {
        tapped_at_ms = now_ms;
        until_ms = now_ms + patience_ms;
        await decide(till.select(answer.payment, mine.visit));
      }
      if (answer.outcome !== null) break;
      const wait_ms = choosing.includes(answer.state) ? 0 : settle_wait_ms;
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

  #narrate({ sale, shopper, account }: OpenSale, last: SaleAnswer | undefined): void {
    const { narrator, lane } = this.#setting;
    const amount = `${money(sale.amount_minor, sale.currency)}, lane ${lane}`;
    if (last === undefined) return narrator.say("walks off", shopper, `lane ${lane}`);
    const words: Partial<Record<string, string>> = {
      captured: "pays",
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
