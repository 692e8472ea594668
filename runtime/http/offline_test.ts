/** A store without its issuer, as tills, operators and engineers are told of it. */
import assert from "node:assert/strict";
import { arrives, basket, openStore, seen, type TestStore } from "./store_fixture.ts";

async function inStore(story: (store: TestStore) => Promise<void>): Promise<void> {
  const store = await openStore();
  try {
    await story(store);
  } finally {
    await store.close();
  }
}
const goes = async (store: TestStore) => {
  await store.post("link/issuer", { type: "link.lost", reason: "unplugged" });
  await store.clock.advance(3_000);
};
const metric = async (store: TestStore, name: string) => {
  const text = await (await store.app.request("/metrics")).text();
  return Number(new RegExp(`^${name} (.*)$`, "m").exec(text)?.[1]);
};

async function sold(store: TestStore) {
  await arrives(store, "v1", "Ada");
  await goes(store);
  await seen(store, "till-1", "v1");
  const { body } = await store.send("/lane/1/sales", basket("s1"));
  const path = `/lane/1/sales/${body.payment}`;
  return { path, ...await store.send(`${path}/selection`, { visit: "v1", operator: "kim" }) };
}

Deno.test("a lane says at once that the issuer is away, everywhere, and since when", () =>
  inStore(async (store) => {
    assert.equal((await store.json("/lane/1/now")).body.offline_since_ms, null);
    const since_ms = store.clock.now_ms();
    await store.post("link/issuer", { type: "link.lost", reason: "unplugged" });
    const now = (await store.json("/lane/1/now")).body;
    assert.equal(now.offline_since_ms, since_ms);
    assert.equal(now.stand_in.accepting, false);
    const { body } = await store.send("/lane/1/sales", basket("s1"));
    assert.equal(body.offline_since_ms, since_ms);
    assert.equal(await metric(store, "saunter_issuer_offline_since_seconds"), since_ms / 1000);
    const { body: actor } = await store.json("/debug/actors/link/issuer");
    assert.equal(actor.context.offline_since_ms, since_ms);
    await store.clock.advance(3_000);
    const later = (await store.json("/lane/1/now")).body.stand_in;
    assert.deepEqual([later.accepting, later.per_payment_minor], [true, 7_500]);
    assert.equal(later.until_ms, since_ms + 240 * 60_000);
    await store.post("link/issuer", { type: "link.connected" });
    assert.equal((await store.json("/lane/1/now")).body.offline_since_ms, null);
    assert.equal(await metric(store, "saunter_issuer_offline_since_seconds"), 0);
  }));

Deno.test("a till is told that it is paid, and of the receipt once the issuer has heard", () =>
  inStore(async (store) => {
    const { path, status, body } = await sold(store);
    assert.equal(status, 200);
    assert.equal(body.outcome, "accepted_offline");
    assert.equal(body.receipt, null);
    assert.equal(await metric(store, "saunter_offline_open"), 1);
    assert.equal(await metric(store, "saunter_offline_open_minor"), 1_250);
    await store.post("link/issuer", { type: "link.connected" });
    await store.answer("issuer.forward", { type: "issuer.captured", receipt: "r-1" });
    const later = (await store.json(path)).body;
    assert.deepEqual([later.outcome, later.receipt], ["captured", "r-1"]);
    assert.equal(await metric(store, "saunter_offline_open"), 0);
    assert.equal(await metric(store, "saunter_offline_taken_minor_total"), 1_250);
  }));

Deno.test("what is refused late is told at its lane, and only there", () =>
  inStore(async (store) => {
    const { path, body } = await sold(store);
    const reason = "insufficient_funds";
    await store.answer("issuer.forward", { type: "issuer.forward_refused", reason });
    assert.equal((await store.json(path)).body.outcome, "refused_late");
    const { payment } = body;
    const at_ms = store.clock.now_ms();
    assert.deepEqual((await store.json("/lane/1/now")).body.stand_in.refused_late, [
      { payment, lane: "1", amount_minor: 1_250, reason, at_ms },
    ]);
    assert.deepEqual((await store.json("/lane/2/now")).body.stand_in.refused_late, []);
    assert.equal(await metric(store, "saunter_offline_refused_total"), 1);
  }));

Deno.test("neither the issuer's signature nor a token is in what is told", () =>
  inStore(async (store) => {
    const { body } = await sold(store);
    const views = ["visit/v1", `payment/${body.payment}`, "stand_in/store"];
    for (const view of views) {
      const texts = await Promise.all(
        ["", "/history"].map(async (more) =>
          JSON.stringify((await store.json(`/debug/actors/${view}${more}`)).body)
        ),
      );
      assert.doesNotMatch(texts.join(), /payload-secret/, view);
    }
  }));
