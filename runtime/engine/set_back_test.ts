/** Deadlines when somebody sets the clock back: later than meant, and never by that much. */
import assert from "node:assert/strict";
import { openMemoryJournal } from "../journal/memory.ts";
import type { Clock } from "../world.ts";
import { createEngine } from "./create.ts";
import { at, countingRandom, ManualClock, testKinds } from "./testing.ts";

/** A clock that can be set while what waits goes on waiting, as a machine's does. */
class Wall implements Clock {
  readonly passing = new ManualClock();
  back_ms = 0;

  now_ms(): number {
    return this.passing.now_ms() - this.back_ms;
  }

  after(delay_ms: number, call: () => void): () => void {
    return this.passing.after(delay_ms, call);
  }
}

const hours_ms = 2 * 3_600_000;
/** What a parcel waits. */
const patience_ms = 1_000;

function opened(wall: Wall, journal = openMemoryJournal()) {
  const random = countingRandom();
  const engine = createEngine({ kinds: testKinds, journal, clock: wall, random, gateway: "g" });
  engine.start();
  engine.post(at("till/1"), { type: "till.configured" });
  const open = (parcel: string) =>
    engine.post(at("till/1"), { type: "till.opened", parcels: [parcel] });
  const state = (parcel: string) => engine.view(at(`parcel/${parcel}`))?.state;
  return { engine, journal, open, state };
}

Deno.test("a clock that is set back by hours holds no deadline up by hours", async () => {
  const wall = new Wall();
  const { open, state } = opened(wall);
  await open("a");
  wall.passing.advance(400);
  wall.back_ms = hours_ms;
  assert.equal(state("a"), "waiting");
  wall.passing.advance(3 * patience_ms - 400);
  assert.equal(state("a"), "expired");
  await open("b");
  wall.passing.advance(patience_ms);
  assert.equal(state("b"), "waiting", "time goes on at half its speed, to meet the clock again");
  wall.passing.advance(patience_ms);
  assert.equal(state("b"), "expired");
});

Deno.test("so does one that was set back while the gateway was down", async () => {
  const wall = new Wall();
  const first = opened(wall);
  await first.open("a");
  await first.engine.stop();
  wall.back_ms = hours_ms;
  const { state, open } = opened(wall, first.journal);
  assert.equal(state("a"), "waiting");
  wall.passing.advance(2 * patience_ms);
  assert.equal(state("a"), "expired");
  await open("b");
  wall.passing.advance(2 * patience_ms);
  assert.equal(state("b"), "expired");
});
