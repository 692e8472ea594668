/**
 * Where everybody was, whose hands were where, and who is who: tracks of the last minute, and for
 * each the probability that it is the shopper of a cart, before and after later looks.
 */
import type { Beliefs } from "./beliefs.ts";
import type { Change, Movement } from "./scale.ts";
import type { Plate } from "./planogram.ts";
import { Floor } from "./floor.ts";

interface Position {
  readonly at_ms: number;
  readonly x_m: number;
  readonly y_m: number;
}

/** Shares of one over carts. */
export type Shares = ReadonlyMap<string, number>;

interface Moment {
  readonly at_ms: number;
  /** A cart it looks like; or with so small a share it was mistaken for another track, or set
   * right. */
  readonly cart?: string;
  readonly mistaken?: number;
  readonly set_right?: number;
}

interface Track {
  readonly id: string;
  readonly positions: Position[];
  readonly hands: { readonly plate: string; readonly at_ms: number }[];
  readonly moments: Moment[];
  /** Whom it is, by all that was seen until now; and as it was at times before. */
  shares: Map<string, number>;
  readonly past: { readonly at_ms: number; readonly shares: Shares }[];
  /** The cart that it came in as, which a tracker that sets itself right returns to. */
  home: string | undefined;
  last_ms: number;
}

/** How a track stood to a change: what speaks for its having acted, in nats. */
export interface Presence {
  readonly track: string;
  readonly reached: boolean;
  readonly distance_m: number | undefined;
  readonly weight: number;
}

/** So long tracks remember: longer than a change waits. */
const memory_ms = 45_000;
/** Deviations beyond which a position says no more: it may be another's. */
const furthest = 4;
/** Nobody is ruled out by looks alone. */
const floor_share = 1e-5;
/** A share so small is not carried on. */
const negligible = 1e-6;

export class Tracks {
  readonly #tracks = new Map<string, Track>();
  readonly #floor: Floor<Track>;

  constructor(readonly beliefs: Beliefs) {
    this.#floor = new Floor(Math.max(beliefs.stand_most_m, beliefs.meet_m));
  }

  enter(track: string, cart: string, at_ms: number): void {
    const entering = this.#of(track, at_ms);
    entering.shares = new Map([[cart, 1]]);
    entering.home = cart;
    this.#remember(entering, at_ms);
  }

  /** Nobody is that cart's shopper any more. */
  leave(cart: string, at_ms: number): void {
    for (const track of this.#tracks.values()) {
      if (!track.shares.delete(cart)) continue;
      normalise(track.shares);
      this.#remember(track, at_ms);
    }
  }

  see(id: string, at_ms: number, x_m: number, y_m: number): void {
    const track = this.#of(id, at_ms);
    const before_ms = track.positions.at(-1)?.at_ms ?? at_ms;
    track.positions.push({ at_ms, x_m, y_m });
    this.#floor.move(track, x_m, y_m);
    this.#setRight(track, at_ms, at_ms - before_ms);
    for (const other of this.#floor.near(x_m, y_m)) {
      if (other !== track) this.#meet(track, other, at_ms);
    }
    if (track.positions.length % 32 === 0) this.#forget(track, at_ms);
  }

  reach(id: string, plate: string, at_ms: number): void {
    this.#of(id, at_ms).hands.push({ plate, at_ms });
  }

