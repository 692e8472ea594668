/**
 * Simulated time: calls wait for their instant, those of one instant are made in an order that the
 * seed decides, and all promises come to rest between two of them. No other clock runs.
 */
import type { Chance } from "../../hardware/simulated/chance.ts";
import { Heap } from "../engine/heap.ts";
import type { Clock } from "../world.ts";

interface Due {
  readonly at_ms: number;
  /** Drawn from the seed: decides among calls of one instant. */
  readonly rank: number;
  readonly order: number;
  call: (() => void) | undefined;
}

export interface SchedulerSetting {
  readonly start_ms: number;
  readonly chance: Chance;
  /** Resolves when no promise has anything left to do. */
  readonly settle: () => Promise<void>;
  /** A call threw: nothing that is simulated may do that. */
  readonly broken: (error: unknown) => void;
}

const before = (a: Due, b: Due) =>
  a.at_ms !== b.at_ms ? a.at_ms < b.at_ms : a.rank !== b.rank ? a.rank < b.rank : a.order < b.order;

export class Scheduler implements Clock {
  readonly #setting: SchedulerSetting;
  readonly #heap = new Heap<Due>(before);
  #now_ms: number;
  #order = 0;
  /** Calls made so far. */
  steps = 0;

  constructor(setting: SchedulerSetting) {
    this.#setting = setting;
    this.#now_ms = setting.start_ms;
  }

  now_ms(): number {
    return this.#now_ms;
  }

  after(delay_ms: number, call: () => void): () => void {
    const at_ms = this.#now_ms + Math.max(0, Math.ceil(delay_ms));
    const due: Due = { at_ms, rank: this.#setting.chance.next(), order: this.#order++, call };
    this.#heap.add(due);
    return () => void (due.call = undefined);
  }

  /** Makes the call in this instant, before or after the others of it. */
  soon = (call: () => void): void => {
    this.after(0, call);
  };

  /** Resolves after the delay. */
  sleep(delay_ms: number): Promise<void> {
    return new Promise((resolve) => void this.after(delay_ms, resolve));
  }

  /** Lets time pass until this instant, or until `enough` says so after a step. */
  async run(until_ms: number, enough: () => boolean = () => false): Promise<void> {
    await this.#setting.settle();
    while (!enough()) {
      const next = this.#heap.peek();
      if (!next || next.at_ms > until_ms) {
        this.#now_ms = until_ms;
        return;
      }
      this.#heap.pop();
      const { call } = next;
      if (!call) continue;
      this.#now_ms = next.at_ms;
      this.steps++;
      try {
        call();
      } catch (error) {
        this.#setting.broken(error);
      }
      await this.#setting.settle();
    }
  }
}
