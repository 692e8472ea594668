/**
 * What a store accepted while the issuer was away, and brings now: judged as of the moment at which
 * it was accepted, charged under its allowance, once, or refused, and then the shopper is told.
 */
import type { z } from "zod";
import type * as schemas from "../../../runtime/sync/contract/schemas.ts";
import type { Taken } from "../acquirer.ts";
import { Refusal } from "../refusal.ts";
import type { House } from "../world.ts";
import type { Allowances } from "./allowances.ts";
import type { Accounts } from "./accounts.ts";
import type { Approvals } from "./approvals.ts";
import { ruleOnForward } from "./charge_rules.ts";
import type { Eligibility } from "./eligibility.ts";
import type { Idempotency, Keyed } from "./idempotency.ts";
import type { CheckIns } from "./check_ins.ts";
import type { Ledger } from "./ledger.ts";
import type { Merchants, Store } from "./merchants.ts";
import { type Payment, type PaymentRows, requestOf } from "./payment_rows.ts";

type Ask = z.output<typeof schemas.forward>;
type Outcome = z.output<typeof schemas.captureOutcome>;
type Moved =
  | Taken
  /** `holds`: the acquirer has yet to let go. */
  | { readonly outcome: "refused"; readonly reason: string; readonly holds: boolean };

const refused = (reason: string): Outcome => ({ outcome: "refused", reason });

/** Undefined when what is held is this account's, and enough. */
function faultOfHeld(held: Payment, account: string, ask: Ask): string | undefined {
  if (held.account !== account) return "account_differs";
  return ask.amount_minor <= held.amount_minor ? undefined : "more_than_authorised";
}

export interface ForwardNeeds {
  readonly house: House;
  readonly accounts: Accounts;
  readonly merchants: Merchants;
  readonly checkIns: CheckIns;
  readonly idempotency: Idempotency;
  readonly ledger: Ledger;
  readonly approvals: Approvals;
  readonly eligibility: Eligibility;
  readonly allowances: Allowances;
  readonly rows: PaymentRows;
}

export class Forwards {
  constructor(readonly rooms: ForwardNeeds) {}

  /** Takes the money for what was accepted, or says why not. */
  forward(gateway: string, keyed: Keyed, ask: Ask): Promise<Outcome> {
    const { merchants, idempotency } = this.rooms;
    const store = merchants.findStore(merchants.find(gateway)?.store ?? "");
    if (!store) throw new Refusal("store_unknown");
    return idempotency.once<Outcome, Payment>(keyed, {
      begin: (resumed) => this.#begin(gateway, store, ask, resumed),
      work: async (task) => {
        const moved = await this.#move(task, ask);
        return () => this.#finish(task, ask, moved);
      },
    });
  }

