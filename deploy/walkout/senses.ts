/** What cameras, scales and gates tell of the people and plates there are, as wrong as the noise
 * model says. */
import type { Chance } from "../../hardware/simulated/chance.ts";
import type { Reading } from "../../runtime/tracking/readings.ts";
import type { Setting } from "./floor.ts";
import { behaviour, counting, exit_scale, hands, tracker } from "./noise.ts";
import type { Shopper } from "./people.ts";
import type { RealPlate } from "./plates.ts";

export class Senses {
  readonly #counts = new Map<RealPlate, number>();
  #exchanges: { readonly one: Shopper; readonly other: Shopper; readonly until_ms: number }[] = [];
  /** Person-time and the time of wrong identities so far, which follows the published share. */
  #person_ms = 0;
  #wrong_ms = 0;

  constructor(readonly chance: Chance, readonly setting: Setting, readonly floor_m2: number) {}

  /** One moment of every sense. */
  *watch(
    shoppers: readonly Shopper[],
    plates: readonly RealPlate[],
    now_ms: number,
    elapsed_ms: number,
  ): Generator<Reading> {
    this.#exchange(shoppers, now_ms, elapsed_ms);
    for (const shopper of shoppers) yield* this.#follow(shopper, shoppers, now_ms);
    const bump = behaviour.bumps_per_plate_hour * elapsed_ms / 3_600_000;
    for (const plate of plates) {
      if (shoppers.length > 0 && this.chance.happens(bump)) plate.bump(now_ms);
      while (plate.next_ms <= now_ms) {
        const at_ms = Math.min(now_ms, Math.ceil(plate.next_ms));
        const weight_g = plate.sample(at_ms);
        yield { type: "plate.weighed", plate: plate.spot.id, at_ms, weight_g };
      }
      yield* this.#count(plate, shoppers, now_ms);
    }
  }

  /** A hand at a plate, as it is seen. */
  *hand(
    shopper: Shopper,
    plate: RealPlate,
    shoppers: readonly Shopper[],
    at_ms: number,
  ): Generator<Reading, "right" | "neighbour" | "missed"> {
    const reading = (track: string): Reading => ({
      type: "hand.reached",
      track,
      plate: plate.spot.id,
      at_ms: Math.round(at_ms),
    });
    if (this.chance.happens(this.setting.hands_right_share)) {
      yield reading(shopper.track);
      return "right";
    }
    const neighbour = shoppers.find((other) =>
      other !== shopper && apart(other, shopper) < hands.neighbour_within_m
    );
    if (neighbour === undefined || !this.chance.happens(hands.given_to_neighbour_share)) {
      return "missed";
    }
    yield reading(neighbour.track);
    return "neighbour";
  }

  /** What a bag weighs at the exit, if it is set down. */
  bag(shopper: Shopper): number | undefined {
    if (!this.chance.happens(this.setting.exit_used_share)) return;
    let weight_g = shopper.goods.reduce((sum, item) => sum + item.weight_g, 0);
    if (this.chance.happens(exit_scale.own_things_share)) {
      weight_g += this.chance.between(...exit_scale.own_things_g);
    }
    const [, error_g] = exit_scale.permissible_error_g.find(([bound]) => weight_g <= bound)!;
    return Math.max(0, weight_g + this.chance.between(-error_g, error_g));
  }

