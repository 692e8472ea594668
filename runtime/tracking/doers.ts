/** Who may have done what in a change: each way with what speaks for it. */
import type { Beliefs } from "./beliefs.ts";
import type { Level } from "./course.ts";
import type { ChangeReading, Part } from "./explain.ts";
import { toldBy } from "./reaches.ts";

/** What speaks for somebody's having acted, in nats: a cart, as the only one or beside another. */
export interface Actor {
  readonly cart: string;
  readonly alone: number;
  readonly beside: number;
  /** Hands of his that were seen. */
  readonly reaches: number;
}

/** A phase of a change: where the plate stood after it, and who may have acted in it. */
export interface Phase extends Level {
  readonly id: string;
  readonly at_ms: number;
  /** Hands that were seen in it. */
  readonly reaches: number;
  readonly actors: readonly Actor[];
}

/** A part, and who did it; nobody known where there is none. */
export interface Deed extends Part {
  readonly phase: string;
  readonly at_ms: number;
  readonly cart: string | undefined;
}

/** What was done, with what speaks for it in nats. */
export interface Deeds {
  readonly deeds: readonly Deed[];
  readonly weight: number;
}

/** Ways of who did what in a change of several phases, and how far one may be behind the best. */
const most_ways = 24, unlikely = 14;

/** Who may have done what: in each phase one person all, a stranger, or two one part each. */
export function doersOf(
  { phases, weight }: ChangeReading,
  present: readonly Phase[],
  beliefs: Beliefs,
): Deeds[] {
  let ways: Deeds[] = [{ deeds: [], weight }];
  for (const [index, parts] of phases.entries()) {
    const next = inPhase(parts, present[index]!, beliefs);
    ways = ways.flatMap((way) =>
      next.map((more) => ({
        deeds: [...way.deeds, ...more.deeds],
        weight: way.weight + more.weight + again(way.deeds, more.deeds, present, index, beliefs),
      }))
    );
    if (phases.length === 1 || ways.length === 0) break;
    ways.sort((a, b) => b.weight - a.weight);
    const least = ways[0]!.weight - unlikely;
    ways = ways.slice(0, most_ways).filter((way) => way.weight > least);
  }
  return ways;
}

/** Nobody reaches, takes and reaches again within a moment. */
function again(
  before: readonly Deed[],
  deeds: readonly Deed[],
  present: readonly Phase[],
  index: number,
  { again_ms, again_share }: Beliefs,
): number {
  const last = before.at(-1);
  if (last === undefined || deeds.length === 0) return 0;
  const { at_ms } = present.find(({ id }) => id === last.phase)!;
  if (present[index]!.at_ms - at_ms >= again_ms) return 0;
  return deeds.some(({ cart }) => cart === last.cart) ? Math.log(again_share) : 0;
}

function inPhase(
  parts: readonly Part[],
  { id, at_ms, actors, reaches }: Phase,
  beliefs: Beliefs,
): Deeds[] {
  const { two_kinds, two_people, stranger } = beliefs;
  if (parts.length === 0) {
    // Somebody reached and took nothing: it does not matter who.
    const anybody = actors.reduce((sum, { alone }) => sum + Math.exp(alone), stranger);
    return [{ deeds: [], weight: Math.log(anybody) }];
  }
  const kinds = parts.length === 1 ? 0 : Math.log(two_kinds);
  const deeds: Deeds[] = [];
  const packages = parts.map(({ units }) => Math.abs(units));
  // What all hands together said of all packages was said already.
  const said = toldBy(reaches, beliefs)(sum(packages));
  if (parts.length === 1 || parts[0]!.product !== parts[1]!.product) {
    for (const actor of actors) {
      const { cart, alone } = actor;
      // Beside hands of others only his own are his.
      const others = actor.reaches > 0 && actor.reaches < reaches;
      const own = others
        ? toldBy(actor.reaches, beliefs)(sum(packages)) - said
        : givenAgain(actor, reaches, sum(packages), beliefs);
      deeds.push({
        deeds: parts.map((part) => ({ ...part, phase: id, at_ms, cart })),
        weight: alone + kinds + own,
      });
    }
    deeds.push({
      deeds: parts.map((part) => ({ ...part, phase: id, at_ms, cart: undefined })),
      weight: Math.log(stranger) + kinds,
    });
  }
  if (parts.length < 2) return deeds;
  const [first, second] = packages as [number, number];
  for (const one of actors) {
    for (const other of actors) {
      if (one.cart === other.cart) continue;
      const carts = [one.cart, other.cart];
      deeds.push({
        deeds: parts.map((part, index) => ({ ...part, phase: id, at_ms, cart: carts[index] })),
        weight: Math.log(two_people) - said + together([one, first], [other, second], beliefs),
      });
    }
  }
  return deeds;
}

const sum = (counts: readonly number[]) => counts.reduce((all, count) => all + count, 0);

/** What speaks against all hands of one movement having been taken for somebody else's. */
function givenAgain(
  actor: Actor,
  reaches: number,
  packages: number,
  { hand_given_again }: Beliefs,
): number {
  if (actor.reaches > 0) return 0;
  return Math.max(0, Math.min(reaches, packages) - 1) * Math.log(hand_given_again);
}

/** What speaks for two people's having moved so many packages each at once. The hand of one may
 * have been taken for the other's, who then was seen to reach more often than he did. */
function together(
  [one, first]: readonly [Actor, number],
  [other, second]: readonly [Actor, number],
  beliefs: Beliefs,
): number {
  const mine = toldBy(one.reaches, beliefs)(first);
  const theirs = toldBy(other.reaches, beliefs)(second);
  const given = (giver: Actor, taker: Actor, packages: number) =>
    giver.reaches === 0 && taker.reaches > packages ? giver.alone + taker.beside : -Infinity;
  return Math.max(
    one.beside + other.beside + mine + theirs,
    given(one, other, second) + theirs,
    given(other, one, first) + mine,
  );
}
