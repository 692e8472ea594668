/**
 * How late the event loop is: a timer of one millisecond, over and over, and a histogram of how
 * much later than that it came. Whatever holds the loop up, holds every lane up.
 */
import type { Clock } from "../world.ts";

/** What was measured since the start. */
export interface Lag {
  readonly ticks: number;
  /** Longest delay; one beyond `longest_told_ms` is told as that. */
  readonly max_ms: number;
  /** Least whole milliseconds within which this share of the ticks came. */
  quantile_ms(share: number): number;
  /** Ticks that came at most so late. */
  within(late_ms: number): number;
  /** The delays of all ticks together. */
  readonly sum_ms: number;
}

export interface LagMeter {
  lag(): Lag;
  /** Forgets what was measured. */
  reset(): void;
  stop(): void;
}

/** Every whole millisecond up to here has a bin; beyond it somebody stopped the machine. */
const longest_told_ms = 10_000;
const tick_ms = 1;

/**
 * Measures until `stop`. A clock that is set back tells of no delay. The clock's own grain is the
 * histogram's: one of whole milliseconds tells delays to within one.
 */
export function measureLag(clock: Clock): LagMeter {
  let bins = new Uint32Array(longest_told_ms + 1);
  let ticks = 0, sum_ms = 0, max_ms = 0;
  let due_ms = clock.now_ms() + tick_ms;
  const tick = () => {
    const now_ms = clock.now_ms();
    const late_ms = Math.min(longest_told_ms, Math.max(0, Math.floor(now_ms - due_ms)));
    bins[late_ms]!++;
    ticks++;
    sum_ms += late_ms;
    max_ms = Math.max(max_ms, late_ms);
    due_ms = now_ms + tick_ms;
    cancel = clock.after(tick_ms, tick);
  };
  let cancel = clock.after(tick_ms, tick);
  const within = (late_ms: number) => {
    let count = 0;
    for (let ms = 0; ms <= Math.min(late_ms, longest_told_ms); ms++) count += bins[ms]!;
    return count;
  };
  return {
    stop: () => cancel(),
    reset() {
      bins = new Uint32Array(longest_told_ms + 1);
      ticks = sum_ms = max_ms = 0;
    },
    lag: () => ({
      ticks,
      sum_ms,
      max_ms,
      within,
      quantile_ms(share) {
        let count = 0;
        for (let ms = 0; ms <= longest_told_ms; ms++) {
          count += bins[ms]!;
          if (count >= share * ticks) return ms;
        }
        return longest_told_ms;
      },
    }),
  };
}

/** Bounds of the histogram that `/metrics` tells. */
const bounds_ms = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000];

/** The histogram in Prometheus' text format. */
export function lagExposition(lag: Lag): string {
  const name = "saunter_loop_lag_ms";
  return [
    `# HELP ${name} How much later than asked a timer of one millisecond came.`,
    `# TYPE ${name} histogram`,
    ...bounds_ms.map((bound) => `${name}_bucket{le="${bound}"} ${lag.within(bound)}`),
    `${name}_bucket{le="+Inf"} ${lag.ticks}`,
    `${name}_sum ${lag.sum_ms}`,
    `${name}_count ${lag.ticks}`,
  ].join("\n");
}
