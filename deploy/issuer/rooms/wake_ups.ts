/**
 * Wakes gateways: somebody has checked in at a beacon, or something changed of who is there, and
 * the gateway beside it is to ask. Many wake-ups for one beacon become one.
 */
import { issuerLimits as limits } from "../limits.ts";
import type { House } from "../world.ts";
import type { Beacons } from "./beacons.ts";
import type { Feed } from "./feed.ts";

export class WakeUps {
  readonly #house: House;
  readonly #beacons: Beacons;
  readonly #feed: Feed;
  /** Beacons whose gateways are to be woken, and what calls that off. */
  readonly #announced = new Map<string, () => void>();

  constructor(house: House, beacons: Beacons, feed: Feed) {
    this.#house = house;
    this.#beacons = beacons;
    this.#feed = feed;
  }

  /** After a start, gateways are told of everybody: wake-ups under way may have been lost. */
  announceAll(): void {
    for (const { hardware_id } of this.#house.store.tables.check_in.all("by_lease", [])) {
      this.announce(hardware_id);
    }
  }

  /** Wakes the gateway of this beacon soon. */
  announce(hardware_id: string): void {
    if (this.#announced.has(hardware_id)) return;
    const { clock, store, log, settings } = this.#house;
    const callOff = clock.after(limits.announcement_ms, () => {
      this.#announced.delete(hardware_id);
      const gateway = this.#beacons.find(hardware_id)?.gateway;
      if (!gateway) return;
      try {
        store.transaction(() =>
          this.#feed.add(
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

  /** Calls off the wake-ups under way: the next start makes them good. */
  stop(): void {
    for (const callOff of this.#announced.values()) callOff();
  }
}
