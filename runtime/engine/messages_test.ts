/** Messages between actors: none lost, none taken twice, however late and often they arrive. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { MessageRow } from "../journal/journal.ts";
import { MemoryDisk, openMemoryJournal } from "../journal/memory.ts";
import type { Delivery } from "./mail.ts";
import { Mail } from "./mail.ts";
import { at, type Bench, bench, ManualClock, shop } from "./testing.ts";

const note = (engine: Bench["engine"], number: number, ...pass: string[]) =>
  engine.post(at("till/1"), { type: "till.noted", note: number, pass });

const notes = ({ engine }: Bench, id: string) =>
  engine.view(at(`till/${id}`))?.context.notes as number[];

/** A shop with more tills. */
function tills(count: number, ...more: Parameters<typeof shop>): Bench {
  const made = shop(...more);
  for (let id = 2; id <= count; id++) {
    made.engine.post(at(`till/${id}`), { type: "till.configured" });
  }
  made.clock.advance(0);
  return made;
}

/** Messages to tills arrive as told; all others at once. */
const tillsArrive = (delays: (message: MessageRow) => readonly number[]): Delivery => (message) =>
  message.to.startsWith("till/") ? delays(message) : [0];

Deno.test("a message that is late is written down, survives a crash, and is taken once", () => {
  const disk = new MemoryDisk();
  const deliver = tillsArrive(() => [100, 200]);
  const first = tills(2, disk, { deliver });
  note(first.engine, 7, "till/2");
  first.clock.advance(0);
  assert.deepEqual(notes(first, "2"), []);
  const crashed = disk.copy();
  const journal = openMemoryJournal(crashed.copy());
  assert.deepEqual(journal.messages().map(({ from, sequence, to }) => [from, sequence, to]), [
    ["till/1", 1, "till/2"],
  ]);
  first.clock.advance(100);
  assert.deepEqual(notes(first, "2"), [7]);
  assert.deepEqual(openMemoryJournal(disk.copy()).messages(), []);
  first.clock.advance(100);
  assert.deepEqual(notes(first, "2"), [7], "it arrived again, and was known");

  const second = bench(openMemoryJournal(crashed), { deliver, clock: new ManualClock(1_000_200) });
  second.engine.start();
  second.clock.advance(99);
  assert.deepEqual(notes(second, "2"), []);
  second.clock.advance(500);
  assert.deepEqual(notes(second, "2"), [7]);
});

Deno.test("a message whose taking was not committed comes again; one whose was, does not", () => {
  const disk = new MemoryDisk();
  const deliver = tillsArrive(() => [100]);
  const first = tills(2, disk, { deliver });
  note(first.engine, 7, "till/2");
  first.clock.advance(99);
  const before = disk.copy();
  first.clock.advance(1);
  for (const crashed of [before, disk.copy()]) {
    const after = bench(openMemoryJournal(crashed));
    after.engine.start();
    after.clock.advance(0);
    assert.deepEqual(notes(after, "2"), [7]);
  }
});

Deno.test("messages that never arrive in one life arrive in the next", () => {
  const disk = new MemoryDisk();
  const first = tills(2, disk, { deliver: tillsArrive(() => []) });
  note(first.engine, 1, "till/2");
  note(first.engine, 2, "till/2");
  first.clock.advance(10_000);
  assert.deepEqual(notes(first, "2"), []);
  const second = bench(openMemoryJournal(disk.copy()));
  second.engine.start();
  second.clock.advance(0);
  assert.deepEqual(notes(second, "2"), [1, 2]);
});

Deno.test("messages from one sender to one receiver are taken in the order of sending", () => {
  const delays: Record<number, number[]> = { 1: [300], 2: [100], 3: [0], 4: [200, 50] };
  const deliver = tillsArrive(({ event }) => delays[(event as { note?: number }).note ?? 0] ?? [0]);
  const shop = tills(3, new MemoryDisk(), { deliver });
  for (const number of [1, 2, 3, 4]) note(shop.engine, number, "till/2");
  note(shop.engine, 5, "till/3");
  shop.clock.advance(299);
  assert.deepEqual(notes(shop, "2"), []);
  assert.deepEqual(notes(shop, "3"), [5], "others do not wait");
  shop.clock.advance(1);
  assert.deepEqual(notes(shop, "2"), [1, 2, 3, 4]);
});

Deno.test("what is sent while waiting messages are taken comes behind them", () => {
  const deliver = tillsArrive(({ sequence }) => sequence === 1 ? [50] : [0]);
  const { engine, clock } = shop(new MemoryDisk(), { deliver });
  // The first goes from the till to itself twice: taken, it is sent again, behind the second.
  note(engine, 9, "till/1", "till/1");
  note(engine, 2, "till/1");
  clock.advance(50);
  const heard = engine.view(at("till/1"))?.context.notes as number[];
  assert.deepEqual(heard, [9, 2, 9, 2, 9]);
});

Deno.test("a message that nobody takes is gone, and counted", () => {
  const disk = new MemoryDisk();
  const { engine, clock } = shop(disk, { deliver: tillsArrive(() => [10]) });
  const refused = engine.statistics().refused;
  note(engine, 1, "till/9");
  clock.advance(10);
  assert.equal(engine.statistics().refused, refused + 1);
  assert.deepEqual(openMemoryJournal(disk.copy()).messages(), []);
});

