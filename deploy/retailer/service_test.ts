/** What the retailer's postman makes of each answer of the service: said again until there is one,
 * and set apart where there is nothing to be said any more. */
// long because every answer of the service is to be seen beside the others
import assert from "node:assert/strict";
import { nodeVault } from "../../runtime/vault/node.ts";
import { sampleCatalogue } from "./catalogue.ts";
import { Ledger } from "./ledger.ts";
import { retailer } from "./retailer.ts";
import { Postman } from "./service.ts";

const trip = "11111111-1111-4111-8111-111111111111";
const admin = "the shop's own people";
const opening_ms = 1_790_000_000_000;

type Answer = readonly [number, unknown] | "silence" | "page";

/** A finished trip at the retailer, and a service that gives these answers, one after the other. */
async function place(...answers: readonly Answer[]) {
  let asked = 0;
  return await placeWith(1, () => answers[asked++] ?? [503, {}]);
}

/** So many of them, and a service that answers by path and trip. */
async function placeWith(
  trips: number,
  answerTo: (path: string, trip: string, body: Record<string, unknown>) => Answer,
) {
  const ledger = new Ledger(":memory:", sampleCatalogue, 50);
  let drawn = 0, now_ms = opening_ms;
  const clock = { now_ms: () => now_ms, after: () => () => {} };
  const random = { bytes: (length: number) => new Uint8Array(length).fill(++drawn % 250) };
  const told: string[] = [];
  const log = (level: string, message: string) => {
    if (level !== "info") told.push(`${level}: ${message}`);
  };
  const shop = retailer({
    ...{ clock, random, log, ledger, catalogue: sampleCatalogue },
    ...{ stores: ["store-1"], requests_per_second: 1_000, welcome: true },
    ...{ vault: nodeVault, admin_key: admin },
  });
  const at = "2026-03-22T17:09:39Z";
  const buy = (trip: string) =>
    shop.fetch(
      new Request("http://retailer/v1/order/purchases", {
        method: "POST",
        body: JSON.stringify({
          requestId: trip,
          idempotentShoppingTripId: trip,
          storeId: "store-1",
          shoppingTrip: {
            startTime: at,
            endTime: at,
            authEvents: [{
              id: trip,
              timestamp: at,
              location: "ENTRY",
              payloadType: "SCAN_CODE",
              scanResult: { id: "anna", type: "SHOPPER" },
            }],
          },
          cartItems: [{ id: "TEA-01", type: "SKU", quantity: { value: "1.0", unit: "unit" } }],
          shopperIdentity: { id: "anna" },
        }),
      }),
    );
  for (let one = 0; one < trips; one++) {
    const bought = await buy(`${String(one).padStart(8, "0")}${trip.slice(8)}`);
    assert.equal(bought.status, 201, await bought.text());
  }
  const asked: string[] = [];
  const { privateKey } = nodeVault.signingKey(random.bytes(32));
  const postman = new Postman({
    ...{ clock, random, log, ledger, checkouts: shop.checkouts, settled: shop.settled },
    service: {
      origin: "https://issuer.example",
      signer: { keyid: "retailer:shop", privateKey },
      vault: nodeVault,
      async fetch(request) {
        const { pathname } = new URL(request.url);
        asked.push(pathname);
        const body = await request.json();
        const { shoppingTripId, idempotentShoppingTripId } = body;
        const answer = answerTo(pathname, shoppingTripId ?? idempotentShoppingTripId, body);
        if (answer === "silence") throw new TypeError("connection refused");
        if (answer === "page") return new Response("<h1>Bad Gateway</h1>", { status: 502 });
        return Response.json(answer[1], { status: answer[0] });
      },
    },
  });
  const pass = (by_ms: number) => now_ms += by_ms;
  return { postman, shop, asked, ledger, told, pass, close: () => ledger.close() };
}

const priced = [201, { orderId: "o-1" }] as const;
const receipt = [200, { reconciliationId: "r-1" }] as const;
const carts = "/v1/checkout/carts", data = "/v1/payment/transactional-data";

for (const status of [403, 429, 500, 503, "silence"] as const) {
  Deno.test(`a cart that the service answers with ${status} is posted again`, async () => {
    const trouble = status === "silence" ? status : [status, { errorMsg: "Later" }] as const;
    const { postman, shop, asked, close } = await place(trouble, priced, receipt);
    assert.equal(await postman.deliver(), false);
    assert.equal(shop.checkouts().length, 1, "it waits");
    assert.equal(await postman.deliver(), true);
    assert.deepEqual([shop.checkouts().length, asked], [0, [carts, carts, data]]);
    close();
  });

  Deno.test(`a receipt that the service answers with ${status} is asked for again`, async () => {
    const trouble = status === "silence" ? status : [status, { errorMsg: "Later" }] as const;
    const { postman, asked, close } = await place(priced, trouble, receipt);
    assert.equal(await postman.deliver(), false);
    assert.equal(await postman.deliver(), true);
    assert.deepEqual(asked, [carts, data, data]);
    assert.equal(await postman.deliver(), true);
    assert.equal(asked.length, 3, "nothing is left to be said");
    close();
  });
}

