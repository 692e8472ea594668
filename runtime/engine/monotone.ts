/**
 * Time as the engine tells it: the clock's, but never falling, neither when somebody sets the
 * machine's clock back nor across a restart.
 */
import type { Clock } from "../world.ts";

/**
 * While the clock shows less than was told already, time goes on at half its speed until the two
 * meet: it does not stand still, so that timers go on firing.
 */
export class MonotoneTime {
  #clock_ms: number;
  #told_ms: number;

  /** `since_ms` is the last time that was told, by an earlier process. */
  constructor(private readonly clock: Clock, since_ms: number) {
    this.#clock_ms = clock.now_ms();
    this.#told_ms = Math.max(since_ms, this.#clock_ms);
  }

  /** Whole milliseconds since the epoch. */
  read(): number {
    const now_ms = this.clock.now_ms();
    const passed_ms = Math.max(0, now_ms - this.#clock_ms);
    this.#clock_ms = now_ms;
    this.#told_ms = Math.max(now_ms, this.#told_ms + passed_ms / 2);
    return Math.floor(this.#told_ms);
  }

  /** What will be told when the clock shows this, if nobody sets it before. */
  at(clock_ms: number): number {
    this.read();
    const at_half_speed_ms = this.#told_ms + (clock_ms - this.#clock_ms) / 2;
    return Math.max(clock_ms, Math.floor(at_half_speed_ms));
  }
}
