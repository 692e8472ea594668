/** What was synced is kept, what was not is not, and whoever stands on it is told. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { manualClock, settled } from "../testing/clock.ts";
import { LogSync, syncsApart } from "./log_sync.ts";

async function settles(promise: Promise<unknown>): Promise<boolean> {
  let done = false;
  promise.then(() => done = true, () => done = true);
  await settled();
  return done;
}

Deno.test("what cannot be written is not kept, also for those who ask late", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "issuer.sqlite");
    await Deno.writeFile(`${path}-wal`, new Uint8Array(1));
    let room = true;
    const log = new LogSync(path, () => {
      if (room) return [];
      throw new Error("no room");
    });
    log.noteDone();
    const first = log.kept();
    log.noteDone();
    const second = log.kept() ?? assert.fail("nothing is synced yet");
    room = false;
    assert.throws(() => log.write(), /no room/);
    await assert.rejects(second, /no room/);
    await assert.rejects(async () => await log.kept(), /no room/);
    await first;
    assert.throws(() => log.noteDone(), /no room/);
    room = true;
    log.noteDone();
    await log.kept();
    assert.equal(log.kept(), undefined);
    await log.close();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("between two syncs more is gathered, and none of it is kept before", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "issuer.sqlite");
    await Deno.writeFile(`${path}-wal`, new Uint8Array(1));
    const written: number[] = [];
    let done = 0;
    const gathering = Promise.withResolvers<() => void>();
    const log = new LogSync(
      path,
      () => {
        written.push(done);
        return [];
      },
      assert.fail,
      gathering.resolve,
    );
    const note = () => {
      done += 1;
      log.noteDone();
    };
    note();
    const first = log.kept();
    note();
    const second = log.kept() ?? assert.fail("nothing is synced yet");
    await first;
    const sync = await gathering.promise;
    note();
    assert.deepEqual(written, [1]);
    assert.equal(await settles(second), false);
    sync();
    await second;
    assert.deepEqual(written, [1, 3]);
    assert.equal(log.kept(), undefined, "what came last went with it");
    await log.close();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a log is closed when the sync that was under way is over", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "issuer.sqlite");
    await Deno.writeFile(`${path}-wal`, new Uint8Array(1));
    const log = new LogSync(path, () => []);
    log.noteDone();
    const kept = log.kept();
    let closed = false;
    const closing = Promise.resolve(log.close()).then(() => closed = true);
    await kept;
    assert.equal(closed, false, "the disk has not answered yet");
    await closing;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a log that cannot be synced stops everything that would build on it", async () => {
  const told: string[] = [];
  const log = new LogSync(
    "/nowhere/issuer.sqlite",
    () => [],
    (error) => told.push(error.message),
  );
  log.noteDone();
  await assert.rejects(async () => await log.kept(), { kind: "disk_failed" });
  assert.throws(() => log.assertSound(), { kind: "disk_failed" });
  assert.equal(told.length, 1);
  assert.match(told[0] ?? "", /issuer\.sqlite-wal .* start the issuer again$/);
  await log.close();
});

Deno.test("syncs of a fast disk stay apart, those of a slow one follow at once", async () => {
  const clock = manualClock();
  const begun: number[] = [];
  const start_ms = clock.now_ms();
  const sync = () => void begun.push(clock.now_ms() - start_ms);
  const gather = syncsApart(clock, 4);
  gather(sync);
  await clock.advance(4);
  gather(sync);
  await clock.advance(3);
  assert.deepEqual(begun, [4]);
  await clock.advance(1);
  await clock.advance(9);
  gather(sync);
  assert.deepEqual(begun, [4, 8, 17]);
});
