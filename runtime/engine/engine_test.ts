/** Facts go in, are committed, and only then come back; what fails is not seen by anyone. */
import assert from "node:assert/strict";
import { RuntimeError } from "../errors.ts";
import type { Journal } from "../journal/journal.ts";
import { MemoryDisk, openMemoryJournal } from "../journal/memory.ts";
import { limits } from "../limits.ts";
import { createEngine } from "./create.ts";
import { at, bench, countingRandom, ManualClock, shop, testKinds } from "./testing.ts";

const opened = { type: "till.opened", parcels: ["a"] };

/** A journal whose commits can be watched, and made to fail. */
function watched(journal: Journal) {
  const seen = { commits: 0, fail: false };
  const wrapped: Journal = Object.create(journal, {
    head: { get: () => journal.head },
    commit: {
      value(batch: Parameters<Journal["commit"]>[0]) {
        if (seen.fail) throw new RuntimeError("disk_full", "no room");
        seen.commits++;
        journal.commit(batch);
      },
    },
  });
  for (const name of ["actor", "liveActors", "history", "outbox", "messages"] as const) {
    Object.defineProperty(wrapped, name, { value: journal[name].bind(journal) });
  }
  return { journal: wrapped, seen };
}

Deno.test("a fact goes to an actor, and what follows from it is the same turn", async () => {
  const { engine, clock } = shop();
  const posted = engine.post(at("till/1"), opened);
  clock.advance(0);
  assert.equal((await posted).accepted, true);
  const parcel = engine.view(at("parcel/a"));
  assert.equal(parcel?.state, "waiting");
  assert.deepEqual(parcel?.timers.map((timer) => timer.due_ms), [clock.now_ms() + 1_000]);
  const [row] = engine.history(at("parcel/a"), { limit: 10 });
  assert.equal(row?.turn, engine.history(at("till/1"), { limit: 1 })[0]?.turn);
  assert.equal(row?.from, "till/1");
  assert.equal(row?.before, undefined);
  assert.deepEqual(parcel?.last_event, { type: "parcel.opened", at_ms: clock.now_ms() });
});

Deno.test("a lone fact waits for nothing but the end of the present task", async () => {
  const engine = createEngine({
    kinds: testKinds,
    journal: openMemoryJournal(),
    clock: new ManualClock(),
    random: countingRandom(),
    gateway: "g",
  });
  engine.start();
  const posted = await engine.post(at("till/1"), { type: "till.configured" });
  assert.equal(posted.accepted, true);
  assert.equal(posted.view?.address, "till/1");
});

Deno.test("facts that come together are committed together, and answered only then", async () => {
  const { journal, seen } = watched(openMemoryJournal());
  const { engine, clock } = shop(journal);
  const before = seen.commits;
  const order: string[] = [];
  const facts = ["a", "b", "c"].map((id) =>
    engine.post(at("till/1"), { type: "till.opened", parcels: [id] })
      .then(() => order.push(`answered ${id} after ${seen.commits - before}`))
  );
  assert.equal(seen.commits, before);
  clock.advance(0);
  await Promise.all(facts);
  assert.deepEqual(order, ["a", "b", "c"].map((id) => `answered ${id} after 1`));
  assert.equal(engine.statistics().commits, seen.commits);
});

Deno.test("more facts than a commit holds are committed one ceiling after the other", async () => {
  const { journal, seen } = watched(openMemoryJournal());
  const { engine, clock } = shop(journal);
  const before = seen.commits;
  const count = limits.turns_per_commit * 2 + 1;
  const facts = Array.from(
    { length: count },
    (_, index) => engine.post(at(`till/${index % 20}`), { type: "till.configured" }),
  );
  clock.advance(0);
  await Promise.all(facts);
  assert.equal(seen.commits - before, 3);
});

Deno.test("a mailbox that is full refuses, and takes again when it was emptied", async () => {
  const { engine, clock } = shop();
  const facts = Array.from(
    { length: limits.mailbox },
    (_, index) => engine.post(at(`nobody/${index % 20}`), { type: "x" }),
  );
  assert.equal(engine.statistics().mailbox, limits.mailbox);
  await assert.rejects(engine.post(at("till/1"), opened), { kind: "overloaded" });
  assert.equal(engine.statistics().overloaded, 1);
  clock.advance(0);
  await Promise.all(facts);
  const again = engine.post(at("till/1"), opened);
  clock.advance(0);
  assert.equal((await again).accepted, true);
});

