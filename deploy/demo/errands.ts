/**
 * What shoppers ask of a cashier beside being charged: to have account data changed, which their
 * face at the lane is to prove, and to have something taken back that was paid.
 */
import type { WantedChange } from "../../actors/messages.ts";
import { RuntimeError } from "../../runtime/errors.ts";
import type { Clock } from "../../runtime/world.ts";
import type { Customer, OpenSale } from "./cashier.ts";
import { money, type Narrator } from "./narrator.ts";
import type { Till } from "./till.ts";
import type { ChangeAnswer, SaleAnswer } from "./till_words.ts";

export type ChangeOutcome = NonNullable<ChangeAnswer["outcome"]>;

export interface ErrandsSetting {
  readonly lane: string;
  readonly till: Till;
  readonly clock: Clock;
  readonly narrator: Narrator;
  readonly pace: { readonly look_ms: number; readonly change_ms: number };
  /** A name that no earlier try had. */
  readonly newTry: () => string;
  /** Whoever stands there reads the display: a change may ask for turns of the head. */
  readonly asked?: () => void;
  /** Told how a change ended. */
  readonly changed?: (outcome: ChangeOutcome) => void;
}

const wait_ms = 2_000;

export class Errands {
  readonly #setting: ErrandsSetting;

  constructor(setting: ErrandsSetting) {
    this.#setting = setting;
  }

  /** Sees a change of account data to its end; gives it up when it takes too long. */
  async change(customer: Customer, wanted: WantedChange): Promise<void> {
    const { till, clock, narrator, pace, newTry, asked, changed, lane } = this.#setting;
    const { shopper, pretended } = customer;
    if (customer.account === null) return;
    const initials = pretended ?? customer.initials;
    const change = { service_id: newTry(), initials, wanted };
    const until_ms = clock.now_ms() + pace.change_ms;
    const where = `${wanted.what}${pretended ? ` as ${pretended}` : ""}, lane ${lane}`;
    try {
      let answer = await till.change(change, wait_ms);
      while (answer?.outcome === null) {
        asked?.();
        if (clock.now_ms() > until_ms) answer = await till.forgetChange(answer.change) ?? answer;
        await till.pause(pace.look_ms);
        answer = await till.change(change, wait_ms) ?? answer;
      }
      if (answer === undefined || answer.outcome === null) return;
      changed?.(answer.outcome);
      const waits = answer.outcome === "applied" && answer.effective_at_ms !== null;
      const words = {
        applied: waits ? "will change" : "changes",
        refused: "may not",
        withdrawn: "",
      };
      narrator.say(words[answer.outcome] || "lets it be", shopper, where);
    } catch (error) {
      if (!(error instanceof RuntimeError) || error.kind !== "request_invalid") throw error;
      // Nobody of these initials is here, or several are.
      narrator.say("not known", shopper, where);
    }
  }

  /** Takes the first line back; resolves to what the issuer has given, 0 when it has not said. */
  async refund({ sale, shopper }: OpenSale, last: SaleAnswer): Promise<number> {
    const { till, narrator, newTry, lane } = this.#setting;
    const [line] = sale.items;
    if (line === undefined) return 0;
    const amount_minor = Math.min(line.amount_minor, last.charge_minor);
    const refund = { service_id: newTry(), reason: `${line.name} brought back`, amount_minor };
    const first = await till.refund(last.payment, refund, wait_ms);
    const answer = first?.outcome ? first : await till.refund(last.payment, refund, wait_ms);
    const given = answer?.outcome === "refunded" ? answer.amount_minor : 0;
    const what = answer?.outcome === "refused" ? "no refund" : given > 0 ? "is refunded" : "waits";
    narrator.say(what, shopper, `${money(amount_minor, sale.currency)}, lane ${lane}`);
    return given;
  }
}
