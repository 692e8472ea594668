/** Who is turned away at the gateway's doors, and with what words. */
import assert from "node:assert/strict";
import { limits } from "../limits.ts";
import { basket, openStore, type TestStore } from "./store_fixture.ts";

type Options = Parameters<typeof openStore>[0];
async function inStore(story: (store: TestStore) => Promise<void>, options: Options = {}) {
  const store = await openStore(options);
  try {
    await story(store);
  } finally {
    await store.close();
  }
}
const status = async (store: TestStore, path: string, init?: RequestInit) => {
  const response = await store.app.request(path, init);
  await response.body?.cancel();
  return response.status;
};
const key = "0123456789abcdefghij";

Deno.test("a name that is not the gateway's is refused, its own are taken", () =>
  inStore(async (store) => {
    const from = (host: string) => status(store, "/healthz", { headers: { host } });
    for (
      const own of ["localhost:8480", "127.0.0.1:8480", "[::1]:8480", "till.shop", "TILL.shop:1"]
    ) {
      assert.equal(await from(own), 200, own);
    }
    for (
      const foreign of [
        "evil.example",
        "127.0.0.1.evil.example",
        "localhost.evil",
        "10.0.0.7",
        "a b",
        "",
      ]
    ) {
      assert.equal(await from(foreign), 421, foreign);
    }
  }, { change: (draft) => draft.http.names = ["till.shop"] }));

Deno.test("a gateway on the network answers under any bare address, which nobody can rebind", () =>
  inStore(async (store) => {
    const from = (host: string) => status(store, "/healthz", { headers: { host } });
    assert.equal(await from("192.168.1.20:8480"), 200);
    assert.equal(await from("evil.example"), 421);
  }, {
    change: (draft) => Object.assign(draft.http, { host: "0.0.0.0", pos_key_file: "key" }),
    posKey: key,
  }));

Deno.test("pages of other sites can neither read nor sell", () =>
  inStore(async (store) => {
    const sale = (headers: Record<string, string>) =>
      status(store, "/lane/1/sales", {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify(basket("s1")),
      });
    assert.equal(await sale({ origin: "http://evil.example" }), 403);
    assert.equal(await sale({ origin: "null" }), 403);
    assert.equal(await sale({ "sec-fetch-site": "cross-site" }), 403);
    assert.equal(await sale({ host: "127.0.0.1:8480", origin: "http://127.0.0.1:8480" }), 202);
    const response = await store.app.request("/debug/actors", {
      headers: { "sec-fetch-site": "cross-site", "sec-fetch-mode": "cors" },
    });
    assert.equal(response.status, 403);
    assert.equal(response.headers.get("access-control-allow-origin"), null);
  }));

Deno.test("with a key, lanes and debug want it; health does not", () =>
  inStore(async (store) => {
    const bearer = (text: string) => ({ headers: { authorization: text } });
    for (const path of ["/lane/1/now", "/lane/1", "/debug/actors", "/debug/", "/debug"]) {
      const refused = await store.app.request(path);
      assert.equal(refused.status, 401, path);
      assert.match(refused.headers.get("www-authenticate") ?? "", /^Basic/);
      assert.equal((await refused.json()).type, "https://saunter.invalid/problems/unauthorised");
      assert.notEqual(await status(store, path, bearer(`Bearer ${key}`)), 401, path);
    }
    assert.equal(await status(store, "/lane/1/now", bearer(`Basic ${btoa(`kim:${key}`)}`)), 200);
    for (const wrong of [`Bearer ${key}x`, "Bearer ", "Basic %%%", `Basic ${btoa("kim")}`, key]) {
      assert.equal(await status(store, "/lane/1/now", bearer(wrong)), 401, wrong);
    }
    assert.equal(await status(store, "/healthz"), 200);
  }, { posKey: key }));

Deno.test("bodies are JSON, well formed and bounded", () =>
  inStore(async (store) => {
    const post = (body: BodyInit, type = "application/json") =>
      store.json("/lane/1/sales", { method: "POST", headers: { "content-type": type }, body });
    const malformed = await post('{"poi_id": "secret-thing", ');
    assert.equal(malformed.status, 400);
    assert.match(malformed.body.detail, /not JSON/);
    assert.doesNotMatch(JSON.stringify(malformed.body), /secret-thing/);
    assert.equal((await post("a=b", "application/x-www-form-urlencoded")).status, 415);
    assert.equal((await post("{}", "text/plain")).status, 415);
    const large = await post(`"${"x".repeat(limits.request_bytes)}"`);
    assert.equal(large.status, 413);
    assert.equal(large.body.status, 413);
  }));

Deno.test("what is not there is a problem too, and every answer carries the guards", () =>
  inStore(async (store) => {
    const response = await store.app.request("/nowhere");
    assert.equal(response.status, 404);
    assert.equal(response.headers.get("content-type"), "application/problem+json");
    assert.match(response.headers.get("content-security-policy") ?? "", /script-src 'self'/);
    assert.equal(response.headers.get("x-content-type-options"), "nosniff");
    await response.body?.cancel();
  }));

Deno.test("a method that is not taken is told with those that are", () =>
  inStore(async (store) => {
    for (
      const [method, path, allow] of [
        ["DELETE", "/lane/1/sales", "POST"],
        ["PUT", "/lane/1/now", "GET"],
        ["DELETE", "/debug/actors", "GET"],
        ["GET", "/operators/sessions", "POST"],
        ["PATCH", "/operators/session", "DELETE, GET"],
      ] as const
    ) {
      const response = await store.app.request(path, { method });
      assert.deepEqual([response.status, response.headers.get("allow")], [405, allow], path);
      assert.match(await response.text(), /method_not_allowed/);
    }
    assert.equal((await store.app.request("/lane/1/sales/p/x", { method: "POST" })).status, 415);
  }));