  look(id: string, cart: string, at_ms: number): void {
    const track = this.#of(id, at_ms);
    track.moments.push({ at_ms, cart });
    if (!track.shares.has(cart)) track.shares.set(cart, floor_share);
    for (const [whom, share] of track.shares) {
      track.shares.set(whom, share * this.#likeness(whom, cart));
    }
    normalise(track.shares);
    this.#remember(track, at_ms);
  }

  /** Drops tracks that have not been seen for long. */
  sweep(now_ms: number): void {
    for (const [id, track] of this.#tracks) {
      if (now_ms - track.last_ms < memory_ms) continue;
      this.#tracks.delete(id);
      this.#floor.leave(track);
    }
  }

  /** When hands were seen at the plate while it moved. */
  handsAt(plate: Plate, { began_ms, settled_ms }: Change): number[] {
    const times = new Set<number>();
    for (const track of this.#floor.around(plate.x_m, plate.y_m)) {
      for (const { plate: where, at_ms } of track.hands) {
        if (where !== plate.id || at_ms > settled_ms) continue;
        if (at_ms >= began_ms - this.beliefs.hand_before_ms) times.add(at_ms);
      }
    }
    return [...times].sort((a, b) => a - b);
  }

  /** Who may have caused a change at this plate, those whom something speaks for. */
  presences(plate: Plate, { began_ms, hands_from_ms, hands_until_ms }: Movement): Presence[] {
    const found: Presence[] = [];
    for (const track of this.#floor.around(plate.x_m, plate.y_m)) {
      const reached = track.hands.some(({ plate: where, at_ms }) =>
        where === plate.id && at_ms >= hands_from_ms && at_ms <= hands_until_ms
      );
      const distance_m = this.#distance(track, plate, began_ms);
      const far = distance_m === undefined || distance_m > this.beliefs.stand_most_m;
      if (far && !reached) continue;
      found.push({
        track: track.id,
        reached,
        distance_m,
        weight: this.#weigh(reached, distance_m),
      });
    }
    return found;
  }

  /** Whose track it was then, in the light of what has been seen since. */
  whose(id: string, at_ms: number): Shares {
    const track = this.#tracks.get(id);
    if (track === undefined) return new Map();
    const before = track.past.findLast((past) => past.at_ms <= at_ms)?.shares ?? track.shares;
    const after = this.#hindsight(track, at_ms);
    const shares = new Map<string, number>();
    for (const [cart, share] of before) shares.set(cart, share * (after.get(cart) ?? after.rest));
    normalise(shares);
    for (const [cart, share] of shares) if (share < negligible) shares.delete(cart);
    return shares;
  }

  /** How well later looks at this track agree with its having been each cart's at that time. */
  #hindsight(track: Track, at_ms: number): Hindsight {
    const carts = new Map<string, number>();
    let rest = 1;
    for (let index = track.moments.length - 1; index >= 0; index--) {
      const { at_ms: then_ms, cart, mistaken, set_right } = track.moments[index]!;
      if (then_ms <= at_ms) break;
      if (cart !== undefined) {
        if (!carts.has(cart)) carts.set(cart, rest);
        for (const [whom, agreement] of carts) {
          carts.set(whom, agreement * this.#likeness(whom, cart));
        }
        rest *= this.beliefs.look_other;
      } else if (set_right !== undefined) {
        const home = carts.get(track.home!) ?? rest;
        for (const [whom, agreement] of carts) {
          carts.set(whom, (1 - set_right) * agreement + set_right * home);
        }
        rest = (1 - set_right) * rest + set_right * home;
      } else if (mistaken !== undefined) {
        // By whom it was replaced then is not followed: on the whole later looks say little.
        const all = [...carts.values(), rest];
        const usual = all.reduce((sum, one) => sum + one, 0) / all.length;
        for (const [whom, agreement] of carts) {
          carts.set(whom, (1 - mistaken) * agreement + mistaken * usual);
        }
        rest = (1 - mistaken) * rest + mistaken * usual;
      }
    }
    return Object.assign(carts, { rest });
  }

  #likeness(whom: string, cart: string): number {
    return whom === cart ? this.beliefs.look_right : this.beliefs.look_other;
  }

