/**
 * Who is where: a check-in lives by a lease that each fresh code renews, carries one-time tokens,
 * and is told to nobody but the gateway that can prove the beacon.
 */
import type { z } from "zod";
import type * as schemas from "../../../runtime/sync/contract/schemas.ts";
import { issuerLimits as limits } from "../limits.ts";
import { Refusal } from "../refusal.ts";
import type { CheckInRow } from "../store/rows.ts";
import type { House } from "../world.ts";
import type { Beacon, Beacons } from "./beacons.ts";
import { forDue } from "./due.ts";
import type { Feed } from "./feed.ts";
import { newId } from "./keys.ts";
import type { Merchants } from "./merchants.ts";
import { Parties } from "./parties.ts";
import type { VisitTokens } from "./visit_tokens.ts";
import type { WakeUps } from "./wake_ups.ts";

/** The period of a check-in by the hardware identifier alone: older than every code. */
const unproved = -1_000;

export type CheckIn = CheckInRow;

type EndReason = "left" | "expired" | "revoked" | "erased";

export class CheckIns {
  readonly parties: Parties;

  constructor(
    readonly house: House,
    readonly merchants: Merchants,
    readonly beacons: Beacons,
    readonly feed: Feed,
    readonly tokens: VisitTokens,
    readonly wakeUps: WakeUps,
  ) {
    this.parties = new Parties(house);
  }

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
    // The stay that ends here is the last one.
    const last = live
      ? this.#end(live, this.isLive(live) ? "left" : "expired")
      : this.house.store.tables.check_in.last("of_account", account);
    this.#refuseGhost(last, beacon.store);
    const { store, random, clock } = this.house;
    this.#roomAt(beacon);
    const check_in = newId(random, "visit");
    const revision = this.beacons.reviseRead(beacon);
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
    return this.#told(check_in, beacon, 0);
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
    for (const jws of tokens) this.tokens.keep(found, jws);
    const held = this.tokens.held(check_in).length;
    if (held > limits.tokens_held) throw new Refusal("tokens_enough");
    this.noteChange(found);
    store.afterCommit(() => this.wakeUps.announce(found.hardware_id));
    return { held };
  }

  /** So many come in with this shopper, for a while. */
  sayPeople(account: string, check_in: string, people: number) {
    const found = this.#own(account, check_in);
    if (!this.isLive(found)) throw new Refusal("check_in_ended");
    return this.parties.say(check_in, people);
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
    this.house.store.afterCommit(() => this.wakeUps.announce(live.hardware_id));
  }

  /** Something else of the account is another from now on. */
  noteNews(account: string): void {
    const live = this.#live(account);
    if (!live) return;
    this.noteChange(live);
    this.house.store.afterCommit(() => this.wakeUps.announce(live.hardware_id));
  }

  /** The stay under way; undefined when there is none. */
  stayOf(account: string): CheckIn | undefined {
    const live = this.#live(account);
    return live && this.isLive(live) ? live : undefined;
  }

  /** Ends the check-ins whose leases have run out. */
  sweep(): void {
    const { store, clock } = this.house;
    const { check_in } = store.tables;
    const over = { up_to: clock.now_ms(), limit: limits.sweep_rows };
    forDue(store, check_in.all("by_lease", [], over), (found) => this.#end(found, "expired"));
    this.tokens.sweep();
  }

  /** Forgets those that ended long ago, and what was attested in them. True where more is left. */
  prune(): boolean {
    const { store, clock } = this.house;
    const { check_in, attestation } = store.tables;
    const before_ms = clock.now_ms() - limits.check_in_kept_ms;
    const old = { below: before_ms, limit: limits.sweep_rows };
    return forDue(store, check_in.all("by_age", [], old), (found) => {
      if (found.ended === null || found.lease_expires_ms >= before_ms) return;
      for (const row of attestation.all("of_check_in", [found.check_in])) attestation.remove(row);
      check_in.remove(found);
    });
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
  #refuseGhost(last: CheckIn | undefined, store: string): void {
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
    const tokens_held = this.tokens.held(found.check_in).length;
    if (period === unproved) {
      return this.#told(found.check_in, beacon, tokens_held, found.lease_expires_ms);
    }
    const lease_expires_ms = this.#lease();
    this.house.store.tables.check_in.change(found, { hardware_id, period, lease_expires_ms });
    const moved = hardware_id !== found.hardware_id;
    this.noteChange({ ...found, hardware_id }, moved);
    return this.#told(found.check_in, beacon, tokens_held);
  }

  #told(
    check_in: string,
    beacon: Beacon,
    tokens_held: number,
    lease_expires_ms = this.#lease(),
  ) {
    const store = this.merchants.findStore(beacon.store);
    this.house.store.afterCommit(() => this.wakeUps.announce(beacon.hardware_id));
    return {
      check_in,
      store: beacon.store,
      merchant_name: store?.merchant_name ?? beacon.store,
      lease_expires_ms,
      lease_ms: Math.max(0, lease_expires_ms - this.house.clock.now_ms()),
      tokens_held,
    };
  }

  /** Answers the stay as it is kept from now on. */
  #end(found: CheckIn, reason: EndReason): CheckIn {
    const { store, clock } = this.house;
    store.tables.check_in.change(found, { ended: reason });
    this.tokens.forget(found.check_in);
    this.parties.forget(found.check_in);
    const gateway = this.beacons.find(found.hardware_id)?.gateway;
    const body = { type: "check_in.ended", check_in: found.check_in, reason } as const;
    if (gateway) this.feed.add(gateway, body, clock.now_ms() + limits.feed_life_ms);
    return { ...found, ended: reason };
  }
}
