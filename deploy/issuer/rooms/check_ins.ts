/**
 * Who is where: a check-in lives by a lease that each fresh code renews, carries one-time tokens,
 * and is told to nobody but the gateway that can prove the beacon.
 */
import type { z } from "zod";
import { fromBase64url } from "../../../runtime/vault/bytes.ts";
import type * as schemas from "../../../runtime/sync/contract/schemas.ts";
import { readToken } from "../../../runtime/sync/contract/tokens.ts";
import { issuerLimits as limits } from "../limits.ts";
import { Refusal } from "../refusal.ts";
import type { House } from "../world.ts";
import type { Accounts } from "./accounts.ts";
import type { Beacon, Beacons } from "./beacons.ts";
import type { Feed } from "./feed.ts";
import { newId } from "./keys.ts";
import type { Merchants } from "./merchants.ts";

export interface CheckIn {
  readonly check_in: string;
  readonly account: string;
  readonly hardware_id: string;
  readonly store: string;
  readonly period: number;
  readonly lease_expires_ms: number;
  /** Why it ended; null while it lives. */
  readonly ended: string | null;
}

type EndReason = "left" | "expired" | "revoked" | "erased";

export class CheckIns {
  /** Beacons whose gateways are to be woken, and what calls that off. */
  readonly #announced = new Map<string, () => void>();

  constructor(
    readonly house: House,
    readonly accounts: Accounts,
    readonly merchants: Merchants,
    readonly beacons: Beacons,
    readonly feed: Feed,
  ) {}

  find(check_in: string): CheckIn | undefined {
    return this.house.store.get<CheckIn>("SELECT * FROM check_in WHERE check_in = ?", check_in);
  }

  /** True when the phone is taken to be there now. */
  isLive(found: CheckIn): boolean {
    return found.ended === null && found.lease_expires_ms > this.house.clock.now_ms();
  }

  /** Opens a check-in, or renews the one that lives in the same store. One in another store ends:
   * nobody is in two places. */
  open(account: string, ask: z.output<typeof schemas.checkIn>) {
    const { beacon, period } = this.#heard(ask);
    const live = this.#live(account);
    if (live && live.store === beacon.store && this.isLive(live)) {
      return this.#renewed(live, beacon, period);
    }
    if (live) this.#end(live, this.isLive(live) ? "left" : "expired");
    const { store, random, clock } = this.house;
    this.#roomAt(beacon);
    const check_in = newId(random, "visit");
    store.run(
      "INSERT INTO check_in VALUES (?, ?, ?, ?, ?, ?, ?, NULL)",
      check_in,
      account,
      beacon.hardware_id,
      beacon.store,
      period,
      clock.now_ms(),
      this.#lease(),
    );
    return this.#told(check_in, beacon);
  }

  /** A fresh code: the lease begins anew, at the beacon that was heard. */
  renew(account: string, check_in: string, ask: z.output<typeof schemas.checkIn>) {
    const found = this.#own(account, check_in);
    const { beacon, period } = this.#heard(ask);
    if (!this.isLive(found)) throw new Refusal("check_in_ended");
    if (beacon.store !== found.store) {
      throw new Refusal("check_in_ended", "This code is of another store: check in there");
    }
    return this.#renewed(found, beacon, period);
  }

  leave(account: string, check_in: string): { check_in: string } {
    const found = this.#own(account, check_in);
    if (found.ended === null) this.#end(found, "left");
    return { check_in };
  }

