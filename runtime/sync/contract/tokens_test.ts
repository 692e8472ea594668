/** Tokens, feed items and templates: what they bind, and that `jose` agrees on the form. */
import assert from "node:assert/strict";
import { compactVerify, importJWK, SignJWT } from "jose";
import { fromUtf8, toBase64url, utf8 } from "../../vault/bytes.ts";
import { nobleVault } from "../../vault/noble.ts";
import { nodeVault as vault } from "../../vault/node.ts";
import type { FeedItem, SealedTemplate, TokenPayload } from "./schemas.ts";
import {
  openTemplate,
  type PlainTemplate,
  sealTemplate,
  type TemplateContext,
} from "./templates.ts";
import { jwsTypes, makeFeedItem, makeJws, makeToken, readFeedItem, readToken } from "./tokens.ts";

const device = vault.signingKey(new Uint8Array(32).fill(3));
const signer = { keyid: "device:alice", privateKey: device.privateKey };
const keyOf = (kid: string) => kid === "device:alice" ? device.publicKey : undefined;
const payload: TokenPayload = {
  iss: "alice",
  aud: "store-1",
  jti: "t-1",
  purpose: "purchase",
  check_in: "c-1",
  iat: 1_700_000_000,
  exp: 1_700_000_090,
};
const jwk = (raw: Uint8Array) => ({ kty: "OKP", crv: "Ed25519", x: toBase64url(raw) });

Deno.test("a token tells who made it, for what", () => {
  assert.deepEqual(readToken(vault, makeToken(vault, signer, payload), keyOf), payload);
  assert.equal(makeToken(nobleVault, signer, payload), makeToken(vault, signer, payload));
});

Deno.test("a token that was bent, borrowed or is none is not read", () => {
  const token = makeToken(vault, signer, payload);
  const [header, body, signature] = token.split(".");
  const other = toBase64url(utf8(JSON.stringify({ ...payload, aud: "store-2" })));
  const plain = toBase64url(utf8(JSON.stringify({ alg: "none", kid: "device:alice" })));
  const strange = { ...signer, keyid: "device:mallory" };
  const refused = [
    `${header}.${other}.${signature}`,
    `${plain}.${body}.`,
    `${plain}.${body}.${signature}`,
    `${header}.${body}`,
    `${token}.`,
    "x".repeat(9_000),
    makeToken(vault, strange, payload),
    makeToken(vault, signer, { ...payload, iss: "bob" }),
    makeJws(vault, signer, jwsTypes.feed, payload),
    makeJws(vault, signer, jwsTypes.token, { ...payload, purpose: "gift" }),
    makeJws(vault, signer, jwsTypes.token, "nothing"),
  ];
  for (const jws of refused) assert.equal(readToken(vault, jws, keyOf), undefined, jws);
});

Deno.test("jose reads our tokens, and its tokens are read", async () => {
  const publicKey = await importJWK(jwk(device.publicKey), "EdDSA");
  const verified = await compactVerify(makeToken(vault, signer, payload), publicKey);
  assert.equal(verified.protectedHeader.kid, "device:alice");
  assert.deepEqual(JSON.parse(fromUtf8(verified.payload) ?? ""), payload);

  const secret = { ...jwk(device.publicKey), d: toBase64url(device.privateKey) };
  const privateKey = await importJWK(secret, "EdDSA");
  const theirs = await new SignJWT({ ...payload })
    .setProtectedHeader({ alg: "EdDSA", kid: "device:alice", typ: jwsTypes.token })
    .sign(privateKey);
  assert.deepEqual(readToken(vault, theirs, keyOf), payload);
});

Deno.test("a feed item is the issuer's own, or nothing", () => {
  const item: FeedItem = {
    sequence: 7,
    gateway: "gw-1",
    issued_at_ms: 1,
    expires_ms: 2,
    body: { type: "check_in.announced", hardware_id: "b-1" },
  };
  const envelope = makeFeedItem(vault, { ...signer, keyid: "issuer" }, item);
  assert.deepEqual(readFeedItem(vault, envelope, device.publicKey), item);
  assert.equal(readFeedItem(vault, envelope, new Uint8Array(32)), undefined);
  const token = makeToken(vault, signer, payload);
  assert.equal(readFeedItem(vault, token, device.publicKey), undefined);
});

const receiver = vault.sealingKey(new Uint8Array(32).fill(4));
const context: Extract<TemplateContext, { to: "gateway" }> = {
  rotation: "2026-11-23",
  to: "gateway",
  gateway: "gw-1",
  account: "alice",
  check_in: "c-1",
  lease_expires_ms: 5,
};
function face(dim = 16): PlainTemplate {
  const values = new Float32Array(dim).map((_, at) => Math.sin(at + 1));
  const length = Math.hypot(...values);
  return { model: "a".repeat(64), preset: "drawn", values: values.map((value) => value / length) };
}

Deno.test("a template comes out as it went in, only where it belongs", () => {
  const sealed = sealTemplate(vault, receiver.publicKey, context, face());
  assert.deepEqual(openTemplate(vault, receiver, context, sealed), face());
  assert.deepEqual(openTemplate(nobleVault, receiver, context, sealed), face());
  const elsewhere: TemplateContext[] = [
    { ...context, check_in: "c-2" },
    { ...context, rotation: "2026-11-24" },
    { ...context, account: "bob" },
    { ...context, gateway: "gw-2" },
    { ...context, lease_expires_ms: 6 },
    { to: "issuer", account: "alice", consent: "k-1" },
  ];
  for (const wrong of elsewhere) {
    assert.equal(openTemplate(vault, receiver, wrong, sealed), undefined);
  }
  const bent: SealedTemplate[] = [
    { ...sealed, model: "b".repeat(64) },
    { ...sealed, preset: "other" },
    { ...sealed, dim: 32 },
    { ...sealed, sealed: { ...sealed.sealed, ciphertext: "!" } },
  ];
  for (const wrong of bent) assert.equal(openTemplate(vault, receiver, context, wrong), undefined);
});

Deno.test("numbers that are no normalised template are refused even when sealed well", () => {
  for (const value of [Number.NaN, 0, 1, Number.POSITIVE_INFINITY]) {
    const values = new Float32Array(16).fill(value);
    const sealed = sealTemplate(vault, receiver.publicKey, context, { ...face(), values });
    assert.equal(openTemplate(vault, receiver, context, sealed), undefined);
  }
});