Deno.test("an actor whose own mailbox is full is refused more, and others are not", async () => {
  const { engine, clock } = shop();
  const noted = { type: "till.noted", note: 1, pass: [] };
  const facts = Array.from(
    { length: limits.actor_mailbox },
    () => engine.post(at("till/1"), noted),
  );
  await assert.rejects(engine.post(at("till/1"), noted), { kind: "overloaded" });
  const other = engine.post(at("eye/1"), { type: "eye.looked", till: "2" });
  clock.advance(0);
  assert.deepEqual((await Promise.all([...facts, other])).every((it) => it.accepted), true);
  assert.equal(engine.statistics().overloaded, 1);
});

Deno.test("where the latest fact is enough the oldest give way, and are counted", async () => {
  const { engine, clock } = shop();
  const looked = (till: number) =>
    engine.post(at("eye/1"), { type: "eye.looked", till: String(till) });
  const facts = Array.from({ length: limits.shed_backlog + 3 }, (_, till) => looked(till));
  const kept = engine.post(at("eye/1"), { type: "eye.stalled" });
  assert.equal(engine.statistics().mailbox, limits.shed_backlog + 1);
  clock.advance(0);
  const accepted = (await Promise.all(facts)).map((posted) => posted.accepted);
  assert.deepEqual(accepted, accepted.map((_, index) => index >= 3));
  assert.equal((await kept).accepted, true);
  assert.deepEqual(engine.statistics().shed, { eye: 3 });
});

Deno.test("facts that nobody takes are refused and counted, and leave no trace", async () => {
  const { engine, clock } = shop();
  const refused = engine.statistics().refused;
  const facts = [
    engine.post(at("till/1"), { type: "till.unheard_of" }),
    engine.post(at("till/2"), { type: "till.opened" }),
    engine.post(at("parcel/a"), { type: "issuer.authorised" }),
    engine.post(at("nobody/1"), { type: "x" }),
    engine.post(at("nowhere"), { type: "x" }),
    engine.post(at("till/1"), { type: "xstate.stop" }),
  ];
  clock.advance(0);
  const answers = await Promise.all(facts);
  assert.deepEqual(answers.map((answer) => answer.accepted), facts.map(() => false));
  assert.equal(answers[0]?.view?.address, "till/1");
  assert.equal(answers[1]?.view, undefined);
  assert.equal(engine.statistics().refused - refused, facts.length);
  assert.equal(engine.history(at("till/1"), { limit: 9 }).length, 1);
  assert.equal(engine.view(at("till/2")), undefined);
});

Deno.test("effects run after the commit, in order, and their trouble undoes nothing", () => {
  const { journal, seen } = watched(openMemoryJournal());
  const { engine, clock, acted, logged } = bench(journal);
  const commits: number[] = [];
  engine.effect("gallery.wipe", () => {
    throw new Error("no such effect is asked for here");
  });
  engine.start();
  engine.subscribe(() => commits.push(seen.commits));
  engine.subscribe(() => {
    throw new Error("the onlooker stumbles");
  });
  engine.post(at("eye/1"), { type: "eye.configured" });
  engine.post(at("eye/1"), { type: "eye.stalled" });
  engine.post(at("till/1"), { type: "till.configured" });
  clock.advance(0);
  assert.deepEqual(acted, ["camera.restart eye/1"]);
  assert.deepEqual(commits, [1, 1, 1]);
  assert.equal(logged.length, 3);
  assert.match(logged[0] ?? "", /a watcher threw after the commit .*stumbles/);
  assert.equal(engine.view(at("till/1"))?.done, false);
});

Deno.test("an effect that fails later is reported, too", async () => {
  const clock = new ManualClock();
  const logged: string[] = [];
  const engine = createEngine({
    kinds: testKinds,
    journal: openMemoryJournal(),
    clock,
    random: countingRandom(),
    gateway: "g",
    log: (level, message) => void logged.push(`${level} ${message}`),
  });
  engine.effect("camera.restart", () => Promise.reject(new Error("unplugged")));
  engine.start();
  await engine.post(at("eye/1"), { type: "eye.configured" });
  await engine.post(at("eye/1"), { type: "eye.stalled" });
  await Promise.resolve();
  assert.deepEqual(logged, ["error the effect camera.restart of eye/1 threw after the commit"]);
});

