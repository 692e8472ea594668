/** A loop that is held up is found out, by how much, and one that is not is not accused. */
import assert from "node:assert/strict";
import { OpenAPIHono } from "@hono/zod-openapi";
import { fineClock } from "../real.ts";
import type { Clock } from "../world.ts";
import { loopRoute } from "./debug_loop.ts";
import { lagExposition, measureLag } from "./lag.ts";

/** A clock whose timers come as late as the test says. */
class LateClock implements Clock {
  #now_ms = 1_000;
  #due: { readonly at_ms: number; readonly call: () => void } | undefined;

  now_ms = () => this.#now_ms;

  after(delay_ms: number, call: () => void): () => void {
    const due = { at_ms: this.#now_ms + delay_ms, call };
    this.#due = due;
    return () => {
      if (this.#due === due) this.#due = undefined;
    };
  }

  /** The timer comes so much too late; false where none is set. */
  tick(late_ms: number): boolean {
    const due = this.#due;
    if (due === undefined) return false;
    this.#now_ms = due.at_ms + late_ms;
    this.#due = undefined;
    due.call();
    return true;
  }
}

Deno.test("delays are counted by the millisecond", () => {
  const clock = new LateClock();
  const meter = measureLag(clock);
  for (let i = 0; i < 990; i++) clock.tick(0);
  for (let i = 0; i < 9; i++) clock.tick(4);
  clock.tick(37);
  const lag = meter.lag();
  assert.deepEqual([lag.ticks, lag.max_ms, lag.sum_ms], [1_000, 37, 73]);
  assert.deepEqual([0.5, 0.99, 0.995, 0.999, 1].map(lag.quantile_ms), [0, 0, 4, 4, 37]);
  assert.deepEqual([0, 3, 4, 36, 37].map(lag.within), [990, 990, 999, 999, 1_000]);
  meter.reset();
  assert.deepEqual([meter.lag().ticks, meter.lag().max_ms], [0, 0]);
  meter.stop();
  assert.equal(clock.tick(0), false, "a meter that was stopped sets no timer");
});

Deno.test("a clock that jumps back is no delay, a machine that slept is in the last bin", () => {
  const clock = new LateClock();
  const meter = measureLag(clock);
  clock.tick(-3_600_000);
  assert.equal(meter.lag().max_ms, 0);
  clock.tick(86_400_000);
  assert.equal(meter.lag().max_ms, 10_000);
  meter.stop();
});

Deno.test("a planted stall of the real loop is found", async () => {
  const meter = measureLag(fineClock);
  const pause = () => new Promise<void>((resolve) => setTimeout(resolve, 5));
  await pause();
  // Everything stands still on purpose: this is what the meter is for.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 80);
  await pause();
  await pause();
  meter.stop();
  const { max_ms, ticks } = meter.lag();
  assert.ok(max_ms >= 75, `the loop stood for 80 ms, and the meter saw ${max_ms}`);
  assert.ok(ticks >= 2);
});

Deno.test("the histogram adds up as a scraper expects", () => {
  const clock = new LateClock();
  const meter = measureLag(clock);
  for (const late_ms of [0, 1, 8, 2_000]) clock.tick(late_ms);
  const text = lagExposition(meter.lag());
  assert.match(text, /^# TYPE saunter_loop_lag_ms histogram$/m);
  assert.match(text, /^saunter_loop_lag_ms_bucket\{le="1"\} 2$/m);
  assert.match(text, /^saunter_loop_lag_ms_bucket\{le="10"\} 3$/m);
  assert.match(text, /^saunter_loop_lag_ms_bucket\{le="\+Inf"\} 4$/m);
  assert.match(text, /^saunter_loop_lag_ms_sum 2009$/m);
  assert.match(text, /^saunter_loop_lag_ms_count 4$/m);
  meter.stop();
});

Deno.test("who asks why a lane is slow is told how late the loop has been", async () => {
  const clock = new LateClock();
  const meter = measureLag(clock);
  for (let i = 0; i < 99; i++) clock.tick(1);
  clock.tick(12);
  const app = new OpenAPIHono();
  loopRoute(app, meter.lag);
  const told = { measured: true, ticks: 100, p50_ms: 1, p99_ms: 1, p999_ms: 12, max_ms: 12 };
  assert.deepEqual(await (await app.request("/debug/loop")).json(), told);
  const still = new OpenAPIHono();
  loopRoute(still, undefined);
  assert.equal((await (await still.request("/debug/loop")).json()).measured, false);
  meter.stop();
});
