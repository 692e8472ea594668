/**
 * Runs in the lab's machine: weighs the journal on its disk against the load that wrote it, then
 * writes on and says of every commit that it was acknowledged, until somebody takes the power away.
 */
import assert from "node:assert/strict";
import { chanceOf } from "../../hardware/simulated/chance.ts";
import { MemoryDisk, openMemoryJournal } from "../../runtime/journal/memory.ts";
import { openSqliteJournal } from "../../runtime/journal/sqlite.ts";
import { Load, sayings } from "../../runtime/journal/testing/load.ts";

const [path, seed, more] = Deno.args;
assert.ok(path !== undefined && seed !== undefined);

const journal = openSqliteJournal(path);
const load = new Load(chanceOf(`power/${seed}`));
// What the same commits make of a journal that cannot be damaged.
const expected = openMemoryJournal(new MemoryDisk());
let commits = 0;
while (expected.head.position < journal.head.position) {
  expected.commit(load.next());
  commits++;
}
assert.deepEqual(sayings(journal, load.addresses), sayings(expected, load.addresses));
console.log(`weighed ${commits}`);
while (more === "more") {
  journal.commit(load.next());
  console.log(`acknowledged ${++commits}`);
}
journal.close();
