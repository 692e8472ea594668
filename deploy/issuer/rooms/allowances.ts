/**
 * What the issuer reserves of an account for sales while it is away: signed for one visit, store
 * and gateway, to be used once, kept back until it is used, given back, or too old to be brought.
 */
import type { z } from "zod";
import type * as schemas from "../../../runtime/sync/contract/schemas.ts";
import { issuerKeyid } from "../../../runtime/sync/contract/signatures.ts";
import { makeAllowance, readAllowance } from "../../../runtime/sync/contract/tokens.ts";
import { issuerLimits as limits } from "../limits.ts";
import type { AllowanceRow, CheckInRow } from "../store/rows.ts";
import type { House } from "../world.ts";
import type { Approvals } from "./approvals.ts";
import { forDue } from "./due.ts";
import { newId } from "./keys.ts";
import type { Merchants, Store } from "./merchants.ts";

type AskForward = z.output<typeof schemas.forward>;

export class Allowances {
  constructor(
    readonly house: House,
    readonly merchants: Merchants,
    readonly approvals: Approvals,
  ) {}

  /** The signed allowances of this visit: those there are, and new ones as far as the account's
   * limit goes. `store` is the visit's. In the transaction under way. */
  ofVisit(gateway: string, visit: CheckInRow, store: Store | undefined): string[] {
    const { clock, settings, store: { tables } } = this.house;
    if (!store || settings.allowance_minor === 0) return [];
    const { account, check_in } = visit;
    const now_ms = clock.now_ms();
    const open = tables.allowance.all("open_of", [account])
      .filter(({ forward_until_ms }) => forward_until_ms > now_ms);
    const own = open.filter((row) => row.check_in === check_in && row.gateway === gateway);
    const signed = own.map((row) => this.#renewed(row, now_ms));
    if (own.length >= limits.allowances_per_visit) return signed;
    let left_minor = this.approvals.offlineLimitOf(account) -
      open.reduce((sum, { amount_minor }) => sum + amount_minor, 0);
    const most_minor = Math.min(settings.allowance_minor, this.approvals.unaskedOf(account, store));
    for (let more = own.length; more < limits.allowances_per_visit; more += 1) {
      const amount_minor = Math.min(most_minor, left_minor);
      if (amount_minor < limits.allowance_least_minor) break;
      signed.push(this.#reserve(gateway, visit, store, amount_minor).jws);
      left_minor -= amount_minor;
    }
    return signed;
  }

  /** Gives back what a visit that is over has not used. */
  release(gateway: string, ask: z.output<typeof schemas.release>): { released: string[] } {
    const { allowance } = this.house.store.tables;
    const released: string[] = [];
    for (const name of new Set(ask.allowances)) {
      const row = allowance.get(name);
      if (row?.gateway !== gateway || row.check_in !== ask.check_in) continue;
      if (row.ended === null) allowance.change(row, { ended: "released" });
      released.push(name);
    }
    return { released };
  }

  /** The allowance under which this was accepted; the reason why there is none. */
  ruleOn(
    gateway: string,
    store: Store,
    ask: AskForward,
  ): { readonly row: AllowanceRow } | { readonly reason: string } {
    const { vault, clock, signing, store: { tables } } = this.house;
    const read = readAllowance(vault, ask.allowance, signing.publicKey);
    if (!read) return { reason: "allowance_unreadable" };
    const fits = read.aud === gateway && read.store === store.store &&
      read.check_in === ask.check_in;
    if (!fits) return { reason: "allowance_wrong" };
    const row = tables.allowance.get(read.jti);
    if (!row) return { reason: "allowance_unknown" };
    if (row.ended !== null && row.spent_for !== ask.payment) {
      return { reason: `allowance_${row.ended}` };
    }
    if (row.ended === null && row.forward_until_ms <= clock.now_ms()) {
      return { reason: "allowance_lapsed" };
    }
    if (ask.amount_minor > row.amount_minor) return { reason: "over_allowance" };
    const tolerance_ms = limits.clock_tolerance_s * 1000;
    const { accepted_at_ms } = ask;
    const early = accepted_at_ms < read.iat * 1000 - tolerance_ms;
    const late = accepted_at_ms > read.exp * 1000 + tolerance_ms;
    const ahead = accepted_at_ms > clock.now_ms() + tolerance_ms;
    return early || late || ahead ? { reason: "allowance_expired" } : { row };
  }

  /** From now on nothing is kept back for it: the payment has it. */
  spend(row: AllowanceRow, payment: string): void {
    this.house.store.tables.allowance.change(row, { ended: "spent", spent_for: payment });
  }

  /** Lets go of what nobody can forward any more. */
  sweep(): void {
    const { store, clock } = this.house;
    const { tables } = store;
    const over = { up_to: clock.now_ms(), limit: limits.sweep_rows };
    forDue(store, tables.allowance.all("by_end", [], over), (row) => {
      tables.allowance.change(row, { ended: "lapsed" });
    });
    const old = { below: clock.now_ms() - limits.idempotency_ms, limit: limits.sweep_rows };
    const ended = tables.allowance.all("by_age", [], old).filter((row) => row.ended !== null);
    forDue(store, ended, (row) => tables.allowance.remove(row));
  }

  /** The same allowance for longer: it is still one, to be used once. */
  #renewed(row: AllowanceRow, now_ms: number): string {
    const { settings, store: { tables } } = this.house;
    if (row.expires_ms - now_ms > settings.allowance_ms / 2) return row.jws;
    const times = this.#times(now_ms);
    const jws = this.#sign({ ...row, ...times });
    tables.allowance.change(row, { ...times, jws });
    return jws;
  }

  #reserve(
    gateway: string,
    visit: CheckInRow,
    store: Store,
    amount_minor: number,
  ): AllowanceRow {
    const { clock, random, store: { tables } } = this.house;
    const { account, check_in } = visit;
    const times = this.#times(clock.now_ms());
    const row = {
      allowance: newId(random, "allowance"),
      account,
      check_in,
      store: store.store,
      gateway,
      amount_minor,
      currency: store.currency,
      ...times,
      jws: "",
      ended: null,
      spent_for: null,
    };
    return tables.allowance.insert({ ...row, jws: this.#sign(row) });
  }

  /** Until when it may be used, and until when what was used may be forwarded. */
  #times(now_ms: number) {
    const expires_ms = now_ms + this.house.settings.allowance_ms;
    return { issued_at_ms: now_ms, expires_ms, forward_until_ms: expires_ms + limits.forward_ms };
  }

  #sign(row: Omit<AllowanceRow, "jws">): string {
    const { vault, signing } = this.house;
    const signer = { keyid: issuerKeyid, privateKey: signing.privateKey };
    return makeAllowance(vault, signer, {
      iss: "issuer",
      aud: row.gateway,
      jti: row.allowance,
      store: row.store,
      account: row.account,
      check_in: row.check_in,
      amount_minor: row.amount_minor,
      currency: row.currency,
      iat: Math.floor(row.issued_at_ms / 1000),
      exp: Math.floor(row.expires_ms / 1000),
    });
  }
}
