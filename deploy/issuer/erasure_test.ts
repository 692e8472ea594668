/** Erased means erased: no byte of a template is left in any file, and a backup made before goes
 * dark. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { sealTemplate } from "../../runtime/sync/contract/templates.ts";
import { nodeVault as vault } from "../../runtime/vault/node.ts";
import { type AccountKeys, memoryAccountKeys, openAccountKeys } from "./store/account_keys.ts";
import { openIssuerStore } from "./store/sqlite.ts";
import { comeIn } from "./testing/stories.ts";
import { face, newShopper, openShop, type Shop, type Town, town } from "./testing/town.ts";

const latin1 = (bytes: Uint8Array) => new TextDecoder("latin1").decode(bytes);
const plain = (number: number) =>
  latin1(new Uint8Array(face(number).values.buffer).subarray(0, 32));

/** Every file in a folder, as text of one character a byte: free pages and logs too. */
function filesIn(folder: string): [name: string, bytes: string][] {
  return [...Deno.readDirSync(folder)].filter(({ isFile }) => isFile)
    .map(({ name }) => [name, latin1(Deno.readFileSync(join(folder, name)))]);
}

const contains = (folder: string, trace: string) =>
  filesIn(folder).filter(([_, bytes]) => bytes.includes(trace)).map(([name]) => name);

/** What an issuer's answer has of the one who is here. */
async function templateOf(place: Town, shop: Shop, code: { code: string; nonce: string }) {
  const asked = { hardware_id: shop.beacon, code: code.code, nonce: code.nonce };
  const { visits } = await shop.client.call("askAccountData", { body: asked });
  assert.equal(visits.length, 1, place.logged.join("\n"));
  return visits[0]!.template;
}

async function inFolders(story: (live: string, backup: string) => Promise<void>): Promise<void> {
  const folder = Deno.makeTempDirSync({ prefix: "erasure-" });
  try {
    for (const name of ["live", "backup"]) Deno.mkdirSync(join(folder, name));
    await story(join(folder, "live"), join(folder, "backup"));
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("an erased account's template is in no file, and the backup cannot be read", () =>
  inFolders(async (live, backup) => {
    const store = openIssuerStore(join(live, "issuer.sqlite"));
    const accountKeys = openAccountKeys(join(live, "account-keys.sqlite"));
    const place = await town({ store, accountKeys });
    const shop = await openShop(place);
    const ada = await newShopper(place, 1);
    // Pages are freed and used again before the end.
    for (let more = 2; more < 30; more++) await newShopper(place, more);
    const here = await comeIn(place, shop, ada, 0);
    assert.ok(await templateOf(place, shop, here));
    const kept = store.tables.template.last("of_account", ada.account)!;
    const seed = latin1(accountKeys.of(ada.account)!);
    assert.deepEqual(contains(live, plain(1)), [], "it is never kept in the clear");
    assert.ok(contains(live, kept.ciphertext.slice(0, 40)).length > 0);
    assert.ok(contains(live, seed).every((name) => name.startsWith("account-keys")));
    // As a backup of the issuer's file is made: all of it, its log too, and not the keys.
    for (const [name] of filesIn(live)) {
      if (!name.startsWith("account-keys")) {
        Deno.copyFileSync(join(live, name), join(backup, name));
      }
    }
    assert.deepEqual(contains(backup, seed), []);
    await ada.client.call("eraseAccount");
    for (const trace of [plain(1), kept.ciphertext.slice(0, 40), kept.ciphertext.slice(-40)]) {
      assert.deepEqual(contains(live, trace), []);
    }
    assert.deepEqual(contains(live, seed), [], "the key is destroyed");
    await place.issuer.stop();
    await store.close();

    assert.ok(contains(backup, kept.ciphertext.slice(0, 40)).length > 0, "the backup has it");
    const restored = openIssuerStore(join(backup, "issuer.sqlite"));
    const again = await town({ store: restored, accountKeys, clock: place.clock });
    await place.clock.advance(1_000);
    const client = again.client(shop.signer);
    const stolen = await templateOf(again, { ...shop, client }, here);
    assert.equal(stolen, null, "restored, it is as dark as it was stolen");
    assert.ok(again.logged.some((line) => line.includes("cannot be opened any more")));
    await restored.close();
    accountKeys.close();
  }));

Deno.test("revoked: the key goes too, and a new consent brings a new one", async () => {
  const accountKeys = memoryAccountKeys();
  const place = await town({ accountKeys });
  const shop = await openShop(place);
  const ada = await newShopper(place, 1);
  const first = accountKeys.of(ada.account);
  await ada.client.call("revokeFace");
  assert.equal(accountKeys.of(ada.account), undefined);
  await place.clock.advance(1);
  const given = { kind: "face" as const, version: "1", given_at_ms: place.clock.now_ms() };
  const { consent } = await ada.client.call("giveConsent", { body: given });
  const context = { to: "issuer", account: ada.account, consent } as const;
  const sealed = sealTemplate(vault, place.issuerSealingKey, context, face(1));
  await ada.client.call("putTemplate", { body: { consent, ...sealed } });
  assert.notDeepEqual(accountKeys.of(ada.account), first);
  assert.ok(await templateOf(place, shop, await comeIn(place, shop, ada, 0)));
});

Deno.test("a template that an issuer of before kept sealed is still told", async () => {
  const accountKeys = memoryAccountKeys();
  const place = await town({ accountKeys });
  const shop = await openShop(place);
  const ada = await newShopper(place, 1);
  const { template } = place.store.tables;
  const kept = template.last("of_account", ada.account)!;
  assert.equal(kept.enc, "", "it is locked by now");
  const { publicKey } = vault.sealingKey(accountKeys.of(ada.account)!);
  const context = { to: "issuer", account: ada.account, consent: kept.consent } as const;
  const { enc, ciphertext } = sealTemplate(vault, publicKey, context, face(1)).sealed;
  place.store.transaction(() => template.change(kept, { enc, ciphertext }));
  assert.ok(await templateOf(place, shop, await comeIn(place, shop, ada, 0)));
  await place.issuer.stop();
});

Deno.test("an erasure that a crash cut off is made good at the next start", async () => {
  const accountKeys: AccountKeys = memoryAccountKeys();
  const place = await town({ accountKeys });
  const ada = await newShopper(place, 1);
  accountKeys.keep("account-of-a-crash", new Uint8Array(32).fill(7));
  place.issuer.start();
  assert.deepEqual(accountKeys.accounts(), [ada.account]);
  await place.issuer.stop();
});

Deno.test("keys outlast a restart, and a destroyed one does not", () =>
  inFolders((live) => {
    const path = join(live, "account-keys.sqlite");
    const first = openAccountKeys(path);
    first.keep("ada", new Uint8Array(32).fill(1));
    first.keep("bob", new Uint8Array(32).fill(2));
    first.destroy("ada");
    first.destroy("nobody");
    first.close();
    const again = openAccountKeys(path);
    assert.equal(again.of("ada"), undefined);
    assert.deepEqual(again.of("bob"), new Uint8Array(32).fill(2));
    assert.deepEqual(again.accounts(), ["bob"]);
    again.close();
    return Promise.resolve();
  }));
