/**
 * The counter's side of the gateway: what a POS and an operator say becomes an event for the lane
 * or the payment; what became of it is read back from the payment.
 */
import type { Address, Item, Sale } from "../../actors/messages.ts";
import { limits } from "../../actors/limits.ts";
import type { Counter, LineRequest, SaleRequest } from "../counter.ts";
import type { ActorView, Engine, EventLike, Posted } from "../engine/engine.ts";
import { RuntimeError } from "../errors.ts";
import type { Clock, Vault } from "../world.ts";
import { needOf } from "./restrictions.ts";
import { paymentIds, refundId } from "./payment_id.ts";

export interface CounterOptions {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly vault: Vault;
  /** The only currency this store takes. */
  readonly currency: string;
  /** Highest amount of one payment, minor units. */
  readonly perPayment_minor: number;
  /** Whose law says what is not for everybody. */
  readonly jurisdiction: string;
  /** What the store itself wants of buyers, by category. */
  readonly restrictions: Readonly<Record<string, string>>;
}

const paymentAt = (id: string): Address => `payment/${id}`;

/** The lines of a basket in any order, by what a till says of each. */
const basketOf = (items: readonly Item[]) =>
  items.map(({ name, gtin, quantity, amount_minor }) =>
    JSON.stringify([name, gtin, quantity, amount_minor])
  ).sort().join();

export function createCounter(options: CounterOptions): Counter {
  const { engine } = options;

  function check(request: SaleRequest): void {
    const wrong = (message: string) => new RuntimeError("request_invalid", message);
    if (request.currency !== options.currency) {
      throw wrong(`this store takes ${options.currency}, not ${request.currency}`);
    }
    if (request.amount_minor > options.perPayment_minor) {
      throw wrong(
        `the amount ${request.amount_minor} is above this store's limit a payment: ` +
          `${options.perPayment_minor} minor units`,
      );
    }
    const sum = request.items.reduce((total, item) => total + item.amount_minor, 0);
    if (sum !== request.amount_minor) {
      throw wrong(
        `the items add up to ${sum} minor units, the amount says ${request.amount_minor}`,
      );
    }
  }

  function known(request: SaleRequest): { ids: string[]; found: ActorView | undefined } {
    // In the time of the actors, which never falls: a day that has begun stays so.
    const now_ms = engine.timeOf(options.clock.now_ms());
    const ids = paymentIds(options.vault, request, now_ms);
    const since_ms = now_ms - limits.till_names_ms;
    for (const id of ids) {
      const found = engine.view(paymentAt(id));
      // Of an older one the till has used the number again.
      if (found && Number(found.context["opened_at_ms"]) > since_ms) return { ids, found };
    }
    return { ids, found: undefined };
  }

  /** Throws when the payment of this try is of other contents. */
  function checkSame({ context }: ActorView, lane: string, request: SaleRequest): void {
    const { amount_minor, currency, service_id, poi_id, items } = request;
    const { items: left, dropped } = context as Record<"items" | "dropped", readonly Item[]>;
    const same = context["lane"] === lane && context["amount_minor"] === amount_minor &&
      context["currency"] === currency && basketOf([...left, ...dropped]) === basketOf(items);
    if (same) return;
    throw new RuntimeError(
      "request_invalid",
      `service ${service_id} of ${poi_id} was another sale: use a new ServiceID`,
    );
  }

  function find(lane: string, payment: string): ActorView | undefined {
    const view = engine.view(paymentAt(payment));
    return view && view.context["lane"] === lane ? view : undefined;
  }

  async function tellPayment(
    lane: string,
    payment: string,
    event: EventLike,
  ): Promise<Posted> {
    if (!find(lane, payment)) {
      throw new RuntimeError("not_found", `lane ${lane} has no payment ${payment}`);
    }
    return await engine.post(paymentAt(payment), event);
  }

  const line = ({ category, ...item }: LineRequest): Item => {
    const needs = item.needs ?? needOf(category, options.jurisdiction, options.restrictions);
    return needs === undefined ? item : { ...item, needs };
  };

  return {
    async requestSale(lane, request) {
      check(request);
      const { ids, found } = known(request);
      if (found) {
        checkSame(found, lane, request);
        return { payment: found.address.slice("payment/".length) };
      }
      if (!engine.view(`lane/${lane}`)) {
        throw new RuntimeError("not_found", `there is no lane ${lane} in this store`);
      }
      const payment = ids[0]!;
      const sale: Sale = { payment, ...request, items: request.items.map(line) };
      const posted = await engine.post(`lane/${lane}`, { type: "pos.sale_requested", sale });
      const opened = find(lane, payment);
      if (!posted.accepted || !opened) {
        throw new RuntimeError("busy", `lane ${lane} is at another sale: end or cancel it first`);
      }
      // The same try may have been asked for twice at once.
      checkSame(opened, lane, request);
      return { payment };
    },
    payment: find,
    select: (lane, payment, visit, operator) =>
      tellPayment(lane, payment, { type: "operator.selected", visit, operator }),
    cancel: (lane, payment, operator) =>
      tellPayment(lane, payment, { type: "operator.cancelled", operator }),
    confirmEligibility: (lane, payment, operator) =>
      tellPayment(lane, payment, { type: "operator.eligibility_confirmed", operator }),
    dropItems: (lane, payment, { items, dropped }, operator) =>
      tellPayment(lane, payment, {
        type: "operator.items_dropped",
        items,
        ...(dropped === undefined ? {} : { dropped }),
        operator,
      }),
    async refund(lane, payment, { service_id, amount_minor, ...asked }) {
      const found = find(lane, payment);
      if (!found) throw new RuntimeError("not_found", `lane ${lane} has no payment ${payment}`);
      const { currency, charge_minor } = found.context;
      if (found.state !== "captured") {
        const detail = `payment ${payment} is ${
          String(found.state)
        }: only a captured one is refunded`;
        throw new RuntimeError("request_invalid", detail);
      }
      const refund = refundId(options.vault, payment, service_id);
      const wanted_minor = amount_minor ?? charge_minor;
      if (engine.view(`refund/${refund}`) === undefined) {
        const type = "operator.refund_requested";
        const request = { type, payment, lane, amount_minor: wanted_minor, currency, ...asked };
        await engine.post(`refund/${refund}`, request);
      }
      // Asked for before, or twice at once.
      const known = engine.view(`refund/${refund}`);
      if (known?.context["amount_minor"] !== wanted_minor) {
        throw new RuntimeError(
          "request_invalid",
          `service ${service_id} was a refund of another amount of ${payment}: use a new ServiceID`,
        );
      }
      return { refund };
    },
    answer: (lane, payment, kind, answer) =>
      tellPayment(lane, payment, { type: "shopper.answered", kind, answer }),
  };
}
