/**
 * From readings to carts: orders what the senses tell, lets changes wait for hindsight, and closes
 * each cart with its lines, their evidence and how sure it is, or hands it to a person.
 */
import { RuntimeError } from "../errors.ts";
import { limits } from "../limits.ts";
import type { Beliefs } from "./beliefs.ts";
import type { Closed, Evidence, Line } from "./closed.ts";
import { closedOf } from "./closed.ts";
import type { Planogram, Plate } from "./planogram.ts";
import type { Reading } from "./readings.ts";
import { courseOf } from "./course.ts";
import { type Hands, handsOf, reachesIn } from "./phases.ts";
import { type Change, Scale } from "./scale.ts";
import type { Actor, Phase } from "./doers.ts";
import { leftBy } from "./resume.ts";
import { Hindsight } from "./hindsight.ts";
import { Store } from "./store.ts";
import { withUnseen } from "./unseen.ts";
import { type Presence, Tracks } from "./tracks.ts";

interface Stay {
  readonly entered_ms: number;
  left_ms: number | undefined;
  /** What the bag weighed. */
  bag_g: number | undefined;
}

/** Whoever stands further away has not reached. */
const within_reach_m = 1;
/** So many nats behind the likeliest, nobody is thought of. */
const unlikely = 8;
/** Between looks at carts that wait to close, and at what may be forgotten. */
const every_ms = 1_000, sweep_ms = 60_000;

export class Carts {
  readonly #store: Store;
  readonly #tracks: Tracks;
  readonly #scales = new Map<string, Scale>();
  readonly #stays = new Map<string, Stay>();
  readonly #evidence = new Map<string, Evidence>();
  readonly #waiting = new Hindsight();
  #now_ms = 0;
  #looked_ms = 0;
  #swept_ms = 0;
  #changes = 0;

  /** `closed` is told of each cart once. */
  constructor(
    readonly planogram: Planogram,
    readonly beliefs: Beliefs,
    readonly closed: (cart: Closed) => void,
  ) {
    this.#store = new Store(planogram, beliefs);
    this.#tracks = new Tracks(beliefs);
    for (const id of planogram.plates.keys()) this.#scales.set(id, new Scale(id, beliefs));
  }

