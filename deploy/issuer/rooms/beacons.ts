/**
 * Beacons and what identifies each of their periods: a code that follows from the beacon's
 * identity key and the hour, and a nonce that follows from nothing.
 */
import { InvariantError } from "../../../runtime/errors.ts";
import { fromHex, toBase64url, toHex } from "../../../runtime/vault/bytes.ts";
import { eddystoneEid } from "../../../runtime/vault/eddystone.ts";
import { issuerLimits as limits } from "../limits.ts";
import { Refusal } from "../refusal.ts";
import type { BeaconRow } from "../store/rows.ts";
import type { House } from "../world.ts";
import { forDue } from "./due.ts";
import type { Feed } from "./feed.ts";
import type { Merchants } from "./merchants.ts";

export type Beacon = BeaconRow;

/** Periods in the past in which a code is still told from one that never was. */
const periods_remembered = 20;
/** The next period's code goes out this share of a period before its time. */
const ahead = 0.25;

export class Beacons {
  readonly #house: House;
  readonly #merchants: Merchants;
  readonly #feed: Feed;
  /** The last period whose code was set, by gateway. In memory: setting twice is harmless. */
  readonly #set = new Map<string, number>();

  /** Codes that were worked out, by beacon and period. */
  readonly #codes = new Map<string, Uint8Array<ArrayBuffer>>();
  /** How many periods a beacon's clock is behind (or ahead of) ours, as its gateway's proofs tell;
   * a phone's word teaches nothing here. In memory: it is learned again. */
  readonly #drift = new Map<string, number>();
  /** Beacons that seemed to be off once, in which direction and in which period. */
  readonly #leaning = new Map<string, { readonly off: number; readonly period: number }>();
  /** Beacons whose gateway proved them lately, and until when that holds. In memory on purpose: a
   * start begins without. */
  readonly #proved = new Map<string, { readonly period: number; readonly until_ms: number }>();

  constructor(house: House, merchants: Merchants, feed: Feed) {
    this.#house = house;
    this.#merchants = merchants;
    this.#feed = feed;
  }

  find(hardware_id: string): Beacon | undefined {
    return this.#house.store.tables.beacon.get(hardware_id);
  }

