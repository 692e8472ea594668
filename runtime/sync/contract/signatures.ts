/**
 * HTTP message signatures (RFC 9421, Ed25519) and content digests (RFC 9530) in the one form that
 * gateways, phones and the issuer use: a request is signed whole, its answer is bound to it.
 */
import { utf8 } from "../../vault/bytes.ts";
import type { Vault } from "../../vault/vault.ts";
import {
  type Exchange,
  type RequestParts,
  type ResponseParts,
  signatureBase,
} from "./signature_base.ts";
import {
  componentsOf,
  type Input,
  makeInput,
  readBytes,
  readInput,
  writeBytes,
} from "./structured.ts";

export { readBody, type RequestParts, type ResponseParts, urlOf } from "./signature_base.ts";

/** Who signs: a keyid of the contract, and the raw Ed25519 key. */
export interface Signer {
  readonly keyid: string;
  /** Secret. */
  readonly privateKey: Uint8Array;
}

/** A signature that holds, and what it says of itself. */
export interface Verified {
  readonly ok: true;
  readonly keyid: string;
  /** Name of the signature in the header's dictionary; an answer is bound to it by this name. */
  readonly label: string;
  readonly created_s: number;
  readonly nonce: string;
}
export interface NotVerified {
  readonly ok: false;
  readonly problem:
    | "signature_missing"
    | "signature_malformed"
    | "signature_incomplete"
    | "digest_wrong"
    | "key_unknown"
    | "signature_wrong";
}
export type Verification = Verified | NotVerified;

/** The label of our own signatures, and the keyid under which the issuer signs answers. */
export const label = "saunter";
export const issuerKeyid = "issuer";
/** Says of a request that it was sent before, and how often; signed with the rest. */
export const repeatHeader = "saunter-repeat";

/* Ceilings of what a stranger may send before anything is known of him. */
const header_characters = 2_000;
const components_at_most = 24;
const parameter_characters = 160;

/** `sha-256=:BASE64:`, the value of the Content-Digest field. */
export function contentDigest(vault: Vault, body: Uint8Array): string {
  return writeBytes("sha-256", vault.sha256(body));
}

/** True when the field holds the body's SHA-256. Other digests beside it are not looked at. */
export function digestFits(vault: Vault, field: string | null, body: Uint8Array): boolean {
  const digest = field === null ? undefined : readBytes(field, "sha-256");
  return digest !== undefined && vault.equal(digest, vault.sha256(body));
}

/** Sets Content-Digest (when there is a body), Signature-Input and Signature on the request. */
export function signRequest(
  vault: Vault,
  signer: Signer,
  made: { readonly created_s: number; readonly nonce: string },
  request: RequestParts,
): void {
  if (request.body.length > 0) {
    request.headers.set("content-digest", contentDigest(vault, request.body));
  }
  sign(vault, signer, made, requiredOfRequest(request), { request });
}

/** Sets Content-Digest (unless it is a stream), Signature-Input and Signature on the answer, bound
 * to its request and, where that was signed, to its signature. */
export function signResponse(
  vault: Vault,
  signer: Signer,
  created_s: number,
  response: ResponseParts,
  request: RequestParts,
  requestLabel: string | undefined,
): void {
  if (response.body !== "stream") {
    response.headers.set("content-digest", contentDigest(vault, response.body));
  }
  const components = requiredOfResponse(response, requestLabel);
  sign(vault, signer, { created_s }, components, { request, response });
}

/** Checks the first signature of a request: that it covers all of it, fits the digest, and is by
 * the key that its keyid names. Whether it is fresh is for the replay window to say. */
export function verifyRequest(
  vault: Vault,
  request: RequestParts,
  keyOf: (keyid: string) => Uint8Array | undefined,
): Verification {
  return verify(vault, { request }, requiredOfRequest(request), request.body, keyOf);
}

/** Checks the signature of an answer, including that it is the answer to this very request. */
export function verifyResponse(
  vault: Vault,
  response: ResponseParts,
  request: RequestParts,
  requestLabel: string | undefined,
  keyOf: (keyid: string) => Uint8Array | undefined,
): Verification {
  const needed = requiredOfResponse(response, requestLabel);
  const body = response.body === "stream" ? undefined : response.body;
  return verify(vault, { request, response }, needed, body, keyOf);
}

/** The label of a message's first signature, whether or not it holds: what an answer, also one that
 * refuses, is bound to. Undefined when there is none to bind to. */
