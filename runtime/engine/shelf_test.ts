/** Actors that are quiet are left to the disk, and come back when they are addressed or due. */
import assert from "node:assert/strict";
import type { ActorRow } from "../journal/journal.ts";
import type { Engine } from "./engine.ts";
import { MemoryDisk, openMemoryJournal } from "../journal/memory.ts";
import { limits } from "../limits.ts";
import { at, bench, shop } from "./testing.ts";

const many = limits.awake_actors + 100;

/** A disk with many parcels that wait, the first of them for as long as it is told. */
function crowded(due_ms: (index: number) => number): MemoryDisk {
  const disk = new MemoryDisk();
  const journal = openMemoryJournal(disk);
  const actors = Array.from({ length: many }, (_, index): ActorRow => ({
    address: `parcel/${index}`,
    value: "waiting",
    context: { id: String(index), till: "1", token: "", at_ms: [] },
    timers: [{
      id: "xstate.after.patience.parcel.waiting",
      event: { type: "xstate.after.patience.parcel.waiting" },
      due_ms: due_ms(index),
      sequence: index + 1,
    }],
    done: false,
    sent: 0,
    heard: [],
  }));
  const history = actors.map(({ address }, index) => ({
    position: index + 1,
    turn: index + 1,
    at_ms: 1_000,
    address,
    from: "outside",
    event: { type: "parcel.opened" },
    before: undefined,
    after: "waiting",
    commands: [],
  }));
  const rest = { outbox_added: [], outbox_settled: [], messages_added: [], messages_delivered: [] };
  journal.commit({ actors, history, ...rest });
  journal.close();
  return disk;
}

const hour_ms = 3_600_000;

Deno.test("a crowd on disk is not taken in, and yet seen and counted", () => {
  const { engine, clock } = bench(openMemoryJournal(crowded(() => 1_000_000 + hour_ms)));
  engine.start();
  clock.advance(10);
  const { actors, asleep } = engine.statistics();
  assert.deepEqual([actors, asleep], [0, many]);
  assert.deepEqual(engine.census(), { parcel: many });
  assert.equal(engine.views().length, Math.min(many, limits.listed_actors));
  assert.deepEqual(engine.view(at("parcel/7"))?.last_event, {
    type: "parcel.opened",
    at_ms: 1_000,
  });
  assert.equal(engine.statistics().actors, 0, "looking wakes nobody");
});

Deno.test("who is addressed wakes up, and nobody else", async () => {
  const { engine, clock } = bench(openMemoryJournal(crowded(() => 1_000_000 + hour_ms)));
  engine.start();
  const posted = engine.post(at("parcel/7"), { type: "parcel.poked" });
  clock.advance(0);
  assert.equal((await posted).accepted, true);
  assert.deepEqual(engine.view(at("parcel/7"))?.context.at_ms, [1_000_000]);
  const { actors, asleep } = engine.statistics();
  assert.deepEqual([actors, asleep], [1, many - 1]);
});

Deno.test("those on disk wake when they are due, in the order of their deadlines", () => {
  const due = [300, 100, 200];
  const { engine, clock } = bench(
    openMemoryJournal(crowded((index) => 1_000_000 + (due[index] ?? hour_ms))),
  );
  engine.start();
  const fired: string[] = [];
  engine.subscribe(({ address, after }) => after === "expired" && fired.push(address));
  clock.advance(99);
  assert.deepEqual(fired, []);
  clock.advance(101);
  assert.deepEqual(fired, ["parcel/1", "parcel/2"]);
  clock.advance(100);
  assert.deepEqual(fired, ["parcel/1", "parcel/2", "parcel/0"]);
  assert.equal(engine.statistics().asleep, many - 3);
});

Deno.test("more than a commit holds fall due at once, and all of them fire", () => {
  const { engine, clock } = bench(openMemoryJournal(crowded(() => 500_000)));
  engine.start();
  clock.advance(0);
  assert.equal(engine.statistics().asleep, 0);
  assert.deepEqual(new Set(engine.views("parcel").map((view) => view.state)), new Set(["expired"]));
  clock.advance(500);
  assert.deepEqual(engine.census(), { parcel: 0 });
});

Deno.test("in a crowd the quiet ones are left to the disk, and go on from there", async () => {
  const { engine, clock } = bench(openMemoryJournal(crowded(() => 1_000_000 + hour_ms)));
  engine.start();
  const poke = (parcel: number) => engine.post(at(`parcel/${parcel}`), { type: "parcel.poked" });
  for (let parcel = 0; parcel < many; parcel++) {
    if (parcel % limits.mailbox === 0) clock.advance(0);
    poke(parcel);
  }
  clock.advance(limits.quiet_ms);
  assert.equal(engine.statistics().actors, many, "nobody is quiet yet");
  for (let looks = 0; looks < many; looks += limits.drowsy_looks) {
    clock.advance(1);
    poke(0);
  }
  clock.advance(1);
  const { actors, asleep } = engine.statistics();
  assert.equal(actors, limits.awake_actors);
  assert.equal(asleep, many - actors);
  const posted = poke(1);
  clock.advance(0);
  assert.deepEqual((await posted).view?.context.at_ms, [1_000_000, clock.now_ms()]);
});

Deno.test("history is kept as long as it is told, and the ended go with it", async () => {
  const disk = new MemoryDisk();
  const journal = openMemoryJournal(disk);
  const { engine, clock } = shop(journal, { history_ms: 10_000 });
  engine.post(at("till/1"), { type: "till.opened", parcels: ["a", "b", "c"] });
  clock.advance(2_000);
  assert.equal(engine.view(at("parcel/a"))?.state, "lost");
  clock.advance(limits.forget_every_ms);
  engine.post(at("till/1"), { type: "till.noted", note: 1, pass: [] });
  clock.advance(0);
  assert.equal(engine.view(at("parcel/a")), undefined);
  assert.deepEqual(engine.history(at("till/1"), { limit: 9 }).map((row) => row.event.type), [
    "till.noted",
  ]);
  await engine.stop();
});

Deno.test("the last event of those in memory is told without the disk", async () => {
  const disk = new MemoryDisk();
  const journal = openMemoryJournal(disk);
  const looks: string[] = [];
  const history = journal.history.bind(journal);
  journal.history = (...asked) => (looks.push(asked[0]), history(...asked));
  const first = shop(journal);
  first.engine.post(at("till/1"), { type: "till.opened", parcels: ["a"] });
  first.clock.advance(0);
  const last = (engine: Engine) => engine.views("till").map(({ last_event }) => last_event?.type);
  assert.deepEqual([last(first.engine), looks], [["till.opened"], []]);
  await first.engine.stop();
  journal.close();
  const again = bench(openMemoryJournal(disk), { clock: first.clock });
  again.engine.start();
  assert.deepEqual(last(again.engine), ["till.opened"]);
});
