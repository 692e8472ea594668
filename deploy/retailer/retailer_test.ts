/** The retailer against the published connector's lists of cases, by their numbers. */
// long because every case of the published lists stands here once
import assert from "node:assert/strict";
import { sampleCatalogue } from "./catalogue.ts";
import { Ledger } from "./ledger.ts";
import { retailer, type RetailerWorld } from "./retailer.ts";

type Json = Record<string, unknown>;

function open(changes: Partial<RetailerWorld> = {}) {
  const ledger = new Ledger(":memory:", sampleCatalogue, 50);
  ledger.addAccount("anna-code", { id: "anna", type: "SHOPPER" });
  ledger.addAccount("associate_key", { id: "otto", type: "ASSOCIATE" });
  ledger.addAccount("club-7", { id: "club-anna", type: "LOYALTY" });
  let bytes = 0;
  const shop = retailer({
    clock: { now_ms: () => 1_700_000_000_000, after: () => () => {} },
    random: { bytes: (length) => new Uint8Array(length).fill(++bytes) },
    log: () => {},
    ledger,
    catalogue: sampleCatalogue,
    stores: ["store-1"],
    requests_per_second: 1_000,
    ...changes,
  });
  const post = async (path: string, body: unknown) => {
    const response = await shop.fetch(
      new Request(`http://retailer${path}`, {
        method: "POST",
        body: typeof body === "string" ? body : JSON.stringify(body),
      }),
    );
    return { status: response.status, body: await response.json() as Json };
  };
  return { shop, ledger, post };
}

const uuid = (digit: number) => `${String(digit).repeat(8)}-1111-4111-8111-111111111111`;
const long = "x".repeat(256);

const identity = (changes: Json = {}) => ({
  requestId: uuid(1),
  identityKey: btoa("anna-code"),
  storeId: "store-1",
  authEvent: { id: uuid(2), timestamp: "2024-03-22T17:09:39Z", location: "ENTRY" },
  keyChannel: "OPTICAL",
  ...changes,
});

const item = (changes: Json = {}) => ({
  id: "TEA-01",
  type: "SKU",
  quantity: { value: "1.0", unit: "unit" },
  ...changes,
});

const event = (changes: Json = {}) => ({
  id: uuid(3),
  timestamp: "2024-03-22T17:09:39Z",
  location: "ENTRY",
  payloadType: "FINANCIAL",
  scanResult: { id: "anna", type: "SHOPPER" },
  ...changes,
});

const trip = (changes: Json = {}) => ({
  startTime: "2024-03-22T17:09:39Z",
  endTime: "2024-03-22T17:19:39Z",
  authEvents: [event()],
  ...changes,
});

const purchase = (changes: Json = {}) => ({
  requestId: uuid(4),
  idempotentShoppingTripId: "trip-1",
  storeId: "store-1",
  shoppingTrip: trip(),
  cartItems: [item()],
  ...changes,
});

/** The object without one of its fields. */
const without = (object: Json, field: string) => {
  const { [field]: _, ...rest } = object;
  return rest;
};

Deno.test("identity 1.1, 1.2: a shopper and an associate are let in", async () => {
  const { post } = open();
  assert.deepEqual(await post("/v1/identity/identity-keys", identity()), {
    status: 200,
    body: { visitorDetails: { id: "anna", type: "SHOPPER" } },
  });
  const associate = identity({ requestId: uuid(5), identityKey: "YXNzb2NpYXRlX2tleQ==" });
  assert.deepEqual((await post("/v1/identity/identity-keys", associate)).body, {
    visitorDetails: { id: "otto", type: "ASSOCIATE" },
  });
});

Deno.test("identity 2: an unknown, a refused and a loyalty code stay outside", async () => {
  const { post, ledger } = open();
  ledger.refuse("anna");
  for (const [index, code] of ["nobody", "anna-code", "club-7"].entries()) {
    const asked = identity({ requestId: uuid(index + 5), identityKey: btoa(code) });
    assert.equal((await post("/v1/identity/identity-keys", asked)).status, 401, code);
  }
});

