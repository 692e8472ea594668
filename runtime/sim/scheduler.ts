/**
 * Simulated time: calls wait for their instant, those of one instant are made in an order that the
 * seed decides, and all promises come to rest between two of them. No other clock runs.
 */
import type { Chance } from "../../hardware/simulated/chance.ts";
import type { Clock } from "../world.ts";

interface Due {
  /** Among calls of one instant and rank the earlier made comes first. */
  readonly order: number;
  call: (() => void) | undefined;
}

/** Parts of a millisecond: the rank that the seed draws for a call among those of its instant. */
const ranks = 2 ** 20;

/** A heap of calls by instant and rank, which stand in one number: it is compared often. */
class Agenda {
  #keys: number[] = [];
  #dues: Due[] = [];

  /** The key of the next call. */
  next(): number | undefined {
    return this.#keys[0];
  }

  add(key: number, due: Due): void {
    const [keys, dues] = [this.#keys, this.#dues];
    let index = keys.length;
    keys.push(key);
    dues.push(due);
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = keys[above]!;
      if (parent < key || (parent === key && dues[above]!.order < due.order)) break;
      keys[index] = parent;
      dues[index] = dues[above]!;
      index = above;
    }
    keys[index] = key;
    dues[index] = due;
  }

  pop(): Due | undefined {
    const [keys, dues] = [this.#keys, this.#dues];
    const first = dues[0];
    const key = keys.pop();
    const due = dues.pop();
    if (key === undefined || due === undefined || keys.length === 0) return first;
    let index = 0;
    for (let child = 1; child < keys.length; child = 2 * index + 1) {
      if (child + 1 < keys.length && this.#before(child + 1, child)) child++;
      const least = keys[child]!;
      if (key < least || (key === least && due.order < dues[child]!.order)) break;
      keys[index] = least;
      dues[index] = dues[child]!;
      index = child;
    }
    keys[index] = key;
    dues[index] = due;
    return first;
  }

  #before(one: number, other: number): boolean {
    const [a, b] = [this.#keys[one]!, this.#keys[other]!];
    return a < b || (a === b && this.#dues[one]!.order < this.#dues[other]!.order);
  }
}

export interface SchedulerSetting {
  readonly start_ms: number;
  readonly chance: Chance;
  /** Resolves when no promise has anything left to do. */
  readonly settle: () => Promise<void>;
  /** A call threw: nothing that is simulated may do that. */
  readonly broken: (error: unknown) => void;
}

export class Scheduler implements Clock {
  readonly #setting: SchedulerSetting;
  readonly #agenda = new Agenda();
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
    const { start_ms, chance } = this.#setting;
    const instant = this.#now_ms - start_ms + Math.max(0, Math.ceil(delay_ms));
    const due: Due = { order: this.#order++, call };
    this.#agenda.add(instant + Math.floor(chance.next() * ranks) / ranks, due);
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
    const { start_ms, settle, broken } = this.#setting;
    await settle();
    while (!enough()) {
      const key = this.#agenda.next();
      const at_ms = key === undefined ? Infinity : Math.floor(key) + start_ms;
      if (key === undefined || at_ms > until_ms) {
        this.#now_ms = Math.floor(until_ms);
        return;
      }
      const call = this.#agenda.pop()?.call;
      if (!call) continue;
      this.#now_ms = at_ms;
      this.steps++;
      try {
        call();
      } catch (error) {
        broken(error);
      }
      await settle();
    }
  }
}