  #begin(gateway: string, store: Store, ask: Ask, resumed: boolean) {
    const { rows, allowances } = this.rooms;
    const found = rows.own(gateway, store, ask.payment);
    const ruling = allowances.ruleOn(gateway, store, ask);
    const asking = found?.state === "pending" || found?.state === "capturing";
    if (asking && resumed) return { task: found };
    // The same gateway asks the acquirer for the same payment: its answer first.
    if (asking) throw new Refusal("payment_busy");
    if (found?.state === "captured" && found.receipt !== null) {
      if ("row" in ruling) allowances.spend(ruling.row, ask.payment);
      return { answer: { outcome: "captured" as const, receipt: found.receipt } };
    }
    return this.#beginNew(gateway, store, ask, found, ruling);
  }

  #beginNew(
    gateway: string,
    store: Store,
    ask: Ask,
    found: Payment | undefined,
    allowed: ReturnType<Allowances["ruleOn"]>,
  ) {
    const { house, rows, allowances, approvals } = this.rooms;
    const { payment } = house.store.tables;
    if (found?.state === "reversed") return { answer: refused("payment_reversed") };
    // What an earlier try held is let go under the number of that try.
    if (found !== undefined && found.undo > 0) throw new Refusal("payment_busy");
    if (found?.state === "awaiting_approval") approvals.withdraw(found);
    if ("row" in allowed) allowances.spend(allowed.row, ask.payment);
    const ruling = "row" in allowed ? ruleOnForward(house, this.rooms, store, ask) : allowed;
    const accepted = {
      accepted_at_ms: ask.accepted_at_ms,
      allowance: "row" in allowed ? allowed.row.allowance : null,
    };
    if ("reason" in ruling) {
      return this.#refuse(gateway, store, ask, found, accepted, ruling.reason);
    }
    if (found?.state === "authorised") {
      const reason = faultOfHeld(found, ruling.account.account, ask);
      if (reason !== undefined) return this.#refuse(gateway, store, ask, found, accepted, reason);
      // An earlier request of this payment got so far: what it holds is taken.
      const { amount_minor } = ask;
      const at_ms = house.clock.now_ms();
      payment.change(found, { ...accepted, state: "capturing", amount_minor, at_ms });
      return { task: rows.found(store.store, ask.payment) };
    }
    const { account } = ruling.account;
    const token = this.#noteToken(account, ruling.token, ask);
    rows.write(gateway, store, ask, { state: "pending", account, token, reason: null });
    payment.change(rows.found(store.store, ask.payment), accepted);
    return { task: rows.found(store.store, ask.payment) };
  }

  #refuse(
    gateway: string,
    store: Store,
    ask: Ask,
    found: Payment | undefined,
    accepted: { readonly accepted_at_ms: number; readonly allowance: string | null },
    reason: string,
  ): { answer: Outcome } {
    const { house, rows, checkIns } = this.rooms;
    const { payment } = house.store.tables;
    const state = "declined" as const;
    if (found?.state === "authorised") {
      payment.change(found, { ...accepted, state, reason, undo: found.undo + 1 });
    } else {
      const account = checkIns.find(ask.check_in)?.account ?? null;
      rows.write(gateway, store, ask, { state, account, token: null, reason });
      payment.change(rows.found(store.store, ask.payment), accepted);
    }
    this.#tellShopper(rows.found(store.store, ask.payment), ask, reason);
    return { answer: refused(reason) };
  }

  /** Its token is spent from now on, also where it went with the stay that is over. */
  #noteToken(account: string, { jti, exp }: { jti: string; exp: number }, ask: Ask): string {
    const { token } = this.rooms.house.store.tables;
    const known = token.get(account, jti);
    const { check_in, payment: spent_for } = ask;
    if (known) token.change(known, { spent_for, jws: null });
    else {
      token.insert({ account, jti, check_in, jws: null, expires_s: Math.ceil(exp), spent_for });
    }
    return jti;
  }

  async #move(task: Payment, { amount_minor }: Ask): Promise<Moved> {
    const { acquirer } = this.rooms.house;
    const request = requestOf(this.rooms.accounts, task);
    if (task.state === "pending") {
      const held = await acquirer.authorise(request);
      if (held.outcome === "declined") {
        return { outcome: "refused", reason: held.reason, holds: false };
      }
    }
    const taken = await acquirer.capture({ ...request, amount_minor });
    return taken.outcome === "captured" ? taken : { ...taken, holds: true };
  }

  #finish(task: Payment, ask: Ask, moved: Moved): Outcome {
    const { house, rows, ledger } = this.rooms;
    const { payment } = house.store.tables;
    const now = rows.found(task.store, task.payment);
    if (now.state === "captured" && now.receipt !== null) {
      return { outcome: "captured", receipt: now.receipt };
    }
    if (moved.outcome === "refused") {
      const undo = now.undo + (moved.holds ? 1 : 0);
      payment.change(now, { state: "declined", reason: moved.reason, undo });
      this.#tellShopper(now, ask, moved.reason);
      return refused(moved.reason);
    }
    const { captured_minor } = moved;
    const receipt = ledger.writeReceipt(now, captured_minor);
    payment.change(now, {
      state: "captured",
      captures: now.captures + 1,
      captured_minor,
      receipt,
      at_ms: house.clock.now_ms(),
    });
    return { outcome: "captured", receipt };
  }

  #tellShopper(task: Payment, ask: Ask, reason: string): void {
    const { accepted_at_ms, amount_minor } = ask;
    this.rooms.ledger.writeRefusal(task, { accepted_at_ms, amount_minor, reason });
  }
}
