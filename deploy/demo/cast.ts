/**
 * The cast of the demo store: bodies on the simulated floor joined to the phones in their pockets,
 * and a cashier at every lane. Everything they do goes through the doors that real ones use: the
 * issuer's API for phones, the gateway's lane API for tills.
 */
import type { Devices } from "../../hardware/ports.ts";
import { chanceOf } from "../../hardware/simulated/chance.ts";
import type { Pace, Told } from "../../hardware/simulated/crowd.ts";
import { createFloor, type Floor } from "../../hardware/simulated/floor.ts";
import { layOut, type ShopNames } from "../../hardware/simulated/plan.ts";
import type { Receipt } from "../../runtime/sync/contract/schemas.ts";
import type { Vault } from "../../runtime/vault/vault.ts";
import type { Clock, Random } from "../../runtime/world.ts";
import type { PhoneRules } from "../phone/phone.ts";
import { Attention } from "./attention.ts";
import {
  briskPace,
  Cashier,
  type CashierPace,
  type FinishedSale,
  type TillMemory,
} from "./cashier.ts";
import { createNarrator, type Narrator } from "./narrator.ts";
import { castPeople } from "./people.ts";
import { type Attest, type Enrol, Shoppers } from "./shoppers.ts";
import { demoPin } from "./operators.ts";
import { Till } from "./till.ts";
import { tillMemory } from "./till_memory.ts";

export interface CastSetting {
  /** The same seed: the same people, faces and device keys, and so the same accounts. */
  readonly seed: number | string;
  readonly names: ShopNames;
  readonly currency: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly vault: Vault;
  readonly fetch: (request: Request) => Promise<Response>;
  /** Gets each line of the story. */
  readonly print: (line: string) => void;
  /** How many people come to this shop. Default 24. */
  readonly people?: number;
  readonly floorPace?: Partial<Pace>;
  readonly cashierPace?: Partial<CashierPace>;
  readonly phoneRules?: Partial<PhoneRules>;
  readonly frames_per_s?: number;
  /** Where tills keep their open sales; in memory unless told otherwise. */
  readonly memory?: TillMemory;
}

/** What is known only once gateway and issuer run. */
export interface Doors {
  /** e.g. `http://127.0.0.1:8490`. */
  readonly issuer: string;
  /** e.g. `http://127.0.0.1:8480`. */
  readonly gateway: string;
  /** What tills present, where the store has a key. Secret. */
  readonly posKey?: string;
  /** Pictures of one person to a template, as perception makes it. */
  readonly enrol: Enrol;
  /** Speaks for the issuer's office. */
  readonly attest?: Attest;
}

export interface Summary {
  /** Captured, as the tills were told. */
  readonly sales: number;
  readonly captured_minor: number;
  readonly currency: string;
  readonly declined: number;
  /** Given up on purpose or because nobody was recognised, by people with an account. */
  readonly cancelled: number;
  /** Sales of people without account. */
  readonly cash: number;
  /** Captured with more than one face before the camera. */
  readonly several_in_view: number;
  readonly arrivals: number;
  readonly check_ins: number;
  readonly receipts: number;
  /** Sales that waited for the operator's word on something that is not for everybody. */
  readonly restricted: number;
  /** Sales in which the shopper had to answer a question. */
  readonly challenged: number;
  /** Sales in which the shopper was asked to turn the head. */
  readonly turned: number;
  /** Sales for which a phone was asked. */
  readonly asked: number;
  /** Sales captured for less than was asked at first. */
  readonly partly: number;
  readonly refunds: number;
  /** Accepted while the issuer was away. */
  readonly offline: number;
  /** Changes of account data at lanes: how they ended. */
  readonly changes: Readonly<{ applied: number; refused: number; withdrawn: number }>;
}

export interface Cast {
  /** Cameras and beacons for the gateway. */
  readonly devices: Devices;
  readonly floor: Floor;
  /** Opens accounts, enrols faces, then opens the door. Rejects when the issuer refuses an account
   * or a face cannot be enrolled. */
  start(doors: Doors): Promise<void>;
  /** Shuts the door and lets the tills finish, no longer than `within_ms`. */
  close(within_ms: number): Promise<void>;
  /** What tills and phones know in the end; asks the issuer for the last receipts. */
  books(): Promise<{
    readonly receipts: ReadonlyMap<string, readonly Receipt[]>;
    readonly cashier: readonly FinishedSale[];
  }>;
  /** Switches off phones and tills. The devices are the gateway's: it closes them when it stops. */
  stop(): Promise<void>;
  summary(): Summary;
}

/** Phones of the demo notice quickly that they are outside: its shoppers are in a hurry. */
const demoPhoneRules: Partial<PhoneRules> = {
  away_after_ms: 4_000,
  receipt_interval_ms: 1_000,
  receipt_grace_ms: 10_000,
};
const usual_people = 24;
const run_characters = 6;

export function createCast(setting: CastSetting): Cast {
  return new DemoCast(setting);
}

class DemoCast implements Cast {
  readonly floor: Floor;
  readonly devices: Devices;
  readonly #setting: CastSetting;
  readonly #narrator: Narrator;
  readonly #shoppers: Shoppers;
  readonly #sales: FinishedSale[] = [];
  readonly #tills: Till[] = [];
  readonly #cashiers: Cashier[] = [];
  readonly #memory: TillMemory;
  readonly #changes = { applied: 0, refused: 0, withdrawn: 0 };
  #arrivals = 0;

