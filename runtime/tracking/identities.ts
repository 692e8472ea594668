/**
 * Whose track it was. A track is that of whoever came in with it, until it is exchanged with
 * another that comes near, and set right again. Both of a pair are thought of together, with looks
 * at either before and after: when one looks like the other and the other like itself, nobody has
 * been exchanged.
 */
import type { Beliefs } from "./beliefs.ts";
import { around, Jumps, type Span } from "./jumps.ts";

/** Shares of one over carts. */
export type Shares = ReadonlyMap<string, number>;

interface Look {
  readonly at_ms: number;
  readonly cart: string;
}

/** When two tracks were near each other. */
type Meetings = number[];

/** Whether that look was told before. */
const isAgain = (looks: readonly Look[], at_ms: number, cart: string) =>
  at_ms <= (looks.at(-1)?.at_ms ?? -Infinity) &&
  looks.some((look) => look.at_ms === at_ms && look.cart === cart);

/** So long looks and meetings are remembered: longer than a change waits, and than tracks usually
 * stay exchanged. */
const memory_ms = 60_000;
/** A share so small is not carried on. */
const negligible = 1e-6;
/** What is seen of a meeting came about within so long before. */
const just_before_ms = 500;
/** No share is less, so that odds stay finite. */
const least = 1e-9;
/** By how much better two paths fit exchanged, or as they are, is believed so far. */
const most_crossed = 300;

/** How much better what was seen of two tracks fits if they were exchanged just before that time:
 * 1 where it says nothing. */
export type Crossed = (one: string, other: string, at_ms: number) => number;

export class Identities {
  readonly #homes = new Map<string, string>();
  readonly #looks = new Map<string, Look[]>();
  readonly #meetings = new Map<string, Map<string, Meetings>>();
  readonly #jumps = new Jumps();
  readonly #left = new Map<string, number>();

  constructor(readonly beliefs: Beliefs, readonly crossed: Crossed = () => 1) {}

  /** The track came in as that cart's. */
  enter(track: string, cart: string): void {
    this.#homes.set(track, cart);
    this.#left.delete(cart);
  }

  /** The cart's shopper went out. */
  leave(cart: string, at_ms: number): void {
    this.#left.set(cart, at_ms);
  }

  look(track: string, cart: string, at_ms: number): void {
    const looks = this.#looks.get(track);
    if (looks === undefined) this.#looks.set(track, [{ at_ms, cart }]);
    else if (!isAgain(looks, at_ms, cart)) looks.push({ at_ms, cart });
  }

  meet(one: string, other: string, at_ms: number): void {
    const known = this.#meetings.get(one)?.get(other);
    if (known !== undefined) {
      if (at_ms > known.at(-1)!) known.push(at_ms);
      return;
    }
    const meetings = [at_ms];
    for (const [from, to] of [[one, other], [other, one]] as const) {
      const others = this.#meetings.get(from);
      if (others === undefined) this.#meetings.set(from, new Map([[to, meetings]]));
      else others.set(to, meetings);
    }
  }

  /** One of the two was seen where the other had been, faster than anybody walks: they were
   * exchanged and are now set right. */
  jump(one: string, other: string, jump: Span): void {
    this.#jumps.add(one, other, jump);
  }

