/**
 * Plates, tracker and gate readers of the simulated aisle: what they tell reaches the gateway late,
 * twice or not at all, as the plan of the day has it. Readings wait a while for a gateway that is
 * down, as with a broker.
 */
import { HardwareError } from "../../../hardware/errors.ts";
import type { GatePort, ReadingsPort } from "../../../hardware/ports.ts";
import type { Chance } from "../../../hardware/simulated/chance.ts";
import type { Process } from "../../../runtime/sim/process.ts";
import type { Scheduler } from "../../../runtime/sim/scheduler.ts";
import type { Plan } from "../plan.ts";
import { aislePlan } from "./plan.ts";

export interface SensesSetting {
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  readonly plan: () => Plan;
}

const waiting_at_most = 400;
const late_ms = [200, 6_000] as const;
/** After a change a plate is weighed at these moments. */
const weighed_after_ms = [0, 100, 200, 300, 400, 600, 800, 1_100, 1_500, 2_000, 2_600] as const;
const settling_ms = 150;
const noise_g = 0.3;
/** At rest a plate is weighed so often. */
const rests_ms = 20_000;
const tray_g = 400;
const unitOf = new Map(aislePlan.products.map(({ gtin, unit_g }) => [gtin, unit_g]));

export interface Plate {
  readonly id: string;
  readonly x_m: number;
  readonly y_m: number;
  /** Units of each product that really lie there. */
  readonly units: Map<string, number>;
}

export class Senses {
  readonly plates: readonly Plate[] = aislePlan.shelves.flatMap(({ plates }) => plates)
    .map(({ id, x_m, y_m, stock }) => ({ id, x_m, y_m, units: new Map(Object.entries(stock)) }));
  readonly #setting: SensesSetting;
  readonly #levels = new Map<string, number>();
  readonly #waiting: unknown[] = [];
  readonly #wakes = new Set<() => void>();
  /** Who waits for a gate to open, by gate. */
  readonly #atGate = new Map<string, () => void>();
  #on = false;

  constructor(setting: SensesSetting) {
    this.#setting = setting;
    for (const plate of this.plates) this.#levels.set(plate.id, weightOf(plate));
  }

  /** The devices as one process of the gateway reaches them. */
  reachedBy(process: Process): {
    gates: ReadonlyMap<string, GatePort>;
    readings: ReadingsPort[];
  } {
    const relay = (id: string): GatePort => ({
      id,
      open: () => {
        const { chance, plan } = this.#setting;
        if (chance.happens(plan().gate_stuck)) {
          return Promise.reject(new HardwareError("device_lost", "the simulated relay is stuck"));
        }
        this.#atGate.get(id)?.();
        return Promise.resolve();
      },
    });
    const ways_in = aislePlan.gates.filter(({ ways }) => ways === "in");
    const readings = { id: "aisle", readings: (end: AbortSignal) => this.#read(process, end) };
    return { gates: new Map(ways_in.map(({ id }) => [id, relay(id)])), readings: [readings] };
  }

  /** Resolves to whether the gate opened in time. */
  opens(gate: string, within_ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const cancel = this.#setting.scheduler.after(within_ms, () => {
        this.#atGate.delete(gate);
        resolve(false);
      });
      this.#atGate.set(gate, () => {
        this.#atGate.delete(gate);
        cancel();
        resolve(true);
      });
    });
  }

  /** Scales say now and then that they are there. */
  switchOn(): void {
    if (this.#on) return;
    this.#on = true;
    for (const { id } of this.plates) this.#rest(id);
  }

  switchOff(): void {
    this.#on = false;
    this.#waiting.length = 0;
  }

  /** Something is seen now. */
  tell(reading: Readonly<Record<string, unknown>>): void {
    const { chance, plan, scheduler } = this.#setting;
    const { readings_lost, readings_repeated, readings_late } = plan();
    const told = { ...reading, at_ms: Math.round(scheduler.now_ms()) };
    if (chance.happens(readings_lost)) return;
    const late = chance.happens(readings_late) ? chance.between(...late_ms) : 0;
    this.#arrives(told, late);
    if (chance.happens(readings_repeated)) this.#arrives(told, chance.between(...late_ms));
  }

  /** A hand takes (or, below zero, puts back) so many; what lies there weighs less. */
  handle({ id, units }: Plate, track: string, gtin: string, taken: number): void {
    const { scheduler } = this.#setting;
    this.tell({ type: "hand.reached", track, plate: id });
    units.set(gtin, (units.get(gtin) ?? 0) - taken);
    const before_g = this.#levels.get(id) ?? 0;
    const after_g = before_g - taken * (unitOf.get(gtin) ?? 0);
    this.#levels.set(id, after_g);
    for (const after_ms of weighed_after_ms) {
      scheduler.after(after_ms, () => {
        const left = Math.exp(-after_ms / settling_ms);
        // Somebody else may have taken something since: the level of now counts.
        this.#weigh(id, (this.#levels.get(id) ?? 0) + (before_g - after_g) * left);
      });
    }
  }

  /** What so many units weigh. */
  weightOf(units: ReadonlyMap<string, number>): number {
    const all_g = [...units].reduce((sum, [gtin, some]) => sum + some * (unitOf.get(gtin) ?? 0), 0);
    return Math.max(0, this.#setting.chance.normal(all_g, 2));
  }

  #rest(id: string): void {
    this.#setting.scheduler.after(rests_ms, () => {
      if (!this.#on) return;
      this.#weigh(id, this.#levels.get(id) ?? 0);
      this.#rest(id);
    });
  }

  #weigh(plate: string, level_g: number): void {
    const weight_g = level_g + this.#setting.chance.normal(0, noise_g);
    this.tell({ type: "plate.weighed", plate, weight_g });
  }

  #arrives(reading: unknown, delay_ms: number): void {
    const arrive = () => {
      this.#waiting.push(reading);
      if (this.#waiting.length > waiting_at_most) this.#waiting.shift();
      for (const wake of [...this.#wakes]) wake();
    };
    if (delay_ms > 0) this.#setting.scheduler.after(delay_ms, arrive);
    else arrive();
  }

  async *#read(process: Process, signal: AbortSignal): AsyncGenerator<unknown, void, void> {
    const over = () => signal.aborted || !process.alive;
    while (!over()) {
      const next = this.#waiting.shift();
      if (next !== undefined) {
        yield next;
        continue;
      }
      await new Promise<void>((resolve) => {
        const wake = () => {
          this.#wakes.delete(wake);
          signal.removeEventListener("abort", wake);
          forget();
          resolve();
        };
        const forget = process.onEnd(wake);
        signal.addEventListener("abort", wake);
        this.#wakes.add(wake);
      });
    }
  }
}

function weightOf({ units }: Plate): number {
  return [...units].reduce((sum, [gtin, some]) => sum + some * (unitOf.get(gtin) ?? 0), tray_g);
}
