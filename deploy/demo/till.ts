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
  /** Goods may go at `captured` and at `accepted_offline`. */
  outcome: z.enum([
    "captured",
    "declined",
    "cancelled",
    "reversed",
    "accepted_offline",
    "refused_late",
  ]).nullable(),
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
  /** With which the operator signs in. Secret. */
  readonly pin: string;
  /** Bearer key of the store's tills. Secret. */
  readonly posKey?: string;
  readonly fetch: (request: Request) => Promise<Response>;
  readonly clock: Clock;
  readonly random: Random;
  /** Another way to the lane than HTTP by `fetch`, as in a simulation. */
  readonly say?: TillSay;
}

/** What a till says to its lane. */
export type TillWord =
  | { readonly say: "open"; readonly sale: TillSale }
  | { readonly say: "look"; readonly payment: string; readonly wait_ms: number }
  | { readonly say: "select"; readonly payment: string; readonly visit: string }
  | { readonly say: "cancel"; readonly payment: string };

/** Nobody there, the lane is at another sale, or how the sale stands. */
export type TillHears = SaleAnswer | "away" | "busy";

/** Rejects with `RuntimeError` `request_invalid` when the gateway will not have it, and with any
 * other error when the connection breaks. */
export type TillSay = (word: TillWord, signal: AbortSignal) => Promise<TillHears>;

/** Longest answer that a till reads: a sale with every candidate there can be. */
const answer_characters = 256 * 1024;
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
      if (typeof answer === "object") return answer;
      if (answer === "busy" && !wanted()) return undefined;
      await this.pause(Math.min(1_000, backoff.next_ms()));
    }
  }

  /** How the sale stands, at once or when it ended within `wait_ms`; undefined when the gateway
   * did not answer. */
  async look(payment: string, wait_ms: number): Promise<SaleAnswer | undefined> {
    return await this.#decide({ say: "look", payment, wait_ms });
  }

  /** Taps a candidate; undefined when it came too late or was not heard. */
  async select(payment: string, visit: string): Promise<SaleAnswer | undefined> {
    return await this.#decide({ say: "select", payment, visit });
  }

  /** Gives the sale up; undefined when it came too late or was not heard. */
  async cancel(payment: string): Promise<SaleAnswer | undefined> {
    return await this.#decide({ say: "cancel", payment });
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

  async #decide(word: Extract<TillWord, { payment: string }>) {
    const answer = await this.#try(word);
    return typeof answer === "object" ? answer : undefined;
  }

  async #try(word: TillWord): Promise<TillHears> {
    const { clock } = this.#setting;
    const late = new AbortController();
    const wait_ms = word.say === "look" ? word.wait_ms : 0;
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

/** Says it over the lane's HTTP interface. */
function sayHttp(setting: TillSetting): TillSay {
  let session: string | undefined;
  return async (word, signal) => {
    const decides = word.say === "select" || word.say === "cancel";
    for (let again = false;; again = true) {
      if (decides) session ??= await signedIn(setting, signal);
      const request = requestOf(setting, wordsOf(word), signal, decides ? session : undefined);
      const response = await setting.fetch(request);
      const text = await readText(response);
      // A session ends with the gateway's process, and after a while without a decision.
      if (decides && response.status === 401 && !again) session = undefined;
      else return readAnswer(response.status, text);
    }
  };
}

const signed = z.object({ session: z.string() });

/** Throws `RuntimeError` `request_invalid` where the operator is not taken, and any other error
 * when the gateway is away. */
async function signedIn(setting: TillSetting, signal: AbortSignal): Promise<string> {
  const { operator, pin } = setting;
  const words: Words = ["POST", "/operators/sessions", { operator, pin }];
  const response = await setting.fetch(requestOf(setting, words, signal));
  const text = await readText(response);
  if (response.ok) return signed.parse(JSON.parse(text)).session;
  if (response.status >= 500) throw new Error(`nobody signs in now: status ${response.status}`);
  throw new RuntimeError("request_invalid", `${operator} cannot sign in: ${text.slice(0, 200)}`);
}

type Words = readonly [method: string, path: string, body?: unknown];

function requestOf(
  setting: TillSetting,
  [method, path, body]: Words,
  signal: AbortSignal,
  session?: string,
): Request {
  const { gateway, lane, posKey } = setting;
  const headers = new Headers({ accept: "application/json" });
  if (posKey !== undefined) headers.set("authorization", `Bearer ${posKey}`);
  if (session !== undefined) headers.set("x-operator-session", session);
  if (body !== undefined) headers.set("content-type", "application/json");
  const place = path.startsWith("/operators/")
    ? path
    : `/lane/${encodeURIComponent(lane)}/sales${path}`;
  return new Request(new URL(place, gateway), {
    method,
    headers,
    signal,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

function wordsOf(word: TillWord): Words {
  if (word.say === "open") return ["POST", "", word.sale];
  const path = `/${encodeURIComponent(word.payment)}`;
  switch (word.say) {
    case "look":
      return ["GET", `${path}?wait_ms=${word.wait_ms}`];
    case "select":
      return ["POST", `${path}/selection`, { visit: word.visit }];
    case "cancel":
      return ["POST", `${path}/cancellation`, {}];
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

function readAnswer(status: number, text: string): TillHears {
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
