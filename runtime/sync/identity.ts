/**
 * Who a gateway is to its issuer: its keys, and the issuer's, exchanged once with an enrolment
 * code.
 */
import { z } from "zod";
import type { KeyPair, Random, Vault } from "../world.ts";
import { fromBase64url, toBase64url } from "../vault/bytes.ts";

export interface GatewayIdentity {
  readonly gateway: string;
  /** Ed25519, for requests. */
  readonly signing: KeyPair;
  /** X25519, to which the issuer seals templates. */
  readonly sealing: KeyPair;
  /** When the keys were made; undefined where that was not written down. */
  readonly made_at_ms?: number;
  readonly issuer: {
    readonly signingPublicKey: Uint8Array<ArrayBuffer>;
    readonly sealingPublicKey: Uint8Array<ArrayBuffer>;
  };
}

/** Keys that no issuer knows yet. */
export type NewIdentity = Omit<GatewayIdentity, "issuer">;

const seed = z.string().length(43).regex(/^[A-Za-z0-9_-]+$/);
const stored = z.strictObject({
  gateway: z.string().min(1).max(80),
  signing_seed: seed,
  sealing_seed: seed,
  issuer_signing_public_key: seed,
  issuer_sealing_public_key: seed,
  made_at_ms: z.int().min(0).optional(),
});

export function newIdentity(vault: Vault, random: Random, gateway: string): NewIdentity {
  return {
    gateway,
    signing: vault.signingKey(random.bytes(32)),
    sealing: vault.sealingKey(random.bytes(32)),
  };
}

/** The text of the identity's file. Secret: for the gateway's user alone. */
export function writeIdentity(identity: GatewayIdentity): string {
  return JSON.stringify({
    gateway: identity.gateway,
    signing_seed: toBase64url(identity.signing.privateKey),
    sealing_seed: toBase64url(identity.sealing.privateKey),
    issuer_signing_public_key: toBase64url(identity.issuer.signingPublicKey),
    issuer_sealing_public_key: toBase64url(identity.issuer.sealingPublicKey),
    made_at_ms: identity.made_at_ms,
  });
}

/** Undefined when the text is not an identity. */
export function readIdentity(vault: Vault, text: string): GatewayIdentity | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const parsed = stored.safeParse(json);
  if (!parsed.success) return undefined;
  const { data } = parsed;
  const signing = fromBase64url(data.signing_seed);
  const sealing = fromBase64url(data.sealing_seed);
  const signingPublicKey = fromBase64url(data.issuer_signing_public_key);
  const sealingPublicKey = fromBase64url(data.issuer_sealing_public_key);
  if (!signing || !sealing || !signingPublicKey || !sealingPublicKey) return undefined;
  return {
    gateway: data.gateway,
    signing: vault.signingKey(signing),
    sealing: vault.sealingKey(sealing),
    ...(data.made_at_ms === undefined ? {} : { made_at_ms: data.made_at_ms }),
    issuer: { signingPublicKey, sealingPublicKey },
  };
}
