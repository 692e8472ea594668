/**
 * A plate of a simulated shelf with the scale below it: packages that weigh a little more or less
 * than they should, cells that settle and are never quite still.
 */
import { HardwareError } from "../../errors.ts";
import type { ScalePort, Weight } from "../../ports.ts";
import type { Chance } from "../chance.ts";
import type { Spot } from "../plan.ts";
import type { FloorClock } from "../walker.ts";

export interface PlateGoods {
  readonly gtin: string;
  readonly unit_g: number;
  readonly deviation_g: number;
}

export interface PlanPlate extends Spot {
  readonly id: string;
  /** Units of each product. */
  readonly stock: Readonly<Record<string, number>>;
}

/** One package. */
export interface Package {
  readonly gtin: string;
  readonly weight_g: number;
}

const usual_tray_g = 400;
const settling_ms = 150;
const noise_g = 0.4;
/** Between two weighings of a plate that moves, and of one at rest. */
const moving_every_ms = 50, resting_every_ms = 1_000;
const moves_ms = 1_500;

export interface PlateSetting {
  readonly plan: PlanPlate;
  readonly goods: ReadonlyMap<string, PlateGoods>;
  readonly clock: FloorClock;
  readonly chance: Chance;
  /** What the scale says of the empty plate: its zero is nowhere near. */
  readonly tray_g?: number;
}

export class SimulatedPlate implements ScalePort {
  readonly id: string;
  readonly #setting: PlateSetting;
  readonly #counts: Map<string, number>;
  /** Packages that were handled; the others are drawn when somebody lifts them. */
  readonly #strays: Package[] = [];
  readonly #unplugged = new AbortController();
  #load_g: number;
  #before_g: number;
  #changed_ms = -Infinity;
  #wake = () => {};

  constructor(setting: PlateSetting) {
    const { plan, goods, tray_g = usual_tray_g } = setting;
    this.id = plan.id;
    this.#setting = setting;
    this.#counts = new Map(Object.entries(plan.stock));
    this.#load_g = [...this.#counts].reduce(
      (sum, [gtin, units]) => sum + units * (goods.get(gtin)?.unit_g ?? 0),
      tray_g,
    );
    this.#before_g = this.#load_g;
  }

  /** Products of which something lies here. */
  get kinds(): string[] {
    return [...this.#counts].filter(([, units]) => units > 0).map(([gtin]) => gtin);
  }

  /** Lifts one away; undefined when there is none. */
  lift(gtin: string): Package | undefined {
    const left = this.#counts.get(gtin) ?? 0;
    const good = this.#setting.goods.get(gtin);
    if (left === 0 || good === undefined) return undefined;
    this.#counts.set(gtin, left - 1);
    const stray = this.#strays.findIndex((one) => one.gtin === gtin);
    const lifted = stray >= 0
      ? this.#strays.splice(stray, 1)[0]!
      : { gtin, weight_g: this.#setting.chance.normal(good.unit_g, good.deviation_g) };
    this.#change(-lifted.weight_g);
    return lifted;
  }

  lay(laid: Package): void {
    this.#strays.push(laid);
    this.#counts.set(laid.gtin, (this.#counts.get(laid.gtin) ?? 0) + 1);
    this.#change(laid.weight_g);
  }

  /** Takes the scale away: whoever reads it gets `device_lost`. */
  unplug(): void {
    this.#unplugged.abort();
    this.#wake();
  }

  async *weights(signal: AbortSignal): AsyncGenerator<Weight, void, void> {
    const { clock } = this.#setting;
    const woken = () => this.#wake();
    signal.addEventListener("abort", woken);
    try {
      while (!signal.aborted) {
        if (this.#unplugged.signal.aborted) {
          throw new HardwareError("device_lost", `scale ${this.id} is gone: plug it in again`);
        }
        yield this.#weight();
        const moves = clock.now_ms() - this.#changed_ms < moves_ms;
        const pause_ms = moves ? moving_every_ms : resting_every_ms;
        await new Promise<void>((resolve) => {
          const cancel = clock.after(pause_ms, resolve);
          this.#wake = () => (cancel(), resolve());
          if (signal.aborted || this.#unplugged.signal.aborted) this.#wake();
        });
      }
    } finally {
      signal.removeEventListener("abort", woken);
    }
  }

  #weight(): Weight {
    const { clock, chance } = this.#setting;
    const at_ms = clock.now_ms();
    const passed_ms = at_ms - this.#changed_ms;
    const left = Math.exp(-passed_ms / settling_ms);
    const grams = this.#load_g + (this.#before_g - this.#load_g) * left +
      chance.normal(0, noise_g);
    return { grams, at_rest: passed_ms > moves_ms, at_ms };
  }

  #change(grams: number): void {
    const { clock } = this.#setting;
    const now_ms = clock.now_ms();
    const left = Math.exp(-(now_ms - this.#changed_ms) / settling_ms);
    this.#before_g = this.#load_g + (this.#before_g - this.#load_g) * left;
    this.#load_g += grams;
    this.#changed_ms = now_ms;
    this.#wake();
  }
}
