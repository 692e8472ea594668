/** Whoever follows a lane hears of what shows there, and is not woken by the rest of the store. */
import assert from "node:assert/strict";
import type { Address } from "../../actors/messages.ts";
import type { Change } from "../engine/engine.ts";
import { followLane } from "./lane_follow.ts";
import type { LaneNow } from "./lane_now.ts";
import { arrives, basket, openStore, seen, settled } from "./store_fixture.ts";

Deno.test("a lane is looked at again for what it shows alone", async () => {
  const store = await openStore();
  const { engine, config } = store;
  const [lane] = config.lanes;
  assert.ok(lane);
  let looks = 0;
  const told: LaneNow[] = [];
  const counting = {
    view: (address: Address) => {
      if (address === `lane/${lane.id}`) looks++;
      return engine.view(address);
    },
    subscribe: (listener: (change: Change) => void) => engine.subscribe(listener),
  };
  let prompted: (lane: string) => void = () => {};
  const prompts = {
    askTurns: () => Promise.resolve(),
    turns: () => undefined,
    proving: () => false,
    digits: () => undefined,
    watch: (changed: typeof prompted) => (prompted = changed, () => {}),
  };
  const stop = followLane(counting, config, lane, prompts, (now) => told.push(now), (error) => {
    throw error;
  });
  assert.deepEqual(told.map(({ sale }) => sale), [null]);
  const before = looks;
  await arrives(store, "v1", "Ada");
  await arrives(store, "v2", "Bob");
  await settled();
  prompted("another");
  await settled();
  assert.equal(looks, before, "nothing of it shows at the lane");
  prompted(lane.id);
  await settled();
  assert.equal(looks, before + 1);
  await seen(store, "till-1", "v1");
  await store.send(`/lane/${lane.id}/sales`, basket("s1"));
  await settled();
  assert.deepEqual(told.at(-1)?.sale?.candidates.map(({ first_name }) => first_name), ["Ada"]);
  const lost_ms = store.clock.now_ms();
  await store.post("link/issuer", { type: "link.lost", reason: "no_answer" });
  await settled();
  assert.equal(told.at(-1)?.offline_since_ms, lost_ms);
  stop();
  const heard = told.length;
  await store.post("link/issuer", { type: "link.connected" });
  await settled();
  assert.equal(told.length, heard, "nobody follows any more");
  await store.close();
});
