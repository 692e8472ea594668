/** Simulated time: from deadline to deadline, in an order that only the seed decides. */
import assert from "node:assert/strict";
import { setImmediate } from "node:timers";
import { chanceOf } from "../../hardware/simulated/chance.ts";
import { Process } from "./process.ts";
import { Scheduler } from "./scheduler.ts";

const fail = (error: unknown) => assert.fail(String(error));
const settle = () => new Promise<void>((resolve) => void setImmediate(resolve));

function scheduler(seed: number, broken: (error: unknown) => void = fail): Scheduler {
  return new Scheduler({ start_ms: 1_000, chance: chanceOf(seed), settle, broken });
}

Deno.test("calls are made at their instants, and time stands still between them", async () => {
  const time = scheduler(1);
  const said: string[] = [];
  const say = (word: string) => () => void said.push(`${word} ${time.now_ms()}`);
  time.after(30, say("late"));
  time.after(10, say("early"));
  time.after(20, say("never"))();
  await time.run(1_025);
  assert.deepEqual(said, ["early 1010"]);
  assert.equal(time.now_ms(), 1_025);
  await time.run(2_000);
  assert.deepEqual(said, ["early 1010", "late 1030"]);
});

Deno.test("promises come to rest before time goes on", async () => {
  const time = scheduler(1);
  const seen: number[] = [];
  const work = async () => {
    for (let step = 0; step < 50; step++) await Promise.resolve();
    seen.push(time.now_ms());
    await time.sleep(5);
    seen.push(time.now_ms());
  };
  time.after(1, () => void work());
  time.after(2, () => void seen.push(time.now_ms()));
  await time.run(1_100);
  assert.deepEqual(seen, [1_001, 1_002, 1_006]);
});

Deno.test("the seed decides among calls of one instant, and always in the same way", async () => {
  const order = async (seed: number) => {
    const time = scheduler(seed);
    const said: number[] = [];
    for (let call = 0; call < 12; call++) time.after(5, () => void said.push(call));
    await time.run(1_010);
    return said.join(" ");
  };
  const first = await order(1);
  assert.equal(await order(1), first);
  assert.notEqual(await order(2), first);
});

Deno.test("a call that throws is told, and the others are made", async () => {
  const broken: unknown[] = [];
  const time = scheduler(1, (error) => broken.push(error));
  let later = false;
  time.after(1, () => {
    throw new Error("on purpose");
  });
  time.after(2, () => void (later = true));
  await time.run(1_010);
  assert.deepEqual(broken.map(String), ["Error: on purpose"]);
  assert.ok(later);
});

Deno.test("a killed process goes on with nothing, whatever it waits for", async () => {
  const time = scheduler(1);
  const process = new Process(time);
  const clock = process.clockWith(() => 500);
  const said: string[] = [];
  assert.equal(clock.now_ms(), 1_500);
  clock.after(10, () => void said.push("before"));
  clock.after(30, () => void said.push("after"));
  process.hold(time.sleep(30)).then(() => said.push("answered"));
  process.onEnd(() => void said.push("end"));
  time.after(20, () => process.kill());
  await time.run(1_100);
  assert.deepEqual(said, ["before", "end"]);
  assert.equal(process.alive, false);
});
