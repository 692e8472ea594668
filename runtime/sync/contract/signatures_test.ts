/** Signatures on the wire: the published vector, our own rules, somebody else's code. */
import assert from "node:assert/strict";
import { createPrivateKey, createPublicKey } from "node:crypto";
import { createSigner, createVerifier, httpbis } from "http-message-signatures";
import { parseDictionary, serializeDictionary } from "structured-headers";
import { fromBase64, utf8 } from "../../vault/bytes.ts";
import { nodeVault as vault } from "../../vault/node.ts";
import { createReplayWindow } from "./replay.ts";
import {
  contentDigest,
  digestFits,
  type RequestParts,
  type ResponseParts,
  signRequest,
  signResponse,
  verifyRequest,
  verifyResponse,
} from "./signatures.ts";
import { signatureBase } from "./signature_base.ts";
import { inputOf } from "./structured.ts";

const bytes = (base64: string) => fromBase64(base64) ?? assert.fail("base64 expected");
/* RFC 9421, appendix B.1.4: the DER of the key pair ends with the raw bytes. */
const privateDer = bytes("MC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF");
const publicDer = bytes("MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=");
const key = vault.signingKey(privateDer.slice(-32));
const signer = { keyid: "device:alice", privateKey: key.privateKey };
const made = { created_s: 1_700_000_000, nonce: "n-1" };
const keyOf = (keyid: string) => keyid === "device:alice" ? key.publicKey : undefined;

function request(change: Partial<RequestParts> = {}): RequestParts {
  return {
    method: "POST",
    url: "https://issuer.example/v1/check-ins?x=1",
    headers: new Headers({ "content-type": "application/json", "idempotency-key": '"k1"' }),
    body: utf8('{"hello":"world"}'),
    ...change,
  };
}
function signed(change: Partial<RequestParts> = {}): RequestParts {
  const parts = request(change);
  signRequest(vault, signer, made, parts);
  return parts;
}
const asRecord = (headers: Headers) => Object.fromEntries(headers);
const url = (parts: RequestParts) => ({ ...parts, headers: asRecord(parts.headers) });

Deno.test("the signature base and signature of RFC 9421 B.2.6", () => {
  const parts: RequestParts = {
    method: "POST",
    url: "https://example.com/foo?param=Value&Pet=dog",
    headers: new Headers({
      date: "Tue, 20 Apr 2021 02:07:55 GMT",
      "content-type": "application/json",
      "content-length": "18",
    }),
    body: utf8('{"hello": "world"}'),
  };
  const [input] = [
    ...parseDictionary(
      'sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length")' +
        ';created=1618884473;keyid="test-key-ed25519"',
    ).values(),
  ];
  assert.ok(input && Array.isArray(input[0]));
  const base = signatureBase(inputOf([input[0], input[1]]), { request: parts });
  assert.ok(base);
  const signature = vault.sign(key.privateKey, utf8(base));
  assert.deepEqual(
    signature,
    bytes(
      "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==",
    ),
  );
  assert.deepEqual(key.publicKey, publicDer.slice(-32));
});

Deno.test("the digest of RFC 9530 is found among others and must fit", () => {
  const body = utf8('{"hello": "world"}\n');
  const published = "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:";
  assert.equal(contentDigest(vault, body), published);
  assert.equal(digestFits(vault, `md5=:AAAA:, ${published}`, body), true);
  assert.equal(digestFits(vault, published, utf8("{}")), false);
  assert.equal(digestFits(vault, "sha-512=:AAAA:", body), false);
  assert.equal(digestFits(vault, "no digest at all !", body), false);
  assert.equal(digestFits(vault, null, body), false);
});

Deno.test("a signed request is taken with its key, time and nonce", () => {
  assert.deepEqual(verifyRequest(vault, signed(), keyOf), {
    ok: true,
    keyid: "device:alice",
    label: "saunter",
    ...made,
  });
  const bare = signed({ method: "GET", body: new Uint8Array(0), headers: new Headers() });
  assert.equal(verifyRequest(vault, bare, keyOf).ok, true);
});