const wrongIdentities: Record<string, unknown> = {
  "3.1 requestId missing": without(identity(), "requestId"),
  "3.2 requestId no UUID": identity({ requestId: "1" }),
  "3.3 identityKey missing": without(identity(), "identityKey"),
  "3.4 identityKey too long": identity({ identityKey: "A".repeat(1_004) }),
  "3.5 identityKey not Base64": identity({ identityKey: "a*b=" }),
  "3.6 storeId missing": without(identity(), "storeId"),
  "3.7 storeId too long": identity({ storeId: long }),
  "3.8 store of nobody": identity({ storeId: "store-9" }),
  "3.9 authEvent missing": without(identity(), "authEvent"),
  "3.10 its id missing": identity({ authEvent: without(identity().authEvent, "id") }),
  "3.11 its id no UUID": identity({ authEvent: { ...identity().authEvent, id: "x" } }),
  "3.12 timestamp missing": identity({ authEvent: without(identity().authEvent, "timestamp") }),
  "3.13 timestamp malformed": identity({
    authEvent: { ...identity().authEvent, timestamp: "yesterday" },
  }),
  "3.14 location missing": identity({ authEvent: without(identity().authEvent, "location") }),
  "3.15 location unknown": identity({ authEvent: { ...identity().authEvent, location: "MOON" } }),
  "3.16 keyChannel unknown": identity({ keyChannel: "SMELL" }),
  "3.17 empty body": "",
};

for (const [name, body] of Object.entries(wrongIdentities)) {
  Deno.test(`identity ${name}: 400`, async () => {
    assert.equal((await open().post("/v1/identity/identity-keys", body)).status, 400);
  });
}

Deno.test("identity 4: too many requests are asked to wait", async () => {
  const { post } = open({ requests_per_second: 2 });
  const statuses = [];
  for (const digit of [5, 6, 7]) {
    const asked = identity({ requestId: uuid(digit) });
    statuses.push((await post("/v1/identity/identity-keys", asked)).status);
  }
  assert.deepEqual(statuses, [200, 200, 429]);
});

Deno.test("identity 5: a failure behind the connector is a 500, and tells nothing", async () => {
  const { post, ledger } = open();
  ledger.close();
  const answer = await post("/v1/identity/identity-keys", identity());
  assert.deepEqual(answer, { status: 500, body: { errorMsg: "InternalServerError" } });
});

Deno.test("identity 6: the same request gets the same answer whatever happened", async () => {
  const { post, ledger } = open();
  const first = await post("/v1/identity/identity-keys", identity());
  ledger.refuse("anna");
  assert.deepEqual(await post("/v1/identity/identity-keys", identity()), first);
});

Deno.test("identity: fields that nobody knows are passed over", async () => {
  const { post } = open();
  assert.equal((await post("/v1/identity/identity-keys", identity({ mood: "good" }))).status, 200);
});

Deno.test("scan: a loyalty code is resolved from value or id, and has details", async () => {
  const { post } = open();
  const scan = (changes: Json) => ({
    requestId: uuid(1),
    storeId: "store-1",
    scanEvent: {
      id: uuid(2),
      timestamp: "2024-03-22T17:09:39Z",
      location: "ENTRY",
      channel: "OPTICAL",
      ...changes,
    },
  });
  const club = { scanResult: { id: "club-anna", type: "LOYALTY" } };
  assert.deepEqual((await post("/v1/identity/scan", scan({ value: "club-7" }))).body, club);
  assert.deepEqual((await post("/v1/identity/scan", scan({ id: btoa("club-7") }))).body, club);
  assert.equal((await post("/v1/identity/scan", scan({ value: "none" }))).status, 404);
  const details = await post("/v1/identity/scan/details", { storeId: "store-1", ...club });
  assert.equal(details.status, 200);
  assert.equal((details.body.promotionIds as string[]).length, 3);
  const nobody = { storeId: "store-1", scanResult: { id: "nobody", type: "LOYALTY" } };
  assert.equal((await post("/v1/identity/scan/details", nobody)).status, 404);
});

