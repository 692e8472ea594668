/** The journal's old parts are looked after while facts are taken. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openSqliteJournal } from "../journal/sqlite.ts";
import { at, type Bench, bench, ManualClock, shop } from "./testing.ts";

const open = (engine: Bench["engine"], ...parcels: string[]) =>
  engine.post(at("till/1"), { type: "till.opened", parcels });

Deno.test("damage in old history is counted and told, and facts are taken", async () => {
  const folder = Deno.makeTempDirSync({ prefix: "engine" });
  const path = join(folder, "a.sqlite");
  const journal = openSqliteJournal(path);
  const first = shop(journal);
  open(first.engine, "a");
  await first.engine.stop();
  journal.close();
  // One bit of a word that only the history has, in the oldest of its rows.
  const bytes = Deno.readFileSync(path);
  const at_byte = new TextDecoder("latin1").decode(bytes).lastIndexOf('"from":["outside"') + 10;
  bytes[at_byte] = (bytes[at_byte] ?? 0) ^ 1;
  Deno.writeFileSync(path, bytes);

  const again = openSqliteJournal(path);
  const clock = new ManualClock(first.clock.now_ms());
  // Whoever looks for what may be forgotten comes by the damage first.
  const second = bench(again, { clock, history_ms: 86_400_000 });
  second.engine.start();
  const last = second.engine.views("till").map(({ last_event }) => last_event);
  assert.deepEqual(last, [null], "whoever looks on sees all the rest");
  const posted = open(second.engine, "b");
  second.clock.advance(0);
  assert.equal((await posted).accepted, true);
  assert.equal(second.engine.statistics().damaged, 1);
  assert.match(
    second.logged.join(),
    /old history is damaged: .*history up to step \d+ is not as it was/,
  );
  await second.engine.stop();
  again.close();
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("what comes for an actor that ended is refused where its row is damaged", async () => {
  const folder = Deno.makeTempDirSync({ prefix: "engine" });
  const path = join(folder, "a.sqlite");
  const journal = openSqliteJournal(path);
  const first = shop(journal);
  open(first.engine, "a");
  first.clock.advance(60_000);
  assert.equal(first.engine.view(at("parcel/a"))?.state, "lost");
  await first.engine.stop();
  journal.close();
  const file = new DatabaseSync(path);
  file.exec("UPDATE ended SET state = replace(state, 'lost', 'last') WHERE address = 'parcel/a'");
  file.close();

  const again = openSqliteJournal(path);
  const second = shop(again, { clock: new ManualClock(first.clock.now_ms()) });
  const poked = second.engine.post(at("parcel/a"), { type: "parcel.poked" });
  second.clock.advance(0);
  const posted = await poked;
  const damage = { kind: "data_corrupt", message: /parcel\/a is not as it was/ };
  assert.equal(posted.accepted, false);
  assert.throws(() => posted.view, damage, "nobody knows how it ended");
  assert.throws(() => second.engine.view(at("parcel/a")), damage);
  const refused = () => second.logged.filter((line) => line.startsWith("an event is refused"));
  assert.match(refused().join(), /parcel\.poked.*parcel\/a is not as it was/);
  // Among actors, and from the feed, it is the same.
  open(second.engine, "a", "b");
  await Promise.all([
    second.engine.feed(7, [{ to: at("parcel/a"), event: { type: "parcel.poked" } }]),
    second.clock.advance(0),
  ]);
  assert.equal(second.engine.view(at("parcel/b"))?.done, false);
  assert.equal(refused().length, 3);
  assert.ok(second.engine.statistics().damaged >= 3);
  await second.engine.stop();
  again.close();
  Deno.removeSync(folder, { recursive: true });
});
