/** What waits for the tables: it is there after a crash, goes there in time, and says the same. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { chanceOf } from "../../hardware/simulated/chance.ts";
import { limits } from "../limits.ts";
import type { ActorRow } from "./journal.ts";
import { actorRow, emptyBatch } from "./journal_suite.ts";
import { changed, RecentActor } from "./recent.ts";
import { openSqliteJournal } from "./sqlite.ts";
import { copyImage, Load, prefix, sayings } from "./testing/load.ts";

function temporary(): { readonly path: string } & Disposable {
  const path = Deno.makeTempDirSync({ prefix: "backlog" });
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}

Deno.test("a crash at any distance from the tables loses nothing", () => {
  using folder = temporary();
  const path = join(folder.path, "a.sqlite");
  const load = new Load(chanceOf("backlog"));
  const batches = Array.from({ length: 2.5 * limits.recent_commits }, () => load.next());
  const journal = openSqliteJournal(path);
  const expected = prefix([], 0);
  for (const [at, batch] of batches.entries()) {
    journal.commit(batch);
    expected.commit(batch);
    if (at % 23 !== 0) continue;
    const copy = join(folder.path, `copy-${at}.sqlite`);
    copyImage(path, copy);
    const again = openSqliteJournal(copy);
    assert.deepEqual(sayings(again, load.addresses), sayings(expected, load.addresses));
    again.close();
  }
  // Without asking the tables, which brings everything into them.
  for (const address of load.addresses) {
    assert.deepEqual(journal.actor(address), expected.actor(address));
  }
  assert.deepEqual(journal.outbox(0, 1_000), expected.outbox(0, 1_000));
  assert.deepEqual(journal.messages(), expected.messages());
  journal.close();
});

Deno.test("an actor that changes often is written to its table once for many commits", () => {
  using folder = temporary();
  const path = join(folder.path, "a.sqlite");
  const journal = openSqliteJournal(path);
  const rowsIn = (table: string) => {
    const copy = join(folder.path, "copy.sqlite");
    copyImage(path, copy);
    using database = new DatabaseSync(copy);
    return Number(database.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.["n"]);
  };
  for (let sent = 1; sent <= limits.recent_commits; sent++) {
    journal.commit({ ...emptyBatch, actors: [actorRow("lane/1", { sent })] });
  }
  assert.deepEqual([rowsIn("actor"), rowsIn("recent")], [0, limits.recent_commits]);
  journal.commit({ ...emptyBatch, actors: [actorRow("lane/1", { sent: 0 })] });
  assert.deepEqual([rowsIn("actor"), rowsIn("recent")], [1, limits.recent_commits / 2 + 1]);
  assert.equal(journal.actor("lane/1")?.sent, 0);
  journal.close();
});

Deno.test("an actor that changes in every commit takes no more room for it by and by", () => {
  using folder = temporary();
  const path = join(folder.path, "a.sqlite");
  const journal = openSqliteJournal(path);
  const rowAt = (sent: number) =>
    actorRow("lane/1", { sent, context: { note: String(sent % 10).repeat(2_000), last: sent } });
  for (let sent = 1; sent <= 2.5 * limits.recent_commits; sent++) {
    journal.commit({ ...emptyBatch, actors: [rowAt(sent)] });
    if (sent % 23 !== 0) continue;
    const copy = join(folder.path, `copy-${sent}.sqlite`);
    copyImage(path, copy);
    const again = openSqliteJournal(copy);
    assert.deepEqual(again.actor("lane/1"), rowAt(sent), "after a crash");
    again.close();
  }
  journal.close();
  using database = new DatabaseSync(path);
  const { length } = database.prepare("SELECT length(state) AS length FROM actor").get() ?? {};
  assert.ok(Number(length) < 2 * limits.changes_characters, `${length} characters`);
});

Deno.test("changes make the row again, whatever has changed in it", () => {
  const actor = new RecentActor("lane/1", 7);
  const remembered = { active: ["lane.idle"], history: {} };
  const contexts: unknown[] = [
    { a: 1, b: { c: 2 } },
    { a: 1 },
    { a: undefined, d: [1] },
    null,
    {
      e: "e",
    },
    [3],
    { e: undefined },
  ];
  const rows = contexts.flatMap((context, at): ActorRow[] => {
    const row = actorRow("lane/1", { context, sent: at, heard: at % 2 ? ["visit/v", at] : [] });
    return [row, { ...row, value: `state ${at}`, remembered }, { ...row, timers: [] }];
  });
  rows.push(actorRow("lane/1", { done: true, timers: [] }));
  let told: ActorRow | undefined;
  for (const row of rows) {
    told = changed(told, JSON.parse(actor.take(row, 1)));
    const expected = JSON.parse(JSON.stringify(row));
    assert.deepEqual(told, expected);
    const kept = (JSON.parse(actor.state) as Parameters<typeof changed>[1][])
      .reduce<ActorRow | undefined>(changed, undefined);
    assert.deepEqual(kept, expected);
  }
});

Deno.test("a step that changes little of an actor is written as little", () => {
  const actor = new RecentActor("payment/p", 1);
  const context = { items: [{ name: "Bread", amount_minor: 420 }], tries: 0 };
  actor.take(actorRow("payment/p", { context }), 1);
  const next = actorRow("payment/p", { context: { ...context, tries: 1 } });
  const { timers: _, ...change } = JSON.parse(actor.take(next, 2));
  const value = { sale: "awaiting_selection" };
  const address = "payment/p";
  assert.deepEqual(change, { address, serial: 1, last: 2, value, context: { tries: 1 } });
});
