/** What the retailer's postman makes of each answer of the service: said again until there is one,
 * and set apart where there is nothing to be said any more. */
import assert from "node:assert/strict";
import { nodeVault } from "../../runtime/vault/node.ts";
import { sampleCatalogue } from "./catalogue.ts";
import { Ledger } from "./ledger.ts";
import { retailer } from "./retailer.ts";
import { Postman } from "./service.ts";

const trip = "11111111-1111-4111-8111-111111111111";
const clock = { now_ms: () => 1_790_000_000_000, after: () => () => {} };

type Answer = readonly [number, unknown] | "silence";

/** A finished trip at the retailer, and a service that gives these answers, one after the other. */
async function place(...answers: readonly Answer[]) {
  let asked = 0;
  return await placeWith(1, () => answers[asked++] ?? [503, {}]);
}

/** So many of them, and a service that answers by path and trip. */
async function placeWith(trips: number, answerTo: (path: string, trip: string) => Answer) {
  const ledger = new Ledger(":memory:", sampleCatalogue, 50);
  let drawn = 0;
  const random = { bytes: (length: number) => new Uint8Array(length).fill(++drawn % 250) };
  const told: string[] = [];
  const log = (level: string, message: string) => {
    if (level !== "info") told.push(`${level}: ${message}`);
  };
  const shop = retailer({
    ...{ clock, random, log, ledger, catalogue: sampleCatalogue },
    ...{ stores: ["store-1"], requests_per_second: 1_000, welcome: true },
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
    ...{ clock, random, log, ledger, checkouts: shop.checkouts },
    service: {
      origin: "https://issuer.example",
      signer: { keyid: "retailer:shop", privateKey },
      vault: nodeVault,
      async fetch(request) {
        const { pathname } = new URL(request.url);
        asked.push(pathname);
        const { shoppingTripId, idempotentShoppingTripId } = await request.json();
        const answer = answerTo(pathname, shoppingTripId ?? idempotentShoppingTripId);
        if (answer === "silence") throw new TypeError("connection refused");
        return Response.json(answer[1], { status: answer[0] });
      },
    },
  });
  return { postman, shop, asked, ledger, told, close: () => ledger.close() };
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
