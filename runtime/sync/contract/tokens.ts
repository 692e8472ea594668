/**
 * Compact JWS with EdDSA (RFC 7515, RFC 8037): one-time transaction tokens by phones, feed items
 * and allowances by the issuer. The `typ` of the header keeps one from being taken for another.
 */
import type { z } from "zod";
import { fromBase64url, fromUtf8, toBase64url, utf8 } from "../../vault/bytes.ts";
import type { Vault } from "../../vault/vault.ts";
import {
  type AllowancePayload,
  allowancePayload,
  type EntryPayload,
  entryPayload,
  type FeedItem,
  feedItem,
  type TokenPayload,
  tokenPayload,
} from "./schemas.ts";
import type { Signer } from "./signatures.ts";

/** Media types of RFC 7515, section 4.1.9, without their `application/`. */
export const jwsTypes = {
  token: "saunter-token+jws",
  feed: "saunter-feed+jws",
  entry: "saunter-entry+jws",
  allowance: "saunter-allowance+jws",
} as const;
export type JwsType = typeof jwsTypes[keyof typeof jwsTypes];

/** Longest JWS that is looked at. An item of the feed may bring a cart of 200 lines with names of
 * 200 characters, each of six bytes where JSON escapes it. */
const charactersAtMost = (type: JwsType) => type === jwsTypes.feed ? 400_000 : 8_000;

/** A compact JWS over the payload as JSON; `kid` is the signer's keyid. */
export function makeJws(vault: Vault, signer: Signer, type: JwsType, payload: unknown): string {
  const header = { alg: "EdDSA", kid: signer.keyid, typ: type };
  const signed = [header, payload].map((part) => toBase64url(utf8(JSON.stringify(part)))).join(".");
  return `${signed}.${toBase64url(vault.sign(signer.privateKey, utf8(signed)))}`;
}

interface Read {
  readonly kid: string;
  readonly payload: unknown;
}

/** The payload, and who signed it; undefined for anything but a JWS of this type whose signature
 * holds under the key that its `kid` names. */
function readJws(
  vault: Vault,
  type: JwsType,
  jws: string,
  keyOf: (kid: string) => Uint8Array | undefined,
): Read | undefined {
  const parts = jws.length > charactersAtMost(type) ? [] : jws.split(".");
  const [headerPart, payloadPart, signaturePart] = parts;
  if (parts.length !== 3 || !headerPart || !payloadPart || !signaturePart) return undefined;
  const header = json(headerPart) as Record<string, unknown> | null | undefined;
  const signature = fromBase64url(signaturePart);
  if (typeof header !== "object" || header === null || !signature) return undefined;
  const { alg, typ, kid } = header;
  if (alg !== "EdDSA" || typ !== type || typeof kid !== "string" || "crit" in header) {
    return undefined;
  }
  const key = keyOf(kid);
  if (!key || !vault.verify(key, utf8(`${headerPart}.${payloadPart}`), signature)) return undefined;
  return { kid, payload: json(payloadPart) };
}

function json(part: string): unknown {
  const bytes = fromBase64url(part);
  const text = bytes && fromUtf8(bytes);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What was read, where its issuer is the account whose device signed it. */
function byDevice<Payload extends { readonly iss: string }>(
  read: Read | undefined,
  schema: z.ZodType<Payload>,
): Payload | undefined {
  const payload = schema.safeParse(read?.payload).data;
  return payload !== undefined && read?.kid === `device:${payload.iss}` ? payload : undefined;
}

/** A one-time transaction token by the device key of the account; keyid `device:ACCOUNT`. */
export function makeToken(vault: Vault, device: Signer, payload: TokenPayload): string {
  return makeJws(vault, device, jwsTypes.token, payload);
}

/** The payload of a token whose signature holds and whose issuer is its signer. Whether it is for
 * this store and check-in, young and unspent, is for the issuer to say. */
export function readToken(
  vault: Vault,
  token: string,
  keyOf: (kid: string) => Uint8Array | undefined,
): TokenPayload | undefined {
  return byDevice(readJws(vault, jwsTypes.token, token, keyOf), tokenPayload);
}

/** What a phone shows to a gate, by the device key of the account; keyid `device:ACCOUNT`. */
export function makeEntryCode(vault: Vault, device: Signer, payload: EntryPayload): string {
  return makeJws(vault, device, jwsTypes.entry, payload);
}

/** The payload of such a code whose signature holds. Whether it is young and unspent is for the
 * issuer to say. */
export function readEntryCode(
  vault: Vault,
  code: string,
  keyOf: (kid: string) => Uint8Array | undefined,
): EntryPayload | undefined {
  return byDevice(readJws(vault, jwsTypes.entry, code, keyOf), entryPayload);
}

/** An allowance by the issuer's key. */
export function makeAllowance(vault: Vault, issuer: Signer, payload: AllowancePayload): string {
  return makeJws(vault, issuer, jwsTypes.allowance, payload);
}

/** What the issuer has signed. For whom it is and whether it is expired stands in it. */
export function readAllowance(
  vault: Vault,
  jws: string,
  issuerPublicKey: Uint8Array,
): AllowancePayload | undefined {
  const read = readJws(vault, jwsTypes.allowance, jws, () => issuerPublicKey);
  return allowancePayload.safeParse(read?.payload).data;
}

/** An item of the feed, as the `data` of its server-sent event. */
export function makeFeedItem(vault: Vault, issuer: Signer, item: FeedItem): string {
  return makeJws(vault, issuer, jwsTypes.feed, item);
}

/** The item, when the issuer signed it. For whom it is and whether it is expired stands in it. */
export function readFeedItem(
  vault: Vault,
  envelope: string,
  issuerPublicKey: Uint8Array,
): FeedItem | undefined {
  const read = readJws(vault, jwsTypes.feed, envelope, () => issuerPublicKey);
  return feedItem.safeParse(read?.payload).data;
}