export function signatureLabel(headers: Headers): string | undefined {
  return readSignature(headers.get("signature-input") ?? "", headers.get("signature") ?? "")?.label;
}

/* Components as they are written. */
const ofRequest = ['"@method"', '"@authority"', '"@path"', '"@query"'];
const ofItsRequest = ofRequest.map((text) => `${text};req`);
const digest = '"content-digest"';

function requiredOfRequest({ body, headers }: RequestParts): string[] {
  const needed = [...ofRequest];
  if (body.length > 0) needed.push(digest);
  for (const name of ["idempotency-key", repeatHeader]) {
    if (headers.has(name)) needed.push(`"${name}"`);
  }
  return needed;
}

function requiredOfResponse(response: ResponseParts, requestLabel: string | undefined): string[] {
  const needed = ['"@status"'];
  if (response.body !== "stream") needed.push(digest);
  needed.push(...ofItsRequest);
  if (requestLabel !== undefined) needed.push(`"signature";req;key="${requestLabel}"`);
  return needed;
}

function sign(
  vault: Vault,
  signer: Signer,
  made: { readonly created_s: number; readonly nonce?: string },
  needed: readonly string[],
  exchange: Exchange,
): void {
  const parameters = new Map<string, string | number>([["created", made.created_s]]);
  if (made.nonce !== undefined) parameters.set("nonce", made.nonce);
  parameters.set("keyid", signer.keyid);
  parameters.set("alg", "ed25519");
  const components = componentsOf(`(${needed.join(" ")})`);
  if (!components) throw new TypeError("the message's signature has no name that it may have");
  const input = makeInput(components, parameters);
  const base = signatureBase(input, exchange);
  if (base === undefined) throw new TypeError("the message lacks a field that is to be signed");
  const { headers } = exchange.response ?? exchange.request;
  headers.set("signature-input", `${label}=${input.text}`);
  headers.set("signature", writeBytes(label, vault.sign(signer.privateKey, utf8(base))));
}

function verify(
  vault: Vault,
  exchange: Exchange,
  needed: readonly string[],
  body: Uint8Array | undefined,
  keyOf: (keyid: string) => Uint8Array | undefined,
): Verification {
  const { headers } = exchange.response ?? exchange.request;
  const inputField = headers.get("signature-input");
  const signatureField = headers.get("signature");
  if (inputField === null || signatureField === null) return failed("signature_missing");
  const found = readSignature(inputField, signatureField);
  if (!found) return failed("signature_malformed");

  const { all, texts } = found.input.components;
  if (texts.size !== all.length) return failed("signature_malformed");
  if (!needed.every((text) => texts.has(text))) return failed("signature_incomplete");
  const digest = headers.get("content-digest");
  if (body && (body.length > 0 || digest !== null) && !digestFits(vault, digest, body)) {
    return failed("digest_wrong");
  }
  const key = keyOf(found.keyid);
  if (!key) return failed("key_unknown");
  const base = signatureBase(found.input, exchange);
  if (base === undefined) return failed("signature_malformed");
  if (!vault.verify(key, utf8(base), found.signature)) return failed("signature_wrong");
  const { keyid, created_s, nonce } = found;
  return { ok: true, keyid, label: found.label, created_s, nonce };
}

function failed(problem: NotVerified["problem"]): NotVerified {
  return { ok: false, problem };
}

interface Found {
  readonly label: string;
  readonly input: Input;
  readonly signature: Uint8Array;
  readonly keyid: string;
  readonly created_s: number;
  readonly nonce: string;
}

/** The first signature of the two fields; undefined when they are not what RFC 9421 says. */
function readSignature(inputField: string, signatureField: string): Found | undefined {
  if (inputField.length + signatureField.length > header_characters) return undefined;
  const read = readInput(inputField);
  if (!read || read.input.components.all.length > components_at_most) return undefined;
  const { label, input } = read;
  const signature = readBytes(signatureField, label);
  if (!signature) return undefined;
  const [created_s, keyid, alg] = ["created", "keyid", "alg"].map((name) =>
    input.parameters.get(name)
  );
  const nonce = input.parameters.get("nonce") ?? "";
  if (typeof created_s !== "number" || !Number.isInteger(created_s)) return undefined;
  if (typeof keyid !== "string" || typeof nonce !== "string") return undefined;
  if (keyid.length > parameter_characters || nonce.length > parameter_characters) return undefined;
  if (alg !== undefined && alg !== "ed25519") return undefined;
  return { label, input, signature, keyid, created_s, nonce };
}