Deno.test("an eye counts from one after every start, and its till hears it all the same", () => {
  const disk = new MemoryDisk();
  const told = ({ engine }: Bench) =>
    (engine.view(at("till/1"))?.context.told as { count: number }[]).map(({ count }) => count);
  const looks = ({ engine, clock }: Bench, times: number) => {
    for (let i = 0; i < times; i++) engine.post(at("eye/1"), { type: "eye.looked", till: "1" });
    clock.advance(0);
  };
  const first = shop(disk);
  looks(first, 3);
  assert.deepEqual(told(first), [1, 2, 3]);
  const row = openMemoryJournal(disk.copy()).history("till/1", { limit: 1 })[0];
  assert.equal(row?.from, "eye/1");
  const random = { bytes: (length: number) => new Uint8Array(length).fill(0xee) };
  const second = shop(disk.copy(), { random });
  looks(second, 2);
  assert.deepEqual(told(second), [1, 2, 3, 1, 2]);
});

Deno.test("what is sent to one that is not durable is kept in memory alone", () => {
  const disk = new MemoryDisk();
  const first = shop(disk, { deliver: tillsArrive(() => [50]) });
  first.engine.post(at("eye/1"), { type: "eye.looked", till: "1" });
  first.clock.advance(0);
  const message = openMemoryJournal(disk.copy()).messages()[0];
  assert.match(message?.from ?? "", /^eye\/1#[0-9a-f]{16}$/, "to a till it is written down");
  const journal = openMemoryJournal();
  const { engine, clock } = shop(journal, { deliver: () => [50] });
  note(engine, 7, "eye/1");
  clock.advance(49);
  assert.deepEqual([engine.view(at("eye/1"))?.context.count, journal.messages()], [0, []]);
  clock.advance(1);
  assert.equal(engine.view(at("eye/1"))?.context.count, 7);
});

function engineRow(disk: MemoryDisk) {
  const row = openMemoryJournal(disk.copy()).actor("till/1");
  assert.ok(row);
  return row;
}

Deno.test("senders that will not write again are forgotten, but not what may be repeated", () => {
  const disk = new MemoryDisk();
  const { engine, clock } = shop(disk, { deliver: tillsArrive(() => [0, 100_000]) });
  for (let i = 0; i < 200; i++) {
    engine.post(at("till/1"), { type: "till.opened", parcels: [`${i}`] });
    clock.advance(2_000);
    assert.equal(engine.view(at(`parcel/${i}`))?.done, true);
  }
  // The repetitions of the last fifty senders are still to come.
  assert.ok(engineRow(disk).heard.length > 80);
  clock.advance(100_000);
  engine.post(at("till/1"), { type: "till.opened", parcels: ["last"] });
  clock.advance(2_000);
  const row = engineRow(disk);
  assert.ok(row.heard.length <= 34);
  const told = (row.context as { told: { id: string }[] }).told.map(({ id }) => id);
  assert.equal(told.length, 202);
  assert.equal(new Set(told).size, 202);
});

Deno.test("senders that may still write are remembered until the next start", () => {
  const disk = new MemoryDisk();
  const look = ({ engine, clock }: Bench) => {
    for (let i = 0; i < 20; i++) {
      engine.post(at(`eye/${i}`), { type: "eye.configured" });
      engine.post(at(`eye/${i}`), { type: "eye.looked", till: "1" });
    }
    clock.advance(0);
  };
  look(shop(disk));
  assert.equal(engineRow(disk).heard.length, 40);
  const next = disk.copy();
  look(shop(next, { random: { bytes: (length) => new Uint8Array(length).fill(0xee) } }));
  const senders = engineRow(next).heard.filter((part) => typeof part === "string");
  assert.equal(senders.filter((sender) => sender.endsWith("#eeeeeeeeeeeeeeee")).length, 20);
  assert.equal(senders.length, 20);
});

Deno.test("the mail gives out every message, in order of sending, at its first chance", () => {
  const send = fc.record({
    to: fc.constantFrom("a/1", "a/2"),
    delays: fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 3 }),
  });
  fc.assert(fc.property(fc.array(send, { maxLength: 30 }), (sends) => {
    const mail = new Mail((message) => sends[message.sequence - 1]?.delays ?? []);
    const given: Record<string, number[]> = { "a/1": [], "a/2": [] };
    const arrivals: { when: number; message: MessageRow }[] = [];
    const give = (message: MessageRow) => {
      const list = given[message.to];
      if (list && !list.includes(message.sequence)) list.push(message.sequence);
    };
    sends.forEach(({ to }, index) => {
      const message = { from: "s", sequence: index + 1, to, event: { type: "x" } };
      const { now, later } = mail.send(message);
      if (now) give(message);
      for (const delay of later) arrivals.push({ when: index + delay, message });
    });
    arrivals.sort((a, b) => a.when - b.when);
    for (const { message } of arrivals) for (const ready of mail.arrive(message)) give(ready);
    for (const to of ["a/1", "a/2"]) {
      const expected = sends.flatMap((it, index) => it.to === to ? [index + 1] : []);
      assert.deepEqual(given[to], expected);
    }
    assert.ok(mail.isQuiet("s"));
  }));
});