const goodPurchases: Record<string, Json> = {
  "1.1 one SKU": purchase(),
  "1.2 many items": purchase({ cartItems: [item(), item({ id: "OIL-01" })] }),
  "1.3 a weighed item": purchase({
    cartItems: [item({ quantity: { value: "0.350", unit: "kg" } })],
  }),
  "1.4 a scan code": purchase({ cartItems: [item({ id: "2000000000015", type: "SCANCODE" })] }),
  "1.5 external identifiers": purchase({
    cartItems: [item({ externalIdentifiers: [{ id: "2000000000015", type: "UPC" }] })],
  }),
  "1.6 a lineItemId": purchase({ cartItems: [item({ lineItemId: "1" })] }),
  "1.7 an empty cart": purchase({ cartItems: [] }),
  "1.9 entry by scan": purchase({
    shoppingTrip: trip({ authEvents: [event({ payloadType: "SCAN_CODE" })] }),
  }),
  "1.10 an associate": purchase({
    shoppingTrip: trip({ authEvents: [event({ scanResult: { id: "otto", type: "ASSOCIATE" } })] }),
  }),
  "1.11 cash": purchase({
    shoppingTrip: trip({ authEvents: [event({ scanResult: { id: "c", type: "CASH" } })] }),
  }),
  "1.12 loyalty": purchase({
    shoppingTrip: trip({ authEvents: [event({ scanResult: { id: "l", type: "LOYALTY" } })] }),
  }),
  "1.13 a group": purchase({ shoppingTrip: trip({ authEvents: [event(), event()] }) }),
  "1.14 in the store": purchase({
    shoppingTrip: trip({ authEvents: [event({ location: "MANUAL_IN_STORE" })] }),
  }),
  "1.15 nothing optional": purchase({
    shoppingTrip: trip({ authEvents: [{ id: uuid(3), payloadType: "FINANCIAL" }] }),
  }),
};

for (const [name, body] of Object.entries(goodPurchases)) {
  Deno.test(`purchase ${name}: 201`, async () => {
    const answer = await open().post("/v1/order/purchases", body);
    assert.equal(answer.status, 201);
    assert.match(String(answer.body.purchaseId), /^p-[0-9a-f]{24}$/);
  });
}

Deno.test("purchase 2: the same trip again is the same purchase", async () => {
  const { post, ledger } = open();
  const first = await post("/v1/order/purchases", purchase());
  const again = await post("/v1/order/purchases", purchase({ requestId: uuid(9) }));
  assert.deepEqual(again, first);
  assert.equal(ledger.units("TEA-01"), 49);
});

const events = (changes: Json) =>
  purchase({ shoppingTrip: trip({ authEvents: [event(changes)] }) });
const items = (changes: Json) => purchase({ cartItems: [item(changes)] });
const wrongPurchases: Record<string, unknown> = {
  "3.1 requestId missing": without(purchase(), "requestId"),
  "3.2 requestId malformed": purchase({ requestId: "1" }),
  "3.3 trip id missing": without(purchase(), "idempotentShoppingTripId"),
  "3.4 storeId missing": without(purchase(), "storeId"),
  "3.5 storeId too long": purchase({ storeId: long }),
  "3.6 shoppingTrip missing": without(purchase(), "shoppingTrip"),
  "3.7 startTime missing": purchase({ shoppingTrip: without(trip(), "startTime") }),
  "3.8 endTime missing": purchase({ shoppingTrip: without(trip(), "endTime") }),
  "3.9 startTime malformed": purchase({ shoppingTrip: trip({ startTime: "noon" }) }),
  "3.10 end before start": purchase({ shoppingTrip: trip({ endTime: "2024-03-22T17:00:00Z" }) }),
  "3.11 authEvents missing": purchase({ shoppingTrip: without(trip(), "authEvents") }),
  "3.12 event id missing": events({ id: undefined }),
  "3.13 event id malformed": events({ id: "x" }),
  "3.14 event id too long": events({ id: long }),
  "3.15 payloadType missing": events({ payloadType: undefined }),
  "3.16 payloadType unknown": events({ payloadType: "BARTER" }),
  "3.17 location unknown": events({ location: "MOON" }),
  "3.18 cartItems missing": without(purchase(), "cartItems"),
  "3.19 item id missing": items({ id: undefined }),
  "3.20 item id too long": items({ id: long }),
  "3.21 type missing": items({ type: undefined }),
  "3.22 type unknown": items({ type: "THING" }),
  "3.23 quantity missing": items({ quantity: undefined }),
  "3.24 value missing": items({ quantity: { unit: "unit" } }),
  "3.25 value too long": items({ quantity: { value: "1.000000000", unit: "unit" } }),
  "3.26 unit missing": items({ quantity: { value: "1.0" } }),
  "3.27 external type unknown": items({ externalIdentifiers: [{ id: "1", type: "DNA" }] }),
  "3.28 external id too long": items({ externalIdentifiers: [{ id: long, type: "UPC" }] }),
  "3.29 scanResult type unknown": events({ scanResult: { id: "a", type: "CAT" } }),
  "3.30 scanResult id too long": events({ scanResult: { id: long, type: "SHOPPER" } }),
  "3.31 shopperIdentity too long": purchase({ shopperIdentity: { id: long } }),
  "3.32 shopperDeviceId too long": purchase({ shopperDeviceId: long }),
  "3.33 lineItemId too long": items({ lineItemId: long }),
  "3.34 lineItemId twice": purchase({
    cartItems: [item({ lineItemId: "1" }), item({ lineItemId: "1" })],
  }),
  "3.35 empty body": "",
};

