/**
 * One-time tokens of a check-in: each signed by the phone for one sale at one store, looked at when
 * it comes, kept for the gateway until it is spent or the stay ends.
 */
import { readToken } from "../../../runtime/sync/contract/tokens.ts";
import { issuerLimits as limits } from "../limits.ts";
import { Refusal } from "../refusal.ts";
import type { CheckInRow as CheckIn } from "../store/rows.ts";
import type { House } from "../world.ts";
import type { Accounts } from "./accounts.ts";
import { forDue } from "./due.ts";

export class VisitTokens {
  readonly #house: House;
  readonly #accounts: Accounts;

  constructor(house: House, accounts: Accounts) {
    this.#house = house;
    this.#accounts = accounts;
  }

  /** Keeps one for the gateway; one that is held already is taken as said twice. */
  keep(found: CheckIn, jws: string): void {
    const { store, vault, clock } = this.#house;
    const keyOf = () => this.#accounts.deviceKey(found.account);
    const token = readToken(vault, jws, keyOf);
    if (!token || token.iss !== found.account) throw new Refusal("token_unreadable");
    const now_s = clock.now_ms() / 1000;
    if (token.exp <= now_s || token.exp > now_s + limits.token_life_s) {
      throw new Refusal("token_expired");
    }
    if (token.aud !== found.store) throw new Refusal("token_store_wrong");
    if (token.check_in !== found.check_in) throw new Refusal("token_check_in_wrong");
    const { account, check_in } = found;
    const known = store.tables.token.get(account, token.jti);
    if (known && known.jws !== jws) throw new Refusal("token_used");
    if (known) return;
    const expires_s = Math.ceil(token.exp);
    const { jti } = token;
    store.tables.token.insert({ account, jti, check_in, jws, expires_s, spent_for: null });
  }

  /** Those of a check-in that can still be spent. */
  held(check_in: string): string[] {
    const now_s = Math.floor(this.#house.clock.now_ms() / 1000);
    return this.#house.store.tables.token.all("held", [check_in])
      .flatMap(({ jws, expires_s }) => jws === null || expires_s <= now_s ? [] : [jws]);
  }

  /** The stay is over: nothing of it can be spent any more. */
  forget(check_in: string): void {
    const { token } = this.#house.store.tables;
    for (const unspent of token.all("held", [check_in])) token.remove(unspent);
  }

  /** Removes what would be refused for its age anyway. */
  sweep(): void {
    const { clock, store } = this.#house;
    const forgotten_s = Math.floor(clock.now_ms() / 1000) - limits.clock_tolerance_s;
    const old = { below: forgotten_s, limit: limits.sweep_rows };
    const { token } = store.tables;
    forDue(store, token.all("by_expiry", [], old), (found) => token.remove(found));
  }
}
