/**
 * The retailer's people, who do some things by hand: of some carts they have the money held first,
 * hold more or less, take it or a part of it, or let it go; and some they give back afterwards. All
 * is asked again until there is an answer that is one.
 */
import type { Chance } from "../../../hardware/simulated/chance.ts";
import { uuidOf } from "../../../runtime/vault/bytes.ts";
import type { Clock, Random } from "../../../runtime/world.ts";
import type { Ledger } from "../../retailer/ledger.ts";
import type { Checkout } from "../../retailer/retailer.ts";
import { type Answered, ask, type Service } from "../../retailer/service.ts";
import { store_manners } from "./plan.ts";

export interface ClerkSetting {
  readonly chance: Chance;
  readonly random: Random;
  readonly ledger: Ledger;
}

interface Step {
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** What is said next; nothing more when undefined. */
  readonly next?: (answer: Answered) => Step | undefined;
  /** The answer is none yet: it is asked again. */
  readonly pending?: (answer: Answered) => boolean;
  tries: number;
}

const every_ms = 8_000;
/** A phone that is never answered is waited for no longer. */
const most_tries = 40;

export class Clerk {
  readonly #setting: ClerkSetting;
  /** Jobs in hand by trip: they outlive the process, as what lies on a desk does. */
  readonly #jobs = new Map<string, Step>();
  readonly #seen = new Map<string, boolean>();

  constructor(setting: ClerkSetting) {
    this.#setting = setting;
  }

  get busy(): boolean {
    return this.#jobs.size > 0;
  }

  /** Whether this trip is done by hand; decided once for each. */
  takes({ trip, store, priced }: Checkout): boolean {
    const known = this.#seen.get(trip);
    if (known !== undefined) return known;
    const { chance } = this.#setting;
    const byHand = priced.total_minor > 100 && chance.happens(store_manners.holds_first);
    this.#seen.set(trip, byHand);
    const of = { trip, store, currency: priced.currency };
    if (byHand) this.#jobs.set(trip, this.#hold(of, priced.total_minor));
    else if (chance.happens(store_manners.gives_back)) {
      this.#jobs.set(trip, this.#giveBack(of, priced.total_minor));
    }
    return byHand;
  }

  /** Does one thing for each job now and then, as long as the process lives. */
  work(world: { clock: Clock; random: Random; service: Service }, alive: () => boolean): void {
    world.clock.after(every_ms, async () => {
      for (const [trip, step] of [...this.#jobs]) {
        const answer = await ask(world, step.path, step.body).catch(() => undefined);
        if (!alive()) return;
        if (answer !== undefined) this.#heard(trip, step, answer);
      }
      this.work(world, alive);
    });
  }

  #heard(trip: string, step: Step, answer: Answered): void {
    const { status } = answer;
    if (status >= 500 || status === 429 || status === 403) return;
    const waits = step.pending?.(answer) ?? false;
    if (waits && ++step.tries < most_tries) return;
    const next = waits ? undefined : step.next?.(answer);
    if (next === undefined) this.#jobs.delete(trip);
    else this.#jobs.set(trip, next);
  }

  #hold(of: Of, total_minor: number, again = true): Step {
    const { chance } = this.#setting;
    const other_minor = Math.max(1, Math.round(total_minor * chance.between(0.5, 1.4)));
    return {
      path: "/v1/adjust/charge",
      body: said(of, total_minor),
      tries: 0,
      pending: ({ status, body }) => status === 200 && body["status"] === "PENDING",
      next: ({ status, body }) => {
        if (status !== 200 || body["status"] !== "APPROVED") return this.#apart(of.trip);
        if (again && chance.happens(0.4)) return this.#hold(of, other_minor, false);
        if (chance.happens(store_manners.cancels_held)) return this.#cancel(of);
        const held = body["authorizedAmount"] as { amount: number };
        return this.#capture(of, Math.round(held.amount * 100));
      },
    };
  }

  #capture(of: Of, held_minor: number): Step {
    const { chance, ledger } = this.#setting;
    const part = chance.happens(0.3);
    const taken_minor = part ? Math.max(1, Math.round(held_minor * chance.next())) : held_minor;
    return {
      path: "/v1/capture/charge",
      body: said(of, taken_minor),
      tries: 0,
      next: ({ status }) => {
        if (status !== 200) return this.#apart(of.trip);
        ledger.priced(of.trip, `by hand ${of.trip}`);
        return chance.happens(store_manners.gives_back)
          ? this.#giveBack(of, taken_minor)
          : undefined;
      },
    };
  }

  #cancel(of: Of): Step {
    const { trip, store } = of;
    return {
      path: "/v1/cancel/charge",
      body: { storeId: store, shoppingTripId: trip },
      tries: 0,
      next: () => this.#apart(trip),
    };
  }

  /** Part of it, all of it, or more than it; an answer may have been lost, so it is asked twice. */
  #giveBack(of: Of, total_minor: number): Step {
    const { chance, random } = this.#setting;
    const back_minor = Math.max(1, Math.round(total_minor * chance.pick([0.3, 0.6, 1, 1.5])));
    const refundRequestId = uuidOf(random.bytes(16));
    const body = { ...said(of, back_minor), refundRequestId, refundReasonCode: "DAMAGED_ITEM" };
    const once: Step = { path: "/v1/refund", body, tries: 0 };
    return {
      ...once,
      // Not paid yet is not refused for good.
      pending: ({ status, body }) => status === 400 && String(body["field"]).startsWith("payment_"),
      next: () => ({ ...once, tries: 0 }),
    };
  }

  #apart(trip: string): undefined {
    this.#setting.ledger.setApart(trip, "done by hand");
  }
}

interface Of {
  readonly trip: string;
  readonly store: string;
  readonly currency: string;
}

const said = ({ trip, store, currency }: Of, minor: number) => ({
  storeId: store,
  shoppingTripId: trip,
  amount: { amount: minor / 100, code: currency },
});
