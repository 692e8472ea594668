/** What an issuer costs its disk while nothing is due. */
import assert from "node:assert/strict";
import { openIssuerStore } from "./store/sqlite.ts";
import type { IssuerStore } from "./store/store.ts";
import { comeIn } from "./testing/stories.ts";
import { newShopper, openShop, town } from "./testing/town.ts";

/** The store, and how many transactions it was asked for. */
function counted() {
  const real = openIssuerStore(":memory:");
  let opened = 0;
  const store: IssuerStore = {
    tables: real.tables,
    transaction: (change) => {
      opened += 1;
      return real.transaction(change);
    },
    afterCommit: (call) => real.afterCommit(call),
    kept: () => real.kept(),
    scrub: () => real.scrub(),
    close: () => real.close(),
  };
  return { store, opened: () => opened };
}

Deno.test("where nothing is due no transaction is opened; what is due is done", async () => {
  const { store, opened } = counted();
  const place = await town({ store });
  const shop = await openShop(place);
  const ada = await newShopper(place);
  const { check_in } = await comeIn(place, shop, ada, 1);
  place.issuer.start();
  await place.clock.advance(700_000);
  assert.equal(store.tables.check_in.get(check_in)?.ended, "expired");
  assert.deepEqual(store.tables.tally.all("by_end", []), [], "openings are forgotten");
  const before = opened();
  await place.clock.advance(180_000);
  assert.equal(opened() - before, 0);
  await place.issuer.stop();
  store.close();
});
