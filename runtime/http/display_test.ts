/** A display's doors: a look in, the pair out with its link marked and its reason, and content. */
import assert from "node:assert/strict";
import { written } from "../content/testing.ts";
import { arrives, type Json, openStore, settled } from "./store_fixture.ts";

const tomatoes = "9521234502593", eggs = "9521234501114", oil = "9521234504443";
const text = (segments: { text: string }[]) => segments.map((piece) => piece.text).join("");
const marks = (segments: { text: string; mark: boolean }[]) =>
  segments.filter(({ mark }) => mark).map((piece) => piece.text);

async function looked(store: Awaited<ReturnType<typeof openStore>>, body: Json): Promise<Json> {
  const { status } = await store.send("/display/tills/looks", body);
  assert.equal(status, 202);
  await settled();
  return (await store.json("/display/tills/now")).body;
}

Deno.test("who holds tomatoes is shown what goes with them, marked, and told why", async () => {
  const store = await openStore();
  try {
    assert.equal((await store.json("/display/tills/now")).body.state, "idle");
    const now = await looked(store, { gtin: tomatoes });
    assert.equal(now.state, "showing");
    assert.equal(now.product.name, "Vine tomatoes 500 g");
    assert.equal(now.shown.id, "https://riverside.example/recipes/tomato-soup");
    assert.deepEqual(marks(now.shown.name), ["Tomato"]);
    assert.deepEqual(marks(now.shown.ingredients), ["tomatoes"]);
    assert.equal(text(now.shown.name), "Tomato soup with basil");
    assert.deepEqual(now.shown.link, { entity: "ingredient/tomato", label: "tomato" });
    assert.equal(
      now.shown.why,
      "You are looking at: Vine tomatoes 500 g. This recipe has to do with it: tomato. " +
        "Whoever holds this product is shown it; who you are plays no part.",
    );
    await store.clock.advance(store.config.content.show_ms);
    const after = (await store.json("/display/tills/now")).body;
    assert.deepEqual([after.state, after.product, after.shown], ["idle", null, null]);
  } finally {
    await store.close();
  }
});

Deno.test("a personal offer is for whoever agreed to offers, and says so", async () => {
  const store = await openStore();
  try {
    await arrives(store, "ada", "Ada");
    const without = await looked(store, { gtin: oil, visit: "ada" });
    assert.equal(without.shown.personal, false);
    await arrives(store, "bea", "Bea", { offers: true });
    const with_it = await looked(store, { gtin: oil, visit: "bea" });
    assert.equal(with_it.shown.id, "https://riverside.example/offers/olive-oil-regulars");
    assert.deepEqual(with_it.shown.price, { amount_minor: 699, currency: "EUR" });
    assert.deepEqual(marks(with_it.shown.name), ["Olive oil"]);
    assert.match(with_it.shown.why, /about the same product\. It is for shoppers who agreed/);
  } finally {
    await store.close();
  }
});

Deno.test("a wrong check digit and a number that nobody sells are told apart", async () => {
  const store = await openStore();
  try {
    const wrong = await store.send("/display/tills/looks", { gtin: "9521234502594" });
    assert.equal(wrong.status, 422);
    assert.match(wrong.body.detail, /check digit/);
    const unknown = await store.send("/display/tills/looks", { gtin: "4006381333931" });
    assert.equal(unknown.status, 404);
    assert.equal((await store.send("/display/nowhere/looks", { gtin: tomatoes })).status, 404);
    assert.equal((await store.json("/display/nowhere/now")).status, 404);
    assert.equal((await store.app.request("/display/nowhere")).status, 404);
    assert.equal((await store.json("/display/tills/now")).body.look, 0);
  } finally {
    await store.close();
  }
});