  constructor(setting: CastSetting) {
    this.#setting = setting;
    this.#memory = setting.memory ?? tillMemory();
    const { seed, names, clock, print } = setting;
    const people = castPeople({ seed, people: setting.people ?? usual_people });
    this.floor = createFloor({
      plan: layOut(names),
      seed,
      clock,
      people,
      ...(setting.floorPace === undefined ? {} : { pace: setting.floorPace }),
      ...(setting.frames_per_s === undefined ? {} : { frames_per_s: setting.frames_per_s }),
    });
    this.devices = this.floor.devices;
    this.#narrator = createNarrator({ clock, print });
    this.#shoppers = new Shoppers({
      seed,
      people,
      world: setting,
      radio: (shopper) => this.floor.phone(shopper),
      rules: { ...demoPhoneRules, ...setting.phoneRules },
      narrator: this.#narrator,
    });
    this.floor.watch((told) => this.#happened(told));
  }

  async start(doors: Doors): Promise<void> {
    const accounts = await this.#shoppers.enrol(doors);
    this.#narrator.say("opens", "the store", `${accounts} accounts enrolled`);
    const run = this.#newRun();
    for (const [place, { id }] of this.#setting.names.lanes.entries()) {
      const cashier = this.#cashierAt(id, place, run, doors);
      this.#cashiers.push(cashier);
      cashier.start();
    }
    this.floor.open();
  }

  async close(within_ms: number): Promise<void> {
    this.floor.shut();
    const closed = Promise.all(this.#cashiers.map((cashier) => cashier.close()));
    const cancel = this.#setting.clock.after(within_ms, () => this.#stopTills());
    await closed;
    cancel();
  }

  async books() {
    return { receipts: await this.#shoppers.receipts(), cashier: this.#sales };
  }

  async stop(): Promise<void> {
    this.#stopTills();
    await Promise.all(this.#cashiers.map((cashier) => cashier.close()));
    this.#shoppers.stop();
  }

  summary(): Summary {
    const captured = this.#sales.filter((sale) => sale.told === "captured");
    const given_up = (sale: FinishedSale) => sale.told === "cancelled" || sale.told === "reversed";
    const { check_ins, receipts_new } = this.#shoppers;
    const through = (state: string) =>
      this.#sales.filter(({ situations }) => situations.includes(state)).length;
    return {
      sales: captured.length,
      captured_minor: captured.reduce((sum, sale) => sum + sale.amount_minor, 0),
      currency: this.#setting.currency,
      declined: this.#sales.filter((sale) => sale.told === "declined").length,
      cancelled: this.#sales.filter((sale) => given_up(sale) && sale.account !== null).length,
      cash: this.#sales.filter((sale) => given_up(sale) && sale.account === null).length,
      several_in_view: captured.filter((sale) => sale.several_in_view).length,
      arrivals: this.#arrivals,
      check_ins,
      receipts: receipts_new,
      restricted: through("awaiting_eligibility"),
      challenged: through("awaiting_answer"),
      asked: through("awaiting_approval"),
      turned: through("awaiting_turn"),
      partly: captured.filter((sale) => sale.amount_minor < sale.asked_minor).length,
      refunds: this.#sales.filter(({ refunded_minor = 0 }) => refunded_minor > 0).length,
      offline: this.#sales.filter((sale) => sale.told === "accepted_offline").length,
      changes: { ...this.#changes },
    };
  }

  #happened(told: Told): void {
    if (told.type === "arrived") {
      this.#arrivals++;
      this.#narrator.say("arrives", told.shopper);
    }
    if (told.type === "gave_up") {
      this.#narrator.say("is tired", told.shopper, `of waiting, lane ${told.lane}`);
    }
  }

  #reads(attention: Attention): void {
    attention.follow().catch((error: unknown) => {
      this.#narrator.say("cannot read", "the display", String(error));
    });
  }

  #stopTills(): void {
    for (const till of this.#tills) till.stop();
  }

  /** Service ids must be new for two days, whatever the seed. */
  #newRun(): string {
    const letters = "abcdefghijklmnopqrstuvwxyz012345";
    const bytes = this.#setting.random.bytes(run_characters);
    return Array.from(bytes, (byte) => letters[byte % letters.length]).join("");
  }

  #cashierAt(lane: string, place: number, run: string, doors: Doors): Cashier {
    const { clock, random, fetch, currency, seed, cashierPace } = this.#setting;
    const till = new Till({
      gateway: doors.gateway,
      lane,
      operator: `cashier-${lane}`,
      pin: demoPin,
      fetch,
      clock,
      random,
      ...(doors.posKey === undefined ? {} : { posKey: doors.posKey }),
    });
    this.#tills.push(till);
    const attention = new Attention({
      ...{ gateway: doors.gateway, lane, fetch, clock },
      ...(doors.posKey === undefined ? {} : { posKey: doors.posKey }),
      turn: (side) => this.floor.turn(lane, side),
    });
    return new Cashier({
      lane,
      place,
      currency,
      till,
      clock,
      run,
      chance: chanceOf(`${seed}/cashier/${lane}/${run}`),
      pace: { ...briskPace, ...cashierPace },
      memory: this.#memory,
      narrator: this.#narrator,
      sight: {
        standing: () => this.floor.standing(lane),
        inView: () => this.floor.inView(lane),
        release: () => void this.floor.release(lane),
        asked: () => this.#reads(attention),
      },
      customer: (shopper) => this.#shoppers.customer(shopper),
      finished: (sale) => void this.#sales.push(sale),
      changed: (outcome) => void this.#changes[outcome]++,
    });
  }
}
