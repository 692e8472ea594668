/** The places in which faults are planted are there: a change that moves one mends the list. */
import assert from "node:assert/strict";
import { mutations } from "./mutations.ts";

const top = new URL("../../", import.meta.url);

Deno.test("every fault of the list finds its place, once", () => {
  assert.ok(mutations.length >= 15);
  assert.equal(new Set(mutations.map(({ name }) => name)).size, mutations.length);
  for (const { name, edits } of mutations) {
    for (const { file, find } of edits) {
      const places = Deno.readTextFileSync(new URL(file, top)).split(find).length - 1;
      assert.equal(places, 1, `"${name}" finds ${places} places in ${file}: mend the list`);
    }
  }
});