Deno.test("content that is put is found to be about something, shown, and taken out", async () => {
  const store = await openStore();
  const put = (body: unknown, type = "application/ld+json") =>
    store.json("/content", {
      method: "PUT",
      headers: { "content-type": type },
      body: JSON.stringify(body),
    });
  try {
    const node = { "@type": "Offer", name: "Egg cups", itemOffered: { gtin13: eggs } };
    const { status, body } = await put(written(node));
    assert.equal(status, 200);
    assert.deepEqual(body.about, [
      { entity: `gtin/0${eggs}`, score: 1 },
      { entity: "ingredient/egg", score: 0.9 },
    ]);
    assert.equal((await looked(store, { gtin: eggs })).shown.id, "https://shop.example/1");
    assert.equal((await store.json("/content?limit=1")).body.total, 43);
    const removed = await store.app.request("/content?id=https://shop.example/1", {
      method: "DELETE",
    });
    assert.equal(removed.status, 204);
    // What stood on the display is not there any more.
    assert.equal((await store.json("/display/tills/now")).body.shown, null);
    assert.equal((await put(written({ "@type": "Person" }))).status, 422);
    const ours = "https://riverside.example/recipes/hummus";
    assert.equal((await put(written({ "@id": ours }))).status, 409);
    assert.equal((await put("no object", "application/json")).status, 400);
  } finally {
    await store.close();
  }
});

Deno.test("what a text is about can be asked", async () => {
  const store = await openStore();
  try {
    const asked = { text: "Ab morgen: Tomatensuppe", language: "de" };
    const { body } = await store.send("/content/annotations", asked);
    assert.deepEqual(body.mentions, [
      { entity: "ingredient/tomato", start: 11, end: 23, score: 0.75 },
    ]);
  } finally {
    await store.close();
  }
});

Deno.test("displays and content stand behind the store's key", async () => {
  const store = await openStore({ posKey: "k".repeat(24) });
  try {
    for (
      const path of ["/display/tills", "/display/tills/now", "/display/tills/events", "/content"]
    ) {
      assert.equal((await store.app.request(path)).status, 401, path);
    }
    const authorization = `Bearer ${"k".repeat(24)}`;
    const page = await store.app.request("/display/tills", { headers: { authorization } });
    assert.match(await page.text(), /display\.js/);
  } finally {
    await store.close();
  }
});

Deno.test("a page that follows is told of each change once", async () => {
  const store = await openStore();
  const reader = (await store.app.request("/display/tills/events")).body!.getReader();
  const events: Json[] = [];
  const following = (async () => {
    const decoder = new TextDecoder();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const data = /^event: now\ndata: (.*)$/m.exec(decoder.decode(value))?.[1];
      if (data !== undefined) events.push(JSON.parse(data));
    }
  })();
  await looked(store, { gtin: tomatoes });
  await store.close();
  await following;
  assert.equal(events[0].state, "idle");
  assert.equal(events.at(-1).state, "showing");
  assert.equal(new Set(events.map((event) => JSON.stringify(event))).size, events.length);
});

Deno.test("while a gate is open the display of its zone says how many may come in", async () => {
  const store = await openStore();
  try {
    const come_in = async (zone = "aisle") =>
      (await store.json(`/display/${zone}/now`)).body.come_in;
    assert.equal(await come_in(), null);
    await store.post("gate/in", {
      type: "store.gate_configured",
      zone: "aisle",
      ways: "in",
    });
    await store.post("gate/in", { type: "gate.code_read", entry: "e1", entry_code: "j.w.s" });
    await store.post("gate/in", {
      type: "issuer.admitted",
      entry: "e1",
      account: "ana",
      identity_key: "ana",
      people: 2,
      evidence: { kind: "code_at_gate" },
    });
    await store.post("gate/in", {
      type: "retailer.admitted",
      entry: "e1",
      visitor: "anna",
      visitor_type: "SHOPPER",
    });
    assert.deepEqual([await come_in(), await come_in("tills")], [2, null]);
    await store.post("gate/in", { type: "gate.passed_in", track: "t1" });
    assert.equal(await come_in(), 1);
    await store.post("gate/in", { type: "gate.passed_in", track: "t2" });
    assert.equal(await come_in(), null);
  } finally {
    await store.close();
  }
});
