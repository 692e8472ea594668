/** Where everybody was and whose hands were where: tracks of the last minute. */
import { RuntimeError } from "../errors.ts";
import { limits } from "../limits.ts";
import type { Beliefs } from "./beliefs.ts";
import type { Change } from "./scale.ts";
import type { Hands } from "./phases.ts";
import type { Plate } from "./planogram.ts";
import { Floor } from "./floor.ts";
import { Identities, type Shares } from "./identities.ts";
import { apart, between, continues, gap_ms, pathOf, type Position } from "./paths.ts";

/** A hand that was seen. */
export interface Hand {
  readonly track: string;
  readonly at_ms: number;
}

interface Track {
  readonly id: string;
  readonly positions: Position[];
  readonly hands: { readonly plate: Plate; readonly at_ms: number }[];
  last_ms: number;
}

/** How a track stood to a change: what speaks for its having acted, in nats, alone or beside
 * somebody else. */
export interface Presence {
  readonly track: string;
  /** Hands of it that were seen there. */
  readonly reaches: number;
  readonly distance_m: number | undefined;
  readonly alone: number;
  readonly beside: number;
}

/** So long tracks remember: longer than a change waits. */
const memory_ms = 45_000;
/** Whoever acts stands still for so long before and after. */
const still_ms = 700;
/** A position may be another's, and say nothing: of a track, and of one whose hand was seen. */
const nowhere = 3e-4, elsewhere = 0.005;

/** A track with a gap of so long before it may have been anywhere near meanwhile. */
const unseen_ms = 700;

export class Tracks {
  readonly #tracks = new Map<string, Track>();
  readonly #floor: Floor<Track>;
  readonly #identities: Identities;

