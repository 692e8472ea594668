/** The short form of the mutation run: the sources as they are are clean, planted faults are found,
 * and every fault of the list still finds its place. `deno task mutate` is the long form. */
import assert from "node:assert/strict";
import { copyTree, planted, tried } from "./mutate.ts";
import { mutations } from "./simulate/mutations.ts";

const hours = 0.04;
const [seed, seeds] = [1, 3];
/** Found by the first seeds in a short store. */
const plain = ["a key made from the clock", "a receipt is promised and not written"];

Deno.test("planted faults are found, and nothing is found without them", async () => {
  const copy = await copyTree();
  try {
    assert.deepEqual(await tried(copy, seed, hours), { found: false, rule: "" });
    for (const name of plain) {
      const mutation = mutations.find((each) => each.name === name);
      assert.ok(mutation, name);
      const rules = await planted(copy, mutation, async () => {
        const told: string[] = [];
        for (let next = seed; next <= seeds && told.length === 0; next++) {
          const { found, rule } = await tried(copy, next, hours);
          if (found) told.push(rule);
        }
        return told;
      });
      assert.equal(rules.length, 1, name);
    }
  } finally {
    await Deno.remove(copy, { recursive: true });
  }
});
