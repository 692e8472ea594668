/**
 * Whatever the delays, repetitions and crashes: in the end every till has heard exactly what it
 * hears where every message arrives at once and nothing ever breaks.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { MemoryDisk, openMemoryJournal } from "../journal/memory.ts";
import type { Random } from "../world.ts";
import type { Delivery } from "./mail.ts";
import { at, type Bench, bench, ManualClock } from "./testing.ts";

const tills = ["till/1", "till/2", "till/3"];

type Act =
  | { readonly type: "note"; readonly note: number; readonly path: readonly string[] }
  | { readonly type: "look"; readonly till: string }
  | { readonly type: "wait"; readonly wait_ms: number }
  | { readonly type: "crash" };

const till = fc.constantFrom(...tills);
const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant("note" as const),
      note: fc.nat({ max: 99 }),
      path: fc.array(till, { minLength: 1, maxLength: 5 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant("look" as const),
      till: fc.constantFrom("1", "2", "3"),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant("wait" as const),
      wait_ms: fc.nat({ max: 80 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("crash" as const) }) },
);

/** The same shop through its lives: each crash goes on from what the disk has. */
class Lives {
  #disk = new MemoryDisk();
  #random: Random;
  now: Bench;

  constructor(private readonly deliver: Delivery) {
    let starts = 0;
    this.#random = { bytes: (length) => new Uint8Array(length).fill(++starts) };
    this.now = this.#start(1_000_000);
  }

  #start(now_ms: number): Bench {
    const journal = openMemoryJournal(this.#disk);
    const clock = new ManualClock(now_ms);
    const made = bench(journal, { clock, deliver: this.deliver, random: this.#random });
    made.engine.start();
    for (const address of tills) made.engine.post(at(address), { type: "till.configured" });
    made.engine.post(at("eye/1"), { type: "eye.configured" });
    clock.advance(0);
    return made;
  }

  live(acts: readonly Act[]): void {
    for (const it of acts) {
      const { engine, clock } = this.now;
      if (it.type === "crash") {
        this.#disk = this.#disk.copy();
        this.now = this.#start(clock.now_ms());
      } else if (it.type === "wait") {
        clock.advance(it.wait_ms);
      } else {
        const [to = "", ...pass] = it.type === "note" ? it.path : ["eye/1"];
        const event = it.type === "note"
          ? { type: "till.noted", note: it.note, pass }
          : { type: "eye.looked", till: it.till };
        engine.post(at(to), event);
        clock.advance(0);
      }
    }
    this.now.clock.advance(10_000);
  }

  heard(address: string): { readonly notes: number[]; readonly seen: number } {
    const context = this.now.engine.view(at(address))?.context;
    const notes = (context?.notes as number[]).toSorted((a, b) => a - b);
    return { notes, seen: (context?.told as unknown[]).length };
  }

  /** What the disk still holds for somebody. */
  left(): number {
    return openMemoryJournal(this.#disk.copy()).messages().length;
  }
}

Deno.test("no message is lost or taken twice, whatever is late, repeated or crashes", () => {
  const arrivals = fc.array(fc.nat({ max: 60 }), { minLength: 1, maxLength: 3 });
  const whims = fc.array(arrivals, { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(fc.array(act, { maxLength: 30 }), whims, (acts, delays) => {
      let next = 0;
      const rough = new Lives(() => delays[next++ % delays.length] ?? []);
      const smooth = new Lives(() => [0]);
      rough.live(acts);
      smooth.live(acts.filter(({ type }) => type !== "crash"));
      for (const address of tills) {
        assert.deepEqual(rough.heard(address), smooth.heard(address), address);
      }
      assert.equal(rough.left(), 0);
    }),
    { numRuns: 100 },
  );
});
