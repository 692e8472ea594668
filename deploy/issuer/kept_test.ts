/** Nobody is told of what a loss of power could still undo: no answer, no acquirer, no gateway. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { openIssuerStore } from "./store/sqlite.ts";
import { memoryIssuerStore } from "./store/memory.ts";
import type { IssuerStore } from "./store/store.ts";
import { settled } from "./testing/clock.ts";
import { authorise, capture, heldAcquirer } from "./testing/payments.ts";
import { comeIn, saleTo } from "./testing/stories.ts";
import { newShopper, openShop, town } from "./testing/town.ts";

/** A store on a disk that is as slow as tests say. */
function slowDisk(store: IssuerStore = memoryIssuerStore()) {
  let waiting: { kept: () => void; lost: (error: Error) => void }[] | undefined;
  const slow: IssuerStore = {
    tables: store.tables,
    transaction: (change) => store.transaction(change),
    afterCommit: (call) => store.afterCommit(call),
    scrub: () => store.scrub(),
    close: () => store.close(),
    kept: () =>
      waiting && new Promise((kept, lost) => void waiting?.push({ kept: () => kept(), lost })),
  };
  return {
    store: slow,
    hold: () => void (waiting = []),
    async goOn() {
      for (const { kept } of waiting?.splice(0) ?? []) kept();
      await settled();
    },
    async fail() {
      for (const { lost } of waiting?.splice(0) ?? []) lost(new Error("the disk is gone"));
      await settled();
    },
    free() {
      for (const { kept } of waiting?.splice(0) ?? []) kept();
      waiting = undefined;
    },
  };
}

async function settles(promise: Promise<unknown>): Promise<boolean> {
  let done = false;
  promise.then(() => done = true, () => done = true);
  await settled();
  return done;
}

Deno.test("an answer and the acquirer wait until what they stand on is on the disk", async () => {
  const disk = slowDisk();
  const { acquirer, asked, answerAll } = heldAcquirer();
  const place = await town({ store: disk.store, acquirer });
  const shop = await openShop(place);
  const ada = await newShopper(place);
  const { check_in, tokens } = await comeIn(place, shop, ada, 1);
  const sale = saleTo(place, check_in, tokens[0] ?? "", "p-1");
  disk.hold();
  const held = authorise(shop, sale);
  assert.equal(await settles(held), false);
  assert.deepEqual(asked, [], "the acquirer is asked of what is not on the disk");
  await disk.goOn();
  assert.deepEqual(asked, ["authorise harbour/p-1/1"]);
  await answerAll();
  assert.equal(await settles(held), false, "the answer went before its commit was kept");
  await disk.goOn();
  const answer = await held;
  assert.equal(answer.outcome, "authorised");
  const authorisation = answer.outcome === "authorised" ? answer.authorisation : "";
  const taken = capture(shop, "p-1", authorisation)();
  assert.equal(await settles(taken), false);
  assert.equal(asked.length, 1);
  disk.free();
  await answerAll();
  assert.equal((await taken).outcome, "captured");
});

Deno.test("a refusal waits as well: it may stand on what is not kept yet", async () => {
  const disk = slowDisk();
  const place = await town({ store: disk.store });
  const ada = await newShopper(place);
  disk.hold();
  const refused = ada.client.call("leave", { path: { check_in: "visit_unknown" } });
  assert.equal(await settles(refused), false);
  disk.free();
  await assert.rejects(refused, { kind: "issuer_refused" });
});

Deno.test("a gateway takes no item of the feed that is not on the disk", async () => {
  const disk = slowDisk();
  const place = await town({ store: disk.store });
  const shop = await openShop(place);
  const ada = await newShopper(place);
  const { check_in } = await comeIn(place, shop, ada, 1);
  const ending = new AbortController();
  const reader = (await shop.client.feed(0, ending.signal)).getReader();
  let text = "";
  const reading = (async () => {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      text += new TextDecoder().decode(next.value);
    }
  })();
  await settled();
  const items = () => [...text.matchAll(/^data: /gm)].length;
  const before = items();
  disk.hold();
  const left = ada.client.call("leave", { path: { check_in } });
  assert.equal(await settles(left), false);
  assert.equal(items(), before);
  disk.free();
  await left;
  await settled();
  assert.equal(items(), before + 1);
  await reader.cancel();
  await reading;
});

