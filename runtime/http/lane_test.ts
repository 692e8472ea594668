/** Sales as tills and operators tell them, through the lane's API and the real engine. */
import assert from "node:assert/strict";
import { MemoryDisk } from "../journal/memory.ts";
import { items as wireItems } from "../sync/contract/schemas.ts";
import { saleRequest } from "./lane.ts";
import { arrives, basket, openStore, seen, settled, type TestStore } from "./store_fixture.ts";

async function inStore(
  story: (store: TestStore) => Promise<void>,
  options: Parameters<typeof openStore>[0] = {},
): Promise<void> {
  const store = await openStore(options);
  try {
    await story(store);
  } finally {
    await store.close();
  }
}

const authorised = (store: TestStore) =>
  store.answer("issuer.authorise", {
    type: "issuer.authorised",
    authorisation: "auth-1",
    expires_ms: store.clock.now_ms() + 60_000,
  });
const captured = (store: TestStore) =>
  store.answer("issuer.capture", { type: "issuer.captured", receipt: "receipt-1" });

Deno.test("a till waits while the operator chooses between two, and learns of the receipt", () =>
  inStore(async (store) => {
    await arrives(store, "v1", "Ada");
    await arrives(store, "v2", "Grace");
    await seen(store, "till-1", "v1", "v2");

    const opened = await store.send("/lane/1/sales", basket("s1"));
    assert.equal(opened.status, 202);
    assert.equal(opened.body.state, "awaiting_selection");
    assert.equal(opened.body.outcome, null);
    assert.equal(opened.body.amount_minor, 1_250);
    assert.deepEqual(opened.body.candidates, [
      { visit: "v1", initials: "AD", first_name: "Ada" },
      { visit: "v2", initials: "GR", first_name: "Grace" },
    ]);

    const path = `/lane/1/sales/${opened.body.payment}`;
    const waiting = store.json(`${path}?wait_ms=30000`);
    const chosen = await store.send(`${path}/selection`, { visit: "v2", operator: "kim" });
    assert.equal(chosen.status, 202);
    assert.equal(chosen.body.state, "awaiting_authorisation");
    assert.deepEqual(chosen.body.candidates, []);
    await authorised(store);
    await captured(store);

    const { status, body } = await waiting;
    assert.equal(status, 200);
    assert.equal(body.outcome, "captured");
    assert.equal(body.receipt, "receipt-1");
  }));

Deno.test("a till that asks for the same sale again finds it, and another is told to wait", () =>
  inStore(async (store) => {
    const first = await store.send("/lane/1/sales", basket("s1"));
    const again = await store.send("/lane/1/sales", basket("s1"));
    assert.equal(first.body.state, "awaiting_candidates");
    assert.equal(again.body.payment, first.body.payment);

    const other = await store.send("/lane/1/sales", basket("s2"));
    assert.equal(other.status, 409);
    assert.equal(other.body.type, "https://saunter.invalid/problems/busy");
    assert.match(other.body.detail, /lane 1 is at another sale/);
  }));

Deno.test("a wait that is over answers with where the sale stands", () =>
  inStore(async (store) => {
    const waiting = store.send("/lane/1/sales", basket("s1", { wait_ms: 5_000 }));
    await settled();
    await store.clock.advance(5_000);
    const { status, body } = await waiting;
    assert.equal(status, 202);
    assert.equal(body.state, "awaiting_candidates");
    const metrics = await (await store.app.request("/metrics")).text();
    assert.match(metrics, /^saunter_http_waiting_callers 0$/m);
  }));

Deno.test("a caller that waits when the gateway stops is answered", () =>
  inStore(async (store) => {
    const waiting = store.send("/lane/1/sales", basket("s1", { wait_ms: 60_000 }));
    await settled();
    store.app.close();
    assert.equal((await waiting).status, 202);
  }));

