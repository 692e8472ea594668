/**
 * What the retailer asks of the service by itself: each finished trip is priced and posted, or
 * cancelled where nothing is to be paid, again and again until there is an answer; then what the
 * payment was called is fetched for the retailer's own receipt.
 */
import { readBody, type Signer, signRequest } from "../../runtime/sync/contract/signatures.ts";
import { fromUtf8, toBase64url } from "../../runtime/vault/bytes.ts";
import type { Clock, Log, Random, Vault } from "../../runtime/world.ts";
import type { Ledger } from "./ledger.ts";
import type { Checkout } from "./retailer.ts";
import { type Settled, statusOf } from "./settlements.ts";

export interface Service {
  /** e.g. `https://issuer.example`. */
  readonly origin: string;
  /** keyid `retailer:MERCHANT`. */
  readonly signer: Signer;
  readonly vault: Vault;
  fetch(request: Request): Promise<Response>;
}

export interface PostmanOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly ledger: Ledger;
  readonly service: Service;
  readonly checkouts: (most?: number) => Checkout[];
  /** Trips that were paid to the shop itself. */
  readonly settled: (most?: number) => readonly Settled[];
  /** Between two looks at what waits. */
  readonly every_ms?: number;
}

/** Trips that are cancelled, or asked about, in one round. */
const trips_a_round = 100;
/** Between two looks at what waits; longer while the service is away. */
const usually_every_ms = 500, most_ms = 30_000;
/** A service that is there answers within this: what was sent may have got lost. */
const answer_ms = 15_000;
/** No answer is longer. */
const answer_bytes = 64 * 1024;

export interface Answered {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** One signed call. Rejects when there is no answer. */
export async function ask(
  { service, clock, random }: Pick<PostmanOptions, "service" | "clock" | "random">,
  path: string,
  body: unknown,
): Promise<Answered> {
  const { origin, signer, vault } = service;
  const bytes = new TextEncoder().encode(JSON.stringify(body));
  const headers = new Headers({ "content-type": "application/json" });
  const url = new URL(path, origin).href;
  const made = {
    created_s: Math.floor(clock.now_ms() / 1000),
    nonce: toBase64url(random.bytes(16)),
  };
  signRequest(vault, signer, made, { method: "POST", url, headers, body: bytes });
  const request = { method: "POST", headers, body: bytes, redirect: "error" } as const;
  return await inTime(clock, async (signal) => {
    const answer = await service.fetch(new Request(url, { ...request, signal }));
    const bytes = await readBody(answer.body, answer_bytes);
    return { status: answer.status, body: objectIn(bytes && fromUtf8(bytes)) };
  });
}

/** What an answer says; nothing, where it is none of the service's but of something between. */
function objectIn(text: string | undefined): Record<string, unknown> {
  try {
    const said: unknown = JSON.parse(text ?? "");
    return typeof said === "object" && said !== null ? { ...said } : {};
  } catch {
    return {};
  }
}

/** Rejects when there is no answer in time. */
function inTime<T>(clock: Clock, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const late = new AbortController();
  return new Promise<T>((resolve, reject) => {
    const cancel = clock.after(answer_ms, () => {
      late.abort();
      reject(new Error("the service did not answer in time"));
    });
    call(late.signal).finally(cancel).then(resolve, reject);
  });
}

class NoAnswer extends Error {}

export class Postman {
  #cancel = () => {};
  #stopped = false;
  readonly #every_ms: number;
  #pause_ms: number;
  #round: Promise<void> = Promise.resolve();
  /** How far the book was gone through for receipts: what is never paid holds up nothing. */
  #asked_up_to = 0;

  constructor(private readonly options: PostmanOptions) {
    this.#pause_ms = this.#every_ms = options.every_ms ?? usually_every_ms;
  }

  start(): void {
    this.#again(0);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel();
    await this.#round;
  }

  /** Says once what waits to be said. Resolves to whether the service answered. */
  async deliver(): Promise<boolean> {
    try {
      const priced = await this.#prices();
      const cancelled = await this.#cancellations();
      const settled = await this.#settlements();
      const paid = await this.#receipts();
      return priced && cancelled && settled && paid;
    } catch (error) {
      const { log } = this.options;
      if (error instanceof NoAnswer) log("info", error.message, { reason: String(error.cause) });
      else log("error", "the round of the postman failed", { reason: String(error) });
      return false;
    }
  }

