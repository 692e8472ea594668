/** Money given back at a lane, as tills ask for it: once a try, and never told as another one. */
import assert from "node:assert/strict";
import { arrives, basket, openStore, seen, type TestStore } from "./store_fixture.ts";

/** The path of a captured sale of 12.50. */
async function soldSale(store: TestStore): Promise<string> {
  await arrives(store, "v1", "Ada");
  await seen(store, "till-1", "v1");
  const { body } = await store.send("/lane/1/sales", basket("s1"));
  const path = `/lane/1/sales/${body.payment}`;
  await store.send(`${path}/selection`, { visit: "v1", operator: "kim" });
  const expires_ms = store.clock.now_ms() + 60_000;
  const held = { type: "issuer.authorised", authorisation: "auth-1", expires_ms };
  await store.answer("issuer.authorise", held);
  await store.answer("issuer.capture", { type: "issuer.captured", receipt: "receipt-1" });
  return path;
}

const back = (more = {}) => ({ service_id: "r1", reason: "spoiled", operator: "kim", ...more });

Deno.test("a refund is asked of the issuer once, however often the till asks", async () => {
  const store = await openStore();
  try {
    const path = await soldSale(store);
    const first = await store.send(`${path}/refunds`, back({ amount_minor: 300 }));
    assert.deepEqual([first.status, first.body.outcome, first.body.amount_minor], [202, null, 300]);
    const again = await store.send(`${path}/refunds`, back({ amount_minor: 300 }));
    assert.equal(again.body.refund, first.body.refund);
    const asked = store.engine.outbox(0, 10).filter(({ command }) =>
      command.type === "issuer.refund"
    );
    assert.equal(asked.length, 1);
    await store.answer("issuer.refund", { type: "issuer.refunded", receipt: "receipt-2" });
    const { status, body } = await store.json(`${path}/refunds/${first.body.refund}`);
    assert.deepEqual([status, body.outcome, body.receipt], [200, "refunded", "receipt-2"]);
  } finally {
    await store.close();
  }
});

Deno.test("two amounts under one name at once: the second is not told as given back", async () => {
  const store = await openStore();
  try {
    const path = await soldSale(store);
    const answers = await Promise.all(
      [300, 900].map((amount_minor) => store.send(`${path}/refunds`, back({ amount_minor }))),
    );
    assert.deepEqual(answers.map(({ status }) => status), [202, 422]);
  } finally {
    await store.close();
  }
});

Deno.test("another amount under the same name is not told as what was given back", async () => {
  const store = await openStore();
  try {
    const path = await soldSale(store);
    await store.send(`${path}/refunds`, back({ amount_minor: 300 }));
    await store.answer("issuer.refund", { type: "issuer.refunded", receipt: "receipt-2" });
    const more = await store.send(`${path}/refunds`, back({ amount_minor: 900 }));
    assert.equal(more.status, 422);
    assert.match(more.body.detail, /use a new ServiceID/);
    const all = await store.send(`${path}/refunds`, back());
    assert.equal(all.status, 422, "all of it is another amount, too");
  } finally {
    await store.close();
  }
});

Deno.test("a refund is found at its own lane and payment only", async () => {
  const store = await openStore();
  try {
    const path = await soldSale(store);
    const { body } = await store.send(`${path}/refunds`, back());
    const read = (at: string) => store.json(`${at}/refunds/${body.refund}`);
    assert.equal((await read(path)).status, 202);
    for (const elsewhere of [path.replace("/lane/1/", "/lane/2/"), "/lane/1/sales/no-such"]) {
      assert.equal((await read(elsewhere)).status, 404, elsewhere);
    }
  } finally {
    await store.close();
  }
});