Deno.test("a caller that hangs up waits no longer", () =>
  inStore(async (store) => {
    const { body } = await store.send("/lane/1/sales", basket("s1"));
    const leaving = new AbortController();
    const waiting = store.app.request(`/lane/1/sales/${body.payment}?wait_ms=60000`, {
      signal: leaving.signal,
    });
    await settled();
    const waiters = async () =>
      /waiting_callers (\d+)$/m.exec(await (await store.app.request("/metrics")).text())?.[1];
    assert.equal(await waiters(), "1");
    leaving.abort();
    await settled();
    assert.equal(await waiters(), "0");
    await waiting;
  }));

Deno.test("an operator cancels before anything was asked of the issuer: at once", () =>
  inStore(async (store) => {
    const { body } = await store.send("/lane/1/sales", basket("s1"));
    const path = `/lane/1/sales/${body.payment}`;
    const done = await store.send(`${path}/cancellation`, { operator: "kim" });
    assert.equal(done.status, 200);
    assert.equal(done.body.outcome, "cancelled");
    assert.equal(done.body.reason, "operator_cancelled");

    const late = await store.send(`${path}/selection`, { visit: "v1", operator: "kim" });
    assert.equal(late.status, 409);
    assert.match(late.body.detail, /is cancelled/);
  }));

Deno.test("a cancel after the issuer was asked is in progress until it is undone there", () =>
  inStore(async (store) => {
    await arrives(store, "v1", "Ada");
    await seen(store, "till-1", "v1");
    const { body } = await store.send("/lane/1/sales", basket("s1"));
    const path = `/lane/1/sales/${body.payment}`;
    await store.send(`${path}/selection`, { visit: "v1", operator: "kim" });
    const cancelling = await store.send(`${path}/cancellation`, { operator: "kim" });
    assert.equal(cancelling.status, 202);
    assert.equal(cancelling.body.state, "reversing");
    await store.answer("issuer.reverse", { type: "issuer.reversed" });
    const { status, body: reversed } = await store.json(path);
    assert.equal(status, 200);
    assert.equal(reversed.outcome, "reversed");
  }));

Deno.test("after a restart the sale is answered from what was kept", async () => {
  const disk = new MemoryDisk();
  let path = "";
  await inStore(async (store) => {
    const { body } = await store.send("/lane/1/sales", basket("s1"));
    path = `/lane/1/sales/${body.payment}`;
    await store.send(`${path}/cancellation`, { operator: "kim" });
  }, { disk });
  await inStore(async (store) => {
    const { status, body } = await store.json(`${path}?wait_ms=60000`);
    assert.equal(status, 200);
    assert.equal(body.outcome, "cancelled");
  }, { disk });
});

Deno.test("only a candidate can be chosen", () =>
  inStore(async (store) => {
    await arrives(store, "v1", "Ada");
    await arrives(store, "v2", "Grace");
    await seen(store, "till-1", "v1");
    const { body } = await store.send("/lane/1/sales", basket("s1"));
    const path = `/lane/1/sales/${body.payment}/selection`;
    const { status, body: problem } = await store.send(path, { visit: "v2", operator: "kim" });
    assert.equal(status, 409);
    assert.match(problem.detail, /only one of its candidates/);
  }));

