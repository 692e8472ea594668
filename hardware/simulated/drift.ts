/** How living things move when they hold still: slowly, a little, and never twice the same. */
import type { Chance } from "./chance.ts";

/** A slow movement: sines whose periods have no common multiple. Within about -1 and 1. */
export type Drift = (at_ms: number) => number;

/** A movement whose slowest wave takes about `period_ms`. */
export function drift(chance: Chance, period_ms: number): Drift {
  const waves = [1, 0.43, 0.19].map((share, order) => ({
    weight: [0.6, 0.3, 0.15][order] ?? 0,
    rate: (2 * Math.PI) / (period_ms * share * chance.between(0.85, 1.15)),
    phase: chance.between(0, 2 * Math.PI),
  }));
  return (at_ms) =>
    waves.reduce(
      (sum, { weight, rate, phase }) => sum + weight * Math.sin(at_ms * rate + phase),
      0,
    );
}