  /** Posts what waits to be priced. */
  async #prices(): Promise<boolean> {
    const { ledger, checkouts, log } = this.options;
    let all = true;
    for (const { trip, store, checkout } of checkouts()) {
      const { status, body } = await this.#ask("/v1/checkout/carts", checkout);
      if (status === 201) ledger.priced(trip, String(body["orderId"]));
      else if (isLast(status)) ledger.setApart(trip, `service: ${body["errorMsg"]}`);
      else all = false;
      log("info", "a trip was posted", { trip, store, status });
    }
    return all;
  }

  /** Says of what trips nothing is to be paid. */
  async #cancellations(): Promise<boolean> {
    const { ledger } = this.options;
    let all = true;
    for (const { trip, store } of ledger.toCancel(trips_a_round)) {
      const said = { storeId: store, shoppingTripId: trip };
      const { status } = await this.#ask("/v1/cancel/charge", said);
      if (status === 200 || isLast(status)) ledger.cancelled(trip);
      else all = false;
    }
    return all;
  }

  /** Says what was paid to the shop itself. */
  async #settlements(): Promise<boolean> {
    const { ledger, settled, clock } = this.options;
    let all = true;
    for (const one of settled()) {
      const said = statusOf(one, clock.now_ms());
      const { status, body } = await this.#ask("/v1/feedback/payment-status", said);
      if (status === 200) all = await this.#settle(one) && all;
      else if (isLast(status)) ledger.setApart(one.trip, `service: ${body["errorMsg"]}`);
      else all = false;
    }
    return all;
  }

  /** The service has let go of what it held; or it had taken the money before it was told, and a
   * person gives one of the two back. False where nobody knows yet. */
  async #settle({ trip, store }: Settled): Promise<boolean> {
    const { ledger, log } = this.options;
    const payment = await this.#payment(trip, store);
    if (payment === "unknown") return false;
    if (payment === "none") ledger.settled(trip);
    else {
      ledger.setApart(trip, "paid twice: to the shop, and to the service", payment.receipt);
      log("error", "a trip was paid twice", { trip, store });
    }
    return true;
  }

  /** What the payment was called, once it is one. */
  async #receipts(): Promise<boolean> {
    const { ledger, clock } = this.options;
    const round = ledger.unpaid(trips_a_round, this.#asked_up_to, clock.now_ms());
    let all = true;
    for (const { place, trip, store } of round) {
      const payment = await this.#payment(trip, store);
      if (payment === "unknown") all = false;
      else if (payment === "none") ledger.notPaid(trip, clock.now_ms());
      else ledger.paid(trip, payment.receipt);
      this.#asked_up_to = place;
    }
    if (round.length < trips_a_round) this.#asked_up_to = 0;
    return all;
  }

  /** Whether the service has taken money for a trip. */
  async #payment(
    trip: string,
    store: string,
  ): Promise<{ readonly receipt: string } | "none" | "unknown"> {
    const said = { storeId: store, shoppingTripId: trip };
    const { status, body } = await this.#ask("/v1/payment/transactional-data", said);
    if (status === 200) return { receipt: String(body["reconciliationId"]) };
    return isLast(status) ? "none" : "unknown";
  }

  /** One call of a round. Throws `NoAnswer` where the round is over: there is none, or the service
   * wants no more of this retailer now. What it has trouble with holds up nothing else. */
  async #ask(path: string, body: unknown): Promise<Answered> {
    const answer = await ask(this.options, path, body).catch((cause: unknown) => {
      throw new NoAnswer("the service does not answer", { cause });
    });
    if (answer.status !== 403 && answer.status !== 429) return answer;
    throw new NoAnswer("the service takes nothing now", { cause: `status ${answer.status}` });
  }

  #again(delay_ms: number): void {
    if (this.#stopped) return;
    this.#cancel = this.options.clock.after(delay_ms, () => {
      this.#round = this.deliver().then((answered) => {
        this.#pause_ms = answered ? this.#every_ms : Math.min(most_ms, this.#pause_ms * 2);
        this.#again(this.#pause_ms);
      });
    });
  }
}

/** The service has understood and says no: saying it again changes nothing. */
const isLast = (status: number) =>
  status >= 400 && status < 500 && status !== 403 && status !== 429;
