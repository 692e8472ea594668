/**
 * Who is where: a check-in lives by a lease that each fresh code renews, carries one-time tokens,
 * and is told to nobody but the gateway that can prove the beacon.
 */
// long because a presence is one thing: opened, renewed, told, ended
import type { z } from "zod";
import { fromBase64url } from "../../../runtime/vault/bytes.ts";
import type * as schemas from "../../../runtime/sync/contract/schemas.ts";
import { readToken } from "../../../runtime/sync/contract/tokens.ts";
import { issuerLimits as limits } from "../limits.ts";
import { Refusal } from "../refusal.ts";
import type { CheckInRow } from "../store/rows.ts";
import type { House } from "../world.ts";
import type { Allowances } from "./allowances.ts";
import type { Accounts } from "./accounts.ts";
import type { Beacon, Beacons } from "./beacons.ts";
import type { Feed } from "./feed.ts";
import { newId } from "./keys.ts";
import type { RotationKey } from "../../../runtime/vault/rotation.ts";
import type { Rotations } from "./rotations.ts";
import type { Merchants } from "./merchants.ts";

/** The period of a check-in by the hardware identifier alone: older than every code. */
const unproved = -1_000;

export type CheckIn = CheckInRow;

/** The gateway that asks, and by what it is answered. */
interface Asker {
  readonly gateway: string;
  readonly key: Uint8Array;
  readonly rotation: RotationKey;
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
    readonly rotations: Rotations,
    readonly allowances: Allowances,
  ) {}

  find(check_in: string): CheckIn | undefined {
    return this.house.store.tables.check_in.get(check_in);
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
    this.#refuseGhost(account, beacon.store);
    const { store, random, clock } = this.house;
    this.#roomAt(beacon);
    const check_in = newId(random, "visit");
    const revision = this.beacons.revise(beacon.hardware_id);
    store.tables.check_in.insert({
      check_in,
      account,
      hardware_id: beacon.hardware_id,
      store: beacon.store,
      period,
      opened_at_ms: clock.now_ms(),
      lease_expires_ms: this.#lease(),
      revision,
      template_revision: revision,
      ended: null,
    });
    return this.#told(check_in, beacon);
  }

  /** A fresh code: the lease begins anew, at the beacon that was heard. */
  renew(account: string, check_in: string, ask: z.output<typeof schemas.checkIn>) {
    const found = this.#own(account, check_in);
    const { beacon, period } = this.#heard(ask);
    if (!this.isLive(found)) throw new Refusal("check_in_ended");
    if (this.house.clock.now_ms() - found.opened_at_ms > this.house.settings.stay_ms) {
      // The transaction of a refusal is undone: the end is the sweep's, at the lease's own time.
      throw new Refusal("stay_over");
    }
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

  /** Ends the stay under way, if there is one. */
  endStay(account: string, reason: EndReason): void {
    const live = this.#live(account);
    if (live) this.#end(live, reason);
  }

  /** Keeps one-time tokens for the gateway. One that is held already is taken as said twice. */
  giveTokens(account: string, check_in: string, tokens: string[]): { held: number } {
    const { store } = this.house;
    const found = this.#own(account, check_in);
    if (!this.isLive(found)) throw new Refusal("check_in_ended");
    for (const jws of tokens) this.#keepToken(found, jws);
    const held = this.#tokens(check_in).length;
    if (held > limits.tokens_held) throw new Refusal("tokens_enough");
    this.noteChange(found);
    store.afterCommit(() => this.#announce(found.hardware_id));
    return { held };
  }

  /** The gateway is to hear of this check-in with its next answer; when `template`, with that. */
  noteChange(found: CheckIn, template = false): void {
    const revision = this.beacons.revise(found.hardware_id);
    const changes = template ? { revision, template_revision: revision } : { revision };
    this.house.store.tables.check_in.change(found, changes);
  }

  /** The template of the account is another one from now on. */
  noteTemplate(account: string): void {
    const live = this.#live(account);
    if (!live) return;
    this.noteChange(live, true);
    this.house.store.afterCommit(() => this.#announce(live.hardware_id));
  }

  /** Something else of the account is another from now on. */
  noteNews(account: string): void {
    const live = this.#live(account);
    if (!live) return;
    this.noteChange(live);
    this.house.store.afterCommit(() => this.#announce(live.hardware_id));
  }

  /** The stay under way; undefined when there is none. */
  stayOf(account: string): CheckIn | undefined {
    const live = this.#live(account);
    return live && this.isLive(live) ? live : undefined;
  }

  /** Everybody whose phone reported the beacon's code of the proved period or the one before, for
   * the gateway that proves to be beside it; or those of whom something changed since an answer
   * that it has. */
  accountData(gateway: string, ask: z.output<typeof schemas.askAccountData>) {
    const { store, clock } = this.house;
    const beacon = this.beacons.find(ask.hardware_id);
    if (!beacon) throw new Refusal("beacon_unknown");
    if (beacon.gateway !== gateway) throw new Refusal("beacon_foreign");
    const { code, nonce } = ask;
    const period = code === undefined || nonce === undefined
      ? this.beacons.periodKnown(beacon)
      : this.beacons.periodProved(beacon, code, nonce);
    const key = fromBase64url(this.merchants.find(gateway)?.sealing_public_key ?? "");
    if (!key) throw new Refusal("key_unknown");
    const now_ms = clock.now_ms();
    // Who knows of a later revision than there is knows what a lost backup knew.
    const since = (ask.since ?? 0) > beacon.revision ? 0 : ask.since ?? 0;
    const here = store.tables.check_in.all("live_at", [ask.hardware_id], { above: since })
      .filter((found) => found.lease_expires_ms > now_ms && found.period >= period - 1);
    const { revision } = beacon;
    const rotation = this.rotations.now(beacon.store);
    const visits = here.flatMap((found) => this.#visit(found, { gateway, key, rotation }, since));
    const rotations = visits.some(({ template }) => template)
      ? [this.rotations.sealed(gateway, key, rotation)]
      : [];
    const proved_for_ms = this.beacons.provedFor(ask.hardware_id);
    return { visits, rotations, revision, proved_for_ms };
  }

  /** Ends the check-ins whose leases have run out. */
  sweep(): void {
    const { store, clock } = this.house;
    const { check_in, token } = store.tables;
    const over = { up_to: clock.now_ms(), limit: limits.sweep_rows };
    for (const found of check_in.all("by_lease", [], over)) this.#end(found, "expired");
    const forgotten_s = Math.floor(clock.now_ms() / 1000) - limits.clock_tolerance_s;
    const old = { below: forgotten_s, limit: limits.sweep_rows };
    for (const found of token.all("by_expiry", [], old)) token.remove(found);
  }

  /** After a start, gateways are told of everybody: wake-ups under way may have been lost. */
  announceAll(): void {
    for (const { hardware_id } of this.house.store.tables.check_in.all("by_lease", [])) {
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
    const period = ask.code === undefined ? unproved : this.beacons.periodHeard(beacon, ask.code);
    return { beacon, period };
  }

  /** A phone that stayed beyond all shopping was left behind: it is not let in for a while. */
  #refuseGhost(account: string, store: string): void {
    const last = this.house.store.tables.check_in.last("of_account", account);
    if (!last || last.store !== store || last.ended !== "expired") return;
    const stayed_ms = last.lease_expires_ms - last.opened_at_ms;
    const quiet_ms = this.house.clock.now_ms() - last.lease_expires_ms;
    const { stay_ms, lease_ms, rest_ms } = this.house.settings;
    if (stayed_ms > stay_ms && quiet_ms < Math.max(rest_ms, lease_ms)) {
      throw new Refusal("stay_over");
    }
  }

  #roomAt(beacon: Beacon): void {
    const live = this.house.store.tables.check_in.count("live_at", beacon.hardware_id);
    if (live >= limits.check_ins_per_beacon) {
      throw new Refusal("overloaded", "There is no room for more people at this beacon");
    }
  }

  #live(account: string): CheckIn | undefined {
    return this.house.store.tables.check_in.first("live_of", account);
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
    const { hardware_id } = beacon;
    // The hardware alone proves no presence, and prolongs none.
    if (period === unproved) return this.#told(found.check_in, beacon, found.lease_expires_ms);
    const lease_expires_ms = this.#lease();
    this.house.store.tables.check_in.change(found, { hardware_id, period, lease_expires_ms });
    const moved = hardware_id !== found.hardware_id;
    this.noteChange({ ...found, hardware_id }, moved);
    return this.#told(found.check_in, beacon);
  }

  #told(check_in: string, beacon: Beacon, lease_expires_ms = this.#lease()) {
    const store = this.merchants.findStore(beacon.store);
    this.house.store.afterCommit(() => this.#announce(beacon.hardware_id));
    return {
      check_in,
      store: beacon.store,
      merchant_name: store?.merchant_name ?? beacon.store,
      lease_expires_ms,
      tokens_held: this.#tokens(check_in).length,
    };
  }

  #end(found: CheckIn, reason: EndReason): void {
    const { store, clock } = this.house;
    const { check_in, token } = store.tables;
    check_in.change(found, { ended: reason });
    for (const unspent of token.all("held", [found.check_in])) token.remove(unspent);
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
    const { account, check_in } = found;
    const known = store.tables.token.get(account, token.jti);
    if (known && known.jws !== jws) throw new Refusal("token_used");
    if (known) return;
    const expires_s = Math.ceil(token.exp);
    const { jti } = token;
    store.tables.token.insert({ account, jti, check_in, jws, expires_s, spent_for: null });
  }

  #tokens(check_in: string): string[] {
    const now_s = Math.floor(this.house.clock.now_ms() / 1000);
    return this.house.store.tables.token.all("held", [check_in])
      .flatMap(({ jws, expires_s }) => jws === null || expires_s <= now_s ? [] : [jws]);
  }

  #visit(found: CheckIn, { gateway, key, rotation }: Asker, since: number) {
    const { check_in, account, lease_expires_ms, template_revision } = found;
    const who = this.accounts.find(account);
    if (!who) return [];
    const context = { gateway, account, check_in, lease_expires_ms };
    const turned = {
      ...rotation,
      turn: (values: Float32Array) => this.rotations.turn(found.store, rotation, values),
    };
    return [{
      check_in,
      account,
      first_name: who.first_name,
      initials: who.initials,
      lease_expires_ms,
      tokens: this.#tokens(check_in),
      allowances: this.allowances.ofVisit(gateway, found),
      offers: this.accounts.hasAgreed(account, "offers"),
      ...(template_revision <= since
        ? {}
        : { template: this.accounts.resealTemplate(account, key, context, turned) }),
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
