/** Places of pages that look on, where there is nothing to be looked at. */
import assert from "node:assert/strict";
import { handClock } from "../../hardware/simulated/testing.ts";
import { limits } from "../limits.ts";
import { Streams } from "./streams.ts";

Deno.test("a stream that cannot be followed keeps no place and no timer", async () => {
  const clock = handClock(1_790_000_000_000);
  const streams = new Streams(clock, new AbortController().signal, 1);
  const fault = new Error("there is nothing to follow");
  for (let time = 0; time < 2; time++) {
    assert.throws(() =>
      streams.open(() => {
        throw fault;
      }), fault);
  }
  await clock.pass(2 * limits.stream_beat_ms);
  assert.deepEqual([streams.count, streams.refused], [0, 0]);
  const open = streams.open(() => () => {});
  assert.equal(open.status, 200);
  await open.body?.cancel();
});
