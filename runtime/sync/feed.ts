/**
 * Reads the issuer's feed from where the journal left off: each item is checked, becomes events,
 * and is committed together with the cursor. Tells the link's actor when the issuer comes and goes.
 */
import type { Address } from "../../actors/messages.ts";
import type { Engine, EventLike } from "../engine/engine.ts";
import { isStopped, RuntimeError } from "../errors.ts";
import type { Clock, Log, Random } from "../world.ts";
import { createBackoff } from "./backoff.ts";
import type { IssuerPort } from "./contract/port.ts";
import type { FeedItem } from "./contract/schemas.ts";

export interface FeedOptions {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly gateway: string;
  /** Reads on after this sequence; undefined is a sign of life, the signal ends it. */
  readonly open: IssuerPort["items"];
  /** Where the journal is. */
  readonly cursor: number;
  readonly onConnected: () => void;
  /** Somebody set the clock, back or forward: what was known by it may be over now. */
  readonly onClockSet: () => void;
}

export interface Feed {
  start(): void;
  stop(): Promise<void>;
}

/** The issuer sends a comment every 5 s; three missed ones mean that nobody is there. */
const silence_ms = 15_000;

export function createFeed(options: FeedOptions): Feed {
  const { engine, clock, log } = options;
  const stopping = new AbortController();
  const backoff = createBackoff(options.random);
  let cursor = options.cursor;
  let running: Promise<void> = Promise.resolve();

  const tellLink = (event: EventLike) => engine.post("link/issuer", event);

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      const reason = await follow().catch((error: Error) => error.message);
      if (stopping.signal.aborted) return;
      // A gateway that takes no more facts now is told again after the next try.
      await tellLink({ type: "link.lost", reason }).catch((error: unknown) => {
        if (isStopped(error)) throw error;
        log("warn", "the link's loss could not be told", { reason: String(error) });
      });
      await pause(backoff.next_ms());
    }
  }

  /** Follows one connection to its end and says why it ended. */
  async function follow(): Promise<string> {
    const connection = new AbortController();
    const end = () => connection.abort();
    stopping.signal.addEventListener("abort", end, { once: true });
    const watch = watchdog(end);
    const since_ms = clock.now_ms();
    try {
      const items = await options.open(cursor, connection.signal);
      await tellLink({ type: "link.connected" });
      options.onConnected();
      let heard_ms = clock.now_ms();
      for await (const item of items) {
        watch.fed();
        if (item) await take(item);
        const passed_ms = clock.now_ms() - heard_ms;
        heard_ms += passed_ms;
        if (passed_ms < 0 || passed_ms > silence_ms) options.onClockSet();
      }
      return "the issuer ended the feed";
    } catch (error) {
      if (watch.silent()) return `nothing heard for ${silence_ms / 1000} s`;
      throw error;
    } finally {
      // One that opens and breaks at once is not asked again and again without a pause.
      if (clock.now_ms() - since_ms >= silence_ms) backoff.reset();
      watch.stop();
      end();
      stopping.signal.removeEventListener("abort", end);
    }
  }

  function watchdog(silent: () => void) {
    let fired = false;
    const arm = () =>
      clock.after(silence_ms, () => {
        fired = true;
        silent();
      });
    let cancel = arm();
    return {
      fed() {
        cancel();
        cancel = arm();
      },
      silent: () => fired,
      stop: () => cancel(),
    };
  }

  async function take(item: FeedItem): Promise<void> {
    if (item.gateway !== options.gateway) {
      throw new RuntimeError("issuer_refused", "the feed brought an item that is not for us");
    }
    if (item.sequence <= cursor) return;
    const { sequence, follows = sequence - 1 } = item;
    if (follows > cursor) {
      throw new RuntimeError("issuer_unreachable", `the feed jumped from ${cursor} to ${sequence}`);
    }
    if (sequence !== cursor + 1) {
      log("warn", "the issuer has forgotten items of the feed: this disk is old", {
        from: cursor + 1,
        to: sequence - 1,
      });
    }
    const expired = item.expires_ms <= clock.now_ms();
    if (expired) log("info", "an item of the feed came too late", { type: item.body.type });
    await engine.feed(item.sequence, expired ? [] : [deliveryOf(item.body, engine)]);
    cursor = item.sequence;
    backoff.reset();
  }

  async function pause(delay_ms: number): Promise<void> {
    if (stopping.signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const end = () => resolve();
    const cancel = clock.after(delay_ms, end);
    stopping.signal.addEventListener("abort", end, { once: true });
    await promise;
    cancel();
    // An outage has many pauses: nothing of one that is over stays.
    stopping.signal.removeEventListener("abort", end);
  }

  return {
    start() {
      running = run().catch((error: unknown) => {
        if (!isStopped(error)) log("error", "the feed cannot go on", { reason: String(error) });
      });
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

function deliveryOf(
  body: FeedItem["body"],
  engine: Pick<Engine, "timeOf">,
): { to: Address; event: EventLike } {
  switch (body.type) {
    case "beacon.code_set": {
      const { hardware_id, code, nonce } = body;
      const [from_ms, until_ms] = [engine.timeOf(body.from_ms), engine.timeOf(body.until_ms)];
      const event = { type: "issuer.code_set", code, nonce, from_ms, until_ms };
      return { to: `beacon/${hardware_id}`, event };
    }
    case "check_in.announced":
      return { to: `beacon/${body.hardware_id}`, event: { type: "issuer.check_in_announced" } };
    case "approval.answered": {
      const { payment, approval, amount_minor, reason } = body;
      const event = amount_minor > 0
        ? { type: "issuer.approval_given", approval, amount_minor }
        : { type: "issuer.approval_refused", approval, reason: reason ?? "shopper_refused" };
      return { to: `payment/${payment}`, event };
    }
    case "eligibility.proved":
      return { to: `payment/${body.payment}`, event: { type: "issuer.eligibility_proved" } };
    case "check_in.ended":
      return {
        to: `visit/${body.check_in}`,
        event: { type: "issuer.check_in_ended", reason: body.reason },
      };
    default:
      return tripDeliveryOf(body);
  }
}

type TripBody = Extract<FeedItem["body"], { type: `trip.${string}` }>;

function tripDeliveryOf(body: TripBody): { to: Address; event: EventLike } {
  switch (body.type) {
    case "trip.priced": {
      const { amount_minor, currency, items } = body;
      const event = { type: "issuer.cart_priced", amount_minor, currency, items };
      return { to: `cart/${body.trip}`, event };
    }
    case "trip.cancelled":
      return { to: `cart/${body.trip}`, event: { type: "issuer.cart_cancelled" } };
    case "trip.charged": {
      const { outcome, receipt, reason } = body;
      const event = { type: "issuer.trip_charged", outcome, receipt, reason };
      return { to: `cart/${body.trip}`, event };
    }
    case "trip.refunded": {
      const { trip: payment, refund, amount_minor, currency, receipt, reason } = body;
      const told = { payment, amount_minor, currency, receipt, reason };
      const event = { type: "issuer.refund_made", ...told };
      return { to: `refund/${refund}`, event };
    }
    case "trip.disputed": {
      const { dispute, line, units, gtin } = body;
      const event = { type: "issuer.line_disputed", dispute, line, units, gtin };
      return { to: `cart/${body.trip}`, event };
    }
  }
}
