/** Shoppers of an evaluation: where they go, what they take, change their minds about, and put
 * back, there or elsewhere. */
import type { Chance } from "../../hardware/simulated/chance.ts";
import { behaviour } from "./noise.ts";
import type { Item, RealPlate } from "./plates.ts";

/** What a hand does at a plate. */
export type Act =
  | { readonly at_ms: number; readonly kind: "take"; readonly gtin: string }
  | { readonly at_ms: number; readonly kind: "put"; readonly item: Item }
  | { readonly at_ms: number; readonly kind: "touch" };

/** One thing done, for the confusion by cause. */
export interface Deed {
  readonly at_ms: number;
  readonly cart: string;
  readonly plate: string;
  readonly gtin: string;
  /** Negative when put back. */
  readonly units: number;
  readonly home: boolean;
  readonly crowded: boolean;
  readonly hand: "right" | "neighbour" | "missed";
  readonly exchanged: boolean;
}

export class Shopper {
  x_m: number;
  y_m: number;
  readonly bag: Item[] = [];
  /** Taken out of no bag yet: will be put back somewhere. */
  readonly carried: Item[] = [];
  stops: number;
  plate: RealPlate | undefined;
  spot: { readonly x_m: number; readonly y_m: number } | undefined;
  until_ms = 0;
  acts: Act[] = [];
  track: string;
  next_seen_ms: number;
  next_look_ms: number;
  /** Whoever the cameras take this one for when they err. */
  double: string | undefined;

  constructor(readonly cart: string, readonly chance: Chance, readonly entered_ms: number, door: {
    readonly x_m: number;
    readonly y_m: number;
  }) {
    this.x_m = door.x_m;
    this.y_m = door.y_m;
    this.track = `t-${cart}`;
    this.stops = chance.whole(behaviour.grabs[1] - behaviour.grabs[0] + 1) + behaviour.grabs[0];
    this.next_seen_ms = entered_ms;
    this.next_look_ms = entered_ms;
  }

  /** Everything in the bag or in hand. */
  get goods(): Item[] {
    return [...this.bag, ...this.carried];
  }

  /** Steps towards the spot; true when it is reached. */
  walk(elapsed_ms: number): boolean {
    const { x_m, y_m } = this.spot!;
    const [dx, dy] = [x_m - this.x_m, y_m - this.y_m];
    const far_m = Math.hypot(dx, dy);
    const step_m = behaviour.pace_m_per_s * elapsed_ms / 1_000;
    if (far_m <= step_m) {
      this.x_m = x_m;
      this.y_m = y_m;
      return true;
    }
    this.x_m += dx / far_m * step_m;
    this.y_m += dy / far_m * step_m;
    return false;
  }

  /** What to do at the plate that was reached. */
  plan(now_ms: number, second_kind_share: number): void {
    const { chance } = this;
    const plate = this.plate!;
    const stay_ms = chance.between(...behaviour.stay_ms);
    this.until_ms = now_ms + stay_ms;
    let at_ms = now_ms + chance.between(500, stay_ms / 2);
    for (const item of this.carried.splice(0)) {
      this.acts.push({ at_ms, kind: "put", item });
      at_ms += chance.between(1_500, 3_000);
    }
    if (chance.happens(behaviour.touch_share)) {
      this.acts.push({ at_ms, kind: "touch" });
      at_ms += chance.between(1_000, 2_500);
    }
    const kinds = [...plate.counts].filter(([gtin, count]) =>
      count > 0 && Object.hasOwn(plate.spot.stock, gtin)
    );
    if (kinds.length > 0) {
      const [gtin, there] = chance.pick(kinds);
      for (let unit = Math.min(unitsOf(chance), there); unit > 0; unit--) {
        this.acts.push({ at_ms, kind: "take", gtin });
      }
      const others = kinds.filter(([other]) => other !== gtin);
      if (others.length > 0 && chance.happens(second_kind_share)) {
        this.acts.push({ at_ms, kind: "take", gtin: chance.pick(others)[0] });
      }
    }
    this.until_ms = Math.max(this.until_ms, at_ms + 1_000);
  }

  /** After taking an item: keep it, put it back here in a while, or carry it on and put it down
   * elsewhere. */
  consider(item: Item, at_ms: number): void {
    const { chance } = this;
    if (!chance.happens(behaviour.put_back_share)) {
      this.bag.push(item);
      return;
    }
    if (chance.happens(behaviour.wrong_plate_share) && this.stops > 1) {
      this.carried.push(item);
      return;
    }
    const held_ms = chance.between(...behaviour.held_ms);
    this.bag.push(item);
    this.acts.push({ at_ms: at_ms + held_ms, kind: "put", item });
    this.until_ms = Math.max(this.until_ms, at_ms + held_ms + 1_000);
  }
}

function unitsOf(chance: Chance): number {
  const drawn = chance.next();
  let sum = 0;
  for (const [index, share] of behaviour.units.entries()) {
    sum += share;
    if (drawn < sum) return index + 1;
  }
  return behaviour.units.length;
}