  /** How many carts are open, and how much is in doubt. */
  get state(): { readonly open: number; readonly clusters: number; readonly largest: number } {
    return { open: this.#stays.size, ...this.#store.doubt };
  }

  /** Goes on with a cart that an earlier tracker left: so much is in it, whoever comes to it next.
   * False where it holds something that the planogram does not name. */
  resume(cart: string, lines: readonly Line[], at_ms: number): boolean {
    const left = leftBy(cart, lines, this.planogram);
    if (left === undefined) return false;
    for (const [change, seen] of left.evidence) this.#evidence.set(change, seen);
    // It goes back to the first of what it was seen to take: that is kept for as long as the cart.
    const entered_ms = Math.min(at_ms, ...left.evidence.map(([, { began_ms }]) => began_ms));
    this.#stays.set(cart, { entered_ms, left_ms: undefined, bag_g: undefined });
    this.#store.open(cart, left.holding);
    return true;
  }

  /** What each plate weighs at rest whose every change is understood. */
  get levels(): ReadonlyMap<string, number> {
    const changed = this.#waiting.plates;
    const levels = new Map<string, number>();
    for (const [plate, scale] of this.#scales) {
      if (scale.level_g === undefined || scale.moves || changed.has(plate)) continue;
      levels.set(plate, scale.level_g);
    }
    return levels;
  }

  /** What an open cart is thought to hold now, as if it closed; undefined for any other. */
  preview(cart: string): Closed | undefined {
    if (!this.#stays.has(cart)) return;
    return closedOf(cart, true, false, this.#store.marginal(cart), this.#evidence);
  }

  /** Whose track that likely is; undefined where it is nobody's. */
  cartOf(track: string, at_ms: number): string | undefined {
    const shares = [...this.#tracks.whose(track, at_ms)].filter(([cart]) => this.#stays.has(cart));
    return shares.sort(([, a], [, b]) => b - a)[0]?.[0];
  }

  /** Takes a reading; readings come in order of time up to some seconds. Throws `RuntimeError`
   * `not_found` for a plate that is not in the planogram, `overloaded` when the store is full. */
  take(reading: Reading): void {
    switch (reading.type) {
      case "person.seen":
        this.#tracks.see(reading.track, reading.at_ms, reading.x_m, reading.y_m);
        break;
      case "person.recognised":
        if (this.#stays.has(reading.cart)) {
          this.#tracks.look(reading.track, reading.cart, reading.at_ms);
        }
        break;
      case "hand.reached":
        this.#tracks.reach(reading.track, this.#plate(reading.plate), reading.at_ms);
        break;
      case "plate.weighed":
        this.#weigh(reading.plate, reading.at_ms, reading.weight_g);
        break;
      case "plate.counted": {
        const { plate, counts, at_ms } = reading;
        const scale = this.#scales.get(this.#plate(plate).id)!;
        if (scale.counts.isNew(at_ms) && !scale.moves) {
          this.#waiting.add({ at_ms, look: () => this.#store.count(plate, counts) });
        }
        break;
      }
      case "shopper.entered":
        this.#enter(reading.cart, reading.track, reading.at_ms);
        break;
      case "shopper.left":
        this.#leave(reading.cart, reading.at_ms, reading.bag_g);
    }
    this.advance(reading.at_ms);
  }

  /** Time has come so far: looks at what waited for it, and closes carts. */
  advance(now_ms: number): void {
    if (now_ms <= this.#now_ms) return;
    this.#now_ms = now_ms;
    this.#waiting.look(now_ms - this.beliefs.lag_ms);
    if (now_ms - this.#looked_ms >= every_ms) {
      this.#looked_ms = now_ms;
      for (const [cart, stay] of this.#stays) this.#consider(cart, stay);
    }
    if (now_ms - this.#swept_ms >= sweep_ms) this.#sweep();
  }

  #enter(cart: string, track: string, at_ms: number): void {
    const stay = this.#stays.get(cart);
    if (stay !== undefined) {
      // Another of a group, who may come when the first has left: all of it is one cart.
      stay.left_ms = undefined;
      return this.#tracks.enter(track, cart, at_ms);
    }
    if (this.#stays.size >= limits.open_carts) {
      const message = `${limits.open_carts} carts are open: close the gate until some have left`;
      throw new RuntimeError("overloaded", message);
    }
    this.#stays.set(cart, { entered_ms: at_ms, left_ms: undefined, bag_g: undefined });
    this.#store.open(cart);
    this.#tracks.enter(track, cart, at_ms);
  }

  #leave(cart: string, at_ms: number, bag_g: number | undefined): void {
    const stay = this.#stays.get(cart);
    if (stay === undefined || stay.left_ms !== undefined) return;
    this.#waiting.expectRoom();
    stay.left_ms = at_ms;
    this.#waiting.add({
      at_ms,
      look: () => {
        // Somebody of the group has come in meanwhile.
        if (stay.left_ms !== at_ms) return;
        this.#tracks.leave(cart, at_ms);
        stay.bag_g = bag_g;
        if (bag_g !== undefined) this.#store.bag(cart, bag_g);
      },
    });
  }

  #weigh(id: string, at_ms: number, weight_g: number): void {
    const plate = this.#plate(id);
    const scale = this.#scales.get(id)!;
    // A scale tells of a change once: it must not come to rest while nobody can take that in.
    if (scale.moves) this.#waiting.expectRoom();
    const change = scale.take(at_ms, weight_g);
    if (change === undefined) return;
    this.#waiting.add({
      at_ms: change.began_ms,
      plate: id,
      look: () => this.#change(plate, change),
    });
  }

