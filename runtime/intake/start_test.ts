/** Which starts are held to be on a disk that forgot something, and what a start gets through. */
import assert from "node:assert/strict";
import { MemoryDisk, openMemoryJournal } from "../journal/memory.ts";
import { limits } from "../limits.ts";
import { configure, mayBeOld } from "./start.ts";
import { seen } from "../../actors/testing/shop.ts";
import { lateEvening_ms, settle, smallStore, testShop } from "./testing.ts";

const config = smallStore;
const gate = {
  zone: "tills",
  ways: "in",
  face: { camera: "c", accept_liveness: ["passed"] },
};

/** A disk with as many commands for the issuer as there may be. */
function fullDisk(): MemoryDisk {
  const disk = new MemoryDisk();
  const journal = openMemoryJournal(disk);
  journal.commit({
    actors: [],
    history: [],
    outbox_added: Array.from({ length: limits.outbox }, (_, index) => ({
      position: index + 1,
      key: `key-${index}`,
      from: `payment/${index}`,
      command: { type: "issuer.reverse", payment: String(index), reason: "issuer_silent" },
      at_ms: 1,
    })),
    outbox_settled: [],
    messages_added: [],
    messages_delivered: [],
  });
  journal.close();
  return disk;
}

Deno.test("a gateway that stopped with a full outbox comes up again", async () => {
  const { engine, clock, close } = testShop(fullDisk());
  const configured = configure(engine, config, false);
  engine.start();
  await settle(clock);
  await configured;
  assert.equal(engine.statistics().outbox, limits.outbox);
  assert.equal(engine.view("lane/1")?.state, "idle");
  const sale = engine.post("lane/1", { type: "pos.sale_requested" });
  await assert.rejects(sale, { kind: "overloaded" }, "sales wait until it is emptied");
  await close();
});

Deno.test("what a camera said before a start opens no gate after it", async () => {
  const disk = new MemoryDisk();
  const named: string[] = [];
  const open = async () => {
    const shop = testShop(disk);
    shop.engine.effect("gate.name_entry", ({ visit }) => void named.push(visit));
    shop.engine.effect("camera.look_again", () => {});
    const told = [
      configure(shop.engine, config, false),
      shop.engine.post("gate/in", { type: "store.gate_configured", ...gate }),
    ];
    shop.engine.start();
    await settle(shop.clock);
    await Promise.all(told);
    return shop;
  };
  const before = await open();
  const glance = Number(before.engine.view("gate/in")?.context["glance"]);
  await before.close();
  const journal = openMemoryJournal(disk);
  const candidates = [seen("ada")];
  const event = { type: "camera.candidates_changed", candidates, glance, at_ms: lateEvening_ms };
  journal.commit({
    actors: [],
    history: [],
    outbox_added: [],
    outbox_settled: [],
    messages_added: [{ from: "camera/c#before", sequence: 1, to: "gate/in", event }],
    messages_delivered: [],
  });
  journal.close();
  const after = await open();
  assert.deepEqual(named, []);
  const now = { ...event, glance: Number(after.engine.view("gate/in")?.context["glance"]) };
  await Promise.all([after.engine.post("gate/in", now), settle(after.clock)]);
  assert.deepEqual(named, ["ada"], "what it says now opens it");
  await after.close();
});

Deno.test("a disk may be an old one unless it is new, or was written to a moment ago", () => {
  const head = { position: 3, turn: 2, at_ms: 50_000, feed_cursor: 0, starts: 2 };
  const fresh_until_ms = head.at_ms + limits.fresh_disk_ms;
  assert.equal(mayBeOld(head, fresh_until_ms - 1), false);
  assert.equal(mayBeOld(head, fresh_until_ms), true);
  assert.equal(mayBeOld(head, head.at_ms - 1), true, "the clock says nothing of its age");
  assert.equal(mayBeOld({ ...head, starts: 1 }, fresh_until_ms), false);
});

Deno.test("a new disk has forgotten what a gateway sold that is older than it", () => {
  const head = { position: 0, turn: 0, at_ms: 0, feed_cursor: 0, starts: 1 };
  const made_at_ms = 50_000;
  const new_until_ms = made_at_ms + limits.new_gateway_ms;
  assert.equal(mayBeOld(head, new_until_ms - 1, made_at_ms), false, "both are new");
  assert.equal(mayBeOld(head, new_until_ms, made_at_ms), true);
  assert.equal(mayBeOld(head, made_at_ms - 1, made_at_ms), true, "the clock says nothing");
});
