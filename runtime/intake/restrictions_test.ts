/** Which goods want which age where. */
import assert from "node:assert/strict";
import { needOf } from "./restrictions.ts";

Deno.test("beer wants another age in Munich than in Chicago, and bread none anywhere", () => {
  assert.equal(needOf("beer_wine", "DE", {}), "age_over_16");
  assert.equal(needOf("beer_wine", "US-IL", {}), "age_over_21");
  assert.equal(needOf("spirits", "DE", {}), "age_over_18");
  assert.equal(needOf("bread", "DE", {}), undefined);
  assert.equal(needOf(undefined, "DE", {}), undefined);
});

Deno.test("a country that nobody listed gets the strictest rule", () => {
  assert.equal(needOf("tobacco", "ZZ", {}), "age_over_21");
});

Deno.test("a store may want more than its country, and of other goods", () => {
  const own = { beer_wine: "age_over_18", fireworks: "age_over_18" };
  assert.equal(needOf("beer_wine", "DE", own), "age_over_18");
  assert.equal(needOf("fireworks", "DE", own), "age_over_18");
});
