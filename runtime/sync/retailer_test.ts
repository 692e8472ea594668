/** What a gateway makes of each answer of the retailer's own system. */
import assert from "node:assert/strict";
import { RuntimeError } from "../errors.ts";
import { createRetailer } from "./retailer.ts";

/** A retailer that answers everything with this. */
function answering(status: number, body: unknown = { message: "no" }) {
  const asked: { path: string; body: Record<string, unknown> }[] = [];
  const retailer = createRetailer({
    link: {
      origin: "https://shop.example",
      async fetch(request) {
        asked.push({ path: new URL(request.url).pathname, body: await request.json() });
        return Response.json(body, { status });
      },
    },
    clock: { now_ms: () => 0, after: () => () => {} },
    random: { bytes: (length) => new Uint8Array(length).fill(7) },
    store: "store-1",
  });
  return { retailer, asked };
}

const verify = {
  type: "retailer.verify_identity",
  gate: "in",
  entry: "trip-1",
  identity_key: "acct-1",
  at_ms: 1_790_000_000_000,
} as const;
const submit = {
  type: "retailer.submit_purchase",
  trip: "trip-1",
  entered_at_ms: 1_790_000_000_000,
  left_at_ms: 1_790_000_060_000,
  visitor: "anna",
  visitor_type: "SHOPPER",
  entry: "code_at_gate",
  lines: [{ gtin: "2000000000015", units: 2 }],
} as const;
const signal = new AbortController().signal;
const away = (status: number) => (error: unknown) =>
  error instanceof RuntimeError && error.kind === "retailer_unreachable" &&
  error.message.includes(String(status));

for (
  const [status, reason] of [
    [400, "retailer_refused_request"],
    [401, "retailer_refused"],
    [403, "retailer_key_wrong"],
    [429, "retailer_busy"],
  ] as const
) {
  Deno.test(`who asks to come in while the retailer answers ${status} stays outside`, async () => {
    const { retailer, asked } = answering(status);
    const answer = await retailer.verifyIdentity(verify, signal);
    assert.deepEqual(answer, { type: "retailer.not_admitted", entry: "trip-1", reason });
    assert.equal(asked.length, 1, "a gate is not asked twice for one code");
  });
}

for (const status of [500, 502, 503, 504]) {
  Deno.test(`who asks to come in while the retailer answers ${status} gets no answer`, async () => {
    const { retailer } = answering(status);
    await assert.rejects(retailer.verifyIdentity(verify, signal), away(status));
  });
}

for (const status of [401, 403, 404, 429, 500, 502, 503, 504]) {
  Deno.test(`a trip that the retailer answers with ${status} may be said again`, async () => {
    const { retailer, asked } = answering(status);
    await assert.rejects(retailer.submit(submit, "key-1", signal), away(status));
    await assert.rejects(retailer.submit(submit, "key-1", signal), away(status));
    const trips = asked.map(({ body }) => body["idempotentShoppingTripId"]);
    assert.deepEqual(trips, ["trip-1", "trip-1"], "under the same name");
  });
}

for (const status of [400, 413, 422]) {
  Deno.test(`a trip that the retailer answers with ${status} is refused for good`, async () => {
    const { retailer } = answering(status);
    assert.deepEqual(await retailer.submit(submit, "key-1", signal), {
      type: "retailer.purchase_refused",
      reason: `retailer answered ${status}`,
    });
  });
}

Deno.test("a trip that is taken has a name; a 201 without one is no answer", async () => {
  const taken = answering(201, { purchaseId: "p-9" });
  assert.deepEqual(await taken.retailer.submit(submit, "key-1", signal), {
    type: "retailer.purchase_acknowledged",
    purchase: "p-9",
  });
  await assert.rejects(answering(201, {}).retailer.submit(submit, "key-1", signal), away(201));
});

const given_back = {
  type: "retailer.tell_dispute",
  trip: "trip-1",
  dispute: "dispute-1",
  gtin: "2000000000015",
  units: 2,
} as const;

for (const status of [200, 201, 400, 404, 405]) {
  Deno.test(`a line given back is known to a retailer that answers ${status}`, async () => {
    const { retailer, asked } = answering(status);
    const noted = { type: "retailer.dispute_noted", dispute: "dispute-1" };
    assert.deepEqual(await retailer.submit(given_back, "key-1", signal), noted);
    assert.deepEqual(asked, [{
      path: "/v1/order/disputes",
      body: {
        requestId: "dispute-1",
        idempotentShoppingTripId: "trip-1",
        storeId: "store-1",
        externalIdentifiers: [{ id: "2000000000015", type: "GTIN" }],
        quantity: { value: "2.0", unit: "unit" },
      },
    }]);
  });
}

for (const status of [401, 403, 429, 500, 503]) {
  Deno.test(`a retailer that answers ${status} is told of it again`, async () => {
    const { retailer } = answering(status);
    await assert.rejects(retailer.submit(given_back, "key-1", signal), away(status));
  });
}

Deno.test("a retailer that never answers is asked again, and not waited for", async () => {
  const waits: (() => void)[] = [];
  const retailer = createRetailer({
    link: {
      origin: "https://shop.example",
      fetch({ signal }) {
        const { promise, reject } = Promise.withResolvers<Response>();
        signal.addEventListener("abort", () => reject(signal.reason));
        return promise;
      },
    },
    clock: { now_ms: () => 0, after: (_, call) => (waits.push(call), () => {}) },
    random: { bytes: (length) => new Uint8Array(length).fill(7) },
    store: "store-1",
  });
  const submitted = retailer.submit(submit, "key", signal);
  waits.forEach((over) => over());
  await assert.rejects(submitted, { kind: "retailer_unreachable" });
});

Deno.test("of an endless answer no more is read than an answer may be", async () => {
  let sent = 0;
  let cancelled = false;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent += 16_384;
      controller.enqueue(new Uint8Array(16_384).fill(32));
    },
    cancel: () => void (cancelled = true),
  });
  const retailer = createRetailer({
    link: {
      origin: "https://shop.example",
      fetch: () => Promise.resolve(new Response(body, { status: 201 })),
    },
    clock: { now_ms: () => 0, after: () => () => {} },
    random: { bytes: (length) => new Uint8Array(length).fill(7) },
    store: "store-1",
  });
  await assert.rejects(retailer.submit(submit, "key", signal), away(201));
  assert.ok(cancelled && sent < 1_000_000, String(sent));
});
