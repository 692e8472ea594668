/** A walk-out aisle in a town: a shopper who came through the gate, and a retailer that signs. */
import assert from "node:assert/strict";
import { makeEntryCode } from "../../../runtime/sync/contract/tokens.ts";
import { signRequest } from "../../../runtime/sync/contract/signatures.ts";
import type { EntryPayload } from "../../../runtime/sync/contract/schemas.ts";
import { toBase64url, utf8 } from "../../../runtime/vault/bytes.ts";
import { nodeVault as vault } from "../../../runtime/vault/node.ts";
import type { Acquirer } from "../acquirer.ts";
import type { IssuerSettings } from "../world.ts";
import { settled } from "./clock.ts";
import { feedOf } from "./stories.ts";
import { adminKey, newShopper, openShop, origin, type Shop, type Shopper, town } from "./town.ts";

type Json = Record<string, unknown>;

export async function walkOut(
  instrument = "test_ok",
  settings: Partial<IssuerSettings> = {},
  acquirer?: Acquirer,
) {
  const place = await town({ settings, ...(acquirer ? { acquirer } : {}) });
  place.issuer.start();
  const shop = await openShop(place);
  const ada = await newShopper(place, 1, instrument);
  const key = vault.signingKey(place.random.bytes(32));
  await place.admin.call("registerRetailer", {
    bearer: adminKey,
    body: { merchant: "harbour-foods", signing_public_key: toBase64url(key.publicKey) },
  });
  let codes = 0;
  const code = (shopper: Shopper = ada, change: Partial<EntryPayload> = {}) => {
    const iat = Math.floor(place.clock.now_ms() / 1000);
    const jti = `code-${++codes}`;
    const payload = { iss: shopper.account, jti, iat, exp: iat + 30, people: 1, ...change };
    return makeEntryCode(vault, shopper.signer, payload);
  };
  const admit = (trip: string, shown: string = code(), at: Shop = shop) =>
    at.client.call("admit", { body: { trip, gate: "in", code: shown } });
  /** What the retailer says; signed with its key unless told otherwise. */
  const says = async (path: string, body: unknown, keyid = "retailer:harbour-foods") => {
    const bytes = utf8(typeof body === "string" ? body : JSON.stringify(body));
    const headers = new Headers({ "content-type": "application/json" });
    const url = `${origin}${path}`;
    const made = {
      created_s: Math.floor(place.clock.now_ms() / 1000),
      nonce: toBase64url(place.random.bytes(16)),
    };
    const signer = { keyid, privateKey: key.privateKey };
    signRequest(vault, signer, made, { method: "POST", url, headers, body: bytes });
    const request = new Request(url, { method: "POST", headers, body: bytes });
    const answer = await place.issuer.app.fetch(request);
    const text = await answer.text();
    await settled();
    return { status: answer.status, body: text === "" ? null : JSON.parse(text) as Json };
  };
  const news = async (after = 0) =>
    (await feedOf(place, shop, after)).map(({ body }) => body)
      .filter(({ type }) => type.startsWith("trip."));
  const trip = async () => (await ada.client.call("trips")).trips[0]!;
  return { place, shop, ada, code, admit, says, news, trip };
}

const money = (amount: string) => ({ amount, currencyCode: "EUR" });

/** A cart of two teas for 6.98 before tax. */
export const cart = (trip = "trip-1", changes: Json = {}) => ({
  idempotentShoppingTripId: trip,
  storeId: "harbour",
  lineItems: [{
    productId: "TEA-01",
    productName: "Green tea",
    externalIdentifiers: [{ id: "2000000000015", type: "GTIN" }],
    type: "SKU",
    quantity: { value: "2.0", unit: "unit" },
    unitPrice: { price: money("6.98"), totalPrice: money("7.47"), salesTax: money("0.49") },
  }],
  orderTotals: {
    subTotal: money("6.98"),
    promotionsTotal: money("0.00"),
    salesTaxTotal: money("0.49"),
    priceTotal: money("7.47"),
  },
  ...changes,
});

export const amount = (value: unknown, code: unknown = "EUR") => ({ amount: value, code });
export const of = (trip = "trip-1", changes: Json = {}) => ({
  storeId: "harbour",
  shoppingTripId: trip,
  ...changes,
});

/** The object without one of its fields. */
export const without = (object: Json, field: string): Json => {
  assert.ok(field in object, field);
  const { [field]: _, ...rest } = object;
  return rest;
};
