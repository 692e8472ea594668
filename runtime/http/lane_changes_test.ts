/** A shopper asks at a lane for a change of account data, as tills and operators tell it. */
import assert from "node:assert/strict";
import { wantedChange } from "../sync/contract/schemas.ts";
import { arrives, basket, openStore, type TestStore } from "./store_fixture.ts";

async function inStore(story: (store: TestStore) => Promise<void>, change = {}) {
  const store = await openStore(change);
  try {
    await story(store);
  } finally {
    await store.close();
  }
}
const wanted = { what: "phone", phone: "+4930123456" };
const ask = (change: Record<string, unknown> = {}) => ({
  service_id: "s1",
  initials: "ad",
  operator: "kim",
  wanted,
  ...change,
});
const ended = (outcome: string) => ({
  type: "issuer.change_ended",
  outcome,
  reason: outcome === "refused" ? "face_differs" : null,
  tries_left: outcome === "refused" ? 2 : null,
  effective_at_ms: outcome === "applied" ? 7 : null,
});

Deno.test("asked for by initials, proved, applied; the till learns it and not what it was", () =>
  inStore(async (store) => {
    await arrives(store, "v1", "Ada");
    const asked = await store.send("/lane/1/changes", ask());
    assert.deepEqual([asked.status, asked.body.state, asked.body.visit], [202, "beginning", "v1"]);
    assert.equal((await store.send("/lane/1/changes", ask())).body.change, asked.body.change);
    assert.equal(store.engine.outbox(0, 10).length, 1, "the same try asks once");
    await store.answer("issuer.begin_change", { type: "issuer.change_begun", nonce: "n" });
    const path = `/lane/1/changes/${asked.body.change}`;
    assert.equal((await store.json(path)).body.state, "proving");
    await store.post(`change/${asked.body.change}`, ended("applied"));
    const { status, body } = await store.json(path);
    assert.deepEqual([status, body.outcome, body.effective_at_ms], [200, "applied", 7]);
    const history = await store.json(`/debug/actors/change/${asked.body.change}/history`);
    assert.doesNotMatch(JSON.stringify([body, history.body]), /4930123456/);
    const late = await store.send(`${path}/cancellation`, { operator: "kim" });
    assert.equal(late.status, 409);
  }));

Deno.test("given up before the face was seen: withdrawn once the issuer says so", () =>
  inStore(async (store) => {
    await arrives(store, "v1", "Ada");
    const { body } = await store.send("/lane/1/changes", ask({ initials: undefined, visit: "v1" }));
    const path = `/lane/1/changes/${body.change}`;
    const given_up = await store.send(`${path}/cancellation`, { operator: "kim" });
    assert.deepEqual([given_up.status, given_up.body.state], [202, "withdrawing"]);
    await store.answer("issuer.end_change", ended("withdrawn"));
    assert.equal((await store.json(path)).body.outcome, "withdrawn");
  }));

Deno.test("nobody, several, both names, a lane that sells, one that is none: refused", () =>
  inStore(async (store) => {
    const status = async (body: unknown, lane = "1") =>
      (await store.send(`/lane/${lane}/changes`, body)).status;
    assert.equal(await status(ask()), 422, "nobody is here");
    await arrives(store, "v1", "Ada");
    await arrives(store, "v2", "Adam");
    assert.equal(await status(ask()), 422, "two have these initials");
    assert.equal(await status(ask({ visit: "v1" })), 400, "both names");
    assert.equal(await status(ask({ wanted: { what: "name", name: "Eve" } })), 400);
    assert.equal(await status(ask(), "9"), 404);
    await store.send("/lane/1/sales", basket("s9"));
    assert.equal(await status(ask({ initials: undefined, visit: "v1" })), 409);
    assert.equal((await store.json("/lane/1/changes/change-none")).status, 404);
  }));

Deno.test("a lane takes what the issuer takes", () => {
  for (const phone of ["+4930123456", "+1", "030123456", "+4930 123456"]) {
    assert.equal(wantedChange.safeParse({ what: "phone", phone }).success, phone === "+4930123456");
  }
});
