/** Paths of tracks: where one was, where he would have gone, and between which two looks a track
 * jumped. */
import type { Beliefs } from "./beliefs.ts";
import type { Span } from "./jumps.ts";
import type { Plate } from "./planogram.ts";

interface Place {
  readonly x_m: number;
  readonly y_m: number;
}

export interface Position extends Place {
  readonly at_ms: number;
}

/** A track around some time: the last two positions before, and the next. */
interface Path {
  readonly before: Position | undefined;
  readonly last: Position;
  readonly next: Position;
}

/** A path with a gap of so long tells nothing. */
export const gap_ms = 1_600;
/** Density of being seen off one's path. */
const off_path = 0.02;
/** A hand says where its track was, if one place is nearer to it than the other by so much. */
const nearer_m = 0.5;

export const apart = (one: Place, other: Place) =>
  Math.hypot(one.x_m - other.x_m, one.y_m - other.y_m);

/** Undefined where there is a gap. */
export function pathOf(positions: readonly Position[], at_ms: number): Path | undefined {
  let at = positions.length;
  while (at > 0 && positions[at - 1]!.at_ms >= at_ms) at--;
  const [before, last, next] = [positions[at - 2], positions[at - 1], positions[at]];
  if (last === undefined || next === undefined || next.at_ms - last.at_ms > gap_ms) return;
  const known = before !== undefined && last.at_ms - before.at_ms <= gap_ms &&
    last.at_ms > before.at_ms;
  return { before: known ? before : undefined, last, next };
}

/** Density of being seen there next, up to a factor. */
export function continues({ last, before }: Path, next: Position, beliefs: Beliefs): number {
  const { next_deviation_m, next_deviation_share } = beliefs;
  const elapsed_ms = Math.max(0, next.at_ms - last.at_ms);
  const since = before === undefined ? 0 : elapsed_ms / (last.at_ms - before.at_ms);
  const way = { x_m: 0, y_m: 0 };
  if (before !== undefined) {
    way.x_m = since * (last.x_m - before.x_m);
    way.y_m = since * (last.y_m - before.y_m);
  }
  // Half of it: people stop and turn.
  const there = { x_m: last.x_m + way.x_m / 2, y_m: last.y_m + way.y_m / 2 };
  const deviation = next_deviation_m +
    next_deviation_share * Math.hypot(way.x_m, way.y_m) / 2;
  return Math.exp(-0.5 * (apart(there, next) / deviation) ** 2) / deviation ** 2 + off_path;
}

/** When the track jumped from one place to the other: a hand seen meanwhile was there already, or
 * here still. */
export function between(
  hands: readonly { readonly plate: Plate; readonly at_ms: number }[],
  from: Position,
  to: Position,
): Span {
  let { at_ms: from_ms } = from, { at_ms: to_ms } = to;
  for (const { plate, at_ms } of hands) {
    if (at_ms < from_ms || at_ms > to_ms) continue;
    const nearer = apart(plate, from) - apart(plate, to);
    if (nearer > nearer_m) to_ms = at_ms;
    else if (nearer < -nearer_m) from_ms = at_ms + 1;
  }
  return { from_ms, to_ms };
}
