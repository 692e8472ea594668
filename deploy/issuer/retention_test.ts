/** What the issuer forgets, and what it keeps: check-ins go, payments made in them stay. */
import assert from "node:assert/strict";
import { issuerLimits } from "./limits.ts";
import { memoryIssuerStore } from "./store/memory.ts";
import { openIssuerStore } from "./store/sqlite.ts";
import { settled } from "./testing/clock.ts";
import { comeIn, saleTo } from "./testing/stories.ts";
import { newShopper, openShop, town } from "./testing/town.ts";

const day_ms = 86_400_000;

for (const [kind, open] of Object.entries({ memoryIssuerStore, openIssuerStore })) {
  Deno.test(`${kind}: check-ins are forgotten, payments stay`, async () => {
    const store = open(":memory:");
    const place = await town({ store });
    const { tables } = store;
    const shop = await openShop(place);
    const [ada, ben] = [await newShopper(place, 1), await newShopper(place, 2)];
    const first = await comeIn(place, shop, ada, 2);
    const { code, nonce } = first;
    const asked = { hardware_id: shop.beacon, code, nonce };
    await shop.client.call("askAccountData", { body: asked });
    assert.ok(tables.allowance.count("by_age") > 0, "something was reserved");
    const sale = saleTo(place, first.check_in, first.tokens[0] ?? "");
    const answer = await shop.client.call("authorise", { body: sale, key: "k-1" });
    assert.equal(answer.outcome, "authorised");
    await ada.client.call("leave", { path: { check_in: first.check_in } });

    /** Another process on the same data sweeps once. */
    const sweeps = async () => {
      const { issuer, logged } = await town({ store, clock: place.clock, random: place.random });
      issuer.start();
      await settled();
      await issuer.stop();
      assert.deepEqual(logged.filter((line) => line.includes("failed")), []);
    };
    await sweeps();
    assert.ok(tables.check_in.get(first.check_in), "it may still be asked about");

    await place.clock.advance(issuerLimits.check_in_kept_ms + day_ms);
    const second = await comeIn(place, shop, ben, 0);
    await sweeps();
    assert.equal(tables.check_in.get(first.check_in), undefined);
    assert.ok(tables.check_in.get(second.check_in));
    assert.equal(tables.allowance.count("by_age"), 0);
    assert.equal(tables.payment.first("by_name", "harbour", "p-1")?.check_in, first.check_in);
    await store.close();
  });
}

Deno.test("what is old is forgotten as fast as it comes, however much of it there is", async () => {
  const place = await town();
  const { idempotency, tally } = place.store.tables;
  const at_ms = place.clock.now_ms() - issuerLimits.idempotency_ms - 1;
  const request_hash = new Uint8Array(32);
  place.store.transaction(() => {
    for (let one = 0; one < 2 * issuerLimits.sweep_rows + 1; one++) {
      const key = `key-${one}`;
      idempotency.insert({ principal: "gateway:g", key, request_hash, answer: "{}", at_ms });
      tally.insert({ name: key, slot: 1, count: 1, until_ms: at_ms });
    }
  });
  place.issuer.start();
  await place.clock.advance(3 * issuerLimits.sweep_ms);
  assert.deepEqual([idempotency.count("by_age"), tally.count("by_end")], [0, 0]);
  await place.issuer.stop();
});