Deno.test("a failed commit stops the engine: nobody sees what was not committed", async () => {
  const { journal, seen } = watched(openMemoryJournal());
  const { engine, clock, acted } = shop(journal);
  seen.fail = true;
  const changes: unknown[] = [];
  engine.subscribe((change) => changes.push(change));
  const posted = engine.post(at("till/1"), opened);
  const stalled = engine.post(at("eye/1"), { type: "eye.stalled" });
  clock.advance(0);
  await assert.rejects(posted, { kind: "stopped", message: /no room/ });
  await assert.rejects(stalled, { kind: "stopped" });
  assert.equal((await engine.failed as RuntimeError).kind, "disk_full");
  assert.equal(engine.view(at("parcel/a")), undefined);
  assert.deepEqual([changes, acted], [[], []]);
  await assert.rejects(engine.post(at("till/1"), opened), { kind: "stopped" });
  assert.equal(clock.pending, 0);
});

Deno.test("a machine that breaks, a loop and a lost command stop the engine", async () => {
  const broken: Record<string, [string, string, RegExp]> = {
    "a throwing action": ["till/1", "till.broke", /till broke on till.broke: the drawer jams/],
    "a loop between machines": ["till/1", "till.looped", /leads to more than 64 steps/],
  };
  for (const [what, [to, type, message]] of Object.entries(broken)) {
    const { engine, clock } = shop();
    const posted = engine.post(at(to), { type });
    clock.advance(0);
    await assert.rejects(posted, { kind: "stopped" }, what);
    const failure = await engine.failed;
    assert.equal(failure.name, "InvariantError");
    assert.match(failure.message, message);
  }
  const clock = new ManualClock();
  const options = { kinds: testKinds, journal: openMemoryJournal(), clock, gateway: "g" };
  const engine = createEngine({ ...options, random: countingRandom() });
  engine.start();
  await engine.post(at("eye/1"), { type: "eye.configured" });
  await assert.rejects(engine.post(at("eye/1"), { type: "eye.stalled" }), { kind: "stopped" });
  assert.match((await engine.failed).message, /eye\/1 asks for camera.restart: no effect/);
});

Deno.test("stop commits what was taken in and takes no more", async () => {
  const disk = new MemoryDisk();
  const { engine, clock } = shop(disk);
  const posted = engine.post(at("till/1"), opened);
  await engine.stop();
  assert.equal((await posted).accepted, true);
  await assert.rejects(engine.post(at("till/1"), opened), { kind: "stopped" });
  await assert.rejects(engine.settle(1, opened), { kind: "stopped" });
  await assert.rejects(engine.feed(1, []), { kind: "stopped" });
  clock.advance(0);
  assert.equal(clock.pending, 0, "no alarm is left");
  assert.equal(openMemoryJournal(disk.copy()).actor("parcel/a")?.value, "waiting");
});

Deno.test("what is not durable costs no commit, and keeps a bounded history in memory", () => {
  const { journal, seen } = watched(openMemoryJournal());
  const { engine, clock } = shop(journal);
  const before = seen.commits;
  for (let i = 0; i < limits.volatile_history + 5; i++) {
    engine.post(at("eye/1"), { type: "eye.stalled" });
  }
  clock.advance(0);
  assert.equal(seen.commits, before);
  const rows = engine.history(at("eye/1"), { limit: limits.history_page });
  assert.equal(rows.length, limits.volatile_history);
  const positions = rows.map((row) => row.position);
  assert.deepEqual(positions, positions.toSorted((a, b) => b - a));
  const before_position = positions[10] ?? 0;
  const page = engine.history(at("eye/1"), { before: before_position, limit: 3 });
  assert.deepEqual(page.map((row) => row.position), positions.slice(11, 14));
});

Deno.test("secrets are masked wherever people look, and kept where they are needed", async () => {
  const journal = openMemoryJournal();
  const { engine, clock } = shop(journal);
  const changes: unknown[] = [];
  engine.subscribe((change) => changes.push(change));
  engine.post(at("till/1"), opened);
  const posted = engine.post(at("parcel/a"), { type: "parcel.token_given", token: "tok-1" });
  clock.advance(0);
  const shown = [
    await posted,
    engine.view(at("parcel/a")),
    engine.views(),
    engine.history(at("parcel/a"), { limit: 9 }),
    journal.history("parcel/a", { limit: 9 }),
    changes,
  ];
  for (const what of shown) {
    assert.ok(!JSON.stringify(what).includes("tok-1"));
    assert.ok(JSON.stringify(what).includes("[secret]"));
  }
  assert.equal(engine.outbox(0, 9)[0]?.command.token, "tok-1");
  assert.equal((journal.actor("parcel/a")?.context as { token: string }).token, "tok-1");
});