  /** Keeps one-time tokens for the gateway. One that is held already is taken as said twice. */
  giveTokens(account: string, check_in: string, tokens: string[]): { held: number } {
    const { store } = this.house;
    const found = this.#own(account, check_in);
    if (!this.isLive(found)) throw new Refusal("check_in_ended");
    for (const jws of tokens) this.#keepToken(found, jws);
    const held = this.#tokens(check_in).length;
    if (held > limits.tokens_held) throw new Refusal("tokens_enough");
    store.afterCommit(() => this.#announce(found.hardware_id));
    return { held };
  }

  /** Everybody whose phone is at this beacon, for the gateway that proves to be beside it. */
  accountData(gateway: string, ask: z.output<typeof schemas.askAccountData>) {
    const { store, clock } = this.house;
    const beacon = this.beacons.find(ask.hardware_id);
    if (!beacon) throw new Refusal("beacon_unknown");
    if (beacon.gateway !== gateway) throw new Refusal("beacon_foreign");
    this.beacons.periodProved(beacon, ask.code, ask.nonce);
    const key = fromBase64url(this.merchants.find(gateway)?.sealing_public_key ?? "");
    if (!key) throw new Refusal("key_unknown");
    const here = store.all<CheckIn>(
      `SELECT * FROM check_in WHERE hardware_id = ? AND ended IS NULL AND lease_expires_ms > ?
      ORDER BY opened_at_ms, check_in`,
      ask.hardware_id,
      clock.now_ms(),
    );
    return { visits: here.flatMap((found) => this.#visit(found, gateway, key)) };
  }

  /** Ends the check-ins whose leases have run out. */
  sweep(): void {
    const { store, clock } = this.house;
    const over = store.all<CheckIn>(
      "SELECT * FROM check_in WHERE ended IS NULL AND lease_expires_ms <= ? LIMIT ?",
      clock.now_ms(),
      limits.sweep_rows,
    );
    for (const found of over) this.#end(found, "expired");
    const forgotten_s = Math.floor(clock.now_ms() / 1000) - limits.clock_tolerance_s;
    store.run("DELETE FROM token WHERE expires_s < ?", forgotten_s);
  }

  /** After a start, gateways are told of everybody: wake-ups under way may have been lost. */
  announceAll(): void {
    const sql = "SELECT DISTINCT hardware_id FROM check_in WHERE ended IS NULL";
    for (const { hardware_id } of this.house.store.all<{ hardware_id: string }>(sql)) {
      this.#announce(hardware_id);
    }
  }

  /** Calls off the wake-ups under way: the next start makes them good. */
  stop(): void {
    for (const callOff of this.#announced.values()) callOff();
  }

  #heard(ask: z.output<typeof schemas.checkIn>): { beacon: Beacon; period: number } {
    const age_ms = this.house.clock.now_ms() - ask.heard_at_ms;
    if (age_ms > limits.heard_ago_ms || age_ms < -limits.clock_tolerance_s * 1000) {
      throw new Refusal("code_stale", "The code was not heard just now: set the phone's clock");
    }
    const beacon = this.beacons.find(ask.hardware_id);
    if (!beacon) throw new Refusal("beacon_unknown");
    return { beacon, period: this.beacons.periodHeard(beacon, ask.code) };
  }

  #roomAt(beacon: Beacon): void {
    const sql = "SELECT count(*) AS live FROM check_in WHERE hardware_id = ? AND ended IS NULL";
    const count = this.house.store.get<{ live: number }>(sql, beacon.hardware_id);
    if ((count?.live ?? 0) >= limits.check_ins_per_beacon) {
      throw new Refusal("overloaded", "There is no room for more people at this beacon");
    }
  }

  #live(account: string): CheckIn | undefined {
    const sql = "SELECT * FROM check_in WHERE account = ? AND ended IS NULL";
    return this.house.store.get<CheckIn>(sql, account);
  }

  /** A check-in of somebody else is as unknown as none. */
  #own(account: string, check_in: string): CheckIn {
    const found = this.find(check_in);
    if (!found || found.account !== account) throw new Refusal("check_in_unknown");
    return found;
  }

