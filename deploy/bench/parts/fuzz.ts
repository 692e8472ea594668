/**
 * Ten million events against XState's own actors, which takes some tens of minutes: half on the
 * shop's machines, half on machines made by chance; the rows are `fuzz/…`. Any difference is told
 * with its seed and is a failure.
 */
import { longFuzz } from "../../../runtime/engine/testing/long_fuzz.ts";
import type { Part } from "../main.ts";

const wanted = 10_000_000;
/** One seed is good for so many. */
const stretch = 100_000;

export const part: Part = (report) => {
  let told = 0;
  let taken = 0;
  const differences: string[] = [];
  for (let seed = 1; told < wanted; seed++) {
    const found = longFuzz(seed, stretch);
    told += found.events;
    taken += found.taken;
    differences.push(...found.differences.map((difference) => `seed ${seed}, ${difference}`));
  }
  report.value("fuzz/events", "told to both", told, "events");
  report.value("fuzz/events", "taken by both", taken, "events");
  report.value("fuzz/differences", "from XState's actors", differences.length, "differences");
  if (differences.length > 0) return Promise.reject(new Error(differences.slice(0, 5).join("; ")));
  return Promise.resolve();
};
