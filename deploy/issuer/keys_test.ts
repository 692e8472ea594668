/** A gateway turns its keys: announced under the old, in force with the first use of the new. */
import assert from "node:assert/strict";
import { toBase64url } from "../../runtime/vault/bytes.ts";
import { nodeVault as vault } from "../../runtime/vault/node.ts";
import { adminKey, openShop, town } from "./testing/town.ts";

async function turning() {
  const place = await town();
  const shop = await openShop(place);
  const signing = vault.signingKey(place.random.bytes(32));
  const keys = {
    signing_public_key: toBase64url(signing.publicKey),
    sealing_public_key: toBase64url(vault.sealingKey(place.random.bytes(32)).publicKey),
  };
  const renewed = place.client({
    keyid: `gateway:${shop.gateway}`,
    privateKey: signing.privateKey,
  });
  const kept = () => place.store.tables.gateway.get(shop.gateway);
  const announce = () => shop.client.call("turnGatewayKeys", { body: keys });
  return { place, shop, keys, renewed, kept, announce };
}

const unauthorised = { kind: "unauthorised" };

Deno.test("announced keys change nothing until they sign: then the old are unknown", async () => {
  const { shop, keys, renewed, kept, announce } = await turning();
  const before = kept();
  await announce();
  await shop.client.call("ledger");
  assert.equal(kept()?.sealing_public_key, before?.sealing_public_key, "sealed to the old key");
  await renewed.call("ledger");
  assert.equal(kept()?.signing_public_key, keys.signing_public_key);
  assert.equal(kept()?.sealing_public_key, keys.sealing_public_key);
  await assert.rejects(shop.client.call("ledger"), unauthorised);
  await renewed.call("ledger");
});

Deno.test("after a lost answer the same is announced again, used or not", async () => {
  const { renewed, keys, kept, announce } = await turning();
  await announce();
  await announce();
  await renewed.call("turnGatewayKeys", { body: keys });
  assert.equal(kept()?.signing_public_key, keys.signing_public_key);
  assert.equal(kept()?.next_signing_public_key, null);
});

Deno.test("nobody's key is taken that was not announced, nor any after a revocation", async () => {
  const { place, shop, renewed, announce } = await turning();
  await assert.rejects(renewed.call("ledger"), unauthorised);
  await announce();
  const path = { gateway: shop.gateway };
  await place.admin.call("revokeGateway", { bearer: adminKey, path });
  await assert.rejects(renewed.call("ledger"), unauthorised);
  await assert.rejects(shop.client.call("ledger"), unauthorised);
});
