/** Content of files and content that was put: which wins, what is refused, what outlives a stop. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RuntimeError, type RuntimeErrorKind } from "../errors.ts";
import { Shelf } from "./shelf.ts";
import { contentStoreSuite } from "./shelf_suite.ts";
import { openContentStore } from "./sqlite.ts";
import { type ContentStore, memoryContentStore } from "./store.ts";
import { catalogueText, written } from "./testing.ts";

const file = written({ "@id": "https://shop.example/file", name: "Tomato soup" });
const put = written({ "@id": "https://shop.example/put", name: "Basil salad" });

function shelf(store: ContentStore, files: Record<string, unknown> = { "a.jsonld": file }): Shelf {
  const readText = (path: string) =>
    path === "shop.json" ? catalogueText : JSON.stringify(files[path]);
  const log = () => {};
  return new Shelf({ catalogue: "shop.json", files: Object.keys(files), readText, store, log });
}
const refused = (work: () => unknown, kind: RuntimeErrorKind, why: RegExp) =>
  assert.throws(
    work,
    (error) => error instanceof RuntimeError && error.kind === kind && why.test(error.message),
  );

contentStoreSuite("memory", () => {
  const store = memoryContentStore();
  return { store, again: () => store, done() {} };
});

contentStoreSuite("a file", () => {
  const folder = mkdtempSync(join(tmpdir(), "content-"));
  const path = join(folder, "content.sqlite");
  const store = openContentStore(path);
  return {
    store,
    again() {
      store.close();
      return openContentStore(path);
    },
    done: () => rmSync(folder, { recursive: true }),
  };
});

Deno.test("a file that is none of ours, or damaged, is refused with its name", () => {
  const folder = mkdtempSync(join(tmpdir(), "content-"));
  try {
    const path = join(folder, "content.sqlite");
    writeFileSync(path, "this is no database, and long enough to be looked at ".repeat(20));
    refused(() => openContentStore(path), "data_corrupt", /content\.sqlite/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

Deno.test("what was put is there again after a restart; a file's item has the last word", () => {
  const store = memoryContentStore();
  assert.deepEqual([...shelf(store).put(put).annotation], [["ingredient/basil", 0.9]]);
  const again = shelf(store);
  assert.deepEqual(again.library.items().map(({ item }) => item.id), [file["@id"], put["@id"]]);
  const now_a_file = shelf(store, { "b.jsonld": { ...put, name: "Tomato salad" } });
  assert.equal(now_a_file.library.get(put["@id"])?.item.parts[0]?.text, "Tomato salad");
});

Deno.test("an item of a file is changed in the file", () => {
  const one = shelf(memoryContentStore());
  refused(() => one.put(file), "busy", /comes from a\.jsonld/);
  refused(() => one.remove(file["@id"]), "busy", /a\.jsonld/);
  refused(() => shelf(memoryContentStore(), { a: file, b: file }), "config_invalid", /twice/);
  refused(() => shelf(memoryContentStore(), { a: { x: 1 } }), "config_invalid", /content a/);
});

Deno.test("one item at a time, and none that is not there is taken out", () => {
  const store = memoryContentStore();
  const one = shelf(store);
  const { "@context": context, ...node } = put;
  const two = { "@context": context, "@graph": [node, { ...node, "@id": "https://x.example/2" }] };
  refused(() => one.put(two), "request_invalid", /one item/);
  refused(() => one.put({ ...put, "@type": "Person" }), "request_invalid", /@type/);
  assert.deepEqual(store.all(), []);
  one.put(put);
  one.remove(put["@id"]);
  assert.deepEqual(store.all(), []);
  refused(() => one.remove(put["@id"]), "not_found", /no such content/);
});

Deno.test("what the disk would not keep is not shown, and what it replaces is shown on", () => {
  const store = memoryContentStore();
  let full = false;
  const one = shelf({
    ...store,
    put(kept) {
      if (full) throw new RuntimeError("disk_full", "the disk is full: make room");
      store.put(kept);
    },
  });
  const name = () => one.library.get(put["@id"])?.item.parts[0]?.text;
  full = true;
  refused(() => one.put(put), "disk_full", /full/);
  assert.equal(name(), undefined);
  full = false;
  one.put(put);
  full = true;
  refused(() => one.put({ ...put, name: "Tomato salad" }), "disk_full", /full/);
  assert.equal(name(), "Basil salad");
});

Deno.test("what was kept and is no content any more holds up no start", () => {
  const store = memoryContentStore();
  store.put({ id: "https://shop.example/odd", document: JSON.stringify({ "@type": "Person" }) });
  store.put({ id: put["@id"], document: JSON.stringify(put) });
  const told: string[] = [];
  const readText = (path: string) => path === "shop.json" ? catalogueText : JSON.stringify(file);
  const log = (_level: string, message: string) => void told.push(message);
  const { library } = new Shelf({ catalogue: "shop.json", files: ["a"], readText, store, log });
  assert.deepEqual(library.items().map(({ item }) => item.id), [file["@id"], put["@id"]]);
  assert.deepEqual(told, ["content that was put is left out"]);
});

Deno.test("a type that every object has by birth is no type of content", () => {
  const one = shelf(memoryContentStore());
  for (const type of ["constructor", "toString", "__proto__"]) {
    refused(() => one.put({ ...put, "@type": type }), "request_invalid", /@type/);
  }
});
