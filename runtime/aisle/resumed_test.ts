/** Which carts of an earlier tracker may go on, by what plates weigh. */
import assert from "node:assert/strict";
import { Resumed } from "./resumed.ts";

function place() {
  const forgotten: string[] = [];
  const resumed = new Resumed(5, (cart) => void forgotten.push(cart));
  resumed.left("tea", 1_200);
  resumed.left("oil", 3_000);
  resumed.goesOn("ana", 0.98);
  resumed.goesOn("ben", 1);
  return { resumed, forgotten };
}

Deno.test("plates as they were left: carts go on, no surer than they were", () => {
  const { resumed, forgotten } = place();
  resumed.weighed("tea", 1_203);
  assert.deepEqual([resumed.awaits("tea"), resumed.awaits("oil")], [false, true]);
  resumed.weighed("oil", 2_996);
  resumed.weighed("oil", 2_000);
  assert.equal(resumed.confidence("ana", 0.9), 0.98 * 0.9);
  assert.equal(resumed.confidence("cem", 0.9), 0.9, "who came after the restart");
  resumed.closes("ana");
  assert.deepEqual(forgotten, []);
});

Deno.test("one plate that has changed: nobody who was inside can be certain, told once", () => {
  const { resumed, forgotten } = place();
  resumed.weighed("tea", 1_075);
  resumed.weighed("oil", 1_000);
  resumed.closes("ana");
  assert.deepEqual(forgotten, ["ana", "ben"]);
});

Deno.test("a plate that was not weighed since: a cart that closes cannot be certain", () => {
  const { resumed, forgotten } = place();
  resumed.weighed("tea", 1_200);
  resumed.closes("ben");
  assert.deepEqual(forgotten, ["ben"]);
});
