/**
 * A small shop for the engine's own tests: a clock that is moved by hand, and an engine over three
 * kinds of actor that can crash and start again.
 */
import type { Journal } from "../journal/journal.ts";
import { MemoryDisk, openMemoryJournal } from "../journal/memory.ts";
import type { Clock, Random } from "../world.ts";
import { createEngine, type EngineOptions } from "./create.ts";
import type { Engine } from "./engine.ts";
import { at, testKinds } from "./testing_machines.ts";

export { at, testKinds };

/** Steps from deadline to deadline when it is moved. */
export class ManualClock implements Clock {
  #now_ms: number;
  #next = 0;
  #calls: { readonly due_ms: number; readonly order: number; readonly call: () => void }[] = [];

  constructor(now_ms = 1_000_000) {
    this.#now_ms = now_ms;
  }

  now_ms(): number {
    return this.#now_ms;
  }

  after(delay_ms: number, call: () => void): () => void {
    const entry = { due_ms: this.#now_ms + Math.max(0, delay_ms), order: this.#next++, call };
    this.#calls.push(entry);
    return () => {
      this.#calls = this.#calls.filter((other) => other !== entry);
    };
  }

  /** How many calls are to come. */
  get pending(): number {
    return this.#calls.length;
  }

  advance(by_ms: number): void {
    const until_ms = this.#now_ms + by_ms;
    for (;;) {
      this.#calls.sort((a, b) => a.due_ms - b.due_ms || a.order - b.order);
      const next = this.#calls[0];
      if (!next || next.due_ms > until_ms) break;
      this.#calls.shift();
      this.#now_ms = Math.max(this.#now_ms, next.due_ms);
      next.call();
    }
    this.#now_ms = until_ms;
  }

  /** Somebody sets the clock; what waits goes on waiting as long as it had to. */
  set(now_ms: number): void {
    const by_ms = now_ms - this.#now_ms;
    this.#now_ms = now_ms;
    this.#calls = this.#calls.map((call) => ({ ...call, due_ms: call.due_ms + by_ms }));
  }
}

/** Counts up, so that no two starts draw the same. */
export function countingRandom(): Random {
  let next = 0;
  return { bytes: (length) => new Uint8Array(length).fill(++next) };
}

export interface Bench {
  readonly clock: ManualClock;
  readonly engine: Engine;
  /** What effects were asked for, as `type from`. */
  readonly acted: string[];
  /** What was logged. */
  readonly logged: string[];
}

/** An engine that runs on a clock moved by hand, ticks included. */
export function bench(
  journal: Journal,
  more: Partial<EngineOptions> & { readonly clock?: ManualClock } = {},
): Bench {
  const clock = more.clock ?? new ManualClock();
  const acted: string[] = [];
  const logged: string[] = [];
  const engine = createEngine({
    kinds: testKinds,
    journal,
    random: countingRandom(),
    gateway: "g",
    defer: (call) => void clock.after(0, call),
    log: (_level, message, fields) => void logged.push(`${message} ${JSON.stringify(fields)}`),
    ...more,
    clock,
  });
  engine.effect("camera.restart", (command, from) => void acted.push(`${command.type} ${from}`));
  return { clock, engine, acted, logged };
}

/** A bench that has started, with a till and an eye configured. */
export function shop(
  disk: MemoryDisk | Journal = new MemoryDisk(),
  more: Parameters<typeof bench>[1] = {},
): Bench {
  const made = bench(disk instanceof MemoryDisk ? openMemoryJournal(disk) : disk, more);
  made.engine.start();
  made.engine.post(at("till/1"), { type: "till.configured" });
  made.engine.post(at("eye/1"), { type: "eye.configured" });
  made.clock.advance(0);
  return made;
}