  /** Whose track it was then, in the light of all that has been seen until now. */
  whose(track: string, at_ms: number): Shares {
    const home = this.#homes.get(track);
    const shares = home === undefined ? this.#byLooks(track) : this.#byMeetings(track, home, at_ms);
    // Whoever had gone cannot have been there, unless nobody else can.
    const there = [...shares].filter(([cart]) => (this.#left.get(cart) ?? Infinity) >= at_ms);
    return normalised(there.length > 0 ? there : [...shares]);
  }

  /** Forgets tracks that have gone, and what is long ago. */
  sweep(now_ms: number, has: (track: string) => boolean): void {
    const since_ms = now_ms - memory_ms;
    for (const [track, looks] of this.#looks) {
      cut(looks, ({ at_ms }) => at_ms >= since_ms);
      if (looks.length === 0) this.#looks.delete(track);
    }
    for (const [track, others] of this.#meetings) {
      for (const [other, meetings] of others) {
        cut(meetings, (at_ms) => at_ms >= since_ms);
        if (meetings.length === 0 || !has(other)) others.delete(other);
      }
      if (others.size === 0 || !has(track)) this.#meetings.delete(track);
    }
    this.#jumps.sweep(since_ms);
    for (const track of this.#homes.keys()) if (!has(track)) this.#homes.delete(track);
    for (const [cart, at_ms] of this.#left) if (at_ms < since_ms) this.#left.delete(cart);
  }

  #byMeetings(track: string, home: string, at_ms: number): Shares {
    const shares = new Map([[home, 1]]);
    for (const [other, meetings] of this.#meetings.get(track) ?? []) {
      const cart = this.#homes.get(other);
      if (cart === undefined || cart === home || meetings[0]! > at_ms) continue;
      const odds = this.#exchanged(track, other, [home, cart], meetings, at_ms);
      shares.set(cart, (shares.get(cart) ?? 0) + odds);
    }
    return shares;
  }

  /** Of a track that nobody came in with only looks tell whose it is. */
  #byLooks(track: string): Shares {
    const looks = this.#looks.get(track) ?? [];
    const carts = new Set(looks.map(({ cart }) => cart));
    return new Map([...carts].map((cart) => {
      const alike = looks.reduce((product, look) => product * this.#likeness(cart, look.cart), 1);
      return [cart, alike];
    }));
  }

  /** The odds of two tracks' having been exchanged at that time. */
  #exchanged(
    one: string,
    other: string,
    [own, theirs]: readonly [string, string],
    meetings: Meetings,
    at_ms: number,
  ): number {
    const jumps = this.#jumps.of(one, other);
    const from_ms = Math.max(meetings[0]!, at_ms - memory_ms);
    const met = meetings.filter((time_ms) => time_ms >= from_ms && !around(jumps, time_ms));
    const moments = [
      ...met.map((time_ms): Moment => ({
        kind: "meeting",
        at_ms: time_ms,
        crossed: this.#crossed(one, other, time_ms),
      })),
      ...jumps.filter(({ to_ms }) => to_ms >= from_ms)
        .map(({ to_ms }): Moment => ({ kind: "jump", at_ms: to_ms })),
      ...this.#moments(one, from_ms, own, theirs),
      ...this.#moments(other, from_ms, theirs, own),
    ].sort((a, b) => a.at_ms - b.at_ms);
    const odds = (time_ms: number) =>
      this.#before(moments, from_ms, time_ms) * this.#after(moments, time_ms);
    const before = odds(at_ms);
    const change = jumps.find((jump) => jump.from_ms < at_ms && at_ms < jump.to_ms) ??
      soonMet(met, at_ms);
    if (change === undefined) return before;
    // What was seen at its end may have come about already.
    const { from_ms: since_ms, to_ms: until_ms } = change;
    const after = odds(until_ms);
    const already = (at_ms - since_ms) / (until_ms - since_ms);
    const wrong = already * after / (1 + after) + (1 - already) * before / (1 + before);
    return wrong / Math.max(1 - wrong, least);
  }

  /** The odds of being exchanged by what came before. */
  #before(moments: readonly Moment[], from_ms: number, at_ms: number): number {
    const { meet_swap, jump_false } = this.beliefs;
    let [right, wrong] = [1, 0];
    let last_ms = from_ms;
    for (const moment of moments) {
      if (moment.at_ms > at_ms) break;
      const crossed = moment.kind === "meeting" ? moment.crossed : 1;
      const back = share(this.#back(moment.at_ms - last_ms), crossed) * wrong;
      last_ms = moment.at_ms;
      [right, wrong] = [right + back, wrong - back];
      if (moment.kind === "look") [right, wrong] = [right * moment.right, wrong * moment.wrong];
      else if (moment.kind === "jump") [right, wrong] = [wrong, right * jump_false];
      else {
        const swapped = share(meet_swap, crossed) * (right - back);
        [right, wrong] = [right - swapped, wrong + swapped];
      }
      const sum = right + wrong;
      [right, wrong] = [right / sum, wrong / sum];
    }
    const back = this.#back(at_ms - last_ms) * wrong;
    return (wrong - back) / Math.max(right + back, least);
  }

  /** How much better what came after agrees with having been exchanged then. */
  #after(moments: readonly Moment[], at_ms: number): number {
    const { meet_swap, jump_false } = this.beliefs;
    let [right, wrong] = [1, 1];
    let crossed = 1;
    let next_ms = moments.at(-1)?.at_ms ?? at_ms;
    for (const moment of moments.toReversed()) {
      if (moment.at_ms <= at_ms) break;
      const set = share(this.#back(next_ms - moment.at_ms), crossed);
      crossed = moment.kind === "meeting" ? moment.crossed : 1;
      wrong = (1 - set) * wrong + set * right;
      next_ms = moment.at_ms;
      if (moment.kind === "look") [right, wrong] = [right * moment.right, wrong * moment.wrong];
      else if (moment.kind === "jump") [right, wrong] = [wrong * jump_false, right];
      else right += share(meet_swap, crossed) * (wrong - right);
      const sum = right + wrong;
      [right, wrong] = [right / sum, wrong / sum];
    }
    const set = share(this.#back(Math.max(0, next_ms - at_ms)), crossed);
    wrong = (1 - set) * wrong + set * right;
    return wrong / Math.max(right, least);
  }

  #moments(track: string, from_ms: number, own: string, theirs: string): Moment[] {
    return (this.#looks.get(track) ?? []).filter(({ at_ms }) => at_ms >= from_ms)
      .map(({ at_ms, cart }): Moment => ({
        kind: "look",
        at_ms,
        right: this.#likeness(own, cart),
        wrong: this.#likeness(theirs, cart),
      }));
  }

  #crossed(one: string, other: string, at_ms: number): number {
    const ratio = this.crossed(one, other, at_ms);
    return Math.min(most_crossed, Math.max(1 / most_crossed, ratio));
  }

  /** Share of exchanged tracks that are set right within so long. */
  #back(elapsed_ms: number): number {
    return 1 - Math.exp(-elapsed_ms / this.beliefs.set_right_ms);
  }

  #likeness(whom: string, cart: string): number {
    return whom === cart ? this.beliefs.look_right : this.beliefs.look_other;
  }
}

