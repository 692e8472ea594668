/**
 * People come, hear the beacon in their pocket, walk about, queue at a lane, pay and go; some go
 * in the middle of it, some without a word, some with somebody else's phone.
 */
import type { Chance } from "../../hardware/simulated/chance.ts";
import type { BeaconDevice } from "../../runtime/sim/devices.ts";
import type { Scheduler } from "../../runtime/sim/scheduler.ts";
import type { LanePost } from "./lane.ts";
import type { Handset, Person } from "./person.ts";
import type { Plan } from "./plan.ts";
import { halls, shoppers_per_hour } from "./setting.ts";

export interface CrowdSetting {
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  readonly people: readonly Person[];
  readonly beacons: ReadonlyMap<string, BeaconDevice>;
  readonly lanes: readonly LanePost[];
  readonly plan: () => Plan;
}

const hour_ms = 3_600_000;
/** A phone in a pocket listens now and then; within the period of a code several times. */
const hears_every_ms = [18_000, 36_000] as const;
/** People take their time: the beacon turns its code several times while they are here. */
const browse_ms = [60_000, 1_080_000] as const;
/** Long enough for a phone to check in, and for the store to be asked who that is. */
const looks_in_ms = [500, 20_000] as const;
/** Until somebody who has paid comes back with what was forgotten. */
const remembers_ms = [1_000, 60_000] as const;
const most_baskets = 4;
/** Nobody waits behind this many. */
const longest_queue = 5;

/** Somebody in the store. */
export interface Guest {
  readonly person: Person;
  readonly carries: readonly Handset[];
  hall: string;
}

export class Crowd {
  arrivals = 0;
  readonly #setting: CrowdSetting;
  readonly #guests = new Set<Guest>();
  #open = false;

  constructor(setting: CrowdSetting) {
    this.#setting = setting;
  }

  get size(): number {
    return this.#guests.size;
  }

  open(): void {
    this.#open = true;
    this.#next();
  }

  shut(): void {
    this.#open = false;
  }

  #next(): void {
    const { scheduler, chance } = this.#setting;
    const mean_ms = hour_ms / shoppers_per_hour;
    scheduler.after(-mean_ms * Math.log(1 - chance.next()), () => {
      if (!this.#open) return;
      this.#arrive();
      this.#next();
    });
  }

  #arrive(): void {
    const { chance, people, plan } = this.#setting;
    const away = people.filter((person) => !person.here);
    if (away.length === 0) return;
    const person = chance.pick(away);
    const { two_phones, swapped_phones } = plan();
    let carries = person.own.filter((handset, which) =>
      !handset.carried && (which === 0 || chance.happens(two_phones))
    );
    if (chance.happens(swapped_phones)) {
      const other = chance.pick(away).own[0];
      if (other && !other.carried) carries = [other];
    }
    const hall = chance.pick(halls);
    const guest: Guest = { person, carries, hall };
    person.here = true;
    for (const handset of carries) {
      handset.carried = true;
      handset.pocket.beforeShopping();
    }
    this.#guests.add(guest);
    this.arrivals++;
    this.#hear(guest);
    this.#stay(guest);
  }

  async #stay(guest: Guest): Promise<void> {
    const { scheduler, chance, plan } = this.#setting;
    if (chance.happens(plan().passers_by)) {
      await scheduler.sleep(chance.between(...looks_in_ms));
      return this.#goodbye(guest);
    }
    await scheduler.sleep(chance.between(...browse_ms));
    if (chance.happens(0.1)) guest.hall = chance.pick(halls);
    await this.#pay(guest);
    for (let more = 1; more < most_baskets && this.#guests.has(guest); more++) {
      if (!chance.happens(plan().second_baskets)) break;
      await scheduler.sleep(chance.between(...remembers_ms));
      if (this.#guests.has(guest)) await this.#pay(guest);
    }
    await scheduler.sleep(chance.between(1_000, 20_000));
    this.#goodbye(guest);
  }

  /** Most phones say that they leave. */
  #goodbye(guest: Guest): void {
    const { chance, plan } = this.#setting;
    this.#leave(guest);
    if (chance.happens(plan().leaves_without_word)) return;
    for (const { phone } of guest.carries) phone.leave();
  }

  async #pay(guest: Guest): Promise<void> {
    const { chance, lanes, plan } = this.#setting;
    const near = lanes.filter((lane) => lane.zone === guest.hall);
    const shortest = Math.min(...near.map(({ queue }) => queue));
    const lane = chance.pick(near.filter(({ queue }) => queue === shortest));
    const other = near.find((one) => one !== lane && one.queue < longest_queue);
    if (other && chance.happens(plan().twins)) this.#sendTwin(guest, other);
    if (lane.queue < longest_queue) await lane.serve(guest, () => this.#leave(guest));
  }

  /** Somebody with the same face goes to another lane and tells the same name. */
  #sendTwin({ person, hall }: Guest, lane: LanePost): void {
    lane.serve({ person, carries: [], hall }, () => {});
  }

  /** Out of the door, phones and all. */
  #leave(guest: Guest): void {
    if (!this.#guests.delete(guest)) return;
    guest.person.here = false;
    for (const handset of guest.carries) handset.carried = false;
  }

  #hear(guest: Guest): void {
    const { scheduler, chance, beacons } = this.#setting;
    if (!this.#guests.has(guest)) return;
    for (const beacon of beacons.values()) {
      const code = beacon.heard();
      if (beacon.hardware_id !== `beacon-${guest.hall}` || code === undefined) continue;
      const { hardware_id } = beacon;
      const heard_at_ms = scheduler.now_ms();
      for (const { phone } of guest.carries) {
        phone.hear({ hardware_id, code, rssi_dbm: -60, heard_at_ms });
      }
    }
    scheduler.after(chance.between(...hears_every_ms), () => this.#hear(guest));
  }
}
