/** A gateway that stops, or dies, goes on from the last commit: timers, outbox, feed and time. */
import assert from "node:assert/strict";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { MemoryDisk, openMemoryJournal } from "../journal/memory.ts";
import { openSqliteJournal } from "../journal/sqlite.ts";
import { limits } from "../limits.ts";
import { at, type Bench, bench, countingRandom, ManualClock, shop, testKinds } from "./testing.ts";

const open = (engine: Bench["engine"], ...parcels: string[]) =>
  engine.post(at("till/1"), { type: "till.opened", parcels });

const told = (
  { engine }: Bench,
) => (engine.view(at("till/1"))?.context.told as { type: string; id?: string; at_ms: number }[]);

Deno.test("timers go on after a crash, on the disk as in memory, at the same deadline", () => {
  const folder = Deno.makeTempDirSync({ prefix: "engine" });
  const path = join(folder, "a.sqlite");
  const journal = openSqliteJournal(path);
  const first = shop(journal);
  open(first.engine, "a");
  first.clock.advance(400);
  const copy = join(folder, "copy.sqlite");
  copyFileSync(path, copy);
  copyFileSync(`${path}-wal`, `${copy}-wal`);

  const clock = new ManualClock(first.clock.now_ms());
  const again = openSqliteJournal(copy);
  const second = bench(again, { clock });
  second.engine.start();
  const due = second.engine.view(at("parcel/a"))?.timers[0]?.due_ms ?? 0;
  assert.equal(due, 1_000_000 + 1_000);
  clock.advance(599);
  assert.equal(second.engine.view(at("parcel/a"))?.state, "waiting");
  clock.advance(1);
  assert.equal(second.engine.view(at("parcel/a"))?.state, "expired");
  assert.deepEqual(told(second).map(({ id, at_ms }) => [id, at_ms]), [["a", due], ["none", due]]);
  again.close();
  journal.close();
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("timers that fell due meanwhile fire at the start, in order, at the time it is", () => {
  const disk = new MemoryDisk();
  const first = shop(disk);
  open(first.engine, "a");
  first.clock.advance(10);
  open(first.engine, "c");
  open(first.engine, "b");
  first.clock.advance(10);

  const clock = new ManualClock(first.clock.now_ms() + 60_000);
  const second = bench(openMemoryJournal(disk.copy()), { clock });
  second.engine.start();
  clock.advance(0);
  const expired = told(second).filter(({ type }) => type === "parcel.expired");
  assert.deepEqual(expired.map(({ id }) => id), ["a", "none", "c", "b"]);
  assert.deepEqual(new Set(expired.map(({ at_ms }) => at_ms)), new Set([clock.now_ms()]));
  // The next timeout in a row has its full time, from now on.
  assert.equal(second.engine.view(at("parcel/a"))?.state, "expired");
  clock.advance(499);
  assert.equal(second.engine.view(at("parcel/a"))?.state, "expired");
  clock.advance(1);
  assert.equal(second.engine.view(at("parcel/a"))?.state, "lost");
});

Deno.test("what is said before the start is heard before any timer that fell due", () => {
  const disk = new MemoryDisk();
  const first = shop(disk);
  open(first.engine, "a");
  first.clock.advance(10);

  const clock = new ManualClock(first.clock.now_ms() + 60_000);
  const second = bench(openMemoryJournal(disk.copy()), { clock });
  for (let other = 0; other < limits.turns_per_commit; other++) {
    second.engine.post(at(`till/other-${other}`), { type: "till.configured" });
  }
  open(second.engine, "d");
  second.engine.start();
  clock.advance(0);
  const steps = second.engine.history(at("till/1"), { limit: 10 }).toReversed();
  const after = steps.slice(steps.findIndex(({ at_ms }) => at_ms === clock.now_ms()));
  const [opened, expired] = after.map(({ event }) => event.type);
  assert.deepEqual([opened, expired], ["till.opened", "parcel.expired"]);
});

Deno.test("a timer that was cancelled in the same tick does not fire", async () => {
  const { engine, clock } = shop();
  engine.post(at("till/1"), { type: "till.wound", delay_ms: 50 });
  clock.advance(0);
  clock.advance(49);
  engine.post(at("till/1"), { type: "till.unwound" });
  engine.post(at("till/1"), { type: "till.wound", delay_ms: 50 });
  clock.advance(1);
  assert.deepEqual(engine.view(at("till/1"))?.context.told, []);
  clock.advance(49);
  const told = engine.view(at("till/1"))?.context.told as { type: string }[];
  assert.deepEqual(told.map(({ type }) => type), ["till.rang"]);
  await engine.stop();
});

Deno.test("a timer whose event nobody takes is gone, and counted", () => {
  const disk = new MemoryDisk();
  const { engine, clock } = shop(disk);
  engine.post(at("till/1"), { type: "till.wound", delay_ms: 50, ring: "till.unheard_of" } as never);
  clock.advance(49);
  assert.equal(engine.view(at("till/1"))?.timers.length, 1);
  const refused = engine.statistics().refused;
  clock.advance(1);
  assert.deepEqual(engine.view(at("till/1"))?.timers, []);
  assert.equal(engine.statistics().refused, refused + 1);
  assert.deepEqual(openMemoryJournal(disk.copy()).actor("till/1")?.timers, []);
});

Deno.test("timers with one deadline fire in the order they were set, also across a restart", () => {
  const disk = new MemoryDisk();
  const first = shop(disk);
  open(first.engine, "c", "a");
  first.clock.advance(0);
  const second = bench(openMemoryJournal(disk.copy()));
  second.engine.start();
  open(second.engine, "b");
  second.clock.advance(2_000);
  const ids = told(second).map(({ id }) => id);
  assert.deepEqual(ids, ["c", "a", "none", "b"]);
});

Deno.test("time never falls: not when the clock is set back, not across a restart", () => {
  const disk = new MemoryDisk();
  const first = shop(disk);
  open(first.engine, "a");
  first.clock.advance(0);
  first.clock.set(first.clock.now_ms() - 500_000);
  open(first.engine, "b");
  first.clock.advance(0);
  const parcel = first.engine.view(at("parcel/b"));
  assert.equal(parcel?.last_event?.at_ms, 1_000_000);
  // Its timer goes on all the same, by the time that passes.
  first.clock.advance(2_000);
  assert.equal(first.engine.view(at("parcel/b"))?.state, "expired");

  const clock = new ManualClock(1_000);
  const second = bench(openMemoryJournal(disk.copy()), { clock });
  second.engine.start();
  second.engine.post(at("till/1"), { type: "till.configured" });
  clock.advance(0);
  const last = second.engine.view(at("till/1"))?.last_event?.at_ms ?? 0;
  assert.ok(last >= openMemoryJournal(disk.copy()).head.at_ms);
});

Deno.test("commands to the issuer keep their key through retries and restarts", async () => {
  const disk = new MemoryDisk();
  const first = shop(disk);
  let woken = 0;
  first.engine.onOutbox(() => woken++);
  open(first.engine, "a", "b");
  first.engine.post(at("parcel/a"), { type: "parcel.token_given", token: "t" });
  first.clock.advance(0);
  const [row] = first.engine.outbox(0, 9);
  assert.equal(woken, 1);
  assert.equal(row?.key, `g:0101010101010101:${row?.position}`);
  assert.equal(row?.from, "parcel/a");
  assert.equal(first.engine.statistics().outbox, 1);

  const random = countingRandom();
  random.bytes(1);
  const second = bench(openMemoryJournal(disk.copy()), { random });
  second.engine.start();
  assert.deepEqual(second.engine.outbox(0, 9), [row]);
  assert.equal(second.engine.statistics().outbox, 1);
  second.engine.post(at("parcel/b"), { type: "parcel.token_given", token: "u" });
  second.clock.advance(0);
  const [, other] = second.engine.outbox(0, 9);
  assert.equal(other?.key, `g:0202020202020202:${other?.position}`);

  // The backup is restored: the same position comes again, under another key.
  const third = bench(openMemoryJournal(disk.copy()), { random });
  third.engine.start();
  third.engine.post(at("parcel/b"), { type: "parcel.token_given", token: "u" });
  third.clock.advance(0);
  const [, restored] = third.engine.outbox(0, 9);
  assert.equal(restored?.position, other?.position);
  assert.notEqual(restored?.key, other?.key);
  await third.engine.stop();
});

Deno.test("the issuer's answer settles its row and reaches the asker, once", async () => {
  const disk = new MemoryDisk();
  const { engine, clock } = shop(disk);
  open(engine, "a");
  engine.post(at("parcel/a"), { type: "parcel.token_given", token: "t" });
  clock.advance(0);
  const position = engine.outbox(0, 9)[0]?.position ?? 0;
  const answers = [1, 2].map(() => engine.settle(position, { type: "issuer.authorised" }));
  clock.advance(0);
  const [first, second] = await Promise.all(answers);
  assert.equal(first?.accepted, true);
  assert.equal(first?.view?.state, "captured");
  assert.deepEqual(second, { accepted: false, view: undefined });
  assert.deepEqual(engine.outbox(0, 9), []);
  assert.equal(engine.statistics().outbox, 0);

  // It is done: it leaves memory, takes nothing more, and is still there for who asks.
  assert.ok(!engine.views().some((view) => view.address === at("parcel/a")));
  const late = engine.post(at("parcel/a"), { type: "parcel.opened", till: "1" });
  clock.advance(0);
  assert.equal((await late).accepted, false);
  assert.equal((await late).view?.state, "captured");
  const after = bench(openMemoryJournal(disk.copy())).engine;
  after.start();
  const view = after.view(at("parcel/a"));
  assert.deepEqual([view?.state, view?.done], ["captured", true]);
  assert.equal(view?.last_event?.type, "issuer.authorised");
});

Deno.test("the feed's facts and cursor are one commit; repeated ones are passed over", async () => {
  const disk = new MemoryDisk();
  const { engine, clock } = shop(disk);
  const feed = (cursor: number, note: number) =>
    engine.feed(cursor, [
      { to: at("till/1"), event: { type: "till.noted", note, pass: [] } },
      { to: at("till/1"), event: { type: "till.noted", note: note + 1, pass: [] } },
    ]);
  const fed = Promise.all([feed(5, 10), feed(5, 20), feed(4, 30), feed(6, 40)]);
  clock.advance(0);
  await fed;
  assert.deepEqual(engine.view(at("till/1"))?.context.notes, [10, 11, 40, 41]);
  const journal = openMemoryJournal(disk.copy());
  assert.equal(journal.head.feed_cursor, 6);
  const again = bench(journal);
  again.engine.start();
  again.engine.feed(6, [{ to: at("till/1"), event: { type: "till.noted", note: 50, pass: [] } }]);
  again.clock.advance(0);
  assert.deepEqual(again.engine.view(at("till/1"))?.context.notes, [10, 11, 40, 41]);
});

Deno.test("a crash between any two commits goes on from the one before", () => {
  const disk = new MemoryDisk();
  const first = shop(disk);
  const crashes: MemoryDisk[] = [];
  const script: (() => void)[] = [
    () => open(first.engine, "a", "b"),
    () => first.engine.post(at("parcel/a"), { type: "parcel.token_given", token: "t" }),
    () => first.clock.advance(999),
    () => first.clock.advance(1),
    () => {
      for (const { position } of first.engine.outbox(0, 9)) {
        first.engine.settle(position, { type: "issuer.authorised" });
      }
    },
    () => first.clock.advance(500),
  ];
  for (const act of script) {
    act();
    first.clock.advance(0);
    crashes.push(disk.copy());
  }
  for (const crashed of crashes) {
    const clock = new ManualClock(1_000_000 + 1_000);
    const after = bench(openMemoryJournal(crashed), { clock });
    after.engine.start();
    clock.advance(0);
    for (const { position } of after.engine.outbox(0, 9)) {
      after.engine.settle(position, { type: "issuer.authorised" });
    }
    clock.advance(2_000);
    const a = after.engine.view(at("parcel/a"));
    // Where the token was lost with the crash nobody was told that it was taken: it expires.
    assert.equal(a?.state, crashed === crashes[0] ? "lost" : "captured");
    assert.equal(after.engine.view(at("parcel/b"))?.state, "lost");
    const heard = told(after).map(({ type, id }) => `${type} ${id}`).filter((it) =>
      !it.endsWith("none")
    );
    assert.equal(new Set(heard).size, heard.length, "nothing is told twice");
    assert.equal(heard.length, 2, "nothing is lost");
    assert.deepEqual(after.engine.outbox(0, 9), []);
  }
});

Deno.test("actors of an unknown kind or state are refused with a way out", () => {
  const disk = new MemoryDisk();
  const { engine, clock } = shop(disk);
  open(engine, "a");
  clock.advance(0);
  const { parcel: _, ...without } = testKinds;
  const refusal = { kind: "data_version", message: /run the release that wrote it/ };
  assert.throws(
    () => bench(openMemoryJournal(disk.copy()), { kinds: without }).engine.start(),
    refusal,
  );
  const changed = { ...testKinds, parcel: { ...testKinds.till!, births: [] } };
  assert.throws(
    () => bench(openMemoryJournal(disk.copy()), { kinds: changed }).engine.start(),
    refusal,
  );
});
