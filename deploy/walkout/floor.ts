/**
 * A walk-out store that runs: shoppers among plates under the noise model, told as readings; and
 * beside them the truth that no tracker sees.
 */
import { type Chance, chanceOf } from "../../hardware/simulated/chance.ts";
import type { Reading } from "../../runtime/tracking/readings.ts";
import { madeFor } from "./crowding.ts";
import { behaviour, exit_scale, first, hands, harder, scale, tracker } from "./noise.ts";
import { type Act, type Deed, Shopper } from "./people.ts";
import { RealPlate } from "./plates.ts";
import { Senses } from "./senses.ts";
import { floorOf, type Shop, shopOf, usualSize } from "./shop.ts";

export interface Setting {
  readonly trips: number;
  /** Shoppers in the store at once. */
  readonly crowd: number;
  /** At the density for which it was published. */
  readonly wrong_identity_share: number;
  readonly look_right_share: number;
  readonly hands_right_share: number;
  readonly exit_used_share: number;
  readonly second_kind_share: number;
  readonly handed_over_share: number;
  /** Between two samples of a plate that moves. */
  readonly moving_every_ms: number;
}

export const usual: Setting = {
  trips: 100,
  crowd: madeFor(floorOf(usualSize)),
  wrong_identity_share: tracker.wrong_identity_share,
  look_right_share: tracker.look_right_share,
  hands_right_share: hands.right_share,
  exit_used_share: exit_scale.used_share,
  second_kind_share: behaviour.second_kind_share,
  handed_over_share: 0,
  moving_every_ms: scale.moving_every_ms,
};

/** As the noise model stood first. */
export const asFirst: Setting = {
  ...usual,
  crowd: first.people,
  wrong_identity_share: first.wrong_identity_share,
  moving_every_ms: first.moving_every_ms,
};

export const hard: Setting = {
  ...usual,
  crowd: harder.people,
  wrong_identity_share: harder.wrong_identity_share,
  look_right_share: harder.look_right_share,
  hands_right_share: harder.hands_right_share,
  exit_used_share: harder.exit_used_share,
  second_kind_share: harder.second_kind_share,
  handed_over_share: harder.handed_over_share,
};

/** A trip as it was. */
export interface Trip {
  readonly cart: string;
  readonly units: ReadonlyMap<string, number>;
}

const tick_ms = 100;
const start_ms = 1_700_000_000_000;
/** After the last shopper has left, so long for carts that wait. */
const calm_ms = 700_000;

export class WalkOutFloor {
  readonly shop: Shop;
  readonly plates: readonly RealPlate[];
  readonly shoppers: Shopper[] = [];
  readonly trips: Trip[] = [];
  readonly deeds: Deed[] = [];
  readonly senses: Senses;
  readonly #chance: Chance;
  #now_ms = start_ms;
  #entered = 0;
  #next_entry_ms = start_ms;

