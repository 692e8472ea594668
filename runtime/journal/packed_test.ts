/** Long texts are packed, come back as they were, and are not believed when they are damaged. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { limits } from "../limits.ts";
import { actorRow, emptyBatch, historyRow } from "./journal_suite.ts";
import { pack, unpack } from "./packed.ts";
import { openSqliteJournal } from "./sqlite.ts";
import { DamagedRow } from "./sums.ts";

Deno.test("a text comes back as it was, however long and in whatever script", () => {
  const part = fc.string({ unit: "binary", minLength: 1, maxLength: 40 });
  fc.assert(fc.property(part, fc.nat({ max: 1_000 }), (part, times) => {
    const text = JSON.stringify(part.repeat(times));
    assert.equal(unpack(pack(text)), text);
  }));
  assert.equal(unpack(pack("\ufeff".repeat(5_000))), "\ufeff".repeat(5_000));
});

Deno.test("only a long text is packed, to less than a tenth where it repeats itself", () => {
  const short = "x".repeat(limits.packed_characters - 1);
  assert.equal(pack(short), short);
  const packed = pack(JSON.stringify(Array.from({ length: 500 }, (_, at) => historyRow(at))));
  assert.ok(packed instanceof Uint8Array && packed.length < 10_000);
});

Deno.test("what was not packed here is a damaged row", () => {
  const packed = pack("till ".repeat(2_000));
  assert.ok(packed instanceof Uint8Array);
  packed[0] = 0;
  assert.throws(() => unpack(packed), DamagedRow);
  assert.throws(() => unpack(new Uint8Array([1, 2, 3])), DamagedRow);
});

Deno.test("a commit of many steps stands packed in the file, and is read after a restart", () => {
  const folder = Deno.makeTempDirSync({ prefix: "journal" });
  const path = join(folder, "a.sqlite");
  const addresses = Array.from({ length: 300 }, (_, at) => `visit/${at}`);
  const history = addresses.map((address, at) => historyRow(at + 1, { address }));
  const journal = openSqliteJournal(path);
  const actors = addresses.map((address) => actorRow(address));
  journal.commit({ ...emptyBatch, actors, history });
  journal.commit({ ...emptyBatch, history: [historyRow(301, { address: "visit/7" })] });
  journal.close();
  {
    using database = new DatabaseSync(path);
    const rows = database.prepare("SELECT typeof(steps) AS type FROM history").all();
    assert.deepEqual(rows.map(({ type }) => type), ["blob", "blob", "blob", "text"]);
  }
  const again = openSqliteJournal(path);
  for (const [at, address] of addresses.entries()) {
    const found = again.history(address, { limit: 9 });
    assert.deepEqual(found.at(-1), history[at]);
    assert.deepEqual(again.actor(address), actors[at]);
  }
  assert.equal(again.history("visit/7", { limit: 9 }).length, 2);
  again.close();
  Deno.removeSync(folder, { recursive: true });
});
