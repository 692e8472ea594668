/** What a person is told who asks for a page that is not there. */
import assert from "node:assert/strict";
import { openStore, type TestStore } from "./store_fixture.ts";

/** What browsers send when an address is opened in them. */
const browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
const key = "0123456789abcdefghij";

async function inStore(
  story: (store: TestStore) => Promise<void>,
  options: Parameters<typeof openStore>[0] = {},
) {
  const store = await openStore(options);
  try {
    await story(store);
  } finally {
    await store.close();
  }
}

async function look(
  { app }: TestStore,
  path: string,
  headers: Record<string, string> = { accept: browser },
) {
  const response = await app.request(path, { headers });
  const type = response.headers.get("content-type") ?? "";
  return { status: response.status, type, text: await response.text(), response };
}

const linksOf = (text: string) =>
  [...text.matchAll(/href="(\/[^"]*)"/g)].map(([, href = ""]) => href);

Deno.test("a person at an address that is none gets a page with those that are", () =>
  inStore(async (store) => {
    const { lanes, displays } = store.config;
    const paths = ["/lane/99", "/lane/99/", "/lane/99/shopper", "/lane/1/", "/display/x", "/lane"];
    for (const path of [...paths, "/aisle/x", "/debug/x", "/debug/actors/lane/99"]) {
      const { status, type, text, response } = await look(store, path);
      assert.deepEqual([status, type], [404, "text/html; charset=UTF-8"], path);
      assert.match(text, /<h1>There is nothing here<\/h1>/, path);
      assert.match(response.headers.get("content-security-policy") ?? "", /script-src 'self'/);
      const links = linksOf(text);
      for (const { id } of lanes) {
        assert.ok(links.includes(`/lane/${id}`) && links.includes(`/lane/${id}/shopper`), path);
      }
      for (const { zone } of displays) assert.ok(links.includes(`/display/${zone}`), path);
    }
    for (const link of linksOf((await look(store, "/lane/99")).text)) {
      assert.equal((await look(store, link)).status, 200, link);
    }
  }));

Deno.test("a kind of actor or machine that there is not is told on a page as well", () =>
  inStore(async (store) => {
    for (const path of ["/debug/actors/x/y", "/debug/machines/x"]) {
      const { status, type, text } = await look(store, path);
      assert.deepEqual([status, type], [400, "text/html; charset=UTF-8"], path);
      assert.match(text, /expected one of &quot;visit&quot;/, path);
    }
  }));

Deno.test("who asks for the head alone gets the page's", () =>
  inStore(async ({ app }) => {
    for (const path of ["/nowhere", "/lane/99"]) {
      const response = await app.request(path, { method: "HEAD", headers: { accept: browser } });
      const { status, headers } = response;
      assert.deepEqual([status, headers.get("content-type")], [404, "text/html; charset=UTF-8"]);
      assert.equal(await response.text(), "");
    }
  }));

Deno.test("a program gets the problem, whatever else it takes", () =>
  inStore(async (store) => {
    const accepts = [undefined, "*/*", "application/json", "text/event-stream"];
    for (const accept of [...accepts, "application/problem+json, text/html;q=0.5", "text/plain"]) {
      const headers: Record<string, string> = accept === undefined ? {} : { accept };
      const { status, type, text } = await look(store, "/lane/99", headers);
      assert.deepEqual([status, type], [404, "application/problem+json"], accept);
      assert.equal(JSON.parse(text).type, "https://saunter.invalid/problems/not_found");
    }
  }));

Deno.test("a walk-out aisle's page is among those that there are", () =>
  inStore(async (store) => {
    assert.ok(linksOf((await look(store, "/lane/99")).text).includes("/aisle/"));
    assert.equal((await look(store, "/aisle")).response.headers.get("location"), "/aisle/");
  }));

Deno.test("a store without a walk-out aisle says so, and names no page of it", () =>
  inStore(async (store) => {
    const { status, text } = await look(store, "/aisle/");
    assert.equal(status, 404);
    assert.match(text, /this store has no walk-out aisle/);
    assert.ok(linksOf(text).includes("/lane/1"));
    assert.ok(!linksOf(text).includes("/aisle/"));
  }, { change: (draft) => delete draft.aisle }));

Deno.test("who has not shown the key learns no lane's name, and is asked for the key", () =>
  inStore(async (store) => {
    for (const path of ["/lane/99", "/display/x", "/nowhere", "/pages/x"]) {
      const { status, text, response } = await look(store, path);
      const closed = /^.(lane|display)/.test(path);
      assert.equal(status, closed ? 401 : 404, path);
      assert.equal(response.headers.has("www-authenticate"), closed, path);
      for (const { id, name } of store.config.lanes) {
        assert.ok(!text.includes(`/lane/${id}`) && !text.includes(name), path);
      }
    }
    const known = { accept: browser, authorization: `Basic ${btoa(`kim:${key}`)}` };
    const { text } = await look(store, "/lane/99", known);
    assert.ok(linksOf(text).includes("/lane/1"));
    assert.doesNotMatch(text, new RegExp(key));
  }, { posKey: key }));

Deno.test("what was asked for is text on the page and never markup", () =>
  inStore(async (store) => {
    const { text } = await look(
      store,
      `/lane/${encodeURIComponent("<script>alert(1)</script>")}/now`,
    );
    assert.doesNotMatch(text, /<script|<i>/);
    assert.match(text, /&lt;i&gt;&quot;till&quot;&lt;\/i&gt;/);
  }, {
    change: (draft) => draft.lanes[0].name = `<i>"till"</i>`,
  }));