  constructor(readonly beliefs: Beliefs) {
    this.#floor = new Floor(Math.max(beliefs.stand_most_m, beliefs.meet_m));
    this.#identities = new Identities(
      beliefs,
      (one, other, at_ms) => this.#crossed(one, other, at_ms),
    );
  }

  /** Positions and hands that are remembered of all. */
  get remembered(): number {
    let sum = 0;
    for (const { positions, hands } of this.#tracks.values()) {
      sum += positions.length + hands.length;
    }
    return sum;
  }

  enter(track: string, cart: string, at_ms: number): void {
    this.#of(track, at_ms);
    this.#identities.enter(track, cart);
  }

  /** Nobody is that cart's shopper after that. */
  leave(cart: string, at_ms: number): void {
    this.#identities.leave(cart, at_ms);
  }

  see(id: string, at_ms: number, x_m: number, y_m: number): void {
    const track = this.#of(id, at_ms);
    const last = track.positions.at(-1);
    if (at_ms <= (last?.at_ms ?? -1) && track.positions.some((one) => one.at_ms === at_ms)) return;
    const position = { at_ms, x_m, y_m };
    track.positions.push(position);
    this.#floor.move(track, x_m, y_m);
    if (last !== undefined) this.#jump(track, last, position);
    for (const other of this.#floor.near(x_m, y_m)) {
      if (other !== track) this.#meet(track, other, at_ms);
    }
    if (track.positions.length % 32 === 0) this.#forget(track, at_ms);
  }

  reach(id: string, plate: Plate, at_ms: number): void {
    const before_ms = this.#tracks.get(id)?.last_ms ?? -1;
    const track = this.#of(id, at_ms);
    // Two hands may come at one time; with later news of its track before it, it is told again.
    const known = track.hands.some((hand) => hand.plate.id === plate.id && hand.at_ms === at_ms);
    if (known && at_ms < before_ms) return;
    track.hands.push({ plate, at_ms });
    // Those whom no camera places have nothing but hands.
    if (track.hands.length % 32 === 0) this.#forget(track, at_ms);
  }

  look(id: string, cart: string, at_ms: number): void {
    this.#of(id, at_ms);
    this.#identities.look(id, cart, at_ms);
  }

  /** Drops tracks that have not been seen for long. */
  sweep(now_ms: number): void {
    for (const [id, track] of this.#tracks) {
      if (now_ms - track.last_ms < memory_ms) continue;
      this.#tracks.delete(id);
      this.#floor.leave(track);
    }
    this.#identities.sweep(now_ms, (id) => this.#tracks.has(id));
  }

  /** Whose hands were seen at the plate while it moved, and when. */
  handsAt(plate: Plate, { began_ms, settled_ms }: Change): Hand[] {
    const found: Hand[] = [];
    for (const track of this.#floor.around(plate.x_m, plate.y_m)) {
      for (const { plate: where, at_ms } of track.hands) {
        if (where.id !== plate.id || at_ms > settled_ms) continue;
        if (at_ms >= began_ms - this.beliefs.hand_before_ms) found.push({ track: track.id, at_ms });
      }
    }
    return found.sort((a, b) => a.at_ms - b.at_ms);
  }

  /** Who may have acted at this plate then, those whom something speaks for. */
  presences(plate: Plate, { at_ms, tracks }: Hands): Presence[] {
    const reached = [...tracks.keys()].flatMap((id) => {
      const track = this.#tracks.get(id);
      return track === undefined ? [] : [this.#position(track, at_ms)];
    });
    const found: Presence[] = [];
    for (const track of this.#floor.around(plate.x_m, plate.y_m)) {
      const hand = tracks.has(track.id);
      const position = this.#position(track, at_ms);
      const distance_m = position && apart(position, plate);
      const far = distance_m === undefined || distance_m > this.beliefs.stand_most_m;
      if (far && !hand) continue;
      const near = position !== undefined &&
        reached.some((other) =>
          other !== undefined && apart(position, other) < this.beliefs.hand_given_m
        );
      found.push({
        track: track.id,
        reaches: tracks.get(track.id) ?? 0,
        distance_m,
        ...this.#weigh(hand, reached.length > 0, near, distance_m),
      });
    }
    return found;
  }

  /** Whose track it was then, in the light of what has been seen since. */
  whose(id: string, at_ms: number): Shares {
    return this.#identities.whose(id, at_ms);
  }

  /** A hand that was seen speaks for its track; one that was not, for somebody so near that it may
   * have been taken for hers, or for nobody's having looked. */
  #weigh(hand: boolean, any: boolean, near: boolean, distance_m: number | undefined) {
    const { hand_seen, hand_given, hand_false, stand_before } = this.beliefs;
    const { stand_deviation_m, stand_reach_m, stand_unsure_m } = this.beliefs;
    const beside = Math.log(hand ? hand_seen / hand_false : 1 - hand_seen);
    const given = near ? hand_given / hand_false : (1 - hand_seen) * hand_false;
    const alone = hand || !any ? beside : Math.log(given);
    const off_m = distance_m ?? stand_reach_m;
    const before = Math.exp(-0.5 * (off_m / stand_deviation_m) ** 2);
    const within = 1 / (1 + Math.exp((off_m - stand_reach_m) / stand_unsure_m));
    // A hand at the plate says itself that somebody stands there.
    const floor = hand ? elsewhere : nowhere;
    const stands = Math.log(stand_before * before + (1 - stand_before) * within + floor);
    return { alone: alone + stands, beside: beside + stands };
  }

  /** Where it was around that time: over a longer while a track may have changed hands. */
  #position(track: Track, at_ms: number): Position | undefined {
    let x_m = 0, y_m = 0, seen = 0, nearest: Position | undefined;
    for (let index = track.positions.length - 1; index >= 0; index--) {
      const position = track.positions[index]!;
      const off_ms = Math.abs(position.at_ms - at_ms);
      if (position.at_ms < at_ms - 1_500) break;
      if (off_ms > 1_500) continue;
      if (nearest === undefined || off_ms < Math.abs(nearest.at_ms - at_ms)) nearest = position;
      if (off_ms > still_ms) continue;
      x_m += position.x_m;
      y_m += position.y_m;
      seen++;
    }
    return seen === 0 ? nearest : { at_ms, x_m: x_m / seen, y_m: y_m / seen };
  }

  /** How much better what is seen of the two from then on continues each other's path than their
   * own: exchanged tracks are told by it even where they stand close. */
  #crossed(one: string, other: string, at_ms: number): number {
    const paths = [one, other].map((id) => pathOf(this.#tracks.get(id)?.positions ?? [], at_ms));
    const [a, b] = paths;
    if (a === undefined || b === undefined) return 1;
    const { beliefs } = this;
    return continues(a, b.next, beliefs) * continues(b, a.next, beliefs) /
      (continues(a, a.next, beliefs) * continues(b, b.next, beliefs));
  }

  /** A track that is suddenly where another was has been set right. */
  #jump(track: Track, from: Position, to: Position): void {
    if (!this.#jumps(from, to)) return;
    const { jump_m } = this.beliefs;
    const within = between(track.hands, from, to);
    for (const other of this.#floor.around(to.x_m, to.y_m)) {
      const was = other.positions.findLast(({ at_ms }) => at_ms < to.at_ms - 1);
      if (other === track || was === undefined || to.at_ms - was.at_ms > gap_ms) continue;
      const before = other.positions.findLast(({ at_ms }) => at_ms <= from.at_ms + 100);
      const near = [was, before].some((place) => place !== undefined && apart(place, to) < jump_m);
      if (near) this.#identities.jump(track.id, other.id, within);
    }
  }

  #jumps(from: Position, to: Position): boolean {
    const { walk_m_per_s, jump_m } = this.beliefs;
    return apart(from, to) >= jump_m + walk_m_per_s * (to.at_ms - from.at_ms) / 1_000;
  }

  /** Two who come near may be exchanged; where one was not seen for a while, they may have been
   * nearer meanwhile. */
  #meet(one: Track, other: Track, at_ms: number): void {
    const [a, b] = [one.positions.at(-1)!, other.positions.at(-1)!];
    if (at_ms - b.at_ms > gap_ms) return;
    const since_ms = Math.min(one.positions.at(-2)?.at_ms ?? at_ms, b.at_ms);
    const gap = Math.min(gap_ms, at_ms - since_ms);
    const { meet_m, walk_m_per_s } = this.beliefs;
    const meanwhile_m = walk_m_per_s * Math.max(0, gap - unseen_ms) / 1_000 / 2;
    if (apart(a, b) <= meet_m + meanwhile_m) this.#identities.meet(one.id, other.id, at_ms);
  }

  #forget(track: Track, now_ms: number): void {
    const since = now_ms - memory_ms;
    for (const list of [track.positions, track.hands]) cut(list, since);
  }

  #of(id: string, at_ms: number): Track {
    let track = this.#tracks.get(id);
    if (track === undefined) {
      if (this.#tracks.size >= limits.tracks) {
        const message = `${limits.tracks} tracks are followed: look whether the tracker names ` +
          "everybody anew";
        throw new RuntimeError("overloaded", message);
      }
      track = { id, positions: [], hands: [], last_ms: at_ms };
      this.#tracks.set(id, track);
    }
    track.last_ms = Math.max(track.last_ms, at_ms);
    return track;
  }
}

function cut(list: { readonly at_ms: number }[], since_ms: number): void {
  const keep = list.findIndex(({ at_ms }) => at_ms > since_ms);
  if (keep === -1) list.length = 0;
  else if (keep > 0) list.splice(0, keep);
}