  #weigh(reached: boolean, distance_m: number | undefined): number {
    const { hand_seen, hand_false, stand_deviation_m } = this.beliefs;
    const hand = reached
      ? Math.log(hand_seen / hand_false)
      : Math.log((1 - hand_seen) / (1 - hand_false));
    const off = distance_m === undefined ? 2 : distance_m / stand_deviation_m;
    return hand - 0.5 * Math.min(off, furthest) ** 2;
  }

  /** By the position nearest in time: over a longer while a track may have changed hands. */
  #distance(track: Track, plate: Plate, at_ms: number): number | undefined {
    let nearest: Position | undefined;
    for (const position of track.positions) {
      const off_ms = Math.abs(position.at_ms - at_ms);
      if (off_ms > 1_500) continue;
      if (nearest === undefined || off_ms < Math.abs(nearest.at_ms - at_ms)) nearest = position;
    }
    if (nearest === undefined) return;
    return Math.hypot(nearest.x_m - plate.x_m, nearest.y_m - plate.y_m);
  }

  #setRight(track: Track, at_ms: number, elapsed_ms: number): void {
    const { home, shares } = track;
    if (home === undefined || elapsed_ms <= 0 || shares.get(home) === 1) return;
    const set_right = 1 - Math.exp(-elapsed_ms / this.beliefs.set_right_ms);
    track.shares = mix(shares, new Map([[home, 1]]), set_right);
    track.moments.push({ at_ms, set_right });
    this.#remember(track, at_ms);
  }

  /** Two who come near may have been exchanged: each becomes a little of the other. */
  #meet(one: Track, other: Track, at_ms: number): void {
    const [a, b] = [one.positions.at(-1)!, other.positions.at(-1)!];
    if (at_ms - b.at_ms > 1_500) return;
    if (Math.hypot(a.x_m - b.x_m, a.y_m - b.y_m) > this.beliefs.meet_m) return;
    const mistaken = this.beliefs.meet_swap;
    const [ours, theirs] = [one.shares, other.shares];
    one.shares = mix(ours, theirs, mistaken);
    other.shares = mix(theirs, ours, mistaken);
    for (const track of [one, other]) {
      track.moments.push({ at_ms, mistaken });
      this.#remember(track, at_ms);
    }
  }

  #remember(track: Track, at_ms: number): void {
    track.past.push({ at_ms, shares: new Map(track.shares) });
  }

  #forget(track: Track, now_ms: number): void {
    const since = now_ms - memory_ms;
    for (const list of [track.positions, track.hands, track.moments]) cut(list, since);
    // The last one before stays, since it holds until the next.
    const from = track.past.findLastIndex((past) => past.at_ms <= since);
    if (from > 0) track.past.splice(0, from);
  }

  #of(id: string, at_ms: number): Track {
    let track = this.#tracks.get(id);
    if (track === undefined) {
      track = {
        id,
        positions: [],
        hands: [],
        moments: [],
        shares: new Map(),
        past: [],
        home: undefined,
        last_ms: at_ms,
      };
      this.#tracks.set(id, track);
    }
    track.last_ms = Math.max(track.last_ms, at_ms);
    return track;
  }
}

type Hindsight = Map<string, number> & { readonly rest: number };

function normalise(shares: Map<string, number>): void {
  let sum = 0;
  for (const share of shares.values()) sum += share;
  if (sum === 0) return;
  for (const [cart, share] of shares) shares.set(cart, share / sum);
}

/** The shares with a part of another's. */
function mix(own: Shares, other: Shares, part: number): Map<string, number> {
  const mixed = new Map<string, number>();
  for (const [cart, share] of own) mixed.set(cart, (1 - part) * share);
  for (const [cart, share] of other) mixed.set(cart, (mixed.get(cart) ?? 0) + part * share);
  for (const [cart, share] of mixed) if (share < negligible) mixed.delete(cart);
  return mixed;
}

function cut(list: { readonly at_ms: number }[], since_ms: number): void {
  const keep = list.findIndex(({ at_ms }) => at_ms > since_ms);
  if (keep === -1) list.length = 0;
  else if (keep > 0) list.splice(0, keep);
}
