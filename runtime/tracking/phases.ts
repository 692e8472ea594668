/**
 * A change in the phases in which hands came: each has its own hands and its own level, so that two
 * people who reach one after the other are not taken for one.
 */
import type { Hand } from "./tracks.ts";
import type { Change } from "./scale.ts";

/** Hands that began together, none where the plate moved and none was seen. */
export interface Hands {
  readonly at_ms: number;
  /** With how many hands of each were seen. */
  readonly tracks: ReadonlyMap<string, number>;
}

/** More hands at one plate without a rest are not told apart. */
const most = 5;
/** A plate that has moved for so long before the first hand was moved by a hand nobody saw. */
const unseen_ms = 120;
/** A plate is seen to move so long after it began to. */
const late_ms = 40;

/** The change's hands in the order in which they came, at least one phase. */
export function handsOf(
  { began_ms }: Change,
  hands: readonly Hand[],
  one_movement_ms: number,
): Hands[] {
  const groups: { at_ms: number; tracks: Map<string, number> }[] = [];
  if (hands.length === 0 || hands[0]!.at_ms > began_ms + unseen_ms) {
    groups.push({ at_ms: began_ms - late_ms, tracks: new Map() });
  }
  for (const { track, at_ms } of hands) {
    const group = groups.at(-1);
    const joins = group !== undefined && at_ms - group.at_ms < one_movement_ms;
    if (joins) count(group.tracks, track, 1);
    else groups.push({ at_ms, tracks: new Map([[track, 1]]) });
  }
  while (groups.length > most) {
    const gaps = groups.slice(1).map(({ at_ms }, index) => at_ms - groups[index]!.at_ms);
    const at = gaps.indexOf(Math.min(...gaps));
    const [later] = groups.splice(at + 1, 1);
    for (const [track, hands] of later!.tracks) count(groups[at]!.tracks, track, hands);
  }
  return groups;
}

/** How many hands were seen. */
export function reachesIn({ tracks }: Hands): number {
  let sum = 0;
  for (const hands of tracks.values()) sum += hands;
  return sum;
}

function count(tracks: Map<string, number>, track: string, hands: number): void {
  tracks.set(track, (tracks.get(track) ?? 0) + hands);
}
