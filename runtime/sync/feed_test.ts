/** The gateway's side of the feed: it ends when it is told to, whatever the connection does. */
import assert from "node:assert/strict";
import { handClock } from "../../hardware/simulated/testing.ts";
import type { Engine } from "../engine/engine.ts";
import { createFeed } from "./feed.ts";

Deno.test("a feed whose connection hears no signal ends at once when it is stopped", async () => {
  let cancelled = false;
  const told: string[] = [];
  const engine: Pick<Engine, "post" | "feed"> = {
    post(_, { type }) {
      told.push(type);
      return Promise.resolve({ accepted: true, view: undefined });
    },
    feed: () => Promise.resolve(),
  };
  const clock = handClock(1_790_000_000_000);
  const feed = createFeed({
    engine: engine as Engine,
    clock,
    random: { bytes: (length) => new Uint8Array(length) },
    log: () => {},
    gateway: "g",
    cursor: 0,
    open: () => Promise.resolve(new ReadableStream({ cancel: () => void (cancelled = true) })),
    verify: () => undefined,
    onConnected: () => {},
  });
  feed.start();
  await clock.pass(1_000);
  assert.deepEqual(told, ["link.connected"]);
  await feed.stop();
  assert.equal(cancelled, true);
});