  /** Makes these beacons the gateway's, and puts their present codes on its feed. */
  register(gateway: string, hardware_ids: string[]): { hardware_ids: string[] } {
    const { store, random } = this.#house;
    const owner = this.#merchants.find(gateway);
    if (!owner) throw new Refusal("key_unknown");
    for (const hardware_id of new Set(hardware_ids)) {
      const known = this.find(hardware_id);
      if (known && known.gateway !== gateway) {
        throw new Refusal("already_registered", `Beacon ${hardware_id} belongs to another gateway`);
      }
      if (!known) {
        const identity_key = random.bytes(16);
        const place = { hardware_id, gateway, store: owner.store };
        store.tables.beacon.insert({ ...place, identity_key, revision: 0 });
      }
    }
    const beacons = this.#of(gateway);
    if (beacons.length > limits.beacons) {
      throw new Refusal("beacons_enough", `A gateway may have ${limits.beacons} beacons`);
    }
    const period = this.#newest();
    for (const beacon of beacons.filter((each) => hardware_ids.includes(each.hardware_id))) {
      this.#setCode(beacon, this.periodAt(this.#house.clock.now_ms()));
      if (period > this.periodAt(this.#house.clock.now_ms())) this.#setCode(beacon, period);
    }
    this.#set.set(gateway, period);
    return { hardware_ids };
  }

  /** Puts the codes that are due on the feeds of the gateways that listen. */
  rotate(): void {
    const { store } = this.#house;
    const period = this.#newest();
    const due = [...this.#set].filter(([gateway, set]) =>
      set < period && this.#feed.isRead(gateway)
    );
    forDue(store, due, ([gateway]) => {
      for (const beacon of this.#of(gateway)) this.#setCode(beacon, period);
      store.afterCommit(() => this.#set.set(gateway, period));
    });
  }

  /** All of it at once: some rows a beacon. */
  prune(): boolean {
    const oldest = this.periodAt(this.#house.clock.now_ms()) - periods_remembered;
    const { store } = this.#house;
    const { period } = store.tables;
    forDue(store, period.all("by_age", [], { below: oldest }), (row) => period.remove(row));
    return false;
  }

  /** The next revision of what is known at the beacon: above all before it, also above those of a
   * time that a restored backup does not know. */
  revise(hardware_id: string): number {
    const beacon = this.find(hardware_id);
    if (!beacon) throw new InvariantError(`a check-in is at beacon ${hardware_id}, unknown here`);
    return this.reviseRead(beacon);
  }

  /** The same for a beacon that was read in the transaction under way, and not revised since. */
  reviseRead(beacon: Beacon): number {
    const { store, clock } = this.#house;
    const revision = Math.max(beacon.revision + 1, clock.now_ms());
    store.tables.beacon.change(beacon, { revision });
    return revision;
  }

  /** The number of the period that holds this time. */
  periodAt(at_ms: number): number {
    return Math.floor(at_ms / this.#period_ms);
  }

  /** The period of a code that a phone heard just now: the present one or a neighbour of it, since
   * clocks differ and air takes time. */
  periodHeard(beacon: Beacon, code: string): number {
    const there = this.#periodThere(beacon, this.#house.clock.now_ms());
    return this.#periodOf(beacon, code, [there, there - 1, there + 1]);
  }

  /** The period that a gateway proves with code and nonce: the present or the previous one, or the
   * next when its clock is a little ahead. */
  periodProved(beacon: Beacon, code: string, nonce: string): number {
    const { clock, vault, settings } = this.#house;
    const { hardware_id } = beacon;
    const now_ms = clock.now_ms();
    const there = this.#periodThere(beacon, now_ms);
    const next = this.#periodThere(beacon, now_ms + this.#period_ms * ahead);
    const period = this.#periodOf(beacon, code, [there, there - 1, next]);
    const given = new TextEncoder().encode(nonce);
    const kept = new TextEncoder().encode(toBase64url(this.#nonce(beacon, period)));
    if (!vault.equal(given, kept)) throw new Refusal("nonce_wrong");
    this.#learn(hardware_id, period - there, now_ms);
    this.#proved.set(hardware_id, { period, until_ms: now_ms + settings.threshold_ms });
    return period;
  }

  /** The period of a proof that still holds; without one the beacon must be proved. */
  periodKnown(beacon: Beacon): number {
    const proved = this.#proved.get(beacon.hardware_id);
    if (!proved || proved.until_ms <= this.#house.clock.now_ms()) throw new Refusal("proof_needed");
    return proved.period;
  }

  /** How long the last proof of the beacon still holds. */
  provedFor(hardware_id: string): number {
    const until_ms = this.#proved.get(hardware_id)?.until_ms ?? 0;
    return Math.max(0, until_ms - this.#house.clock.now_ms());
  }

  /** A beacon that is late by more than half a period, or ahead, in two periods one after another
   * has a clock that drifts: it is followed, so far. */
  #learn(hardware_id: string, ahead_by: number, now_ms: number): void {
    const late = ahead_by < 0 && now_ms % this.#period_ms > this.#period_ms / 2;
    const off = late ? -1 : Math.max(0, ahead_by);
    const period = this.periodAt(now_ms);
    const before = this.#leaning.get(hardware_id);
    if (off === 0) return void this.#leaning.delete(hardware_id);
    if (before?.off !== off) return void this.#leaning.set(hardware_id, { off, period });
    if (before.period === period) return;
    this.#leaning.delete(hardware_id);
    const drift = (this.#drift.get(hardware_id) ?? 0) + off;
    const most = limits.drift_periods;
    this.#drift.set(hardware_id, Math.max(-most, Math.min(most, drift)));
  }

  /** The period by the beacon's own clock, as far as it is known. */
  #periodThere({ hardware_id }: Beacon, at_ms: number): number {
    return this.periodAt(at_ms) + (this.#drift.get(hardware_id) ?? 0);
  }

  get #period_ms(): number {
    return 1000 * 2 ** this.#house.settings.rotation_exponent;
  }

  /** The latest period whose code belongs on the feed by now. */
  #newest(): number {
    return this.periodAt(this.#house.clock.now_ms() + this.#period_ms * ahead);
  }

  #periodOf(beacon: Beacon, code: string, taken: readonly number[]): number {
    const given = fromHex(code) ?? new Uint8Array(0);
    const fits = (period: number) => this.#house.vault.equal(given, this.#code(beacon, period));
    const found = taken.find(fits);
    if (found !== undefined) return found;
    const now = this.periodAt(this.#house.clock.now_ms());
    for (let age = 2; age <= periods_remembered; age += 1) {
      if (fits(now - age)) throw new Refusal("code_stale");
    }
    throw new Refusal("code_wrong");
  }

  #code(beacon: Beacon, period: number): Uint8Array<ArrayBuffer> {
    const name = `${beacon.hardware_id} ${period}`;
    const known = this.#codes.get(name);
    if (known) return known;
    const { vault, settings } = this.#house;
    const k = settings.rotation_exponent;
    const code = eddystoneEid(vault, beacon.identity_key, k, Math.max(0, period) * 2 ** k);
    if (this.#codes.size >= limits.codes_remembered) this.#codes.clear();
    this.#codes.set(name, code);
    return code;
  }

  #nonce(beacon: Beacon, period: number): Uint8Array {
    const { store, random } = this.#house;
    const { hardware_id } = beacon;
    const kept = store.tables.period.get(hardware_id, period);
    return (kept ?? store.tables.period.insert({ hardware_id, period, nonce: random.bytes(16) }))
      .nonce;
  }

  #setCode(beacon: Beacon, period: number): void {
    const until_ms = (period + 1) * this.#period_ms;
    this.#feed.add(beacon.gateway, {
      type: "beacon.code_set",
      hardware_id: beacon.hardware_id,
      code: toHex(this.#code(beacon, period)),
      nonce: toBase64url(this.#nonce(beacon, period)),
      from_ms: period * this.#period_ms,
      until_ms,
    }, until_ms);
  }

  #of(gateway: string): Beacon[] {
    return this.#house.store.tables.beacon.all("of_gateway", [gateway]);
  }
}
