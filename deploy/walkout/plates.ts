/** Plates as they really are: what lies on them, how they are pressed, and what their cells say. */
import type { Chance } from "../../hardware/simulated/chance.ts";
import { behaviour, scale } from "./noise.ts";
import type { Good, ShopPlate } from "./shop.ts";

/** One package. */
export interface Item {
  readonly gtin: string;
  readonly weight_g: number;
}

interface Swing {
  readonly from_ms: number;
  readonly until_ms: number;
  readonly amplitude_g: number;
  /** `press`: a bow from nothing to nothing; `settle`: dies away. */
  readonly kind: "press" | "settle";
}

/** What still swings after so many time constants is below any cell's noise. */
const forgotten = 12;

export class RealPlate {
  /** Packages that have been handled; the others are drawn when they are taken. */
  readonly strays: Item[] = [];
  readonly #counts: Map<string, number>;
  #load_g = 0;
  #loading_error_g = 0;
  #swings: Swing[] = [];
  readonly #drift: number;
  readonly #phase: number;
  next_ms: number;

  constructor(
    readonly spot: ShopPlate,
    readonly goods: ReadonlyMap<string, Good>,
    readonly chance: Chance,
    start_ms: number,
    readonly moving_every_ms: number,
  ) {
    this.#counts = new Map(Object.entries(spot.stock));
    for (const [gtin, count] of this.#counts) this.#load_g += count * goods.get(gtin)!.true_unit_g;
    this.#drift = chance.between(-1, 1) * scale.drift_g_per_hour;
    this.#phase = chance.between(0, 2 * Math.PI);
    this.next_ms = start_ms + chance.whole(scale.resting_every_ms);
  }

  /** A hand lifts one of these packages away. */
  lift(gtin: string, at_ms: number): Item {
    const stray = this.strays.findIndex((item) => item.gtin === gtin);
    const good = this.goods.get(gtin)!;
    const item = stray === -1
      ? { gtin, weight_g: this.chance.normal(good.true_unit_g, good.deviation_g) }
      : this.strays.splice(stray, 1)[0]!;
    this.#counts.set(gtin, this.count(gtin) - 1);
    this.#handle(-item.weight_g, at_ms);
    return item;
  }

  /** A hand sets a package down. */
  lay(item: Item, at_ms: number): void {
    this.strays.push(item);
    this.#counts.set(item.gtin, this.count(item.gtin) + 1);
    this.#handle(item.weight_g, at_ms);
  }

  /** Somebody leans on it. */
  bump(at_ms: number): void {
    const amplitude_g = this.chance.between(...behaviour.bump_g);
    const until_ms = at_ms + this.chance.between(...scale.press_ms);
    this.#swings.push({ from_ms: at_ms, until_ms, amplitude_g, kind: "press" });
    this.next_ms = Math.min(this.next_ms, at_ms);
  }

  count(gtin: string): number {
    return this.#counts.get(gtin) ?? 0;
  }

  /** What lies here, of every kind that ever did. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  /** A sample of the cells, and when the next one is due. */
  sample(at_ms: number): number {
    this.#swings = this.#swings.filter(({ until_ms }) => until_ms > at_ms);
    let weight_g = this.#load_g + this.#loading_error_g;
    const turn = 2 * Math.PI * at_ms / 7_200_000;
    // A slow swing whose steepest slope is the drift.
    weight_g += this.#drift * 7_200_000 / (2 * Math.PI * 3_600_000) * Math.sin(turn + this.#phase);
    for (const { from_ms, until_ms, amplitude_g, kind } of this.#swings) {
      if (at_ms < from_ms) {
        // Not handled yet: what settles stands for all of what the load has changed by.
        if (kind === "settle") weight_g += amplitude_g;
        continue;
      }
      weight_g += kind === "press"
        ? amplitude_g * Math.sin(Math.PI * (at_ms - from_ms) / (until_ms - from_ms))
        : amplitude_g * Math.exp((from_ms - at_ms) / scale.settling_ms);
    }
    this.next_ms = at_ms +
      (this.#swings.length > 0 ? this.moving_every_ms : scale.resting_every_ms);
    return this.chance.normal(weight_g, scale.sample_noise_g);
  }

  #handle(delta_g: number, at_ms: number): void {
    this.#load_g += delta_g;
    this.#loading_error_g = this.chance.normal(0, scale.repeatability_g);
    const pressed_ms = this.chance.between(...scale.press_ms);
    this.#swings.push(
      {
        from_ms: at_ms,
        until_ms: at_ms + pressed_ms,
        amplitude_g: Math.abs(delta_g) * scale.press_share,
        kind: "press",
      },
      {
        from_ms: at_ms,
        until_ms: at_ms + forgotten * scale.settling_ms,
        amplitude_g: -delta_g,
        kind: "settle",
      },
    );
    this.next_ms = Math.min(this.next_ms, at_ms);
  }
}
