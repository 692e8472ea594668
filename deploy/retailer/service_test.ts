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

/** A finished trip at the retailer, and a service that gives these answers, one after the other. */
async function place(...answers: readonly (readonly [number, unknown] | "silence")[]) {
  const ledger = new Ledger(":memory:", sampleCatalogue, 50);
  let drawn = 0;
  const random = { bytes: (length: number) => new Uint8Array(length).fill(++drawn % 250) };
  const log = () => {};
  const shop = retailer({
    ...{ clock, random, log, ledger, catalogue: sampleCatalogue },
    ...{ stores: ["store-1"], requests_per_second: 1_000, welcome: true },
  });
  const at = "2026-03-22T17:09:39Z";
  const bought = await shop.fetch(
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
  assert.equal(bought.status, 201, await bought.text());
  const asked: string[] = [];
  const { privateKey } = nodeVault.signingKey(random.bytes(32));
  const postman = new Postman({
    ...{ clock, random, log, ledger, checkouts: shop.checkouts },
    service: {
      origin: "https://issuer.example",
      signer: { keyid: "retailer:shop", privateKey },
      vault: nodeVault,
      fetch(request) {
        asked.push(new URL(request.url).pathname);
        const answer = answers[asked.length - 1] ?? [503, {}] as const;
        if (answer === "silence") return Promise.reject(new TypeError("connection refused"));
        return Promise.resolve(Response.json(answer[1], { status: answer[0] }));
      },
    },
  });
  return { postman, shop, asked, close: () => ledger.close() };
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
