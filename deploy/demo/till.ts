/**
 * A till as a POS vendor would build one on the gateway's lane API: it repeats a sale under the
 * same service id when the connection breaks, and never makes a second one of it.
 */
import { RuntimeError } from "../../runtime/errors.ts";
import { createBackoff } from "../../runtime/sync/backoff.ts";
import type { Clock, Random } from "../../runtime/world.ts";
import { pauseUnless } from "../phone/pause.ts";
import { type HttpTill, sayHttp } from "./till_http.ts";
import type {
  ChangeAnswer,
  RefundAnswer,
  SaleAnswer,
  SaleWord,
  TillChange,
  TillHears,
  TillRefund,
  TillSale,
  TillSay,
  TillWord,
} from "./till_words.ts";

export interface TillSetting extends HttpTill {
  readonly clock: Clock;
  readonly random: Random;
  /** Another way to the lane than HTTP by `fetch`, as in a simulation. */
  readonly say?: TillSay;
}

/** An answer is late when it comes this much after the wait that was asked for. */
const answer_ms = 5_000;

export class Till {
  readonly #setting: TillSetting;
  readonly #say: TillSay;
  readonly #stopped = new AbortController();

  constructor(setting: TillSetting) {
    this.#setting = setting;
    this.#say = setting.say ?? sayHttp(setting);
  }

  /** Ends what is under way; it rejects with `RuntimeError` of kind `stopped`. */
  stop(): void {
    this.#stopped.abort();
  }

  /**
   * Opens the sale, or finds it where an earlier try opened it. Tries again while the gateway is
   * away, since it may have heard, and while the lane is at another sale; undefined when that
   * other sale holds it and `wanted` has become false. Rejects with `RuntimeError`
   * `request_invalid` when the gateway will not have it.
   */
  async open(sale: TillSale, wanted: () => boolean): Promise<SaleAnswer | undefined> {
    const backoff = createBackoff(this.#setting.random);
    for (;;) {
      const answer = await this.#try({ say: "open", sale });
      if (typeof answer === "object" && "candidates" in answer) return answer;
      if (answer === "busy" && !wanted()) return undefined;
      await this.pause(Math.min(1_000, backoff.next_ms()));
    }
  }

  /** How the sale stands, at once or when it ended within `wait_ms`; undefined when the gateway
   * did not answer. */
  async look(payment: string, wait_ms: number): Promise<SaleAnswer | undefined> {
    return await this.decide({ say: "look", payment, wait_ms });
  }

  /** Taps a candidate; undefined when it came too late or was not heard. */
  async select(payment: string, visit: string): Promise<SaleAnswer | undefined> {
    return await this.decide({ say: "select", payment, visit });
  }

  /** Gives the sale up; undefined when it came too late or was not heard. */
  async cancel(payment: string): Promise<SaleAnswer | undefined> {
    return await this.decide({ say: "cancel", payment });
  }

  /** Says something of a sale under way; undefined when it came too late or was not heard. */
  async decide(word: SaleWord): Promise<SaleAnswer | undefined> {
    const answer = await this.#try(word);
    return typeof answer === "object" && "candidates" in answer ? answer : undefined;
  }

  /** Gives money back for a captured sale. The same again is the same: undefined when nothing was
   * heard of it, and an answer without outcome when the issuer has not told yet. */
  async refund(
    payment: string,
    refund: TillRefund,
    wait_ms: number,
  ): Promise<RefundAnswer | undefined> {
    const answer = await this.#try({ say: "refund", payment, refund, wait_ms });
    return typeof answer === "object" && "refund" in answer ? answer : undefined;
  }

  /** Has account data changed by the face that stands there. The same again is the same: undefined
   * when the lane is at a sale or nothing was heard. Rejects with `RuntimeError` `request_invalid`
   * where nobody is meant who is here, or several are. */
  async change(change: TillChange, wait_ms: number): Promise<ChangeAnswer | undefined> {
    return asChange(await this.#try({ say: "change", change, wait_ms }));
  }

  /** Gives such a change up; undefined when it came too late or was not heard. */
  async forgetChange(change: string): Promise<ChangeAnswer | undefined> {
    return asChange(await this.#try({ say: "forget_change", change }));
  }

  /** Resolves after the delay; rejects with `stopped` when the till is switched off. */
  pause(delay_ms: number): Promise<void> {
    return pauseUnless(this.#stopped.signal, this.#setting.clock, delay_ms, switchedOff);
  }

  async #try(word: TillWord): Promise<TillHears> {
    const { clock } = this.#setting;
    const late = new AbortController();
    const wait_ms = "wait_ms" in word ? word.wait_ms : 0;
    const cancel = clock.after(wait_ms + answer_ms, () => late.abort());
    const stop = () => late.abort();
    this.#stopped.signal.addEventListener("abort", stop, { once: true });
    try {
      return await this.#say(word, late.signal);
    } catch (error) {
      if (this.#stopped.signal.aborted) throw switchedOff();
      // A broken connection: whether it was heard is not known, and asking again is safe.
      if (!(error instanceof RuntimeError)) return "away";
      throw error;
    } finally {
      this.#stopped.signal.removeEventListener("abort", stop);
      cancel();
    }
  }
}

function switchedOff(): RuntimeError {
  return new RuntimeError("stopped", "the till was switched off");
}

function asChange(answer: TillHears): ChangeAnswer | undefined {
  return typeof answer === "object" && "change" in answer ? answer : undefined;
}
