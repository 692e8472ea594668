/** A file that will hold secrets is nobody else's. */
import assert from "node:assert/strict";
import { chmodSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openSqliteJournal } from "./sqlite.ts";
import { makePrivateFile } from "./private_file.ts";

Deno.test("a journal in an open folder is readable by its user alone, its WAL too", () => {
  const folder = Deno.makeTempDirSync({ prefix: "private" });
  try {
    chmodSync(folder, 0o755);
    const path = join(folder, "gateway.sqlite");
    makePrivateFile(path);
    const journal = openSqliteJournal(path);
    for (const each of [path, `${path}-wal`]) assert.equal(statSync(each).mode & 0o077, 0, each);
    journal.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

Deno.test("what is there stays, and a folder that is not there is somebody else's to tell", () => {
  const folder = Deno.makeTempDirSync({ prefix: "private" });
  try {
    const path = join(folder, "there");
    writeFileSync(path, "mine");
    makePrivateFile(path);
    assert.equal(readFileSync(path, "utf8"), "mine");
    makePrivateFile(join(folder, "nowhere", "file"));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
