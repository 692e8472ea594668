/**
 * The walk-out aisle of a simulated store, whole: people with phones, gates and plates, the
 * retailer behind it, an associate. By day it is open; at night all of the shop is switched off.
 */
import { type Chance } from "../../../hardware/simulated/chance.ts";
import type { BeaconDevice, CameraDevice } from "../../../runtime/sim/devices.ts";
import { goodRoad, Road, type RoadState } from "../../../runtime/sim/road.ts";
import type { Process } from "../../../runtime/sim/process.ts";
import type { Scheduler } from "../../../runtime/sim/scheduler.ts";
import type { AislePort } from "../../../runtime/aisle/port.ts";
import type { Vault } from "../../../runtime/vault/vault.ts";
import type { Log, Random, RetailerLink } from "../../../runtime/world.ts";
import type { Plan } from "../plan.ts";
import { Floor } from "./floor.ts";
import { type AislePerson, type PeopleSetting, settleAisle } from "./people.ts";
import { aislePlan, connector_key } from "./plan.ts";
import { Pockets } from "./pocket.ts";
import { RetailerSide } from "./retailer_side.ts";
import { Senses } from "./senses.ts";
import { Staff } from "./staff.ts";
import type { TripWitness } from "./witness.ts";

export interface AisleSetting {
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  readonly random: Random;
  readonly vault: Vault;
  readonly plan: () => Plan;
  readonly witness: TripWitness;
  readonly log: Log;
  readonly broken: (error: unknown) => void;
  /** The issuer, over HTTP. */
  readonly serve: (request: Request) => Promise<Response>;
  /** In its zone, and at its gate. */
  readonly beacon: BeaconDevice;
  readonly camera: CameraDevice;
  /** What the gateway's associate asks; undefined while it is down. */
  readonly desk: () => AislePort | undefined;
}

export class WalkOutAisle {
  readonly retailer: RetailerSide;
  readonly senses: Senses;
  /** From gateway to retailer, and from retailer to issuer: as bad as the plan has it. */
  readonly roads: readonly [RoadState, RoadState] = [{ ...goodRoad }, { ...goodRoad }];
  readonly #setting: AisleSetting;
  readonly #on_the_way: Chance;
  #people: readonly AislePerson[] = [];
  #floor: Floor | undefined;
  #staff: Staff | undefined;
  #night = false;

  constructor(setting: AisleSetting) {
    this.#setting = setting;
    const { chance } = setting;
    this.#on_the_way = chance.fork("purchases");
    this.senses = new Senses({ ...setting, chance: chance.fork("senses") });
    const [, road] = this.roads;
    this.retailer = new RetailerSide({ ...setting, chance: chance.fork("retailer"), road });
  }

  get arrivals(): number {
    return this.#floor?.arrivals ?? 0;
  }

  /** Nobody stands in it. */
  get empty(): boolean {
    return this.#floor?.inside === 0;
  }

  /** Phones of its shoppers. */
  get phones(): readonly AislePerson["phone"][] {
    return this.#people.map(({ phone }) => phone);
  }

  /** Opens the accounts of those who live nearby. */
  async settle(people: Omit<PeopleSetting, "witness" | "chance">): Promise<void> {
    const { scheduler, plan, witness, broken, desk, chance, beacon, camera } = this.#setting;
    this.#people = await settleAisle(
      { ...people, witness, chance: chance.fork("people") },
      (account, phone) =>
        phone.watch((event) => event.type === "receipt" && witness.receipt(account, event.receipt)),
    );
    const pockets = new Pockets({ scheduler, witness, broken, night: () => this.#night });
    this.#floor = new Floor({
      scheduler,
      chance: chance.fork("floor"),
      plan,
      senses: this.senses,
      people: this.#people,
      witness,
      beacon,
      camera,
      came: (person) => pockets.look(person),
    });
    const staff = { scheduler, chance: chance.fork("staff"), people: this.#people };
    this.#staff = new Staff({ ...staff, desk, broken });
  }

  /** The retailer's system and the associate are there, people may come. */
  open(): void {
    this.wake();
    this.#floor?.open();
  }

  /** Nobody comes in any more. */
  shut(): void {
    this.#floor?.shut();
  }

  wake(): void {
    this.#night = false;
    this.retailer.start();
    this.senses.switchOn();
    this.#staff?.switchOn();
  }

  sleep(): void {
    this.#night = true;
    this.retailer.stop();
    this.senses.switchOff();
    this.#staff?.switchOff();
  }

  /** What one process of the gateway is wired to. */
  reachedBy(process: Process) {
    const { scheduler: clock } = this.#setting;
    const [state] = this.roads;
    const { serve } = this.retailer;
    const road = new Road({ clock, chance: this.#on_the_way, state, serve });
    const link: RetailerLink = {
      origin: aislePlan.retailer.url,
      key: connector_key,
      fetch: (request) => process.hold(road.fetch(request)),
    };
    return { retailer: link, devices: this.senses.reachedBy(process) };
  }

  close(): void {
    this.sleep();
    for (const { phone } of this.#people) phone.stop();
    this.retailer.close();
  }
}
