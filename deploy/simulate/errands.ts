/**
 * What shoppers want of a cashier besides being charged: account data changed, at times somebody
 * else's, and things taken back, at times more than once. Of each the end is asked for until it is
 * known.
 */
import type { WantedChange } from "../../actors/messages.ts";
import type { Chance } from "../../hardware/simulated/chance.ts";
import { RuntimeError } from "../../runtime/errors.ts";
import type { Scheduler } from "../../runtime/sim/scheduler.ts";
import type { Till } from "../demo/till.ts";
import type {
  ChangeAnswer,
  RefundAnswer,
  SaleAnswer,
  TillChange,
  TillRefund,
} from "../demo/till_words.ts";
import type { Plan } from "./plan.ts";
import type { Witness } from "./witness.ts";

export interface ErrandsSetting {
  readonly lane: string;
  readonly till: Till;
  /** Whoever stands there reads the display for as long as it is so: a proof may ask for turns. */
  readonly attend: (asked: () => boolean) => Promise<void>;
  readonly broken: (error: unknown) => void;
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  readonly plan: () => Plan;
  readonly witness: Witness;
}

interface Refund {
  readonly payment: string;
  readonly refund: TillRefund;
}

const wait_ms = 6_000;
const look_ms = 1_500;
const change_patience_ms = 30_000;
/** Looks at a refund while the shopper stands there; then it is asked for in the evening. */
const looks = 3;
/** Tries in the evening: a gateway that has forgotten what was asked for says so at once. */
const evening_looks = 400;

export class LaneErrands {
  readonly #setting: ErrandsSetting;
  readonly #refunds: Refund[] = [];
  readonly #changes: TillChange[] = [];
  #count = 0;

  constructor(setting: ErrandsSetting) {
    this.#setting = setting;
  }

  /** Somebody wants account data changed, and says whose it is. */
  async change(initials: string): Promise<void> {
    const { scheduler, till } = this.#setting;
    const change = { service_id: this.#newTry("c"), initials, wanted: this.#wanted() };
    const until_ms = scheduler.now_ms() + change_patience_ms;
    let done = false;
    this.#setting.attend(() => !done).catch(this.#setting.broken);
    try {
      let answer = this.#toldChange(change, await till.change(change, wait_ms));
      while (answer?.outcome === null && scheduler.now_ms() < until_ms) {
        await scheduler.sleep(look_ms);
        answer = this.#toldChange(change, await till.change(change, wait_ms)) ?? answer;
      }
      if (answer?.outcome === null) await till.forgetChange(answer.change);
      if (!answer?.outcome) this.#changes.push(change);
    } catch (error) {
      if (!isRefused(error)) throw error;
    } finally {
      done = true;
    }
  }

  /** Something is brought back that was paid; some ask again, and for more. */
  async bringBack({ payment, charge_minor }: SaleAnswer): Promise<void> {
    const { chance, plan } = this.#setting;
    const { greedy_refunds } = plan();
    const most = chance.happens(greedy_refunds) ? 3 : 1;
    for (let part = 0; part < most; part++) {
      const share = chance.happens(greedy_refunds) ? 1.2 : chance.between(0.2, 1);
      const amount_minor = Math.max(1, Math.round(charge_minor * share));
      const refund = { service_id: this.#newTry("r"), reason: "brought back", amount_minor };
      await this.#seeRefund({ payment, refund }, looks);
    }
  }

  /** Asks for the end of all that was given up. */
  async settle(): Promise<void> {
    for (let one = this.#refunds.shift(); one; one = this.#refunds.shift()) {
      await this.#seeRefund(one, evening_looks);
    }
    for (let one = this.#changes.shift(); one; one = this.#changes.shift()) {
      await this.#seeChange(one);
    }
  }

  async #seeRefund(asked: Refund, times: number): Promise<void> {
    const { lane, till, witness, scheduler } = this.#setting;
    const { payment, refund } = asked;
    const { service_id, amount_minor } = refund;
    witness.noticed({ fact: "asks_back", lane, payment, service_id, amount_minor });
    try {
      for (let look = 0; look < times; look++) {
        const answer = await till.refund(payment, refund, wait_ms);
        if (answer) this.#toldRefund(service_id, answer);
        if (answer?.outcome) return;
        await scheduler.sleep(look_ms);
      }
      this.#refunds.push(asked);
    } catch (error) {
      if (!isRefused(error)) throw error;
    }
  }

  async #seeChange(change: TillChange): Promise<void> {
    const { till, scheduler } = this.#setting;
    try {
      for (let look = 0; look < evening_looks; look++) {
        const answer = this.#toldChange(change, await till.change(change, wait_ms));
        if (answer?.outcome) return;
        await scheduler.sleep(look_ms);
      }
    } catch (error) {
      if (!isRefused(error)) throw error;
    }
  }

  #toldRefund(service_id: string, answer: RefundAnswer): void {
    this.#setting.witness.noticed({ fact: "told_back", service_id, answer });
  }

  #toldChange(
    { service_id }: TillChange,
    answer: ChangeAnswer | undefined,
  ): ChangeAnswer | undefined {
    if (answer) this.#setting.witness.noticed({ fact: "told_change", service_id, answer });
    return answer;
  }

  #newTry(kind: string): string {
    return `${kind}${this.#setting.lane}${(this.#count++).toString(36)}`;
  }

  #wanted(): WantedChange {
    const { chance } = this.#setting;
    const number = 1 + chance.whole(98);
    return chance.pick<WantedChange>([
      { what: "address", address: `${number} Mill Lane` },
      { what: "email", email: `shopper${number}@example.com` },
      { what: "phone", phone: `+4930${1_000_000 + number}` },
      { what: "instrument", instrument: "test_ok" },
      { what: "limit", sale_minor: 400 + 10 * number, day_minor: 50_000 },
      { what: "limit", sale_minor: 60_000 + number, day_minor: 400_000 },
    ]);
  }
}

/** Nobody is meant who is here, or the gateway does not know the sale any more. */
function isRefused(error: unknown): boolean {
  return error instanceof RuntimeError && error.kind === "request_invalid";
}
