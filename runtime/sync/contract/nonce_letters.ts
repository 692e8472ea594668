/**
 * A gateway's question at a beacon's letterbox: which nonce belongs to what is on the air. Signed
 * by the gateway that asks; answered sealed to it, since a connection between radios can be
 * overheard, and signed, so that nobody else in range can answer.
 */
import { z } from "zod";
import { canonicalJson, fromBase64url, fromUtf8, toBase64url, utf8 } from "../../vault/bytes.ts";
import type { KeyPair, Vault } from "../../vault/vault.ts";
import { base64url, id, time_ms } from "./words.ts";

/** Who asks: the gateway's keys. */
export interface NonceReader {
  readonly gateway: string;
  /** Ed25519. */
  readonly signing: KeyPair;
  /** X25519. */
  readonly sealing: KeyPair;
}

/** What is asked, and what the answer is bound to. */
export interface NonceQuestion {
  readonly gateway: string;
  readonly hardware_id: string;
  /** Base64url, 16 random bytes: no answer fits another question. */
  readonly challenge: string;
  readonly asked_at_ms: number;
}

const question = z.strictObject({
  v: z.literal(1),
  word: z.literal("nonce"),
  gateway: id,
  hardware_id: id,
  challenge: z.string().length(22).regex(/^[\w-]+$/),
  asked_at_ms: time_ms,
  signature: z.string().length(86),
});
const answer = z.strictObject({
  v: z.literal(1),
  enc: z.string().length(43),
  ciphertext: z.string().max(400),
  signature: z.string().length(86),
});
const nonceText = base64url(32);

const info = utf8("saunter/beacon-nonce/1");
const asked = (what: NonceQuestion) => utf8(`saunter/nonce-asked/1 ${canonicalJson(what)}`);
const said = (what: NonceQuestion, enc: string, ciphertext: string) =>
  utf8(`saunter/nonce-said/1 ${canonicalJson({ ...what, enc, ciphertext })}`);

function json(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(fromUtf8(bytes) ?? "");
  } catch {
    return undefined;
  }
}

export function writeNonceQuestion(
  vault: Vault,
  reader: NonceReader,
  what: NonceQuestion,
): Uint8Array<ArrayBuffer> {
  const signature = toBase64url(vault.sign(reader.signing.privateKey, asked(what)));
  return utf8(JSON.stringify({ v: 1, word: "nonce", ...what, signature }));
}

/** Undefined for what is no such question: another letter, or nothing. */
export function readNonceQuestion(
  bytes: Uint8Array,
): { readonly what: NonceQuestion; readonly signature: string } | undefined {
  const parsed = question.safeParse(json(bytes));
  if (!parsed.success) return undefined;
  const { v: _, word: __, signature, ...what } = parsed.data;
  return { what, signature };
}

/** Whether the gateway with this key asked it. */
export function isAskedBy(
  vault: Vault,
  publicKey: Uint8Array,
  { what, signature }: { readonly what: NonceQuestion; readonly signature: string },
): boolean {
  const bytes = fromBase64url(signature);
  return bytes !== undefined && vault.verify(publicKey, asked(what), bytes);
}

/** The beacon's side: it is the gateway's own, and has its keys. */
export function writeNonceAnswer(
  vault: Vault,
  keys: NonceReader,
  what: NonceQuestion,
  /** Secret. */
  nonce: string,
): Uint8Array<ArrayBuffer> {
  const plain = utf8(nonce);
  const sealed = vault.seal(keys.sealing.publicKey, info, asked(what), plain);
  plain.fill(0);
  const [enc, ciphertext] = [toBase64url(sealed.enc), toBase64url(sealed.ciphertext)];
  const signature = toBase64url(vault.sign(keys.signing.privateKey, said(what, enc, ciphertext)));
  return utf8(JSON.stringify({ v: 1, enc, ciphertext, signature }));
}

/** Undefined for what is no answer to this question by who has these keys. */
export function readNonceAnswer(
  vault: Vault,
  keys: NonceReader,
  what: NonceQuestion,
  bytes: Uint8Array,
): string | undefined {
  const parsed = answer.safeParse(json(bytes));
  if (!parsed.success) return undefined;
  const { enc, ciphertext } = parsed.data;
  const [key, text, signature] = [enc, ciphertext, parsed.data.signature].map(fromBase64url);
  if (!key || !text || !signature) return undefined;
  if (!vault.verify(keys.signing.publicKey, said(what, enc, ciphertext), signature)) {
    return undefined;
  }
  const plain = vault.open(keys.sealing, info, asked(what), { enc: key, ciphertext: text });
  const read = nonceText.safeParse(plain && fromUtf8(plain));
  plain?.fill(0);
  return read.data;
}
