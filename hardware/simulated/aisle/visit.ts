/** One shopper between the gates of a simulated aisle: where the body is, what the hands hold, and
 * what a tracker on the ceiling tells of it. */
import type { Chance } from "../chance.ts";
import { distanceBetween, type Spot } from "../plan.ts";
import type { FloorClock, Regular } from "../walker.ts";
import type { Package, SimulatedPlate } from "./plate.ts";
import type { SimulatedTracker } from "./tracker.ts";

const seen_every_ms = 250;
const position_error_m = 0.05;

export interface VisitSetting {
  readonly person: Regular;
  readonly track: string;
  readonly from: Spot;
  readonly chance: Chance;
  readonly clock: FloorClock;
  readonly tracker: SimulatedTracker;
  /** Resolves after the time, or at once when the aisle has ended. */
  readonly sleep: (ms: number) => Promise<void>;
  readonly ended: AbortSignal;
}

export class AisleVisit {
  readonly person: Regular;
  readonly track: string;
  readonly chance: Chance;
  readonly #setting: VisitSetting;
  readonly #holds: Package[] = [];
  #at: Spot;

  constructor(setting: VisitSetting) {
    this.#setting = setting;
    this.person = setting.person;
    this.track = setting.track;
    this.chance = setting.chance;
    this.#at = setting.from;
  }

  /** Units of each product. */
  get holds(): Readonly<Record<string, number>> {
    const units: Record<string, number> = {};
    for (const { gtin } of this.#holds) units[gtin] = (units[gtin] ?? 0) + 1;
    return units;
  }

  get weight_g(): number {
    return this.#holds.reduce((sum, { weight_g }) => sum + weight_g, 0);
  }

  async walk(to: Spot, metres_per_s: number): Promise<void> {
    await this.#spend(1_000 * distanceBetween(this.#at, to) / metres_per_s, to);
  }

  async stand(ms: number): Promise<void> {
    await this.#spend(ms, this.#at);
  }

  /** A hand takes one thing; undefined when there was none left. */
  take(plate: SimulatedPlate, gtin: string): Package | undefined {
    const lifted = plate.lift(gtin);
    if (lifted === undefined) return undefined;
    this.#reach(plate);
    this.#holds.push(lifted);
    return lifted;
  }

  /** The thing that was taken last goes on this plate. */
  putBack(plate: SimulatedPlate): Package | undefined {
    const laid = this.#holds.pop();
    if (laid === undefined) return undefined;
    this.#reach(plate);
    plate.lay(laid);
    return laid;
  }

  #reach(plate: SimulatedPlate): void {
    const at_ms = Math.round(this.#setting.clock.now_ms());
    this.#setting.tracker.tell({
      type: "hand.reached",
      track: this.track,
      plate: plate.id,
      at_ms,
    });
  }

  /** Moves in a straight line to there within the time, seen all the while. */
  async #spend(ms: number, to: Spot): Promise<void> {
    const { clock, sleep, tracker, chance, ended } = this.#setting;
    const from = this.#at;
    const began_ms = clock.now_ms();
    for (;;) {
      const passed_ms = clock.now_ms() - began_ms;
      const share = ms <= 0 ? 1 : Math.min(1, passed_ms / ms);
      this.#at = {
        x_m: from.x_m + (to.x_m - from.x_m) * share,
        y_m: from.y_m + (to.y_m - from.y_m) * share,
      };
      tracker.tell({
        type: "person.seen",
        track: this.track,
        at_ms: Math.round(clock.now_ms()),
        x_m: chance.normal(this.#at.x_m, position_error_m),
        y_m: chance.normal(this.#at.y_m, position_error_m),
      });
      if (share === 1 || ended.aborted) return;
      await sleep(Math.min(seen_every_ms, ms - passed_ms));
    }
  }
}
