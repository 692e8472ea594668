/** Places of pages that look on, where there is nothing to be looked at. */
import assert from "node:assert/strict";
import { handClock } from "../../hardware/simulated/testing.ts";
import { limits } from "../limits.ts";
import { soon } from "./soon.ts";
import { Streams } from "./streams.ts";

Deno.test("a stream that cannot be followed keeps no place and no timer", async () => {
  const clock = handClock(1_790_000_000_000);
  const streams = new Streams(clock, new AbortController().signal, 1, () => {});
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

Deno.test("what cannot be shown any more ends its stream, and nothing else", async () => {
  const clock = handClock(1_790_000_000_000);
  const logged: string[] = [];
  const streams = new Streams(clock, new AbortController().signal, 1, (level, message) => {
    logged.push(`${level}: ${message}`);
  });
  let change = () => {};
  let stopped = false;
  let shown = () => "bread";
  const answer = streams.open((tell, broken) => {
    const look = () => tell({ event: "now", data: shown() });
    look();
    change = soon(look, broken);
    return () => void (stopped = true);
  });
  shown = () => {
    throw new Error("no such thing");
  };
  change();
  change();
  const text = await answer.text();
  assert.match(text, /event: now\ndata: "bread"\n\nevent: ended\n/);
  assert.deepEqual(logged, ["error: a page could not be told of a change"]);
  assert.deepEqual([streams.count, stopped], [0, true]);
});
