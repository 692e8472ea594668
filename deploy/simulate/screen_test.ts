/** The simulated screen: in order, nothing after a break, and back by itself. */
import assert from "node:assert/strict";
import { chanceOf } from "../../hardware/simulated/chance.ts";
import { goodRoad } from "../../runtime/sim/road.ts";
import { Scheduler } from "../../runtime/sim/scheduler.ts";
import { Screen } from "./screen.ts";

function hung() {
  const scheduler = new Scheduler({
    start_ms: 0,
    chance: chanceOf("order"),
    settle: () => new Promise((resolve) => setTimeout(resolve, 0)),
    broken: (error) => assert.fail(String(error)),
  });
  const state = { ...goodRoad, delay_ms: [1, 400] as const };
  const lines: { tell: (now: unknown) => void; ended: () => void; open: boolean }[] = [];
  const place = { there: true };
  const screen = new Screen({
    scheduler,
    chance: chanceOf("screen"),
    state,
    follow(tell, ended) {
      if (!place.there) return undefined;
      const line = { tell, ended, open: true };
      lines.push(line);
      return () => void (line.open = false);
    },
  });
  const pass = (duration_ms: number) => scheduler.run(scheduler.now_ms() + duration_ms);
  return { screen, state, lines, place, pass };
}

Deno.test("what a lane tells is shown in its order, however long each piece takes", async () => {
  const { screen, lines, pass } = hung();
  screen.reach();
  await pass(5_000);
  assert.equal(screen.now, undefined);
  const read: unknown[] = [];
  const reading = (async () => {
    while (read.at(-1) !== 9) {
      await screen.other(read.at(-1));
      read.push(screen.now);
    }
  })();
  for (let piece = 0; piece < 10; piece++) lines[0]?.tell(piece);
  await pass(5_000);
  await reading;
  assert.deepEqual(read, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

Deno.test("a screen whose stream breaks shows nothing until it has another one", async () => {
  const { screen, state, lines, pass } = hung();
  screen.reach();
  await pass(5_000);
  lines[0]?.tell("before");
  await pass(1_000);
  assert.equal(screen.now, "before");
  state.loss = 1;
  lines[0]?.tell("lost");
  assert.equal(screen.now, undefined);
  assert.equal(lines[0]?.open, false);
  state.loss = 0;
  lines[0]?.tell("of the old stream");
  await pass(5_000);
  assert.equal(screen.now, undefined);
  lines[1]?.tell("again");
  await pass(1_000);
  assert.equal(screen.now, "again");
});

Deno.test("a gateway that ends takes the picture along; the next one brings it back", async () => {
  const { screen, lines, place, pass } = hung();
  screen.reach();
  await pass(5_000);
  lines[0]?.tell("one");
  lines[0]?.ended();
  await pass(1_000);
  assert.equal(screen.now, undefined, "nor does what was under way come any more");
  place.there = false;
  screen.reach();
  await pass(10_000);
  assert.equal(lines.length, 1);
  place.there = true;
  screen.reach();
  await pass(5_000);
  lines[1]?.tell("two");
  await pass(1_000);
  assert.equal(screen.now, "two");
});