Deno.test("whatever is changed on the way, the request is refused", () => {
  const cases: [string, (parts: RequestParts) => RequestParts][] = [
    ["signature_wrong", (parts) => ({ ...parts, method: "PUT" })],
    ["signature_wrong", (parts) => ({ ...parts, url: parts.url.replace("x=1", "x=2") })],
    ["signature_wrong", (parts) => ({ ...parts, url: parts.url.replace("check-ins", "captures") })],
    ["signature_wrong", (parts) => ({ ...parts, url: parts.url.replace("issuer.", "other.") })],
    ["digest_wrong", (parts) => ({ ...parts, body: utf8('{"hello":"mallory"}') })],
    ["signature_wrong", (parts) => changed(parts, "idempotency-key", '"k2"')],
    ["signature_malformed", (parts) => changed(parts, "idempotency-key", undefined)],
    ["signature_missing", (parts) => changed(parts, "signature", undefined)],
    ["signature_malformed", (parts) => changed(parts, "signature", "saunter=1")],
    ["signature_malformed", (parts) => changed(parts, "signature-input", "saunter=(")],
    ["signature_malformed", (parts) => changed(parts, "signature-input", "x".repeat(3_000))],
    ["signature_wrong", (parts) => rewritten(parts, "created=1700000000", "created=1700000001")],
    ["signature_wrong", (parts) => rewritten(parts, 'nonce="n-1"', 'nonce="n-2"')],
    ["key_unknown", (parts) => rewritten(parts, "device:alice", "device:bob")],
    ["signature_malformed", (parts) => rewritten(parts, "ed25519", "hmac-sha256")],
    ["signature_incomplete", (parts) => rewritten(parts, '"@path" ', "")],
    ["signature_incomplete", (parts) => rewritten(parts, ' "content-digest"', "")],
    ["signature_incomplete", (parts) => rewritten(parts, ' "idempotency-key"', "")],
    ["signature_malformed", (parts) => rewritten(parts, '"@path"', '"@path" "@path"')],
  ];
  for (const [problem, change] of cases) {
    const result = verifyRequest(vault, change(signed()), keyOf);
    assert.deepEqual(result, { ok: false, problem }, change.toString());
  }
});

function changed(parts: RequestParts, name: string, value: string | undefined): RequestParts {
  const headers = new Headers(parts.headers);
  if (value === undefined) headers.delete(name);
  else headers.set(name, value);
  return { ...parts, headers };
}
function rewritten(parts: RequestParts, from: string, to: string): RequestParts {
  const input = parts.headers.get("signature-input") ?? "";
  assert.ok(input.includes(from), from);
  return changed(parts, "signature-input", input.replace(from, to));
}

Deno.test("an answer is bound to its very request", () => {
  const issuer = { keyid: "issuer", privateKey: key.privateKey };
  const issuerKey = (keyid: string) => keyid === "issuer" ? key.publicKey : undefined;
  const asked = signed();
  const answer = (body: Uint8Array | "stream" = utf8("{}")): ResponseParts => {
    const parts = { status: 200, headers: new Headers(), body };
    signResponse(vault, issuer, 1_700_000_001, parts, asked, "saunter");
    return parts;
  };
  const verified = (response: ResponseParts, to = asked) =>
    verifyResponse(vault, response, to, "saunter", issuerKey);
  assert.equal(verified(answer()).ok, true);
  assert.equal(verified(answer("stream")).ok, true);

  const again = request();
  signRequest(vault, signer, { ...made, nonce: "n-2" }, again);
  assert.deepEqual(verified(answer(), again), { ok: false, problem: "signature_wrong" });
  assert.deepEqual(
    verified({ ...answer(), status: 402 }),
    { ok: false, problem: "signature_wrong" },
  );
  assert.deepEqual(
    verified({ ...answer(), body: utf8("[]") }),
    { ok: false, problem: "digest_wrong" },
  );
  assert.deepEqual(
    verified({ ...answer("stream"), body: utf8("{}") }),
    { ok: false, problem: "signature_incomplete" },
  );
});