const wrong: [string, string, unknown, number, RegExp][] = [
  ["no such lane", "/lane/9/sales", basket("s1"), 404, /no lane 9/],
  ["another currency", "/lane/1/sales", basket("s1", { currency: "CHF" }), 422, /takes EUR/],
  ["a wrong sum", "/lane/1/sales", basket("s1", { amount_minor: 5 }), 422, /add up to 1250/],
  [
    "an amount in halves",
    "/lane/1/sales",
    basket("s1", { amount_minor: 0.5 }),
    400,
    /amount_minor/,
  ],
  ["a misspelt field", "/lane/1/sales", basket("s1", { tip: 1 }), 400, /\(tip\)/],
  ["no items", "/lane/1/sales", basket("s1", { items: [] }), 400, /items/],
  ["a body that is no object", "/lane/1/sales", [1], 400, /object/],
  [
    "somebody who has not signed in",
    "/lane/1/sales/p/cancellation",
    {},
    401,
    /sign in first/,
  ],
  [
    "no such payment",
    "/lane/1/sales/none/answer",
    { kind: "initials", answer: "AB" },
    404,
    /no payment none/,
  ],
  [
    "too long a wait",
    "/lane/1/sales",
    basket("s1", { wait_ms: 3_600_000 }),
    400,
    /wait_ms/,
  ],
];
for (const [story, path, body, expected, detail] of wrong) {
  Deno.test(`refused with a problem document: ${story}`, () =>
    inStore(async (store) => {
      const response = await store.app.request(path, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      assert.equal(response.headers.get("content-type"), "application/problem+json");
      const problem = await response.json();
      assert.equal(response.status, expected, JSON.stringify(problem));
      assert.equal(problem.status, expected);
      assert.match(problem.detail, detail);
    }));
}

Deno.test("a payment is only found at its own lane", () =>
  inStore(async (store) => {
    const { body } = await store.send("/lane/1/sales", basket("s1"));
    assert.equal((await store.json(`/lane/2/sales/${body.payment}`)).status, 404);
  }));

Deno.test("what a till may sell is what the issuer takes", () => {
  const longest = {
    name: "n".repeat(200),
    gtin: "4006381333931",
    quantity: 10_000,
    amount_minor: 100_000_000,
  };
  const taken = (items: unknown) =>
    saleRequest.shape.items.safeParse(items).success === wireItems.safeParse(items).success;
  for (
    const items of [
      [longest],
      Array(200).fill(longest),
      Array(201).fill(longest),
      [],
      [{ ...longest, name: "" }],
      [{ ...longest, name: "n".repeat(201) }],
      [{ ...longest, quantity: 0 }],
      [{ ...longest, quantity: 10_001 }],
      [{ ...longest, amount_minor: 100_000_001 }],
      [{ ...longest, amount_minor: -1 }],
      [{ ...longest, gtin: "123" }],
    ]
  ) assert.ok(taken(items), JSON.stringify(items).slice(0, 300));
});

Deno.test("the operator's page follows the lane, and sees since when the issuer is gone", () =>
  inStore(async (store) => {
    await arrives(store, "v1", "Ada");
    await seen(store, "till-1", "v1");
    const response = await store.app.request("/lane/1/events");
    assert.equal(response.headers.get("content-type"), "text/event-stream");
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    const until = async (wanted: RegExp) => {
      while (!wanted.test(text)) {
        const { value, done } = await reader.read();
        if (done) assert.fail(`the stream ended before ${wanted}: ${text}`);
        text += value;
      }
    };
    await until(/"sale":null/);
    await store.send("/lane/1/sales", basket("s1"));
    await until(/"first_name":"Ada"/);
    assert.match(text, /"name":"Cheese"/);
    const lost_ms = store.clock.now_ms();
    await store.post("link/issuer", { type: "link.lost", reason: "no_answer" });
    await until(new RegExp(`"offline_since_ms":${lost_ms}`));
    store.app.close();
    await until(/event: ended\ndata: \{"reason":"the gateway is stopping"\}/);
    assert.equal((await reader.read()).done, true);
  }));

Deno.test("an automatic lane says who pays", () =>
  inStore(async (store) => {
    await arrives(store, "v1", "Ada");
    await store.send("/lane/3/sales", basket("s1"));
    await seen(store, "till-3", "v1");
    const { body } = await store.json("/lane/3/now");
    assert.equal(body.selection, "automatic");
    assert.deepEqual(body.sale.payer, { visit: "v1", initials: "AD", first_name: "Ada" });
    assert.equal(body.last, null);
  }));
