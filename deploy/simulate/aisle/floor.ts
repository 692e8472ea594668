/**
 * The aisle's floor: people come, show a code at the gate, take things and put some back, and walk
 * out. Some slip through behind others, some hold out a picture of a code that has just let in.
 */
import type { Chance } from "../../../hardware/simulated/chance.ts";
import type { Scheduler } from "../../../runtime/sim/scheduler.ts";
import { fromBase64url, fromUtf8 } from "../../../runtime/vault/bytes.ts";
import type { BeaconDevice, CameraDevice } from "../../../runtime/sim/devices.ts";
import type { AislePerson } from "./people.ts";
import type { Plan } from "../plan.ts";
import { manners, trips_per_hour } from "./plan.ts";
import type { Plate, Senses } from "./senses.ts";
import type { TripWitness } from "./witness.ts";

export interface FloorSetting {
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  readonly plan: () => Plan;
  readonly senses: Senses;
  readonly people: readonly AislePerson[];
  readonly witness: TripWitness;
  /** By which those check in who come in by their face, and the camera that looks at the gate. */
  readonly beacon: Pick<BeaconDevice, "hardware_id" | "heard">;
  readonly camera: Pick<CameraDevice, "show">;
  /** Somebody has come in, or has tried to: the phone may have something to show from now on. */
  readonly came: (person: AislePerson) => void;
}

const hour_ms = 3_600_000;
/** Longer than issuer and retailer may take together. */
const patience_ms = 18_000;
const tries_at_gate = 2;
/** A phone in a pocket listens now and then, and checks in before its owner is at the gate. */
const hears_every_ms = [18_000, 36_000] as const;
const walks_up_ms = [3_000, 12_000] as const;
/** Whom the camera does not let in by then shows the code. */
const looks_ms = 6_000;
/** Who has taken a picture of a code holds it out at once, while it is still young. */
const copies_ms = [300, 4_000] as const;
const stops = [1, 4] as const;
const walks_ms = [3_000, 30_000] as const;
const between_hands_ms = [1_200, 3_000] as const;

export class Floor {
  /** People who have come to the gate. */
  arrivals = 0;
  readonly #setting: FloorSetting;
  #open = false;
  #inside = 0;
  #tracks = 0;
  /** One at a time stands at the gate. */
  #gate: Promise<void> = Promise.resolve();

  constructor(setting: FloorSetting) {
    this.#setting = setting;
  }

  /** People at the gate and behind it. */
  get inside(): number {
    return this.#inside;
  }

  open(): void {
    this.#open = true;
    this.#next();
  }

  shut(): void {
    this.#open = false;
  }

  #next(): void {
    const { scheduler, chance, people } = this.#setting;
    const mean_ms = hour_ms / trips_per_hour;
    scheduler.after(-mean_ms * Math.log(1 - chance.next()), () => {
      if (!this.#open) return;
      const away = people.filter(({ here }) => !here);
      if (away.length > 0) this.#visit(chance.pick(away));
      this.#next();
    });
  }

