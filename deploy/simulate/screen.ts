/**
 * The screen of a lane that faces shoppers: it follows the lane as its page does, over a connection
 * that breaks at times and ends with the gateway's process, and shows nothing until it is back.
 */
import type { Chance } from "../../hardware/simulated/chance.ts";
import type { RoadState } from "../../runtime/sim/road.ts";
import type { Scheduler } from "../../runtime/sim/scheduler.ts";

/** Tells what the lane shows, and `ended` when it can no more, until the result is called.
 * Undefined while nobody is there. */
export type Follow = (
  tell: (now: unknown) => void,
  ended: () => void,
) => (() => void) | undefined;

export interface ScreenSetting {
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  readonly state: RoadState;
  readonly follow: Follow;
}

/** A page whose stream ends asks for it again. */
const again_ms = [300, 3_000] as const;

export class Screen {
  readonly #setting: ScreenSetting;
  #now: unknown;
  #readers: (() => void)[] = [];
  /** Counts connections: what an earlier one still brings is not shown. */
  #line = 0;
  #leave: (() => void) | undefined;
  #arrived_ms = 0;

  constructor(setting: ScreenSetting) {
    this.#setting = setting;
  }

  /** Undefined while it shows nothing. */
  get now(): unknown {
    return this.#now;
  }

  /** Resolves once it shows something else than this. */
  other(than: unknown): Promise<void> {
    if (this.#now !== than) return Promise.resolve();
    return new Promise((resolve) => void this.#readers.push(resolve));
  }

  /** There is a gateway: the page asks for its stream soon. */
  reach(): void {
    const line = ++this.#line;
    const { scheduler, chance, follow } = this.#setting;
    scheduler.after(chance.between(...again_ms), () => {
      if (line !== this.#line) return;
      const leave = follow((now) => this.#comes(line, now), () => this.#lose(line));
      if (line === this.#line) this.#leave = leave;
      else leave?.();
    });
  }

  /** Pieces arrive in their order, or the stream breaks. */
  #comes(line: number, now: unknown): void {
    if (line !== this.#line) return;
    const { scheduler, chance, state } = this.#setting;
    if (chance.happens(state.loss)) {
      this.#lose(line);
      return this.reach();
    }
    const soonest_ms = scheduler.now_ms() + Math.ceil(chance.between(...state.delay_ms));
    this.#arrived_ms = Math.max(this.#arrived_ms + 1, soonest_ms);
    scheduler.after(this.#arrived_ms - scheduler.now_ms(), () => {
      if (line === this.#line) this.#show(now);
    });
  }

  #lose(line: number): void {
    if (line !== this.#line) return;
    this.#line++;
    this.#leave?.();
    this.#leave = undefined;
    this.#show(undefined);
  }

  #show(now: unknown): void {
    this.#now = now;
    for (const read of this.#readers.splice(0)) read();
  }
}
