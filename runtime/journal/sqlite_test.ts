/** The journal on disk keeps the promises of a journal, and refuses a file that it cannot trust. */
import assert from "node:assert/strict";
import { copyFileSync, existsSync, truncateSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import type { RuntimeErrorKind } from "../errors.ts";
import { RuntimeError } from "../errors.ts";
import {
  actorRow,
  emptyBatch,
  historyRow,
  journalSuite,
  oneLine,
  type Place,
} from "./journal_suite.ts";
import { applicationId, schemaVersion } from "./schema.ts";
import { openSqliteJournal } from "./sqlite.ts";

function placeAt(folder: string, name: string): Place {
  const path = join(folder, name);
  let copies = 0;
  return {
    open: (options) => openSqliteJournal(path, options),
    crashed() {
      const copy = `copy-${++copies}-${name}`;
      copyFileSync(path, join(folder, copy));
      copyFileSync(`${path}-wal`, join(folder, `${copy}-wal`));
      return placeAt(folder, copy);
    },
  };
}

function temporary(): { readonly path: string } & Disposable {
  const path = Deno.makeTempDirSync({ prefix: "journal" });
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}

journalSuite("sqlite", () => {
  const folder = temporary();
  return { ...placeAt(folder.path, "a.sqlite"), [Symbol.dispose]: () => folder[Symbol.dispose]() };
});

function refuses(path: string, kind: RuntimeErrorKind, wording: RegExp): void {
  assert.throws(() => openSqliteJournal(path), (error) => {
    assert.ok(error instanceof RuntimeError);
    assert.equal(error.kind, kind);
    assert.match(error.message, wording);
    assert.ok(error.message.includes(path) && oneLine(error));
    return true;
  });
}

/** A journal of some pages, closed. */
function written(path: string): void {
  const journal = openSqliteJournal(path);
  for (let i = 1; i <= 50; i++) {
    const context = { text: "x".repeat(2_000) };
    journal.commit({
      ...emptyBatch,
      actors: [actorRow(`visit/${i}`, { context })],
      history: [historyRow(i, { address: `visit/${i}` })],
    });
  }
  journal.close();
}

Deno.test("a file that is no database is refused", () => {
  using folder = temporary();
  const path = join(folder.path, "a.sqlite");
  Deno.writeTextFileSync(path, "a shopping list, by mistake in this place. ".repeat(200));
  refuses(path, "data_corrupt", /is damaged .*restore it from a backup/);
});

Deno.test("a damaged page is found at the opening", () => {
  using folder = temporary();
  const path = join(folder.path, "a.sqlite");
  written(path);
  const bytes = Deno.readFileSync(path);
  bytes.fill(0xa5, 4_096 * 5, 4_096 * 12);
  Deno.writeFileSync(path, bytes);
  refuses(path, "data_corrupt", /is damaged/);
});

/** Writes something else over every place in the file where a text stands. */
function spoil(path: string, text: string): void {
  const bytes = Deno.readFileSync(path);
  const sought = new TextEncoder().encode(text);
  let found = 0;
  for (let at = bytes.indexOf(sought[0]!); at >= 0; at = bytes.indexOf(sought[0]!, at + 1)) {
    if (!sought.every((byte, index) => bytes[at + index] === byte)) continue;
    bytes[at] = 0x23;
    found++;
  }
  assert.ok(found > 0);
  Deno.writeFileSync(path, bytes);
}

Deno.test("history that is damaged stops no start, and is found while the gateway runs", () => {
  using folder = temporary();
  const path = join(folder.path, "a.sqlite");
  const journal = openSqliteJournal(path);
  const done = actorRow("payment/p", { done: true, timers: [] });
  const row = historyRow(2, { address: "payment/p", event: { type: "pos.sale_aborted" } });
  journal.commit({ ...emptyBatch, actors: [actorRow("lane/1"), done], history: [historyRow(1)] });
  journal.commit({ ...emptyBatch, history: [row] });
  journal.commit({ ...emptyBatch, history: [historyRow(3)] });
  assert.deepEqual(journal.shelf?.check(2), { rows: 2, whole: false });
  assert.deepEqual(journal.shelf?.check(9), { rows: 1, whole: true });
  journal.close();
  spoil(path, "pos.sale_aborted");

  const again = openSqliteJournal(path, { checked_pages: 1 });
  const damage = { kind: "data_corrupt", message: /is damaged .*history up to step 2/ };
  assert.throws(() => again.shelf?.check(9), damage);
  assert.deepEqual(again.shelf?.check(9), { rows: 2, whole: true }, "what is behind the damage");
  assert.throws(() => again.shelf?.check(9), damage, "and again from the beginning");
  assert.deepEqual(again.history("lane/1", { limit: 1 }), [historyRow(3)]);
  again.commit({ ...emptyBatch, history: [historyRow(4)] });
  const after = (position: number) => historyRow(position).at_ms + 1;
  assert.equal(again.shelf?.forget(after(2), 9), 1, "what may be forgotten before the damage");
  assert.deepEqual(again.shelf?.check(9), { rows: 3, whole: true });
  assert.throws(() => again.shelf?.check(9), damage);
  assert.equal(again.shelf?.forget(after(3), 9), 1, "and the damage with what is behind it");
  assert.deepEqual(again.shelf?.check(9), { rows: 2, whole: true });
  assert.deepEqual(again.history("lane/1", { limit: 9 }), [historyRow(4)]);
  again.close();
});

Deno.test("what a gateway goes on from is read at every start, however large the file", () => {
  using folder = temporary();
  const path = join(folder.path, "a.sqlite");
  written(path);
  const sound = openSqliteJournal(path, { checked_pages: 1 });
  assert.ok(sound.actor("visit/7"));
  sound.close();
  const copy = join(folder.path, "b.sqlite");
  const bytes = Deno.readFileSync(path);
  // Pages of the actors' texts, which are the only x in a row.
  const page = Math.floor(new TextDecoder("latin1").decode(bytes).indexOf("x".repeat(900)) / 8_192);
  bytes.fill(0xa5, page * 8_192, (page + 1) * 8_192);
  Deno.writeFileSync(copy, bytes);
  assert.throws(() => openSqliteJournal(copy, { checked_pages: 1 }), { kind: "data_corrupt" });
});

Deno.test("a file cut short is found at the opening", () => {
  using folder = temporary();
  const path = join(folder.path, "a.sqlite");
  written(path);
  truncateSync(path, 4_096 * 10);
  refuses(path, "data_corrupt", /is damaged/);
});

Deno.test("a journal of another format is refused, newer or older", () => {
  using folder = temporary();
  const path = join(folder.path, "a.sqlite");
  written(path);
  const setVersion = (version: number) => {
    using database = new DatabaseSync(path);
    database.exec(`PRAGMA user_version = ${version}`);
  };
  setVersion(schemaVersion + 1);
  refuses(path, "data_version", /newer format .* update the gateway/);
  setVersion(schemaVersion - 1);
  refuses(path, "data_version", /older format .* name another data folder/);
});

Deno.test("another program's database is left alone", () => {
  using folder = temporary();
  const path = join(folder.path, "a.sqlite");
  {
    using database = new DatabaseSync(path);
    database.exec("CREATE TABLE bookmarks (url TEXT)");
  }
  const before = Deno.readFileSync(path);
  refuses(path, "data_version", /another program's database/);
  assert.deepEqual(Deno.readFileSync(path), before);
});

Deno.test("a folder that is not there, or is a file, is a failed disk with a way out", () => {
  using folder = temporary();
  refuses(join(folder.path, "none", "a.sqlite"), "disk_failed", /folder exist and writable/);
  Deno.writeTextFileSync(join(folder.path, "file"), "");
  refuses(join(folder.path, "file", "a.sqlite"), "disk_failed", /folder exist and writable/);
});

Deno.test("a disk that is full from the first day leaves no half-made journal behind", () => {
  using folder = temporary();
  const path = join(folder.path, "a.sqlite");
  assert.throws(() => openSqliteJournal(path, { max_bytes: 8_192 }), { kind: "disk_full" });
  openSqliteJournal(path).close();
});

Deno.test("the file is recognisable, in WAL mode, and overwrites what it deletes", () => {
  using folder = temporary();
  const path = join(folder.path, "a.sqlite");
  const journal = openSqliteJournal(path);
  const token = "secret-token-0123456789";
  const event = { type: "visit.granted", token };
  const envelope = { from: "visit/v", sequence: 1 };
  journal.commit({
    ...emptyBatch,
    messages_added: [{ ...envelope, to: "payment/p", event }],
  });
  assert.ok(existsSync(`${path}-wal`));
  assert.ok(!existsSync(`${path}-shm`));
  journal.commit({ ...emptyBatch, messages_delivered: [envelope] });
  journal.close();
  const text = new TextDecoder("latin1").decode(Deno.readFileSync(path));
  assert.ok(!text.includes(token));
  using database = new DatabaseSync(path);
  assert.equal(database.prepare("PRAGMA application_id").get()?.application_id, applicationId);
});
