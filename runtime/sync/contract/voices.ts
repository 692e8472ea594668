/**
 * Voices on their two hops, phone to issuer and issuer to gateway: sealed to the receiver, with
 * whose they are as associated data. A voice is some minutes of numbers, written in 16 bits each.
 */
import { canonicalJson, fromBase64url, fromUtf8, toBase64url, utf8 } from "../../vault/bytes.ts";
import type { KeyPair, Vault } from "../../vault/vault.ts";
import type { Voice } from "../../world.ts";
import type { SealedVoice } from "./voice_words.ts";

export type { Voice };

/** What a sealed voice is bound to. */
export type VoiceContext =
  | { readonly to: "issuer"; readonly account: string; readonly consent: string }
  | { readonly to: "gateway"; readonly gateway: string; readonly check_in: string };

const info = utf8("saunter/voice/1");
/** Steps of a number: cepstra lie within a hundred, and differ by more than this between takes. */
const steps = 256;

/** Seals a voice. The caller still owns it and overwrites it when done. */
export function sealVoice(
  vault: Vault,
  receiverPublicKey: Uint8Array,
  context: VoiceContext,
  voice: Voice,
): SealedVoice {
  const { model, preset, version } = voice;
  const plaintext = written(voice);
  const associated = utf8(canonicalJson({ ...context, model, preset, version }));
  const { enc, ciphertext } = vault.seal(receiverPublicKey, info, associated, plaintext);
  plaintext.fill(0);
  const sealed = { enc: toBase64url(enc), ciphertext: toBase64url(ciphertext) };
  return { model, preset, version, sealed };
}

/** Undefined unless it was sealed to this key and in this context, and can be read. */
export function openVoice(
  vault: Vault,
  receiver: KeyPair,
  context: VoiceContext,
  { model, preset, version, sealed }: SealedVoice,
): Voice | undefined {
  const enc = fromBase64url(sealed.enc), ciphertext = fromBase64url(sealed.ciphertext);
  if (!enc || !ciphertext) return undefined;
  const associated = utf8(canonicalJson({ ...context, model, preset, version }));
  const plaintext = vault.open(receiver, info, associated, { enc, ciphertext });
  if (!plaintext) return undefined;
  const parts = read(plaintext);
  plaintext.fill(0);
  return parts && { model, preset, version, ...parts };
}

/** The places of the takes as JSON behind its length, the two spreads, then the values. */
function written({ takes, values, spreads }: Voice): Uint8Array<ArrayBuffer> {
  const places = utf8(JSON.stringify(takes.map(({ word, from, count }) => [word, from, count])));
  const bytes = new Uint8Array(4 + places.length + 8 + 2 * values.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, places.length, true);
  bytes.set(places, 4);
  let at = 4 + places.length;
  for (let i = 0; i < 2; i++, at += 4) view.setFloat32(at, spreads[i] ?? 0, true);
  for (const value of values) {
    view.setInt16(at, Math.max(-32_768, Math.min(32_767, Math.round(value * steps))), true);
    at += 2;
  }
  return bytes;
}

function read(bytes: Uint8Array): Pick<Voice, "takes" | "values" | "spreads"> | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = bytes.length < 4 ? Infinity : view.getUint32(0, true);
  const from = 4 + length + 8;
  if (from > bytes.length || (bytes.length - from) % 2 !== 0) return undefined;
  const takes = places(bytes.subarray(4, 4 + length));
  if (takes === undefined) return undefined;
  const spreads = new Float32Array(2).map((_, i) => view.getFloat32(4 + length + 4 * i, true));
  const values = new Float32Array((bytes.length - from) / 2)
    .map((_, i) => view.getInt16(from + 2 * i, true) / steps);
  return { takes, values, spreads };
}

function places(text: Uint8Array): Voice["takes"] | undefined {
  try {
    const rows: unknown = JSON.parse(fromUtf8(text) ?? "");
    if (!Array.isArray(rows)) return undefined;
    const takes = rows.map((row: unknown) => {
      const [word, from, count] = Array.isArray(row) ? row as unknown[] : [];
      const known = word === "phrase" || typeof word === "number";
      if (!known || typeof from !== "number" || typeof count !== "number") throw new TypeError();
      return { word: word as number | "phrase", from, count };
    });
    return takes;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
}
