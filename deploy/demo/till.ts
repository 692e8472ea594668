/**
 * A till as a POS vendor would build one on the gateway's lane API: it repeats a sale under the
 * same service id when the connection breaks, and never makes a second one of it.
 */
import { z } from "zod";
import type { Item } from "../../actors/messages.ts";
import { RuntimeError } from "../../runtime/errors.ts";
import { createBackoff } from "../../runtime/sync/backoff.ts";
import type { Clock, Random } from "../../runtime/world.ts";

export interface TillSale {
  readonly poi_id: string;
  readonly sale_id: string;
  /** Ten characters at most; never used for another sale. */
  readonly service_id: string;
  readonly amount_minor: number;
  readonly currency: string;
  readonly items: readonly Item[];
}

/** The part of the gateway's answer that a till reads. */
export const saleAnswer = z.object({
  payment: z.string().min(1),
  state: z.string(),
  outcome: z.enum(["captured", "declined", "cancelled", "reversed"]).nullable(),
  reason: z.string().nullable(),
  receipt: z.string().nullable(),
  candidates: z.array(
    z.object({ visit: z.string(), initials: z.string(), first_name: z.string() }),
  ),
});
export type SaleAnswer = z.infer<typeof saleAnswer>;
export type TillOutcome = NonNullable<SaleAnswer["outcome"]>;

const problem = z.object({ title: z.string(), detail: z.string().optional() });

export interface TillSetting {
  /** The gateway, e.g. `http://127.0.0.1:8480`. */
  readonly gateway: string;
  readonly lane: string;
  readonly operator: string;
  /** Bearer key of the store's tills. Secret. */
  readonly posKey?: string;
  readonly fetch: (request: Request) => Promise<Response>;
  readonly clock: Clock;
  readonly random: Random;
}

/** Longest answer that a till reads: a sale with every candidate there can be. */
const answer_characters = 256 * 1024;
/** An answer is late when it comes this much after the wait that was asked for. */
const answer_ms = 5_000;

export class Till {
  readonly #setting: TillSetting;
  readonly #stopped = new AbortController();

  constructor(setting: TillSetting) {
    this.#setting = setting;
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
      const answer = await this.#try("POST", "", sale);
      if (typeof answer === "object") return answer;
      if (answer === "busy" && !wanted()) return undefined;
      await this.pause(Math.min(1_000, backoff.next_ms()));
    }
  }

  /** How the sale stands, at once or when it ended within `wait_ms`; undefined when the gateway
   * did not answer. */
  async look(payment: string, wait_ms: number): Promise<SaleAnswer | undefined> {
    const path = `/${encodeURIComponent(payment)}?wait_ms=${wait_ms}`;
    const answer = await this.#try("GET", path, undefined, wait_ms);
    return typeof answer === "object" ? answer : undefined;
  }

  /** Taps a candidate; undefined when it came too late or was not heard. */
  async select(payment: string, visit: string): Promise<SaleAnswer | undefined> {
    return await this.#decide(payment, "selection", { visit });
  }

  /** Gives the sale up; undefined when it came too late or was not heard. */
  async cancel(payment: string): Promise<SaleAnswer | undefined> {
    return await this.#decide(payment, "cancellation", {});
  }

  /** Resolves after the delay; rejects with `stopped` when the till is switched off. */
  pause(delay_ms: number): Promise<void> {
    const { signal } = this.#stopped;
    return new Promise((resolve, reject) => {
      const stop = () => {
        cancel();
        reject(switchedOff());
      };
      const cancel = this.#setting.clock.after(delay_ms, () => {
        signal.removeEventListener("abort", stop);
        resolve();
      });
      if (signal.aborted) stop();
      else signal.addEventListener("abort", stop, { once: true });
    });
  }

  async #decide(payment: string, word: string, body: Record<string, string>) {
    const path = `/${encodeURIComponent(payment)}/${word}`;
    const { operator } = this.#setting;
    const answer = await this.#try("POST", path, { ...body, operator });
    return typeof answer === "object" ? answer : undefined;
  }

  async #try(
    method: string,
    path: string,
    body?: unknown,
    wait_ms = 0,
  ): Promise<SaleAnswer | "away" | "busy"> {
    const { clock, fetch } = this.#setting;
    const late = new AbortController();
    const cancel = clock.after(wait_ms + answer_ms, () => late.abort());
    const signal = AbortSignal.any([late.signal, this.#stopped.signal]);
    try {
      const response = await fetch(this.#request(method, path, body, signal));
      return readAnswer(response.status, await readText(response));
    } catch (error) {
      if (this.#stopped.signal.aborted) throw switchedOff();
      // A broken connection: whether it was heard is not known, and asking again is safe.
      if (!(error instanceof RuntimeError)) return "away";
      throw error;
    } finally {
      cancel();
    }
  }

  #request(method: string, path: string, body: unknown, signal: AbortSignal): Request {
    const { gateway, lane, posKey } = this.#setting;
    const headers = new Headers({ accept: "application/json" });
    if (posKey !== undefined) headers.set("authorization", `Bearer ${posKey}`);
    if (body !== undefined) headers.set("content-type", "application/json");
    return new Request(new URL(`/lane/${encodeURIComponent(lane)}/sales${path}`, gateway), {
      method,
      headers,
      signal,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }
}

function switchedOff(): RuntimeError {
  return new RuntimeError("stopped", "the till was switched off");
}

async function readText(response: Response): Promise<string> {
  const text = await response.text();
  if (text.length <= answer_characters) return text;
  throw new RuntimeError("request_invalid", "the gateway's answer is too long for a till");
}

function readAnswer(status: number, text: string): SaleAnswer | "away" | "busy" {
  if (status >= 500 || status === 429) return "away";
  if (status === 409) return "busy";
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return "away"; // Cut off on its way.
  }
  const answer = saleAnswer.safeParse(json);
  if (status < 300 && answer.success) return answer.data;
  const refused = problem.safeParse(json);
  const words = refused.success ? refused.data.detail ?? refused.data.title : `status ${status}`;
  throw new RuntimeError("request_invalid", `the gateway refused the sale: ${words}`);
}