/** A look, with how well it agrees with either; a meeting; or a jump into each other's place. */
type Moment =
  | {
    readonly kind: "look";
    readonly at_ms: number;
    readonly right: number;
    readonly wrong: number;
  }
  | { readonly kind: "meeting"; readonly at_ms: number; readonly crossed: number }
  | { readonly kind: "jump"; readonly at_ms: number };

/** The time before two meet next, if it was then: since the last time, but not for long. */
function soonMet(meetings: Meetings, at_ms: number): Span | undefined {
  const next = meetings.findIndex((time_ms) => time_ms > at_ms);
  if (next === -1) return;
  const to_ms = meetings[next]!;
  const from_ms = Math.max(to_ms - just_before_ms, meetings[next - 1] ?? 0);
  return from_ms < at_ms ? { from_ms, to_ms } : undefined;
}

/** A share of cases, in the light of something that is so many times likelier in them. */
function share(before: number, ratio: number): number {
  return before * ratio / (1 - before + before * ratio);
}

function normalised(shares: readonly (readonly [string, number])[]): Shares {
  const sum = shares.reduce((all, [, share]) => all + share, 0);
  return new Map(
    shares.map(([cart, share]) => [cart, share / sum] as const)
      .filter(([, share]) => share >= negligible),
  );
}

function cut<T>(list: T[], keeps: (one: T) => boolean): void {
  const from = list.findIndex(keeps);
  if (from === -1) list.length = 0;
  else if (from > 0) list.splice(0, from);
}