Deno.test("a cart that the service will never have is set apart, and not posted more", async () => {
  const { postman, shop, asked, close } = await place([400, { errorMsg: "UnknownShoppingTrip" }]);
  assert.equal(await postman.deliver(), true);
  assert.equal(await postman.deliver(), true);
  assert.deepEqual([asked, shop.checkouts().length], [[carts], 0]);
  close();
});

Deno.test("a hundred trips that are never paid hold up no other one's receipt", async () => {
  const last = `00000100${trip.slice(8)}`;
  const { postman, ledger, close } = await placeWith(101, (path, of) => {
    if (path === carts) return priced;
    return of === last ? receipt : [400, { errorMsg: "BadRequestException" }];
  });
  for (let round = 0; round < 4; round++) await postman.deliver();
  assert.equal(ledger.receiptOf(last), "r-1");
  close();
});

for (const status of [500, 503]) {
  Deno.test(`one trip that the service answers with ${status} holds up no other`, async () => {
    const [odd, empty] = [0, 1].map((one) => `${String(one).padStart(8, "0")}${trip.slice(8)}`);
    let healthy = false;
    const { postman, shop, ledger, close } = await placeWith(2, (path, of) => {
      if (of === odd && !healthy) return [status, { errorMsg: "ServiceUnavailableException" }];
      return path === carts ? priced : receipt;
    });
    assert.equal(await postman.deliver(), false, "one is not done yet");
    assert.deepEqual(shop.checkouts().map(({ trip }) => trip), [odd]);
    assert.equal(ledger.receiptOf(empty!), "r-1");
    healthy = true;
    assert.equal(await postman.deliver(), true);
    assert.equal(ledger.receiptOf(odd!), "r-1");
    close();
  });
}

Deno.test("a fault of the retailer's own is told as that, and not as silence", async () => {
  const { postman, ledger, told } = await placeWith(1, () => priced);
  ledger.close();
  assert.equal(await postman.deliver(), false);
  assert.deepEqual(told, ["error: the round of the postman failed"]);
});

Deno.test("a trip that something between answers with a page holds up no other", async () => {
  const [odd, other] = [0, 1].map((one) => `${String(one).padStart(8, "0")}${trip.slice(8)}`);
  const { postman, shop, ledger, close } = await placeWith(2, (path, of) => {
    if (of === odd) return "page";
    return path === carts ? priced : receipt;
  });
  assert.equal(await postman.deliver(), false);
  assert.deepEqual(shop.checkouts().map(({ trip }) => trip), [odd]);
  assert.equal(ledger.receiptOf(other!), "r-1");
  close();
});

Deno.test("a row that cannot be priced is set apart, and holds up no other", async () => {
  const { postman, shop, ledger, told, close } = await placeWith(
    1,
    (path) => path === carts ? priced : receipt,
  );
  const row = { id: "p-x", store: "store-1", state: "waiting", why: null } as const;
  ledger.book("torn", { ...row, body: "{}" }, []);
  assert.deepEqual(shop.checkouts().map(({ trip }) => trip), [`00000000${trip.slice(8)}`]);
  assert.equal(await postman.deliver(), true);
  assert.equal(ledger.purchase("torn")?.state, "odd");
  assert.equal(ledger.receiptOf(`00000000${trip.slice(8)}`), "r-1");
  assert.deepEqual(told, ["error: a trip cannot be priced"]);
  close();
});

Deno.test("who does not pay is asked about ever less, and in the end no more", async () => {
  const { postman, ledger, asked, pass, close } = await placeWith(
    1,
    (path) => path === carts ? priced : [400, { errorMsg: "BadRequestException" }],
  );
  const questions = () => asked.filter((path) => path === data).length;
  const name = `00000000${trip.slice(8)}`;
  await postman.deliver();
  await postman.deliver();
  assert.equal(questions(), 1, "not again at once");
  const day_ms = 86_400_000;
  for (let passed_ms = 0; passed_ms < day_ms; passed_ms += 30_000) {
    pass(30_000);
    await postman.deliver();
  }
  assert.ok(questions() >= 24 && questions() < 60, `asked ${questions()} times in a day`);
  assert.equal(ledger.purchase(name)?.state, "priced", "it may be paid yet");
  pass(2 * day_ms);
  await postman.deliver();
  assert.equal(ledger.purchase(name)?.state, "unpaid");
  const before = questions();
  pass(day_ms);
  await postman.deliver();
  assert.equal(questions(), before);
  close();
});

