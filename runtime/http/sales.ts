/**
 * Sales at a lane, as calls: opened, looked at, decided. HTTP is a thin layer over it (`lane.ts`);
 * a simulation calls it as it is.
 */
import type { Config, LaneConfig } from "../config.ts";
import type { ActorView, Engine, Posted } from "../engine/engine.ts";
import { invariant, RuntimeError } from "../errors.ts";
import type { Counter, Drop, SaleRequest } from "../counter.ts";
import { outcomeOf, paymentAddress, type SaleBody, saleOf } from "./counter.ts";
import type { Waiting } from "./waiting.ts";

/** Each resolves to the sale as it stands; rejects with `RuntimeError`: `not_found`, `busy`,
 * `request_invalid`, `overloaded`, `stopped`. */
export interface Sales {
  /** Opens it, or finds the one that this try opened before; waits so long for its outcome, or
   * until the caller has gone. */
  open(
    lane: string,
    sale: SaleRequest,
    wait_ms: number,
    caller: AbortSignal,
  ): Promise<SaleBody>;
  read(lane: string, payment: string, wait_ms: number, caller: AbortSignal): Promise<SaleBody>;
  select(lane: string, payment: string, visit: string, operator: string): Promise<SaleBody>;
  cancel(lane: string, payment: string, operator: string): Promise<SaleBody>;
  /** Takes lines out of the basket, by their places in it. */
  dropItems(lane: string, payment: string, drop: Drop, operator: string): Promise<SaleBody>;
  confirmEligibility(lane: string, payment: string, operator: string): Promise<SaleBody>;
  answer(
    lane: string,
    payment: string,
    kind: "initials" | "phrase",
    answer: string,
  ): Promise<SaleBody>;
}

export interface SalesOptions {
  readonly engine: Engine;
  readonly config: Config;
  readonly counter: Counter;
  readonly waiting: Waiting;
}

const ended = (view: ActorView) => outcomeOf(view.state) !== null;

/** The same again for a payment that must be there: it was just seen. */
function seen(view: ActorView | undefined, payment: string): ActorView {
  invariant(view !== undefined, `payment ${payment} was there and is gone`);
  return view;
}

export function laneOf(config: Config, name: string): LaneConfig {
  const found = config.lanes.find((each) => each.id === name);
  if (found !== undefined) return found;
  throw new RuntimeError("not_found", `the store has no lane ${name}; its lanes are in /debug/`);
}

export function createSales({ engine, config, counter, waiting }: SalesOptions): Sales {
  async function outcome(payment: string, wait_ms: number, caller: AbortSignal) {
    const view = await waiting.until(paymentAddress(payment), ended, wait_ms, caller);
    return saleOf(engine, seen(view, payment));
  }

  /** What became of a word from the operator. */
  function decided(lane: string, payment: string, posted: Posted, refusal: string): SaleBody {
    const view = seen(counter.payment(lane, payment), payment);
    if (posted.accepted) return saleOf(engine, view);
    const detail = `payment ${payment} is ${String(view.state)}: ${refusal}`;
    throw new RuntimeError("busy", detail);
  }

  return {
    async open(lane, sale, wait_ms, caller) {
      laneOf(config, lane);
      const { payment } = await counter.requestSale(lane, sale);
      return await outcome(payment, wait_ms, caller);
    },
    async read(lane, payment, wait_ms, caller) {
      if (counter.payment(lane, payment) === undefined) {
        throw new RuntimeError("not_found", `lane ${lane} has no payment ${payment}`);
      }
      return await outcome(payment, wait_ms, caller);
    },
    async select(lane, payment, visit, operator) {
      const posted = await counter.select(lane, payment, visit, operator);
      const refusal = "only one of its candidates can be chosen, and only while it waits for that";
      return decided(lane, payment, posted, refusal);
    },
    async cancel(lane, payment, operator) {
      const posted = await counter.cancel(lane, payment, operator);
      return decided(lane, payment, posted, "it can no longer be cancelled");
    },
    async dropItems(lane, payment, drop, operator) {
      const posted = await counter.dropItems(lane, payment, drop, operator);
      const { dropped = Infinity } = drop;
      const view = seen(counter.payment(lane, payment), payment);
      const done = (view.context["dropped"] as readonly unknown[]).length > dropped;
      if (!posted.accepted && done) return saleOf(engine, view);
      const refusal =
        "only lines that are in the basket can be taken out, and only while it waits for that";
      return decided(lane, payment, posted, refusal);
    },
    async confirmEligibility(lane, payment, operator) {
      const posted = await counter.confirmEligibility(lane, payment, operator);
      const refusal =
        "only what the issuer attests can be confirmed, and only while it waits for that";
      return decided(lane, payment, posted, refusal);
    },
    async answer(lane, payment, kind, answer) {
      const posted = await counter.answer(lane, payment, kind, answer);
      return decided(lane, payment, posted, "it waits for no answer");
    },
  };
}
