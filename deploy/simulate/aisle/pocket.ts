/**
 * What somebody does with the phone after a trip: answers what is asked, pays what is owed, says
 * that a line is wrong; or does nothing of the kind.
 */
import { RuntimeError } from "../../../runtime/errors.ts";
import type { Scheduler } from "../../../runtime/sim/scheduler.ts";
import type { Trip } from "../../../runtime/sync/contract/schemas.ts";
import type { AislePerson } from "./people.ts";
import { manners } from "./plan.ts";
import type { TripWitness } from "./witness.ts";

export interface PocketSetting {
  readonly scheduler: Scheduler;
  readonly witness: TripWitness;
  /** The shop is shut, and everything in it switched off. */
  readonly night: () => boolean;
  readonly broken: (error: unknown) => void;
}

const hour_ms = 3_600_000;
const first_look_ms = 15_000;
const most_ms = 600_000;
const over: readonly Trip["state"][] = ["ended", "cancelled", "unpaid", "paid"];

export class Pockets {
  readonly #setting: PocketSetting;

  constructor(setting: PocketSetting) {
    this.#setting = setting;
  }

  /** Looks until every trip has come to its end. */
  look(person: AislePerson): void {
    if (person.looking) return;
    person.looking = true;
    this.#look(person).catch(this.#setting.broken);
  }

  async #look(person: AislePerson): Promise<void> {
    const { scheduler, night } = this.#setting;
    for (let pause_ms = first_look_ms;; pause_ms = Math.min(most_ms, pause_ms * 1.4)) {
      await scheduler.sleep(night() ? hour_ms : pause_ms);
      if (night()) continue;
      const trips = await this.#ask(person.phone.trips());
      for (const trip of trips ?? []) await this.#consider(person, trip);
      // A trip that the issuer does not know yet begins within its patience.
      const open = trips === undefined || trips.some(({ trip }) => !person.done.has(trip));
      if (!person.here && !open && pause_ms > 4 * first_look_ms) break;
    }
    person.looking = false;
  }

  async #consider(person: AislePerson, { trip, state, items }: Trip): Promise<void> {
    const first = !person.considered.has(`${trip} ${state}`);
    person.considered.add(`${trip} ${state}`);
    if (first && state === "awaiting_approval") await this.#answer(person);
    if (first && state === "owed" && person.chance.happens(manners.settles_debt)) {
      this.#setting.witness.settles(person.account, trip);
      await this.#ask(person.phone.settleTrip(trip));
    }
    if (first && state === "paid") this.#dispute(person, trip, items);
    if (over.includes(state)) person.done.add(trip);
  }

  async #answer({ phone, chance, account }: AislePerson): Promise<void> {
    for (const { approval, amount_minor } of await this.#ask(phone.approvals()) ?? []) {
      const says = chance.next();
      if (says < manners.says_nothing) continue;
      const no = says < manners.says_nothing + manners.says_no;
      if (!no) this.#setting.witness.agrees(account, amount_minor);
      await this.#ask(phone.answer(approval, no ? "no" : "all"));
    }
  }

  #dispute({ phone, chance }: AislePerson, trip: string, items: Trip["items"]): void {
    if (items.length === 0 || !chance.happens(manners.disputes)) return;
    const { scheduler, witness, night } = this.#setting;
    const late = chance.happens(manners.disputes_late);
    const line = chance.whole(items.length);
    const units = 1 + chance.whole(items[line]?.quantity ?? 1);
    const raise = async () => {
      while (night()) await scheduler.sleep(hour_ms / 4);
      const dispute = await this.#ask(phone.disputeLine(trip, line, units));
      if (dispute !== undefined) witness.disputed(trip, dispute);
    };
    scheduler.after(chance.between(0, late ? 30 * hour_ms : hour_ms), () => {
      raise().catch(this.#setting.broken);
    });
  }

  /** Undefined where the issuer would not. */
  async #ask<T>(asked: Promise<T>): Promise<T | undefined> {
    try {
      return await asked;
    } catch (error) {
      if (error instanceof RuntimeError) return undefined;
      throw error;
    }
  }
}
