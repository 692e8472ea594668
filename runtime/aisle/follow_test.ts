/** The tracker beside its actors while the gateway's clock is set: carts still close. */
import assert from "node:assert/strict";
import { actorKinds } from "../../actors/kinds.ts";
import { handClock } from "../../hardware/simulated/testing.ts";
import { aisle as aisleWords } from "../config/aisle.ts";
import { createEngine } from "../engine/create.ts";
import { MemoryDisk, openMemoryJournal } from "../journal/memory.ts";
import { Follower } from "./follow.ts";

const gtin = "2000000000015";
const config = aisleWords.parse({
  retailer: { url: "http://127.0.0.1:8491" },
  gates: [{ id: "door", zone: "hall" }],
  shelves: [{
    id: "teas",
    zone: "hall",
    plates: [{ id: "tea", x_m: 0, y_m: 0, stock: { [gtin]: 9 } }],
  }],
  products: [{ gtin, unit_g: 125, deviation_g: 1 }],
});

Deno.test("a clock that is set back by an hour keeps no cart open for that long", async () => {
  const timers = handClock(1_790_000_000_000);
  let set_ms = 0;
  const clock = { now_ms: () => timers.now_ms() + set_ms, after: timers.after };
  const told: string[] = [];
  const log = (_level: string, message: string) => void told.push(message);
  const engine = createEngine({
    kinds: actorKinds,
    journal: openMemoryJournal(new MemoryDisk()),
    clock,
    random: { bytes: (length: number) => new Uint8Array(length) },
    log,
    gateway: "g-1",
  });
  const follower = new Follower({ aisle: config, engine, clock, log, displays: new Set() });
  engine.effect("tracker.enter", ({ cart, track, at_ms }) => follower.enter(cart, track, at_ms));
  engine.effect(
    "tracker.leave",
    ({ cart, at_ms, bag_g }) => follower.leave(cart, at_ms, bag_g),
  );
  engine.effect("shelf.note_taken", () => {});
  engine.start();
  follower.start();
  const state = (cart: string) => String(engine.view(`cart/${cart}`)?.state);
  const enter = (cart: string) =>
    engine.post(`cart/${cart}`, {
      type: "gate.entered",
      gate: "door",
      zone: "hall",
      account: cart,
      visitor: cart,
      visitor_type: "SHOPPER",
      people: 1,
      track: `t-${cart}`,
      evidence: { kind: "code_at_gate" },
    });
  const leave = (cart: string) =>
    engine.post(`cart/${cart}`, { type: "gate.left", gate: "door", track: `t-${cart}` });
  const posted = [enter("ana"), enter("ben")];
  await timers.pass(2_000);
  posted.push(leave("ana"));
  await timers.pass(1_000);
  assert.deepEqual([state("ana"), state("ben")], ["closing", "shopping"]);

  set_ms = -3_600_000;
  await timers.pass(2_000);
  posted.push(leave("ben"));
  await timers.pass(60_000);
  assert.deepEqual([state("ana"), state("ben")], ["submitting", "submitting"]);
  assert.deepEqual(told, ["the clock was set back: carts are followed as after a restart"]);
  await Promise.all(posted);
  follower.stop();
  await engine.stop();
});
