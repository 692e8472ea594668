/**
 * A simulated walk-out aisle behind the hardware ports: gates, scales, a tracker, and shoppers who
 * show a code, take things, put some back and walk out. Time comes from the clock, chance from the
 * seed.
 */
import { pauseUntil } from "../../pause.ts";
import type { Devices } from "../../ports.ts";
import { type Chance, chanceOf } from "../chance.ts";
import type { Spot } from "../plan.ts";
import type { FloorClock, Regular } from "../walker.ts";
import { type CodePicture, SimulatedGate, SimulatedLamp } from "./gate.ts";
import { type AislePace, type AislePlan, type AisleTold, usualPace } from "./plan.ts";
import { SimulatedPlate } from "./plate.ts";
import { SimulatedTracker } from "./tracker.ts";
import { AisleVisit } from "./visit.ts";

export interface AisleSetting {
  readonly plan: AislePlan;
  readonly seed: number | string;
  readonly clock: FloorClock;
  readonly people: readonly Regular[];
  readonly pace?: Partial<AislePace>;
  /** What the shopper's phone shows now. */
  readonly code: (shopper: string) => CodePicture;
  /** Resolves when a shopper who went out, or was turned away, would come again. */
  readonly comesAgain: (shopper: string) => Promise<void>;
  readonly tell: (told: AisleTold) => void;
}

/** What a gateway is wired to in an aisle. */
export type AisleDevices = "gates" | "lamps" | "gate_cameras" | "scales" | "readings" | "close";

/** A package on its way takes so long to be at rest, and a shopper no less. */
const between_hands_ms = [900, 1_600] as const;
const own_things_g = 3;

export class SimulatedAisle {
  readonly devices: Pick<Devices, AisleDevices>;
  readonly #setting: AisleSetting;
  readonly #pace: AislePace;
  readonly #gates: ReadonlyMap<string, SimulatedGate>;
  readonly #plates: ReadonlyMap<string, SimulatedPlate>;
  readonly #tracker = new SimulatedTracker("ceiling");
  readonly #ended = new AbortController();
  /** Gates and plates at which somebody stands. */
  readonly #taken = new Set<string>();
  readonly #run: string;
  #inside = 0;
  #tracks = 0;
  #open = false;

