/** Operators of stores in which nothing is at stake: cashiers who are played, and whoever looks on
 * and wants to decide something. Their PIN is no secret. */
import type { Config } from "../../runtime/config.ts";
import { keepOperators, realRandom, storedOperators } from "../../runtime/main.ts";
import { type OperatorRecord, recordOf } from "../../runtime/vault/pins.ts";
import type { Random } from "../../runtime/world.ts";

export const demoPin = "demo-2580";

/** Those who are played, one a lane. */
export const cashiersOf = ({ lanes }: Pick<Config, "lanes">) =>
  lanes.map(({ id }) => `cashier-${id}`);

/** `N` is the cost of the hash, for those who test. */
export function demoOperators(
  random: Random,
  names: readonly string[],
  N?: number,
): OperatorRecord[] {
  return names.map((operator) => recordOf(random, { operator, name: operator }, demoPin, N));
}

/** Adds those who are missing to the operators that a store keeps. */
export async function seedOperators(
  folder: string,
  names: readonly string[],
  N?: number,
): Promise<void> {
  const kept = await storedOperators(folder);
  const missing = names.filter((name) => !kept.some(({ operator }) => operator === name));
  if (missing.length === 0) return;
  await keepOperators(folder, [...kept, ...demoOperators(realRandom, missing, N)]);
}