Deno.test("a payment that comes late is noted, also when the clock was set back", async () => {
  let paid = false;
  const { postman, ledger, pass, close } = await placeWith(1, (path) => {
    if (path === carts) return priced;
    return paid ? receipt : [400, { errorMsg: "BadRequestException" }];
  });
  const name = `00000000${trip.slice(8)}`;
  pass(7 * 86_400_000);
  await postman.deliver();
  paid = true;
  pass(-7 * 86_400_000);
  await postman.deliver();
  assert.equal(ledger.receiptOf(name), "r-1");
  close();
});

for (const way of ["in time", "after the service gave up"] as const) {
  Deno.test(`what is paid to the shop itself, ${way}, is told to the service`, async () => {
    const bodies: Record<string, unknown>[] = [];
    let healthy = false;
    const { postman, ledger, pass, shop, close } = await placeWith(1, (path, _, body) => {
      if (path === carts) return priced;
      if (path === data) return [400, { errorMsg: "BadRequestException" }];
      bodies.push(body);
      return healthy ? [200, {}] : [503, {}];
    });
    const name = `00000000${trip.slice(8)}`;
    const settle = async (trip: string, key = admin) => {
      const headers = { authorization: `Bearer ${key}` };
      const body = JSON.stringify({ trip });
      const url = "http://retailer/settlements";
      return (await shop.fetch(new Request(url, { method: "POST", headers, body }))).status;
    };
    assert.equal(await settle(name), 409, "it has no price yet");
    await postman.deliver();
    if (way !== "in time") {
      pass(4 * 86_400_000);
      await postman.deliver();
      assert.equal(ledger.purchase(name)?.state, "unpaid");
    }
    assert.deepEqual([await settle(name, "guess"), await settle("no-such-trip")], [403, 409]);
    assert.deepEqual([await settle(name), await settle(name)], [200, 200]);
    assert.equal(await postman.deliver(), false);
    healthy = true;
    assert.equal(await postman.deliver(), true);
    assert.equal(await postman.deliver(), true);
    assert.equal(ledger.purchase(name)?.state, "settled");
    const amount = { amount: 3.73, code: "EUR" };
    assert.equal(bodies.length, 2, "said once");
    const { paymentStatusTime, ...said } = bodies[1]!;
    assert.ok(Number(paymentStatusTime) > 0);
    assert.deepEqual(said, {
      storeId: "store-1",
      shoppingTripId: name,
      totalAmount: amount,
      settledAmount: amount,
    });
    close();
  });
}

/** One trip that has its price, a service that knows no payment of it, and a shop that is paid. */
async function paidAtTheShop(says: { data: Answer; whenAsked?: (ledger: Ledger) => void }) {
  const name = `00000000${trip.slice(8)}`;
  const scene = await placeWith(1, (path) => {
    if (path === carts) return priced;
    if (path !== data) return [200, {}];
    says.whenAsked?.(scene.ledger);
    return says.data;
  });
  await scene.postman.deliver();
  const state = () => scene.ledger.purchase(name)?.state;
  return { ...scene, name, state };
}

Deno.test("who pays the shop and the service too has paid twice: a person looks", async () => {
  const says: { data: Answer } = { data: [400, { errorMsg: "BadRequestException" }] };
  const { name, state, ledger, postman, told, close } = await paidAtTheShop(says);
  assert.ok(ledger.settle(name));
  // Meanwhile its shopper has it charged from the phone.
  says.data = [503, { errorMsg: "Later" }];
  assert.equal(await postman.deliver(), false);
  assert.equal(state(), "settling", "nobody knows yet");
  says.data = receipt;
  assert.equal(await postman.deliver(), true);
  assert.equal(await postman.deliver(), true);
  assert.deepEqual([state(), ledger.receiptOf(name)], ["odd", "r-1"]);
  assert.match(ledger.purchase(name)?.why ?? "", /twice/);
  assert.deepEqual(told, ["error: a trip was paid twice"]);
  close();
});

for (const [answer, end] of [[[400, {}], "settled"], [receipt, "odd"]] as const) {
  Deno.test(`paid to the shop while the service is asked, which says ${answer[0]}`, async () => {
    const says: Parameters<typeof paidAtTheShop>[0] = { data: [400, {}] };
    const { name, state, ledger, postman, pass, close } = await paidAtTheShop(says);
    pass(4 * 86_400_000);
    says.data = answer;
    says.whenAsked = (ledger) => void ledger.settle(name);
    await postman.deliver();
    assert.equal(state(), "settling");
    says.whenAsked = () => {};
    await postman.deliver();
    assert.equal(state(), end);
    assert.equal(ledger.receiptOf(name), end === "odd" ? "r-1" : undefined);
    close();
  });
}
