/** A gateway's keys over the network: enrolled once, turned when they are old, never lost. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { parseConfig } from "../../runtime/config.ts";
import { issuerOver, realClock, realRandom, storedIdentity } from "../../runtime/main.ts";
import { createIssuer } from "../../runtime/sync/issuer.ts";
import type { GatewayIdentity } from "../../runtime/sync/identity.ts";
import { toHex } from "../../runtime/vault/bytes.ts";
import { nodeVault as vault } from "../../runtime/vault/node.ts";
import { testAcquirer } from "../issuer/test_acquirer.ts";
import { issuer } from "../issuer/issuer.ts";
import { memoryAccountKeys } from "../issuer/store/account_keys.ts";
import { openIssuerStore } from "../issuer/store/sqlite.ts";
import { adminKey } from "../issuer/testing/town.ts";
import { identityFor } from "./provision.ts";

const example = new URL("../store.example.json", import.meta.url);

/** An issuer that listens, and a store's folder that is not enrolled yet. */
async function place() {
  const store = openIssuerStore(":memory:");
  const house = issuer({
    clock: realClock,
    random: realRandom,
    vault,
    store,
    accountKeys: memoryAccountKeys(),
    acquirer: testAcquirer(),
    log: () => {},
    settings: { adminKey },
  });
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => house.app.fetch(request),
  );
  const folder = await Deno.makeTempDir({ prefix: "keys" });
  const url = `http://127.0.0.1:${server.addr.port}`;
  const written = JSON.parse(await Deno.readTextFile(example));
  const config = { ...parseConfig({ ...written, issuer: { url } }), data: folder };
  const speaks = (identity: GatewayIdentity) =>
    Array.fromAsync(
      createIssuer(
        { issuer: issuerOver(url), vault, clock: realClock, random: realRandom },
        identity,
      ).ledger(),
    );
  const file = join(folder, "identity.json");
  /** As if the keys had been made so many days ago. */
  const age = async (days: number) => {
    const kept = JSON.parse(await Deno.readTextFile(file));
    kept.made_at_ms -= days * 86_400_000;
    await Deno.writeTextFile(file, JSON.stringify(kept));
  };
  const close = async () => {
    await server.shutdown();
    await house.stop();
    await store.close();
    await Deno.remove(folder, { recursive: true });
  };
  return { config, folder, file, speaks, age, server, close };
}

const publicKeyOf = ({ signing, sealing }: GatewayIdentity) =>
  toHex(signing.publicKey) + toHex(sealing.publicKey);

Deno.test("young keys stay; old ones are turned at a start, and open nothing more", async () => {
  const { config, folder, file, speaks, age, close } = await place();
  try {
    const first = await identityFor(config, adminKey);
    await age(config.gateway.keys_days - 1);
    assert.equal(publicKeyOf(await identityFor(config)), publicKeyOf(first));

    await age(1);
    const second = await identityFor(config);
    assert.notEqual(publicKeyOf(second), publicKeyOf(first));
    assert.equal((await Deno.stat(file)).mode! & 0o077, 0, "for its user alone");
    assert.equal(publicKeyOf((await storedIdentity(folder))!), publicKeyOf(second));

    await speaks(first); // a start that was cut off before the new keys were kept
    await speaks(second);
    await assert.rejects(speaks(first), { kind: "unauthorised" });
    assert.equal(publicKeyOf(await identityFor(config)), publicKeyOf(second));
  } finally {
    await close();
  }
});

Deno.test("where the issuer is away, old keys count on", async () => {
  const { config, age, server, close } = await place();
  try {
    const first = await identityFor(config, adminKey);
    await age(config.gateway.keys_days);
    await server.shutdown();
    assert.equal(publicKeyOf(await identityFor(config)), publicKeyOf(first));
  } finally {
    await close();
  }
});
