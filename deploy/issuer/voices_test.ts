/** Voices at the issuer: kept under a consent of their own, given to a store's gateway for those
 * who are there, and gone when they are taken back. */
import assert from "node:assert/strict";
import { enrolledTone } from "../../runtime/perception/voice/testing.ts";
import { openVoice, sealVoice } from "../../runtime/sync/contract/voices.ts";
import { nodeVault as vault } from "../../runtime/vault/node.ts";
import { memoryAccountKeys } from "./store/account_keys.ts";
import { ownKeyName } from "./rooms/own_keys.ts";
import { comeIn, refused } from "./testing/stories.ts";
import { newShopper, openShop, type Shop, type Shopper, type Town, town } from "./testing/town.ts";

/** A consent of some kind, now. */
async function agree(place: Town, { client }: Shopper, kind: "face" | "voice") {
  const given_at_ms = place.clock.now_ms();
  return (await client.call("giveConsent", { body: { kind, version: "2", given_at_ms } })).consent;
}

/** Enrols a voice under that consent. */
async function enrol(place: Town, { client, account }: Shopper, consent: string, voice: number) {
  const context = { to: "issuer", account, consent } as const;
  const sealed = sealVoice(vault, place.issuerSealingKey, context, enrolledTone(voice));
  return await client.call("putVoice", { body: { ...sealed, consent } });
}

/** Somebody who is here and has a voice, beside somebody who has enrolled none. */
async function speaker() {
  const accountKeys = memoryAccountKeys();
  const place = await town({ accountKeys });
  const shop = await openShop(place);
  const ada = await newShopper(place, 1);
  const here = await comeIn(place, shop, ada, 0);
  const bob = await newShopper(place, 2);
  const beside = await comeIn(place, shop, bob, 1);
  await enrol(place, ada, await agree(place, ada, "voice"), 1);
  return { place, shop, ada, bob, accountKeys, here: [here.check_in, beside.check_in] };
}

const voiceKey = ({ account }: Shopper) => ownKeyName(account, "voice");

const ask = async ({ client }: Shop, check_ins: string[]) =>
  (await client.call("askVoices", { body: { check_ins } })).voices;

Deno.test("a gateway gets the voices of those who are here, sealed to it", async () => {
  const { shop, here } = await speaker();
  const [given, ...others] = await ask(shop, here);
  assert.deepEqual(others, [], "who enrolled none has none");
  assert.equal(given?.check_in, here[0]);
  const { gateway, sealing } = shop;
  const context = { to: "gateway", gateway, check_in: here[0]! } as const;
  const opened = openVoice(vault, sealing, context, given!.voice);
  assert.equal(opened?.takes.length, 30);
  const elsewhere = { ...context, check_in: here[1]! };
  assert.equal(openVoice(vault, sealing, elsewhere, given!.voice), undefined);
});

Deno.test("nobody's voice alone, none for another store, and nobody's who has left", async () => {
  const { place, shop, ada, here } = await speaker();
  await refused(ask(shop, here.slice(0, 1)), "request_invalid");
  const other = await openShop(place, "airport");
  await refused(ask(other, here), "check_in_unknown");
  await ada.client.call("leave", { path: { check_in: here[0]! } });
  assert.deepEqual(await ask(shop, here), []);
});

Deno.test("no voice is kept without its consent, nor one that cannot be opened", async () => {
  const { place, ada } = await speaker();
  const face = await agree(place, ada, "face");
  await refused(enrol(place, ada, face, 1), "consent_unknown");
  const consent = await agree(place, ada, "voice");
  const context = { to: "issuer", account: "somebody-else", consent } as const;
  const sealed = sealVoice(vault, place.issuerSealingKey, context, enrolledTone(1));
  const put = ada.client.call("putVoice", { body: { ...sealed, consent } });
  await refused(put, "template_unreadable");
});

Deno.test("taken back, the voice is gone with its key, and the face stays", async () => {
  const { place, shop, ada, here, accountKeys } = await speaker();
  assert.equal(accountKeys.accounts().length, 3, "face and voice have keys of their own");
  await ada.client.call("revokeVoice");
  assert.deepEqual(await ask(shop, here), []);
  assert.ok(!accountKeys.accounts().includes(voiceKey(ada)));
  assert.ok(place.store.tables.template.last("of_account", ada.account));
  await place.clock.advance(1);
  const again = await agree(place, ada, "voice");
  await enrol(place, ada, again, 2);
  assert.equal((await ask(shop, here)).length, 1, "whoever agrees again enrols again");
});

Deno.test("taking back faces leaves the voice; an erased account has neither", async () => {
  const { place, ada, accountKeys } = await speaker();
  await ada.client.call("revokeFace");
  assert.ok(place.store.tables.voice.get(ada.account));
  assert.ok(accountKeys.accounts().includes(voiceKey(ada)));
  await ada.client.call("eraseAccount");
  assert.equal(place.store.tables.voice.get(ada.account), undefined);
  assert.deepEqual(accountKeys.accounts().filter((name) => name.startsWith(ada.account)), []);
  const consents = place.store.tables.consent.all("all_of", [ada.account]);
  assert.ok(consents.every(({ revoked_at_ms }) => revoked_at_ms !== null));
});

Deno.test("what is kept of a voice is sealed to the account's own key", async () => {
  const { place, ada, accountKeys } = await speaker();
  const kept = place.store.tables.voice.get(ada.account)!;
  const { model, preset, version, enc, ciphertext, consent, account } = kept;
  const sealed = { model, preset, version, sealed: { enc, ciphertext } };
  const context = { to: "issuer", account, consent } as const;
  const own = vault.sealingKey(accountKeys.of(voiceKey(ada))!);
  assert.ok(openVoice(vault, own, context, sealed));
  const face = vault.sealingKey(accountKeys.of(ada.account)!);
  assert.equal(openVoice(vault, face, context, sealed), undefined);
  assert.ok(!JSON.stringify(place.logged).includes(ciphertext.slice(0, 40)));
});
