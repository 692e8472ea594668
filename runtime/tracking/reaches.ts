/**
 * How many packages a movement moved, by the hands that were seen in it: cameras that see arms tell
 * of each reach, and who takes two packages reaches for two.
 */
import type { Beliefs } from "./beliefs.ts";

/** Logarithm of how much likelier so many reaches are to be seen when so many packages are moved
 * than is thought already: of one package, and of whether any hand was seen at all. */
export function toldBy(
  seen: number,
  { hand_seen, hand_false, reach_once, reach_again }: Beliefs,
): (packages: number) => number {
  // Reaches beyond the packages are false ones.
  const each = (packages: number): number => {
    let sum = 0;
    for (let right = 0; right <= Math.min(seen, packages); right++) {
      sum += ways(packages, right) * hand_seen ** right * (1 - hand_seen) ** (packages - right) *
        hand_false ** (seen - right);
    }
    return sum;
  };
  const usual = seen === 0 ? 1 - hand_seen : hand_seen;
  const once = reach_once * hand_false ** Math.max(0, seen - 1);
  const counted = (packages: number) =>
    (1 - reach_once) * each(Math.max(1, packages)) / usual + once;
  return (packages) => Math.log((1 - reach_again) * counted(packages) + reach_again);
}

/** Ways to choose so many of all. */
function ways(all: number, chosen: number): number {
  let count = 1;
  for (let one = 0; one < chosen; one++) count = count * (all - one) / (one + 1);
  return count;
}