for (const [name, body] of Object.entries(wrongPurchases)) {
  Deno.test(`purchase ${name}: 400, and nothing is booked`, async () => {
    const { post, ledger } = open();
    assert.equal((await post("/v1/order/purchases", body)).status, 400);
    assert.equal(ledger.purchase("trip-1"), undefined);
    assert.equal(ledger.units("TEA-01"), 50);
  });
}

Deno.test("purchase: empty, associates' and odd trips are set apart, others wait", async () => {
  const { post, ledger, shop } = open();
  const state = async (name: string, body: Json) => {
    await post("/v1/order/purchases", { ...body, idempotentShoppingTripId: name });
    return ledger.purchase(name)?.state;
  };
  assert.equal(await state("a", goodPurchases["1.7 an empty cart"]!), "empty");
  assert.equal(await state("b", goodPurchases["1.10 an associate"]!), "unbilled");
  assert.equal(await state("c", items({ id: "UFO-01" })), "odd");
  assert.equal(ledger.purchase("c")?.why, "not in the catalogue: UFO-01");
  assert.equal(await state("d", purchase()), "waiting");
  assert.deepEqual(shop.checkouts().map(({ trip: waiting }) => waiting), ["d"]);
  ledger.priced("d", "order-1");
  assert.deepEqual(shop.checkouts(), []);
});

Deno.test("a line that was given back: what never left is in stock again, once", async () => {
  const { ledger, post } = open();
  const bought = purchase({ cartItems: [item({ quantity: { value: "3.0", unit: "unit" } })] });
  assert.equal((await post("/v1/order/purchases", bought)).status, 201);
  assert.equal(ledger.units("TEA-01"), 47);
  const dispute = {
    requestId: "dispute-1",
    idempotentShoppingTripId: bought.idempotentShoppingTripId,
    storeId: "store-1",
    externalIdentifiers: [{ id: "2000000000015", type: "GTIN" }],
    quantity: { value: "2.0", unit: "unit" },
  };
  assert.equal((await post("/v1/order/disputes", dispute)).status, 200);
  assert.equal((await post("/v1/order/disputes", dispute)).status, 200);
  assert.equal(ledger.units("TEA-01"), 49);
  for (const wrong of [{ idempotentShoppingTripId: "of-nobody" }, { storeId: "store-9" }]) {
    assert.equal((await post("/v1/order/disputes", { ...dispute, ...wrong })).status, 400);
  }
  const half = { ...dispute, requestId: "d-2", quantity: { value: "0.5", unit: "unit" } };
  assert.equal((await post("/v1/order/disputes", half)).status, 400);
  assert.equal(ledger.units("TEA-01"), 49);
});
