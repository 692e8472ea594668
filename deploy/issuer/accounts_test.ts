/** Accounts, consents, templates, shops and gateways: who may register what. */
import assert from "node:assert/strict";
import { sealTemplate } from "../../runtime/sync/contract/templates.ts";
import { toBase64url } from "../../runtime/vault/bytes.ts";
import { nodeVault as vault } from "../../runtime/vault/node.ts";
import { refused } from "./testing/stories.ts";
import { adminKey, face, newShopper, openShop, town } from "./testing/town.ts";

Deno.test("a device key gets one account, however often it asks", async () => {
  const place = await town();
  const device = vault.signingKey(new Uint8Array(32).fill(1));
  const publicKey = toBase64url(device.publicKey);
  const client = place.client({
    keyid: `device-key:${publicKey}`,
    privateKey: device.privateKey,
  });
  const body = {
    first_name: "Ada",
    initials: "AL",
    device_public_key: publicKey,
    instrument: "test_ok",
  };
  const first = await client.call("openAccount", { key: "k-1", body });
  assert.deepEqual(await client.call("openAccount", { key: "k-1", body }), first);
  assert.deepEqual(await client.call("openAccount", { key: "k-2", body }), first);
  await refused(
    client.call("openAccount", { key: "k-1", body: { ...body, first_name: "Eve" } }),
    "idempotency_key_reused",
  );
  await refused(client.call("openAccount", { body }), "idempotency_key_missing");
  const other = toBase64url(vault.signingKey(new Uint8Array(32).fill(2)).publicKey);
  await assert.rejects(
    client.call("openAccount", { key: "k-3", body: { ...body, device_public_key: other } }),
    { kind: "unauthorised" },
  );
});

Deno.test("no template without one's own consent, and only one that can be opened", async () => {
  const place = await town();
  const ada = await newShopper(place, 1);
  const eve = await newShopper(place, 2);
  const give = { kind: "face" as const, version: "1", given_at_ms: place.clock.now_ms() };
  const { consent } = await ada.client.call("giveConsent", { body: give });
  assert.deepEqual(await ada.client.call("giveConsent", { body: give }), { consent });
  const sealFor = (account: string, covered: string) =>
    sealTemplate(
      vault,
      place.issuerSealingKey,
      { to: "issuer", account, consent: covered },
      face(3),
    );
  await refused(
    eve.client.call("putTemplate", { body: { consent, ...sealFor(eve.account, consent) } }),
    "consent_unknown",
  );
  await refused(
    ada.client.call("putTemplate", { body: { consent, ...sealFor(eve.account, consent) } }),
    "template_unreadable",
  );
  await ada.client.call("putTemplate", { body: { consent, ...sealFor(ada.account, consent) } });
  await refused(
    ada.client.call("giveConsent", {
      body: { ...give, version: "2", given_at_ms: place.clock.now_ms() + 600_000 },
    }),
    "request_invalid",
  );
});

Deno.test("a consent that comes again after it was taken back gives nothing", async () => {
  const place = await town();
  const ada = await newShopper(place, 1);
  const give = { kind: "face" as const, version: "1", given_at_ms: place.clock.now_ms() };
  await ada.client.call("giveConsent", { body: give });
  await ada.client.call("revokeFace");
  await place.clock.advance(1_000);
  await refused(ada.client.call("giveConsent", { body: give }), "consent_unknown");
  const anew = { ...give, given_at_ms: place.clock.now_ms() };
  assert.match((await ada.client.call("giveConsent", { body: anew })).consent, /^consent-/);
});

Deno.test("only the administrator registers shops, and a code enrols one gateway", async () => {
  const place = await town();
  const merchant = { merchant: "m", name: "M" };
  for (const bearer of [undefined, "a-wrong-key-for-this"]) {
    await assert.rejects(
      place.admin.call("registerMerchant", {
        body: merchant,
        ...(bearer === undefined ? {} : { bearer }),
      }),
      { kind: "unauthorised" },
    );
  }
  const shop = await openShop(place);
  const bearer = adminKey;
  await refused(
    place.admin.call("registerStore", {
      bearer,
      body: { store: "s", merchant: "nobody", name: "S", currency: "EUR" },
    }),
    "merchant_unknown",
  );
  await refused(
    place.admin.call("registerGateway", { bearer, body: { gateway: "g", store: "nowhere" } }),
    "store_unknown",
  );
  const { enrolment_code } = await place.admin.call("registerGateway", {
    bearer,
    body: { gateway: "harbour-gw2", store: "harbour" },
  });
  const enrol = (seed: number, code: string) => {
    const pair = vault.signingKey(new Uint8Array(32).fill(seed));
    const publicKey = toBase64url(pair.publicKey);
    return place.client({ keyid: `gateway-key:${publicKey}`, privateKey: pair.privateKey })
      .call("enrolGateway", {
        body: {
          gateway: "harbour-gw2",
          enrolment_code: code,
          signing_public_key: publicKey,
          sealing_public_key: publicKey,
        },
      });
  };
  await refused(enrol(1, "x".repeat(32)), "enrolment_refused");
  assert.equal((await enrol(1, enrolment_code)).store, "harbour");
  await enrol(1, enrolment_code);
  await refused(enrol(2, enrolment_code), "enrolment_refused");
  const beacons = (count: number) => Array.from({ length: count }, (_, at) => `more-${at}`);
  const register = (hardware_ids: string[]) =>
    shop.client.call("registerBeacons", { body: { hardware_ids } });
  await refused(register(beacons(64)), "beacons_enough");
  await register(beacons(63));
  const market = await openShop(place, "market");
  await refused(
    market.client.call("registerBeacons", { body: { hardware_ids: [shop.beacon] } }),
    "already_registered",
  );
});