  /** Whoever leaves with another's track gives it back. */
  left(shopper: Shopper): void {
    for (const exchange of this.#exchanges) {
      if (exchange.one === shopper || exchange.other === shopper) this.#undo(exchange);
    }
    this.#exchanges = this.#exchanges.filter(({ one, other }) =>
      one !== shopper && other !== shopper
    );
  }

  /** Tracks of two who meet are exchanged, as often as keeps the published share. */
  #exchange(shoppers: readonly Shopper[], now_ms: number, elapsed_ms: number): void {
    for (const exchange of this.#exchanges) if (exchange.until_ms <= now_ms) this.#undo(exchange);
    this.#exchanges = this.#exchanges.filter(({ until_ms }) => until_ms > now_ms);
    this.#person_ms += shoppers.length * elapsed_ms;
    this.#wrong_ms += 2 * this.#exchanges.length * elapsed_ms;
    const { crowd, wrong_identity_share } = this.setting;
    const share = wrong_identity_share * crowd / this.floor_m2 / tracker.at_people_per_m2;
    if (this.#wrong_ms >= share * this.#person_ms) return;
    const free = shoppers.filter((shopper) =>
      !this.#exchanges.some(({ one, other }) => one === shopper || other === shopper)
    );
    const pairs = free.flatMap((one, index) =>
      free.slice(index + 1).filter((other) => apart(one, other) < tracker.swap_within_m)
        .map((other) => [one, other] as const)
    );
    // Not at once when the share falls behind, so that exchanges fall on any meeting.
    if (pairs.length === 0 || !this.chance.happens(0.05)) return;
    const [one, other] = this.chance.pick(pairs);
    const for_ms = -tracker.wrong_for_ms * Math.log(1 - this.chance.next());
    [one.track, other.track] = [other.track, one.track];
    this.#exchanges.push({ one, other, until_ms: now_ms + for_ms });
  }

  #undo({ one, other }: { readonly one: Shopper; readonly other: Shopper }): void {
    [one.track, other.track] = [other.track, one.track];
  }

  *#follow(shopper: Shopper, shoppers: readonly Shopper[], now_ms: number): Generator<Reading> {
    const { track } = shopper;
    if (now_ms >= shopper.next_seen_ms) {
      shopper.next_seen_ms = now_ms + tracker.every_ms;
      if (this.chance.happens(tracker.recall)) {
        yield {
          type: "person.seen",
          track,
          at_ms: now_ms,
          x_m: this.chance.normal(shopper.x_m, tracker.axis_error_m),
          y_m: this.chance.normal(shopper.y_m, tracker.axis_error_m),
        };
      }
    }
    if (now_ms < shopper.next_look_ms) return;
    shopper.next_look_ms = now_ms + tracker.look_every_ms;
    yield {
      type: "person.recognised",
      track,
      cart: this.#looksLike(shopper, shoppers),
      at_ms: now_ms,
    };
  }

  #looksLike(shopper: Shopper, shoppers: readonly Shopper[]): string {
    const others = shoppers.filter((other) => other !== shopper);
    if (others.length === 0 || this.chance.happens(this.setting.look_right_share)) {
      return shopper.cart;
    }
    const double = others.find(({ cart }) => cart === shopper.double);
    if (double !== undefined && this.chance.happens(tracker.same_double_share)) return double.cart;
    return this.chance.pick(others).cart;
  }

  *#count(
    plate: RealPlate,
    shoppers: readonly Shopper[],
    now_ms: number,
  ): Generator<Reading> {
    const due_ms = this.#counts.get(plate) ?? now_ms + this.chance.whole(counting.every_ms);
    this.#counts.set(plate, due_ms);
    if (now_ms < due_ms) return;
    this.#counts.set(plate, now_ms + counting.every_ms);
    const hidden = shoppers.some((shopper) => apart(shopper, plate.spot) < counting.free_within_m);
    if (hidden) return;
    const counts: Record<string, number> = {};
    for (const [gtin, count] of plate.counts) {
      counts[gtin] = Math.max(
        0,
        Math.round(this.chance.normal(count, counting.deviation_share * count)),
      );
    }
    yield { type: "plate.counted", plate: plate.spot.id, at_ms: now_ms, counts };
  }
}

interface Place {
  readonly x_m: number;
  readonly y_m: number;
}

const apart = (one: Place, other: Place) => Math.hypot(one.x_m - other.x_m, one.y_m - other.y_m);
