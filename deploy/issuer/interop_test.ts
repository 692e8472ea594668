/** Other people's libraries speak to the issuer, and check what it says. */
import assert from "node:assert/strict";
import { createPrivateKey, createPublicKey } from "node:crypto";
import { createSigner, createVerifier, httpbis } from "http-message-signatures";
import { importJWK, SignJWT } from "jose";
import { contentDigest } from "../../runtime/sync/contract/signatures.ts";
import { toBase64url, utf8 } from "../../runtime/vault/bytes.ts";
import { nodeVault as vault } from "../../runtime/vault/node.ts";
import { comeIn } from "./testing/stories.ts";
import { newShopper, openShop, origin, type Shopper, type Town, town } from "./testing/town.ts";

/** A device's key pair as JWK (RFC 8037). */
function jwkOf(privateKey: Uint8Array) {
  const x = toBase64url(vault.signingKey(privateKey).publicKey);
  return { kty: "OKP", crv: "Ed25519", x, d: toBase64url(privateKey) };
}

async function tokenByJose(place: Town, shopper: Shopper, check_in: string): Promise<string> {
  const iat = Math.floor(place.clock.now_ms() / 1000);
  const claims = { iss: shopper.account, aud: "harbour", jti: "by-jose", purpose: "purchase" };
  return await new SignJWT({ ...claims, check_in, iat, exp: iat + 60 })
    .setProtectedHeader({ alg: "EdDSA", kid: shopper.signer.keyid, typ: "saunter-token+jws" })
    .sign(await importJWK(jwkOf(shopper.signer.privateKey), "EdDSA"));
}

/** Signed by the other library; the issuer's rules say what must be covered. */
async function signedElsewhere(place: Town, shopper: Shopper, url: string, body: Uint8Array) {
  const jwk = jwkOf(shopper.signer.privateKey);
  const privateKey = createPrivateKey({ key: jwk, format: "jwk" } as never);
  const sent = await httpbis.signMessage({
    key: createSigner(privateKey as never, "ed25519", shopper.signer.keyid),
    fields: ["@method", "@authority", "@path", "@query", "content-digest"],
    params: ["created", "nonce", "keyid", "alg"],
    paramValues: { created: new Date(place.clock.now_ms()), nonce: "theirs" },
  }, {
    method: "POST",
    url,
    headers: { "content-type": "application/json", "content-digest": contentDigest(vault, body) },
  });
  return sent.headers as Record<string, string>;
}

Deno.test("an app on other libraries gives a token and can check the answer", async () => {
  const place = await town();
  const shop = await openShop(place);
  const ada = await newShopper(place, 1);
  const { check_in } = await comeIn(place, shop, ada, 0);
  const url = `${origin}/v1/check-ins/${check_in}/tokens`;
  const body = utf8(JSON.stringify({ tokens: [await tokenByJose(place, ada, check_in)] }));
  const headers = await signedElsewhere(place, ada, url, body);
  const answer = await place.issuer.app.request(url, { method: "POST", headers, body });
  assert.deepEqual([answer.status, await answer.json()], [200, { held: 1 }]);

  const { kty, crv } = jwkOf(new Uint8Array(32));
  const jwk = { kty, crv, x: toBase64url(place.issuerKey) };
  const issuerKey = createPublicKey({ key: jwk, format: "jwk" } as never);
  const verify = createVerifier(issuerKey as never, "ed25519") as never;
  const config = {
    keyLookup: () => Promise.resolve({ id: "issuer", algs: ["ed25519"], verify }),
    requiredFields: ["@status", "content-digest"],
  };
  const answered = { status: answer.status, headers: Object.fromEntries(answer.headers) };
  const request = { method: "POST", url, headers };
  assert.equal(await httpbis.verifyMessage(config, answered, request), true);
  const forged = { ...answered, status: 201 };
  assert.equal(await httpbis.verifyMessage(config, forged, request), false);
  const other = { ...request, headers: { ...headers, Signature: "sig=:AAAA:" } };
  assert.equal(await httpbis.verifyMessage(config, answered, other), false);
});