  #lease(): number {
    return this.house.clock.now_ms() + this.house.settings.lease_ms;
  }

  #renewed(found: CheckIn, beacon: Beacon, period: number) {
    if (beacon.hardware_id !== found.hardware_id) this.#roomAt(beacon);
    this.house.store.run(
      "UPDATE check_in SET hardware_id = ?, period = ?, lease_expires_ms = ? WHERE check_in = ?",
      beacon.hardware_id,
      period,
      this.#lease(),
      found.check_in,
    );
    return this.#told(found.check_in, beacon);
  }

  #told(check_in: string, beacon: Beacon) {
    const store = this.merchants.findStore(beacon.store);
    this.house.store.afterCommit(() => this.#announce(beacon.hardware_id));
    return {
      check_in,
      store: beacon.store,
      merchant_name: store?.merchant_name ?? beacon.store,
      lease_expires_ms: this.#lease(),
      tokens_held: this.#tokens(check_in).length,
    };
  }

  #end(found: CheckIn, reason: EndReason): void {
    const { store, clock } = this.house;
    store.run("UPDATE check_in SET ended = ? WHERE check_in = ?", reason, found.check_in);
    store.run("DELETE FROM token WHERE check_in = ? AND spent_for IS NULL", found.check_in);
    const gateway = this.beacons.find(found.hardware_id)?.gateway;
    if (!gateway) return;
    const body = { type: "check_in.ended", check_in: found.check_in, reason } as const;
    this.feed.add(gateway, body, clock.now_ms() + limits.feed_life_ms);
  }

  #keepToken(found: CheckIn, jws: string): void {
    const { store, vault, clock } = this.house;
    const keyOf = () => this.accounts.deviceKey(found.account);
    const token = readToken(vault, jws, keyOf);
    if (!token || token.iss !== found.account) throw new Refusal("token_unreadable");
    const now_s = clock.now_ms() / 1000;
    if (token.exp <= now_s || token.exp > now_s + limits.token_life_s) {
      throw new Refusal("token_expired");
    }
    if (token.aud !== found.store) throw new Refusal("token_store_wrong");
    if (token.check_in !== found.check_in) throw new Refusal("token_check_in_wrong");
    const sql = "SELECT jws FROM token WHERE account = ? AND jti = ?";
    const known = store.get<{ jws: string | null }>(sql, found.account, token.jti);
    if (known && known.jws !== jws) throw new Refusal("token_used");
    if (known) return;
    const values = [found.account, token.jti, found.check_in, jws, Math.ceil(token.exp)] as const;
    store.run("INSERT INTO token VALUES (?, ?, ?, ?, ?, NULL)", ...values);
  }

  #tokens(check_in: string): string[] {
    return this.house.store.all<{ jws: string }>(
      `SELECT jws FROM token WHERE check_in = ? AND spent_for IS NULL AND expires_s > ?
      ORDER BY jti`,
      check_in,
      Math.floor(this.house.clock.now_ms() / 1000),
    ).map(({ jws }) => jws);
  }

  #visit({ check_in, account, lease_expires_ms }: CheckIn, gateway: string, key: Uint8Array) {
    const who = this.accounts.find(account);
    if (!who) return [];
    const context = { to: "gateway", gateway, account, check_in, lease_expires_ms } as const;
    return [{
      check_in,
      account,
      first_name: who.first_name,
      initials: who.initials,
      lease_expires_ms,
      tokens: this.#tokens(check_in),
      template: this.accounts.resealTemplate(account, key, context),
    }];
  }

  /** Many wake-ups for one beacon become one. */
  #announce(hardware_id: string): void {
    if (this.#announced.has(hardware_id)) return;
    const { clock, store, log, settings } = this.house;
    const callOff = clock.after(limits.announcement_ms, () => {
      this.#announced.delete(hardware_id);
      const gateway = this.beacons.find(hardware_id)?.gateway;
      if (!gateway) return;
      try {
        store.transaction(() =>
          this.feed.add(
            gateway,
            { type: "check_in.announced", hardware_id },
            clock.now_ms() + settings.lease_ms,
          )
        );
      } catch (error) {
        log("error", "a gateway was not woken", { hardware_id, reason: String(error) });
      }
    });
    this.#announced.set(hardware_id, callOff);
  }
}