  async #visit(person: AislePerson): Promise<void> {
    person.here = true;
    this.#inside++;
    this.arrivals++;
    const people = person.chance.happens(manners.in_company) ? 2 : 1;
    const tracks = Array.from({ length: people }, () => `t${++this.#tracks}`);
    const facing = person.face !== undefined && tracks.length === 1 &&
      person.chance.happens(manners.shows_face);
    if (facing) {
      this.#hear(person);
      await this.#setting.scheduler.sleep(person.chance.between(...walks_up_ms));
    }
    const standing = this.#gate.then(() => this.#comeIn(person, tracks, facing));
    this.#gate = standing.then((code) => this.#copy(person.chance, code));
    const inside = await standing;
    this.#setting.came(person);
    if (inside !== undefined) await this.#shop(person, tracks);
    this.#inside--;
    person.here = false;
    // Most say that they leave; of the others the lease runs out.
    if (facing && person.chance.happens(0.8)) person.phone.leave();
  }

  #hear(person: AislePerson): void {
    const { scheduler, beacon } = this.#setting;
    const code = beacon.heard();
    if (!person.here) return;
    if (code !== undefined) {
      const { hardware_id } = beacon;
      const heard_at_ms = scheduler.now_ms();
      person.phone.hear({ hardware_id, code, rssi_dbm: -60, heard_at_ms });
    }
    scheduler.after(person.chance.between(...hears_every_ms), () => this.#hear(person));
  }

  /** Stands at the gate's camera; resolves to whether it opened. */
  async #face({ face }: AislePerson): Promise<boolean> {
    const { senses, camera } = this.#setting;
    camera.show({ front: face, faces: 1 });
    const opened = await senses.opens("in", looks_ms);
    camera.show({ front: undefined, faces: 0 });
    return opened;
  }

  /** Resolves to what opened: the code, or "" where it was the face; to nothing where it stayed
   * shut. */
  async #comeIn(
    person: AislePerson,
    tracks: readonly string[],
    facing: boolean,
  ): Promise<string | undefined> {
    const { chance, account } = person;
    if (facing && await this.#face(person)) {
      await this.#walkIn(chance, "in", tracks);
      return "";
    }
    const { senses, witness } = this.#setting;
    const gate = chance.happens(manners.comes_by_side) ? "side" : "in";
    for (let shown = 0; shown < tries_at_gate; shown++) {
      const code = person.phone.entryCode(tracks.length);
      witness.codeShown(account, jtiOf(code));
      senses.tell({ type: "gate.code_shown", gate, code });
      if (!await senses.opens(gate, patience_ms)) continue;
      await this.#walkIn(chance, gate, tracks);
      return code;
    }
    return undefined;
  }

  /** Somebody has a picture of the code that has just let another in, and holds it out at the same
   * gate or at the other one. */
  async #copy(chance: Chance, code: string | undefined): Promise<void> {
    const { plan, scheduler, senses } = this.#setting;
    if (code === undefined || code === "" || !chance.happens(plan().copied_codes)) return;
    const gate = chance.happens(0.5) ? "side" : "in";
    await scheduler.sleep(chance.between(...copies_ms));
    senses.tell({ type: "gate.code_shown", gate, code });
    if (!await senses.opens(gate, patience_ms)) return;
    const tracks = [`t${++this.#tracks}`];
    await this.#walkIn(chance, gate, tracks);
    this.#inside++;
    this.#shop({ chance, carried: new Map() }, tracks).then(() => this.#inside--);
  }

  async #walkIn(chance: Chance, gate: string, tracks: readonly string[]): Promise<void> {
    const { scheduler, senses } = this.#setting;
    for (const track of tracks) {
      await scheduler.sleep(chance.between(500, 4_000));
      senses.tell({ type: "gate.passed", gate, way: "in", track });
    }
    await this.#slipThrough(chance, gate);
  }

  /** Somebody follows whom nobody has let in. */
  async #slipThrough(chance: Chance, gate: string): Promise<void> {
    if (!chance.happens(manners.slips_through)) return;
    const { scheduler, senses } = this.#setting;
    await scheduler.sleep(chance.between(300, 2_000));
    const track = `t${++this.#tracks}`;
    senses.tell({ type: "gate.passed", gate, way: "in", track });
    scheduler.after(
      chance.between(20_000, 90_000),
      () => senses.tell({ type: "gate.passed", gate: "out", way: "out", track }),
    );
  }

  async #shop(
    person: Pick<AislePerson, "chance" | "carried">,
    tracks: readonly string[],
  ): Promise<void> {
    const { scheduler, senses } = this.#setting;
    const { chance } = person;
    const carried = new Map<string, number>();
    person.carried = carried;
    const walks = manners.looks_only > chance.next() ? 0 : Math.round(chance.between(...stops));
    for (let stop = 0; stop < walks; stop++) {
      await scheduler.sleep(chance.between(...walks_ms));
      await this.#handle(chance, chance.pick(senses.plates), chance.pick(tracks), carried);
    }
    await scheduler.sleep(chance.between(...walks_ms));
    for (const [index, track] of tracks.entries()) {
      // Of a group the first carries all of it.
      const bag_g = index === 0 ? senses.weightOf(carried) : 0;
      const bag = chance.happens(manners.bag_weighed) ? { bag_g } : {};
      senses.tell({ type: "gate.passed", gate: "out", way: "out", track, ...bag });
      await scheduler.sleep(chance.between(200, 3_000));
    }
  }

  async #handle(
    chance: Chance,
    plate: Plate,
    track: string,
    carried: Map<string, number>,
  ): Promise<void> {
    const { scheduler, senses } = this.#setting;
    senses.tell({ type: "person.seen", track, x_m: plate.x_m, y_m: plate.y_m });
    await scheduler.sleep(chance.between(...between_hands_ms));
    const gtin = chance.pick([...plate.units.keys()]);
    const units = chance.happens(0.2) ? 2 : 1;
    senses.handle(plate, track, gtin, units);
    carried.set(gtin, (carried.get(gtin) ?? 0) + units);
    await scheduler.sleep(chance.between(...between_hands_ms));
    if (chance.happens(manners.puts_back)) {
      senses.handle(plate, track, gtin, -units);
      carried.set(gtin, (carried.get(gtin) ?? 0) - units);
      await scheduler.sleep(chance.between(...between_hands_ms));
    }
    senses.tell({ type: "person.seen", track, x_m: plate.x_m, y_m: plate.y_m });
  }
}

/** The name of a code, as anybody may read it. */
function jtiOf(code: string): string {
  const payload = fromBase64url(code.split(".")[1] ?? "") ?? new Uint8Array();
  return String((JSON.parse(fromUtf8(payload) ?? "{}") as { jti?: unknown }).jti);
}