  constructor(seed: number | string, readonly setting: Setting, size = usualSize) {
    this.#chance = chanceOf(`walkout ${seed}`);
    this.shop = shopOf(this.#chance.fork("shop"), size);
    this.plates = this.shop.plates.map((spot) =>
      new RealPlate(
        spot,
        this.shop.goods,
        this.#chance.fork(`plate ${spot.id}`),
        start_ms,
        setting.moving_every_ms,
      )
    );
    this.senses = new Senses(this.#chance.fork("senses"), setting, floorOf(size));
  }

  /** All readings, in order of time, until all trips are over and calm. */
  *readings(): Generator<Reading> {
    while (this.trips.length < this.setting.trips) {
      this.#now_ms += tick_ms;
      yield* this.#enter();
      for (const shopper of [...this.shoppers]) yield* this.#live(shopper);
      yield* this.senses.watch(this.shoppers, this.plates, this.#now_ms, tick_ms);
    }
    const end_ms = this.#now_ms + calm_ms;
    while (this.#now_ms < end_ms) {
      this.#now_ms += 1_000;
      yield* this.senses.watch(this.shoppers, this.plates, this.#now_ms, 1_000);
    }
  }

  *#enter(): Generator<Reading> {
    const { crowd, trips } = this.setting;
    if (this.#entered >= trips || this.shoppers.length >= crowd) return;
    if (this.#now_ms < this.#next_entry_ms) return;
    // A large store has as many doors as it needs.
    const doors = Math.max(1, crowd / 24);
    this.#next_entry_ms = this.#now_ms + this.#chance.between(1_500, 6_000) / doors;
    const cart = `c${++this.#entered}`;
    const door = { x_m: this.#chance.between(1, this.shop.width_m - 1), y_m: -1 };
    const shopper = new Shopper(cart, this.#chance.fork(cart), this.#now_ms, door);
    if (this.shoppers.length > 0) shopper.double = this.#chance.pick(this.shoppers).cart;
    this.shoppers.push(shopper);
    yield { type: "shopper.entered", cart, track: shopper.track, at_ms: this.#now_ms };
  }

  *#live(shopper: Shopper): Generator<Reading> {
    const due = shopper.acts.filter(({ at_ms }) => at_ms <= this.#now_ms);
    if (due.length > 0) {
      shopper.acts = shopper.acts.filter(({ at_ms }) => at_ms > this.#now_ms);
      for (const act of due) yield* this.#act(shopper, act);
      return;
    }
    if (shopper.spot !== undefined && !shopper.walk(tick_ms)) return;
    if (shopper.plate === undefined) {
      if (shopper.spot !== undefined && shopper.stops === 0) yield* this.#leave(shopper);
      else this.#choose(shopper);
      return;
    }
    if (shopper.until_ms === 0) shopper.plan(this.#now_ms, this.setting.second_kind_share);
    else if (this.#now_ms >= shopper.until_ms && shopper.acts.length === 0) {
      this.#part(shopper);
    }
  }

  /** The next plate, or the way out. */
  #choose(shopper: Shopper): void {
    shopper.until_ms = 0;
    if (shopper.stops === 0) {
      shopper.plate = undefined;
      shopper.spot = { x_m: shopper.chance.between(1, this.shop.width_m - 1), y_m: -1 };
      return;
    }
    const others = this.shoppers.filter(({ plate }) => plate !== undefined);
    const follows = others.length > 0 && shopper.chance.happens(behaviour.follows_another_share);
    const plate = follows ? shopper.chance.pick(others).plate! : shopper.chance.pick(this.plates);
    const spot = this.#room(shopper, plate);
    // Somebody stands there: look again in a moment, perhaps for something else.
    if (spot === undefined) return;
    shopper.stops--;
    shopper.plate = plate;
    shopper.spot = spot;
  }

  /** Where to stand before a plate without pushing. */
  #room(shopper: Shopper, { spot }: RealPlate) {
    const { elbow_m, reach_m } = behaviour;
    for (const aside of [0, elbow_m, -elbow_m]) {
      const y_m = spot.y_m + aside + shopper.chance.between(-0.15, 0.15);
      const place = { x_m: spot.x_m + shopper.chance.between(-0.1, 0.1), y_m };
      if (Math.abs(y_m - spot.y_m) > reach_m) continue;
      const taken = this.shoppers.some((other) =>
        other !== shopper && other.spot !== undefined && other.plate !== undefined &&
        Math.hypot(other.spot.x_m - place.x_m, other.spot.y_m - place.y_m) < elbow_m
      );
      if (!taken) return place;
    }
  }

  #part(shopper: Shopper): void {
    shopper.plate = undefined;
    if (shopper.stops === 0) shopper.bag.push(...shopper.carried.splice(0));
    const partner = this.shoppers.find((other) =>
      other !== shopper && Math.hypot(other.x_m - shopper.x_m, other.y_m - shopper.y_m) < 1
    );
    if (partner !== undefined && shopper.chance.happens(this.setting.handed_over_share)) {
      const handed = shopper.bag.pop();
      if (handed !== undefined) partner.bag.push(handed);
    }
    this.#choose(shopper);
  }

  *#act(shopper: Shopper, act: Act): Generator<Reading> {
    const plate = shopper.plate!;
    const hand = yield* this.senses.hand(shopper, plate, this.shoppers, act.at_ms);
    if (act.kind === "touch") return;
    if (act.kind === "put" && !this.#has(shopper, act)) return;
    const item = act.kind === "take" ? this.#lift(plate, act) : act.item;
    if (item === undefined) return;
    if (act.kind === "put") plate.lay(item, act.at_ms);
    this.deeds.push({
      at_ms: act.at_ms,
      cart: shopper.cart,
      plate: plate.spot.id,
      gtin: item.gtin,
      units: act.kind === "take" ? 1 : -1,
      home: Object.hasOwn(plate.spot.stock, item.gtin),
      crowded: this.shoppers.some((other) =>
        other !== shopper && Math.hypot(other.x_m - shopper.x_m, other.y_m - shopper.y_m) < 1
      ),
      hand,
      exchanged: shopper.track !== `t-${shopper.cart}`,
    });
    if (act.kind === "take") shopper.consider(item, act.at_ms);
  }

  #lift(plate: RealPlate, act: Act & { readonly kind: "take" }) {
    return plate.count(act.gtin) > 0 ? plate.lift(act.gtin, act.at_ms) : undefined;
  }

  /** Takes what is to be put back out of the bag; carried things are in no bag. */
  #has(shopper: Shopper, { item }: Act & { readonly kind: "put" }): boolean {
    const at = shopper.bag.indexOf(item);
    if (at >= 0) shopper.bag.splice(at, 1);
    // Handed over meanwhile: it is somebody else's now.
    return at >= 0 || !this.shoppers.some(({ bag }) => bag.includes(item));
  }

  *#leave(shopper: Shopper): Generator<Reading> {
    this.shoppers.splice(this.shoppers.indexOf(shopper), 1);
    this.senses.left(shopper);
    const units = new Map<string, number>();
    for (const { gtin } of shopper.goods) units.set(gtin, (units.get(gtin) ?? 0) + 1);
    this.trips.push({ cart: shopper.cart, units });
    const bag_g = this.senses.bag(shopper);
    yield {
      type: "shopper.left",
      cart: shopper.cart,
      at_ms: this.#now_ms,
      ...(bag_g === undefined ? {} : { bag_g }),
    };
  }
}
