/**
 * When a phone says that it is in a shop: strong enough, heard more than once, and gone when not
 * heard for a while. Numbers that an app may change, and the ear that applies them.
 */
import type { Sighting } from "../../hardware/ports.ts";

export interface PhoneRules {
  /** Weaker sightings are somebody else's shop. */
  readonly rssi_at_least_dbm: number;
  /** A beacon counts after this many sightings … */
  readonly sightings: number;
  /** … within this time: one stray packet from the pavement checks nobody in. */
  readonly within_ms: number;
  /** Not heard for this long: the shopper has gone, and the phone says so. */
  readonly away_after_ms: number;
  /** One-time tokens that a check-in should hold, four at most. */
  readonly tokens: number;
  readonly token_life_ms: number;
  /** Between two looks for receipts while there may be one. */
  readonly receipt_interval_ms: number;
  /** How long after a visit a phone still looks for receipts. */
  readonly receipt_grace_ms: number;
}

export const phoneRules: PhoneRules = {
  rssi_at_least_dbm: -86,
  sightings: 2,
  within_ms: 6_000,
  away_after_ms: 30_000,
  tokens: 2,
  token_life_ms: 600_000,
  receipt_interval_ms: 2_000,
  receipt_grace_ms: 60_000,
};

/** Beacons whose last sightings an ear remembers; the one silent longest is forgotten first. */
const beacons_remembered = 32;

/** Tells the beacons of the shop one stands in from those one walks past. */
export class Ear {
  readonly #rules: PhoneRules;
  /** When each beacon was heard lately, oldest beacon first. */
  readonly #heard = new Map<string, number[]>();

  constructor(rules: PhoneRules) {
    this.#rules = rules;
  }

  /** True when this sighting, with those before it, means that the phone is there. */
  takes({ hardware_id, rssi_dbm, heard_at_ms }: Sighting): boolean {
    if (rssi_dbm < this.#rules.rssi_at_least_dbm) return false;
    const since_ms = heard_at_ms - this.#rules.within_ms;
    const lately = (this.#heard.get(hardware_id) ?? []).filter((at_ms) => at_ms > since_ms);
    lately.push(heard_at_ms);
    this.#heard.delete(hardware_id);
    this.#heard.set(hardware_id, lately.slice(-this.#rules.sightings));
    if (this.#heard.size > beacons_remembered) {
      for (const oldest of this.#heard.keys()) {
        this.#heard.delete(oldest);
        break;
      }
    }
    return lately.length >= this.#rules.sightings;
  }

  /** The beacons that it remembers since it started anew, heard once or often. */
  get beacons(): ReadonlySet<string> {
    return new Set(this.#heard.keys());
  }

  /** Starts anew, as after leaving. */
  forget(): void {
    this.#heard.clear();
  }
}