Deno.test("when the disk fails, nothing is answered as done", async () => {
  const disk = slowDisk();
  const { acquirer, asked } = heldAcquirer();
  const place = await town({ store: disk.store, acquirer });
  const shop = await openShop(place);
  const ada = await newShopper(place);
  const { check_in, tokens } = await comeIn(place, shop, ada, 1);
  disk.hold();
  const held = authorise(shop, saleTo(place, check_in, tokens[0] ?? "", "p-1"));
  const refused = assert.rejects(held, { kind: "issuer_unreachable" });
  await settled();
  await disk.fail();
  await disk.fail();
  await refused;
  assert.deepEqual(asked, []);
});

Deno.test("commits to a file are kept soon, many by one sync, and the file is whole", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "issuer.sqlite");
    const store = openIssuerStore(path);
    assert.equal(store.kept(), undefined, "nothing is outstanding in a file just opened");
    const merchant = (number: number) => ({ merchant: `m-${number}`, name: "Market" });
    for (let number = 0; number < 20; number += 1) {
      store.transaction(() => store.tables.merchant.insert(merchant(number)));
    }
    const all = store.kept();
    assert.ok(all, "what was committed just now is not kept yet");
    await all;
    assert.equal(store.kept(), undefined);
    store.transaction(() => store.tables.merchant.insert(merchant(20)));
    const last = store.kept();
    await store.close();
    await last;
    const again = openIssuerStore(path);
    assert.equal(again.tables.merchant.get("m-20")?.name, "Market");
    await again.close();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("transactions that wait for the log stand or fall by themselves", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "issuer.sqlite");
    const store = openIssuerStore(path);
    const { merchant } = store.tables;
    const told: string[] = [];
    const insert = (name: string) =>
      store.transaction(() => {
        merchant.insert({ merchant: name, name: "Market" });
        store.afterCommit(() => told.push(name));
      });
    insert("first");
    assert.deepEqual(told, ["first"]);
    insert("second");
    assert.throws(() => insert("second"), { name: "InvariantError" });
    assert.throws(() =>
      store.transaction(() => {
        insert("undone");
        throw new Error("no");
      })
    );
    insert("third");
    assert.deepEqual(told, ["first"], "what follows a commit came before it");
    assert.equal(merchant.get("third")?.merchant, "third");
    await store.kept();
    assert.deepEqual(told, ["first", "second", "third"]);
    const copy = join(folder, "copy.sqlite");
    for (const end of ["", "-wal"]) await Deno.copyFile(`${path}${end}`, `${copy}${end}`);
    insert("last");
    await store.close();
    assert.equal(told.at(-1), "last");
    const there = (file: string) => {
      const again = openIssuerStore(file);
      const names = ["first", "second", "undone", "third", "last"];
      const found = names.filter((name) => again.tables.merchant.get(name));
      again.close();
      return found;
    };
    assert.deepEqual(there(copy), ["first", "second", "third"]);
    assert.deepEqual(there(path), ["first", "second", "third", "last"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("what a full disk undoes of others is told to whoever stands on it", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "issuer.sqlite");
    const store = openIssuerStore(path, { max_bytes: 800_000 });
    const { merchant } = store.tables;
    const insert = (number: number, size = 10) =>
      store.transaction(() => merchant.insert({ merchant: `m-${number}`, name: "x".repeat(size) }));
    insert(1);
    const first = store.kept();
    insert(2);
    const second = store.kept() ?? assert.fail("the first one is not synced yet");
    assert.throws(() => insert(3, 1_000_000), { kind: "disk_full" });
    const late = store.kept() ?? assert.fail("nothing is kept");
    const [one, two, three] = await Promise.allSettled([first, second, late]);
    assert.equal(one.status, "fulfilled");
    const standing = merchant.get("m-2") !== undefined;
    assert.equal(two.status, standing ? "fulfilled" : "rejected");
    assert.equal(three.status, two.status);
    insert(4);
    await store.kept();
    await store.close();
    const again = openIssuerStore(path);
    const found = [1, 2, 3, 4].filter((number) => again.tables.merchant.get(`m-${number}`));
    assert.deepEqual(found, standing ? [1, 2, 4] : [1, 4]);
    await again.close();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