  #change(plate: Plate, change: Change): void {
    const seen = this.#tracks.handsAt(plate, change);
    const told = handsOf(change, seen, this.beliefs.one_movement_ms);
    // Where the weight is the same, hands may have taken and put at once; or somebody leant on it.
    const same = Math.abs(change.delta_g) < 3 * change.deviation_g;
    if (same && seen.length === 0) return;
    const hands = this.#several(plate, told)
      ? withUnseen(change, told, this.beliefs.settling_ms)
      : told;
    const course = courseOf(change, hands.map(({ at_ms }) => at_ms), this.beliefs.settling_ms);
    const id = `${++this.#changes}`;
    let before_g = 0;
    const phases = hands.map((one, index): Phase => {
      const level = course.levels[index]!;
      const phase = `${id}.${index}`;
      const found = this.#actors(plate, one);
      this.#evidence.set(phase, {
        plate: plate.id,
        began_ms: Math.round(one.at_ms),
        settled_ms: Math.round(hands[index + 1]?.at_ms ?? change.settled_ms),
        delta_g: Math.round((level.level_g - before_g) * 10) / 10,
        actors: found.map(({ evidence }) => evidence),
      });
      before_g = level.level_g;
      return { id: phase, at_ms: one.at_ms, reaches: reachesIn(one), ...level, actors: found };
    });
    this.#store.change(plate, phases, course);
  }

  /** Whether there was more than one person who may have reached there. */
  #several(plate: Plate, hands: readonly Hands[]): boolean {
    const near = hands.flatMap((one) => this.#tracks.presences(plate, one))
      .filter(({ distance_m }) => distance_m !== undefined && distance_m < within_reach_m);
    return new Set(near.map(({ track }) => track)).size > 1;
  }

  /** Who may have acted, by the tracks that were there. */
  #actors(plate: Plate, hands: Hands): (Actor & { evidence: Evidence["actors"][number] })[] {
    const actors = new Map<string, Actor & { evidence: Evidence["actors"][number] }>();
    for (const presence of this.#tracks.presences(plate, hands)) {
      for (const [cart, share] of this.#tracks.whose(presence.track, hands.at_ms)) {
        const known = actors.get(cart);
        const alone = presence.alone + Math.log(share);
        const beside = presence.beside + Math.log(share);
        const better = known === undefined || alone > known.alone;
        const evidence = { cart, track: presence.track, share, ...seenOf(presence) };
        actors.set(cart, {
          cart,
          alone: either(alone, known?.alone),
          beside: either(beside, known?.beside),
          evidence: better ? evidence : known.evidence,
          reaches: better ? presence.reaches : known.reaches,
        });
      }
    }
    const sorted = [...actors.values()].sort((a, b) => b.alone - a.alone);
    return sorted.slice(0, limits.actors_of_change)
      .filter(({ alone }) => alone > sorted[0]!.alone - unlikely);
  }

  /** Closes the cart if its time has come. */
  #consider(cart: string, { left_ms, bag_g }: Stay): void {
    if (left_ms === undefined) return;
    const since_ms = this.#now_ms - left_ms;
    if (since_ms < this.beliefs.grace_ms) return;
    const marginal = this.#store.marginal(cart);
    const { deadline_ms, beyond_doubt, certain: enough } = this.beliefs;
    const [likeliest] = marginal;
    const too_light = this.#store.isTooLight(bag_g, likeliest?.holding);
    const share = too_light ? 0 : likeliest?.share ?? 0;
    if (share < beyond_doubt && since_ms < deadline_ms) return;
    const certain = share >= enough;
    this.#store.close(cart);
    this.#stays.delete(cart);
    this.closed(closedOf(cart, certain, too_light, marginal, this.#evidence));
  }

  #plate(id: string): Plate {
    const plate = this.planogram.plates.get(id);
    if (plate !== undefined) return plate;
    throw new RuntimeError("not_found", `there is no plate ${id}: name it in the planogram`);
  }

  #sweep(): void {
    this.#swept_ms = this.#now_ms;
    this.#tracks.sweep(this.#now_ms);
    const since = Math.min(
      this.#now_ms,
      ...[...this.#stays.values()].map(({ entered_ms }) => entered_ms),
    ) - this.beliefs.restless_ms;
    for (const [id, { settled_ms }] of this.#evidence) {
      if (settled_ms >= since) break;
      this.#evidence.delete(id);
    }
  }
}

/** Logarithm of the sum of what two logarithms stand for. */
const either = (one: number, other = -Infinity) =>
  Math.max(one, other) + Math.log1p(Math.exp(-Math.abs(one - other)));

function seenOf({ reaches, distance_m }: Presence) {
  const reached = reaches > 0;
  return distance_m === undefined
    ? { reached }
    : { reached, distance_m: Math.round(distance_m * 100) / 100 };
}