  constructor(setting: AisleSetting) {
    const { plan, clock, seed } = setting;
    this.#setting = setting;
    this.#pace = { ...usualPace, ...setting.pace };
    this.#run = Math.floor(clock.now_ms()).toString(36);
    const chance = chanceOf(`${seed}/aisle`);
    const goods = new Map(plan.goods.map((good) => [good.gtin, good]));
    this.#gates = new Map(plan.gates.map(({ id }) => [
      id,
      new SimulatedGate({ id, clock, chance: chance.fork(`gate/${id}`) }),
    ]));
    this.#plates = new Map(plan.plates.map((place) => [
      place.id,
      new SimulatedPlate({ plan: place, goods, clock, chance: chance.fork(`plate/${place.id}`) }),
    ]));
    const entries = this.#leading("in").map((gate) => [gate.id, gate] as const);
    this.devices = {
      gates: this.#gates,
      lamps: new Map(entries.map(([id]) => [id, new SimulatedLamp(id)])),
      gate_cameras: new Map(entries),
      scales: this.#plates,
      readings: [this.#tracker],
      close: () => (this.#close(), Promise.resolve()),
    };
  }

  /** People begin to come. */
  open(): void {
    this.#open = true;
    for (const person of this.#setting.people) void this.#live(person);
  }

  /** Nobody comes any more; those inside walk out with what they have. */
  shut(): void {
    this.#open = false;
  }

  get inside(): number {
    return this.#inside;
  }

  /** A shopper of an earlier run has gone meanwhile. */
  gone(cart: string, track: string): void {
    const [gate] = this.#leading("out");
    if (gate !== undefined) this.#passed(gate.id, "out", track, { cart });
  }

  async #live(person: Regular): Promise<void> {
    const { seed, comesAgain } = this.#setting;
    for (let visit = 0; this.#open; visit++) {
      const chance = chanceOf(`${seed}/aisle/${person.shopper}/${visit}`);
      await this.#sleep(this.#pace.away_ms * chance.between(0.3, 1.7));
      if (this.#inside >= this.#pace.inside_at_most) continue;
      if (await this.#visit(person, chance)) await comesAgain(person.shopper);
    }
  }

  /** False when somebody found the gate taken, and comes later. */
  async #visit(person: Regular, chance: Chance): Promise<boolean> {
    const { clock } = this.#setting;
    const gate = this.#leading("in").find(({ id }) => !this.#taken.has(id));
    if (!this.#open || gate === undefined) return false;
    this.#inside++;
    try {
      this.#taken.add(gate.id);
      const track = await this.#enter(person.shopper, gate);
      this.#taken.delete(gate.id);
      if (track === undefined) return true;
      const visit = new AisleVisit({
        person,
        track,
        from: this.#doorstep(-1),
        chance,
        clock,
        tracker: this.#tracker,
        sleep: (ms) => this.#sleep(ms),
        ended: this.#ended.signal,
      });
      await this.#shop(visit);
      await this.#leave(visit);
    } finally {
      this.#inside--;
    }
    return true;
  }

  /** Shows a code and goes through; the tracker's name of whoever did, undefined who could not. */
  async #enter(shopper: string, gate: SimulatedGate): Promise<string | undefined> {
    this.#tell({ type: "shows_code", shopper, gate: gate.id });
    const opened = await gate.present(this.#setting.code(shopper), this.#pace.patience_ms);
    if (this.#ended.signal.aborted) return undefined;
    if (!opened) {
      this.#tell({ type: "turned_away", shopper, gate: gate.id });
      return undefined;
    }
    gate.pass();
    const track = `${this.#run}-${++this.#tracks}`;
    this.#passed(gate.id, "in", track);
    this.#tell({ type: "enters", shopper, gate: gate.id, track });
    return track;
  }

  async #shop(visit: AisleVisit): Promise<void> {
    const { chance } = visit;
    const { looks_only, stops_at_most } = this.#pace;
    const wanted = chance.happens(looks_only) ? 0 : 1 + chance.whole(stops_at_most);
    for (let stops = wanted; stops > 0 && this.#open; stops--) {
      const free = [...this.#plates.values()].filter(({ id, kinds }) =>
        !this.#taken.has(id) && kinds.length > 0
      );
      if (free.length === 0) return;
      const plate = chance.pick(free);
      this.#taken.add(plate.id);
      await this.#stop(visit, plate);
      this.#taken.delete(plate.id);
    }
  }

  /** Before one plate: takes one or two things, and may think better of the last. */
  async #stop(visit: AisleVisit, plate: SimulatedPlate): Promise<void> {
    const { chance } = visit;
    await visit.walk(this.#before(plate), this.#pace.walk_metres_per_s);
    await visit.stand(this.#pace.dwell_ms * chance.between(0.5, 1.5));
    for (let units = chance.happens(0.3) ? 2 : 1; units > 0; units--) {
      if (this.#ended.signal.aborted) return;
      const taken = visit.take(plate, chance.pick(plate.kinds));
      if (taken !== undefined) this.#handled("takes", visit, taken.gtin, plate);
      await visit.stand(chance.between(...between_hands_ms));
    }
    if (!chance.happens(this.#pace.puts_back)) return;
    const others = [...this.#plates.values()].filter(({ id }) => !this.#taken.has(id));
    const elsewhere = others.length > 0 && chance.happens(this.#pace.misplaces);
    const back = elsewhere ? chance.pick(others) : plate;
    this.#taken.add(back.id);
    await visit.walk(this.#before(back), this.#pace.walk_metres_per_s);
    if (!this.#ended.signal.aborted) {
      const laid = visit.putBack(back);
      if (laid !== undefined) this.#handled("puts_back", visit, laid.gtin, back);
      await visit.stand(chance.between(...between_hands_ms));
    }
    if (back !== plate) this.#taken.delete(back.id);
  }

  async #leave(visit: AisleVisit): Promise<void> {
    const [gate] = this.#leading("out");
    await visit.walk(this.#doorstep(1), this.#pace.walk_metres_per_s);
    if (gate === undefined || this.#ended.signal.aborted) return;
    const { chance, weight_g, track, holds, person } = visit;
    const bag_g = Math.max(0, chance.normal(weight_g, own_things_g));
    this.#passed(gate.id, "out", track, chance.happens(0.7) ? { bag_g } : {});
    this.#tell({ type: "walks_out", shopper: person.shopper, gate: gate.id, holds });
  }

  #handled(
    type: "takes" | "puts_back",
    { person: { shopper } }: AisleVisit,
    gtin: string,
    { id: plate }: SimulatedPlate,
  ): void {
    this.#tell({ type, shopper, gtin, plate });
  }

  #passed(gate: string, way: "in" | "out", track: string, more: Record<string, unknown> = {}) {
    const at_ms = Math.round(this.#setting.clock.now_ms());
    this.#tracker.tell({ type: "gate.passed", gate, way, track, at_ms, ...more });
  }

  #leading(way: "in" | "out"): SimulatedGate[] {
    return this.#setting.plan.gates.filter(({ ways }) => ways === way || ways === "both")
      .map(({ id }) => this.#gates.get(id)!);
  }

  #before({ id }: SimulatedPlate): Spot {
    return this.#setting.plan.plates.find((plate) => plate.id === id)!;
  }

  /** Where one comes in (-1) and goes out (1). */
  #doorstep(side: -1 | 1): Spot {
    const xs = this.#setting.plan.plates.map(({ x_m }) => x_m);
    return { x_m: (side < 0 ? Math.min(...xs) : Math.max(...xs)) + side, y_m: -2 };
  }

  #tell(
    told: AisleTold extends infer Each ? Each extends AisleTold ? Omit<Each, "at_ms"> : never
      : never,
  ): void {
    this.#setting.tell({ ...told, at_ms: this.#setting.clock.now_ms() } as AisleTold);
  }

  #sleep(ms: number): Promise<void> {
    return pauseUntil(this.#ended.signal, this.#setting.clock, ms);
  }

  #close(): void {
    this.shut();
    this.#ended.abort();
    this.#tracker.unplug();
    for (const gate of this.#gates.values()) gate.unplug();
    for (const plate of this.#plates.values()) plate.unplug();
  }
}
