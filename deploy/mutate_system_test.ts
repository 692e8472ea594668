/** The short form of the mutation run: the sources as they are are clean, planted faults are found,
 * and every fault of the list still finds its place. `deno task mutate` is the long form. */
import assert from "node:assert/strict";
import { copyTree, planted, sought } from "./mutate.ts";
import { mutations } from "./simulate/mutations.ts";

const hours = 0.04;
const search = { from: 1, to: 3, hours };
/** Found by the first seeds in a short store. */
const plain = ["a key made from the clock", "a receipt is promised and not written"];

Deno.test("planted faults are found, and nothing is found without them", async () => {
  const copy = await copyTree();
  try {
    assert.equal(await sought(copy, { ...search, to: 1 }), undefined);
    for (const name of plain) {
      const mutation = mutations.find((each) => each.name === name);
      assert.ok(mutation, name);
      const found = await planted(copy, mutation, () => sought(copy, search));
      assert.ok(found !== undefined && found.rule !== "", name);
    }
  } finally {
    await Deno.remove(copy, { recursive: true });
  }
});
