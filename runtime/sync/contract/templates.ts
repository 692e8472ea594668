/**
 * Templates on their two hops, phone to issuer and issuer to gateway: sealed to the receiver, with
 * whose they are, for which visit and until when as associated data, so that none can be moved.
 */
import { canonicalJson, fromBase64url, toBase64url, utf8 } from "../../vault/bytes.ts";
import type { z } from "zod";
import type { RotationKey } from "../../vault/rotation.ts";
import type { KeyPair, Sealer, Vault } from "../../vault/vault.ts";
import type { sealedRotation } from "./sealed.ts";
import type { SealedTemplate } from "./schemas.ts";

/** A face as numbers: what is sealed. Fits `Template` of the world. */
export interface PlainTemplate {
  /** sha256 of the embedder's file, hex. */
  readonly model: string;
  readonly preset: string;
  readonly values: Float32Array<ArrayBuffer>;
}

type SealedRotation = z.output<typeof sealedRotation>;

/** What a sealed template is bound to, beside model, preset and length. */
export type TemplateContext =
  | { readonly to: "issuer"; readonly account: string; readonly consent: string }
  /** The probe that proves a change of account data: of this moment, for this one. */
  | {
    readonly to: "issuer";
    readonly gateway: string;
    readonly lane: string;
    readonly change: string;
    readonly nonce: string;
    readonly camera: string;
    readonly frames: number;
    readonly liveness: string;
    readonly seen_at_ms: number;
  }
  | {
    readonly to: "gateway";
    readonly gateway: string;
    readonly account: string;
    /** The visit. */
    readonly check_in: string;
    /** The lease as it stands in the answer that carries the template. */
    readonly lease_expires_ms: number;
    /** By which the numbers were turned. */
    readonly rotation: string;
  };

const info = utf8("saunter/template/1");

/** For many templates to one receiver. */
export function templateSealer(vault: Vault, receiverPublicKey: Uint8Array): Sealer {
  return vault.sealer(receiverPublicKey, info);
}

/** Seals a template to a public key, or by a sealer to its receiver. The caller still owns
 * `template.values` and overwrites them when done. */
export function sealTemplate(
  vault: Vault,
  to: Uint8Array | Sealer,
  context: TemplateContext,
  template: PlainTemplate,
): SealedTemplate {
  const { model, preset, values } = template;
  const dim = values.length;
  const plaintext = bytesOf(values);
  const associated = associatedOf(context, { model, preset, dim });
  const { sequence, ...sealed } = to instanceof Uint8Array
    ? vault.seal(to, info, associated, plaintext)
    : to.seal(associated, plaintext);
  plaintext.fill(0);
  const [enc, ciphertext] = [toBase64url(sealed.enc), toBase64url(sealed.ciphertext)];
  const told = sequence === undefined ? {} : { sequence };
  return { model, preset, dim, sealed: { enc, ciphertext, ...told } };
}

/** Undefined unless it was sealed to this key and in this context, and holds `dim` finite numbers
 * of about unit length. The caller overwrites `values` when done. */
export function openTemplate(
  vault: Vault,
  receiver: KeyPair,
  context: TemplateContext,
  template: SealedTemplate,
): PlainTemplate | undefined {
  const { model, preset, dim } = template;
  const enc = fromBase64url(template.sealed.enc);
  const ciphertext = fromBase64url(template.sealed.ciphertext);
  if (!enc || !ciphertext) return undefined;
  const associated = associatedOf(context, { model, preset, dim });
  const { sequence } = template.sealed;
  const told = sequence === undefined ? {} : { sequence };
  const plaintext = vault.open(receiver, info, associated, { enc, ciphertext, ...told });
  const values = plaintext && valuesOf(plaintext, dim);
  return values && { model, preset, values };
}

/** A template as its keeper has it: `locked` is base64url. */
export interface LockedTemplate {
  readonly model: string;
  readonly preset: string;
  readonly dim: number;
  readonly locked: string;
}

/** Locks a template under a key of whoever keeps it. The caller still owns `template.values`. */
export function lockTemplate(
  vault: Vault,
  key: Uint8Array,
  context: TemplateContext,
  { model, preset, values }: PlainTemplate,
): LockedTemplate {
  const dim = values.length;
  const plaintext = bytesOf(values);
  const associated = associatedOf(context, { model, preset, dim });
  const locked = toBase64url(vault.lock(key, associated, plaintext));
  plaintext.fill(0);
  return { model, preset, dim, locked };
}

/** Undefined unless it was locked so, in this context. The caller overwrites `values` when done. */
export function unlockTemplate(
  vault: Vault,
  key: Uint8Array,
  context: TemplateContext,
  { model, preset, dim, locked }: LockedTemplate,
): PlainTemplate | undefined {
  const bytes = fromBase64url(locked);
  const associated = associatedOf(context, { model, preset, dim });
  const plaintext = bytes && vault.unlock(key, associated, bytes);
  const values = plaintext && valuesOf(plaintext, dim);
  return values && { model, preset, values };
}

/** Little-endian f32. */
function bytesOf(values: Float32Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  values.forEach((value, at) => view.setFloat32(at * 4, value, true));
  return bytes;
}

/** Undefined unless they are `dim` numbers of about unit length. Overwrites the bytes. */
function valuesOf(
  bytes: Uint8Array<ArrayBuffer>,
  dim: number,
): Float32Array<ArrayBuffer> | undefined {
  const values = bytes.length === dim * 4 ? new Float32Array(dim) : undefined;
  if (values) {
    const view = new DataView(bytes.buffer);
    for (let at = 0; at < dim; at += 1) values[at] = view.getFloat32(at * 4, true);
  }
  bytes.fill(0);
  if (values && hasUnitLength(values)) return values;
  values?.fill(0);
  return undefined;
}

function associatedOf(
  context: TemplateContext,
  shape: { readonly model: string; readonly preset: string; readonly dim: number },
): Uint8Array {
  return utf8(canonicalJson({ ...context, ...shape }));
}

const rotationInfo = utf8("saunter/rotation/1");

/** Seals the key of a rotation to a gateway. */
export function sealRotation(
  vault: Vault,
  gatewayPublicKey: Uint8Array,
  gateway: string,
  { name, key }: RotationKey,
): SealedRotation {
  const associated = utf8(canonicalJson({ gateway, rotation: name }));
  const { enc, ciphertext } = vault.seal(gatewayPublicKey, rotationInfo, associated, key);
  const sealed = { enc: toBase64url(enc), ciphertext: toBase64url(ciphertext) };
  return { rotation: name, sealed };
}

/** Undefined unless it was sealed to this gateway's key. */
export function openRotation(
  vault: Vault,
  receiver: KeyPair,
  gateway: string,
  { rotation, sealed }: SealedRotation,
): RotationKey | undefined {
  const enc = fromBase64url(sealed.enc);
  const ciphertext = fromBase64url(sealed.ciphertext);
  if (!enc || !ciphertext) return undefined;
  const associated = utf8(canonicalJson({ gateway, rotation }));
  const key = vault.open(receiver, rotationInfo, associated, { enc, ciphertext });
  return key?.length === 32 ? { name: rotation, key } : undefined;
}

/** Templates are L2-normalised; one that is not would win or lose every comparison. */
function hasUnitLength(values: Float32Array): boolean {
  let square = 0;
  for (const value of values) square += value * value;
  return Math.abs(square - 1) < 1e-3;
}
