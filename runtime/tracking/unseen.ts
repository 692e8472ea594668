/**
 * Hands that nobody saw: where a plate's course is none that the hands that were seen can have
 * made, another one came between them, at the time at which the course is explained best.
 */
import { carefully, type Effort, offOf, roughly } from "./course.ts";
import type { Hands } from "./phases.ts";
import type { Change } from "./scale.ts";

/** A course so much further off than is thought of courses has another hand in it, if with one more
 * it is so no longer, and so many times better. */
const strange = 4, better = 8;
/** Such a hand is looked for in steps of so much, from so long after another's and until so long
 * before the plate rests. */
const every_ms = 60, after_ms = 120, before_ms = 300;

/** The hands, and between them one that was not seen, where the course says so. */
export function withUnseen(change: Change, hands: readonly Hands[], settling_ms: number): Hands[] {
  const times = hands.map(({ at_ms }) => at_ms);
  const off = (at_ms: number | undefined, effort: Effort) => {
    const all = at_ms === undefined ? times : [...times, at_ms].sort((a, b) => a - b);
    return offOf(change, all, settling_ms, effort);
  };
  const told = off(undefined, carefully);
  if (told < strange) return [...hands];
  let found: { readonly at_ms: number; readonly off: number } | undefined;
  const until_ms = change.settled_ms - before_ms;
  for (let at_ms = times[0]! + after_ms; at_ms < until_ms; at_ms += every_ms) {
    if (times.some((time_ms) => Math.abs(time_ms - at_ms) < after_ms)) continue;
    const then = off(at_ms, roughly);
    if (then < (found?.off ?? Infinity)) found = { at_ms, off: then };
  }
  const then = found === undefined ? Infinity : off(found.at_ms, carefully);
  if (found === undefined || then > Math.min(strange, told / better)) return [...hands];
  const unseen = { at_ms: found.at_ms, tracks: new Map<string, number>() };
  return [...hands, unseen].sort((a, b) => a.at_ms - b.at_ms);
}