Deno.test("another implementation takes our requests and answers, and we take its", async () => {
  const publicKey = createPublicKey({ key: publicDer, format: "der", type: "spki" } as never);
  const privateKey = createPrivateKey({ key: privateDer, format: "der", type: "pkcs8" } as never);
  const verifier = createVerifier(publicKey as never, "ed25519");
  const keyLookup = (parameters: { keyid?: string }) =>
    Promise.resolve({ id: String(parameters.keyid), algs: ["ed25519"], verify: verifier as never });
  const asked = signed();
  const theirs = { keyLookup, requiredFields: ["@method", "content-digest"] };
  assert.equal(await httpbis.verifyMessage(theirs, url(asked)), true);
  assert.equal(
    await httpbis.verifyMessage({ keyLookup }, { ...url(asked), method: "PUT" }),
    false,
  );

  const response = { status: 201, headers: new Headers(), body: utf8("{}") };
  signResponse(vault, { ...signer, keyid: "issuer" }, made.created_s, response, asked, "saunter");
  const answered = { status: 201, headers: asRecord(response.headers) };
  assert.equal(await httpbis.verifyMessage({ keyLookup }, answered, url(asked)), true);

  const body = utf8('{"from":"elsewhere"}');
  const sent = await httpbis.signMessage(
    {
      key: createSigner(privateKey as never, "ed25519", "device:alice"),
      name: "sig1",
      fields: ["@method", "@authority", "@path", "@query", "content-digest"],
      params: ["created", "keyid", "alg", "nonce"],
      paramValues: { nonce: "abc" },
    },
    {
      method: "POST",
      url: "https://issuer.example/v1/reversals",
      headers: { "content-digest": contentDigest(vault, body) },
    },
  );
  const taken: RequestParts = {
    method: sent.method,
    url: String(sent.url),
    headers: new Headers(sent.headers as Record<string, string>),
    body,
  };
  const result = verifyRequest(vault, taken, keyOf);
  assert.ok(result.ok);
  assert.deepEqual([result.label, result.nonce], ["sig1", "abc"]);
  assert.ok(serializeDictionary(parseDictionary(taken.headers.get("signature") ?? "")));
});

Deno.test("the replay window lets each signature through once, while it is young", () => {
  const replay = createReplayWindow({ opened_at_ms: 1_000_000, tolerance_s: 60, capacity: 3 });
  const admit = (nonce: string, created_s: number, now_s: number, keyid = "device:a") =>
    replay.admit({ keyid, nonce, created_s }, now_s * 1000);
  assert.equal(admit("a", 1_010, 1_010), "fresh");
  assert.equal(admit("a", 1_010, 1_020), "replayed");
  assert.equal(admit("a", 1_010, 1_020, "device:b"), "fresh");
  assert.equal(admit("b", 1_010, 1_071), "stale");
  assert.equal(admit("b", 1_140, 1_071), "early");
  assert.equal(admit("b", 999, 1_001), "stale");
  assert.equal(admit("", 1_020, 1_020), "stale");
  assert.equal(admit("c", 1_020, 1_020), "fresh");
  assert.equal(admit("d", 1_020, 1_020), "full");
  assert.equal(admit("d", 1_200, 1_200), "fresh");
});

Deno.test("a window that is opened again takes nothing that the one before may have taken", () => {
  const kept = new Map<string, number>();
  const ahead = {
    since: (second: number) => [...kept].filter(([, created_s]) => created_s > second),
    note: (keyid: string, created_s: number) => void kept.set(keyid, created_s),
  };
  const open = (opened_at_ms: number, again: boolean) =>
    createReplayWindow({ opened_at_ms, tolerance_s: 60, capacity: 9, ahead, again });
  const sign = (nonce: string, created_s: number, keyid = "a") => ({ keyid, nonce, created_s });

  const first = open(1_000_000, false);
  assert.equal(first.admit(sign("1", 1_000), 1_000_500), "fresh", "nobody was here before");
  assert.equal(first.admit(sign("2", 1_030), 1_010_000), "fresh");
  assert.deepEqual([...kept], [["a", 1_030]]);

  const second = open(1_010_400, true);
  assert.equal(second.admit(sign("2", 1_030), 1_011_000), "opening", "let through before");
  assert.equal(second.admit(sign("3", 1_010, "b"), 1_010_900), "opening", "the same second");
  assert.equal(second.admit(sign("3", 1_009, "b"), 1_010_900), "stale");
  assert.equal(second.admit(sign("4", 1_011, "b"), 1_011_000), "fresh", "others do not wait");
  assert.equal(second.admit(sign("5", 1_031), 1_011_000), "fresh", "nor does it for long");
  assert.equal(second.admit(sign("5", 1_031), 1_012_000), "replayed");
});
