/** What the demo's cast is made of: goods, people, portraits, and the memory of tills. */
import assert from "node:assert/strict";
import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { chanceOf } from "../../hardware/simulated/chance.ts";
import { RuntimeError } from "../../runtime/errors.ts";
import { checkDigit } from "../../runtime/content/gtin.ts";
import { articles, fillBasket } from "./goods.ts";
import { castPeople } from "./people.ts";
import { portraits } from "./portraits.ts";
import { tillFile } from "./till_memory.ts";

Deno.test("check digits are those of the GS1 specification", () => {
  assert.equal(checkDigit("629104150021"), 3);
  assert.equal(checkDigit("400638133393"), 1);
});

Deno.test("every article has a number of its own with a correct check digit", () => {
  assert.equal(new Set(articles.map(({ gtin }) => gtin)).size, articles.length);
  for (const { gtin, price_minor } of articles) {
    assert.match(gtin, /^952\d{10}$/);
    assert.equal(checkDigit(gtin.slice(0, 12)), Number(gtin[12]));
    assert.ok(Number.isSafeInteger(price_minor) && price_minor > 0);
  }
});

Deno.test("a basket adds up, for every seed", () => {
  fc.assert(fc.property(fc.integer(), (seed) => {
    const { items, amount_minor } = fillBasket(chanceOf(seed));
    assert.ok(items.length >= 1 && items.length <= 6);
    assert.equal(items.reduce((sum, item) => sum + item.amount_minor, 0), amount_minor);
    assert.equal(new Set(items.map(({ gtin }) => gtin)).size, items.length);
    for (const item of items) assert.equal(item.amount_minor % item.quantity, 0);
  }));
});

Deno.test("nobody shares a name or a face, and the same seed casts the same people", () => {
  const people = castPeople({ seed: 1, people: 200 });
  assert.deepEqual(people, castPeople({ seed: 1, people: 200 }));
  assert.notDeepEqual(people, castPeople({ seed: 2, people: 200 }));
  const distinct = (key: (one: typeof people[number]) => unknown) => new Set(people.map(key)).size;
  assert.equal(distinct((one) => `${one.first_name} ${one.initials}`), 200);
  assert.equal(distinct((one) => one.shopper), 200);
  assert.equal(distinct((one) => one.identity), 200);
  for (const { initials } of people) assert.ok(initials.length <= 4);
  const few = castPeople({ seed: 1, people: 24 });
  const paying = (instrument: string | undefined) =>
    few.filter((one) => one.instrument === instrument).length;
  assert.deepEqual(
    [paying("test_ok"), paying("test_insufficient_funds"), paying(undefined)],
    [19, 2, 3],
  );
});

Deno.test("portraits are five different pictures of the same size", () => {
  const pictures = portraits(77);
  assert.equal(pictures.length, 5);
  assert.equal(new Set(pictures.map(({ data }) => data.toString())).size, 5);
  for (const { width, height, data } of pictures) assert.equal(data.length, width * height * 3);
});

Deno.test("open sales outlive the process in a file for its user alone", () => {
  const folder = Deno.makeTempDirSync({ prefix: "tills" });
  try {
    const path = join(folder, "tills.json");
    const sale = {
      poi_id: "poi-1",
      sale_id: "till-1",
      service_id: "abc000",
      ...fillBasket(chanceOf(1)),
      currency: "EUR",
    };
    const open = { sale, shopper: "Ana S.", account: "a-1" };
    const before = tillFile(path);
    assert.equal(before.load("1"), undefined);
    before.keep("1", open);
    before.keep("2", { ...open, account: null });
    assert.equal(statSync(path).mode & 0o777, 0o600);
    const after = tillFile(path);
    assert.deepEqual(after.load("1"), open);
    after.keep("1", undefined);
    assert.deepEqual(Object.keys(JSON.parse(readFileSync(path, "utf8"))), ["2"]);
    writeFileSync(path, "{broken");
    const corrupt = (error: unknown) =>
      error instanceof RuntimeError && error.kind === "data_corrupt";
    assert.throws(() => tillFile(path), corrupt);
    const nowhere = tillFile(join(folder, "no", "tills.json"));
    const failed = (error: unknown) =>
      error instanceof RuntimeError && error.kind === "disk_failed";
    assert.throws(() => nowhere.keep("1", open), failed);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
