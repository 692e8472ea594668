/**
 * The vault of servers, on the synchronous `node:crypto` (OpenSSL speed). Raw keys are dressed in
 * the fixed DER prefixes of RFC 8410.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  randomBytes,
  scryptSync,
  sign,
  timingSafeEqual,
  verify,
} from "node:crypto";
import { invariant } from "../errors.ts";
import { concatBytes, fromHex, toBase64 } from "./bytes.ts";
import { type Primitives, sealings } from "./hpke.ts";
import { type Entropy, type KeyPair, slow, type Vault } from "./vault.ts";

const prefix = {
  ed25519: {
    secret: der("302e020100300506032b657004220420"),
    open: der("302a300506032b6570032100"),
  },
  x25519: {
    secret: der("302e020100300506032b656e04220420"),
    open: der("302a300506032b656e032100"),
  },
} as const;
type Curve = keyof typeof prefix;

function der(hex: string): Uint8Array<ArrayBuffer> {
  const bytes = fromHex(hex);
  invariant(bytes, "a DER prefix is hex");
  return bytes;
}

type Key = ReturnType<typeof createPublicKey>;

function secretKey(curve: Curve, raw: Uint8Array): Key {
  invariant(raw.length === 32, `a private ${curve} key has 32 bytes, not ${raw.length}`);
  const encoded = concatBytes(prefix[curve].secret, raw);
  const key = createPrivateKey({ key: encoded, format: "der", type: "pkcs8" } as never) as Key;
  encoded.fill(0);
  return key;
}

function openKey(curve: Curve, raw: Uint8Array): Key {
  const encoded = concatBytes(prefix[curve].open, raw);
  return createPublicKey({ key: encoded, format: "der", type: "spki" } as never);
}

/** By the very bytes that hold a key: they are forgotten together. */
const signingKeys = new WeakMap<Uint8Array, Key>();

function signingKeyOf(raw: Uint8Array): Key {
  const known = signingKeys.get(raw);
  if (known) return known;
  const key = secretKey("ed25519", raw);
  signingKeys.set(raw, key);
  return key;
}

/** Public keys that were of use lately, by their base64, the latest last. */
const checkingKeys = new Map<string, Key>();
/** A few hundred bytes each: those who ask a busy issuer within minutes. */
const checking_keys_kept = 4_096;

function checkingKeyOf(raw: Uint8Array): Key {
  const name = toBase64(raw);
  const key = checkingKeys.get(name) ?? openKey("ed25519", raw);
  checkingKeys.delete(name);
  checkingKeys.set(name, key);
  if (checkingKeys.size > checking_keys_kept) {
    for (const oldest of checkingKeys.keys()) {
      checkingKeys.delete(oldest);
      break;
    }
  }
  return key;
}

function pairOf(curve: Curve, seed: Uint8Array): KeyPair {
  const spki = createPublicKey(secretKey(curve, seed) as never).export({
    format: "der",
    type: "spki",
  });
  return { publicKey: new Uint8Array(spki.subarray(-32)), privateKey: new Uint8Array(seed) };
}

const primitives: Primitives = {
  publicOf: (privateKey) => pairOf("x25519", privateKey).publicKey,
  agree(privateKey, publicKey) {
    try {
      const shared = diffieHellman({
        privateKey: secretKey("x25519", privateKey),
        publicKey: openKey("x25519", publicKey),
      } as never) as Uint8Array;
      return shared.some((byte) => byte !== 0) ? new Uint8Array(shared) : undefined;
    } catch {
      return undefined; // A point of small order: OpenSSL refuses to derive from it.
    }
  },
  hmacSha256: (key, bytes) => new Uint8Array(createHmac("sha256", key).update(bytes).digest()),
  encrypt(key, nonce, associated, plaintext) {
    const cipher = createCipheriv("chacha20-poly1305" as never, key, nonce as never, {
      authTagLength: 16,
    } as never) as unknown as AeadCipher;
    cipher.setAAD(associated, { plaintextLength: plaintext.length });
    const body = cipher.update(plaintext);
    return concatBytes(body, cipher.final(), cipher.getAuthTag());
  },
  decrypt(key, nonce, associated, ciphertext) {
    const length = ciphertext.length - 16;
    const cipher = createDecipheriv("chacha20-poly1305" as never, key, nonce as never, {
      authTagLength: 16,
    } as never) as unknown as AeadCipher;
    cipher.setAAD(associated, { plaintextLength: length });
    cipher.setAuthTag(ciphertext.subarray(length));
    const body = cipher.update(ciphertext.subarray(0, length));
    try {
      return concatBytes(body, cipher.final());
    } catch {
      return undefined; // The tag does not fit.
    } finally {
      body.fill(0);
    }
  },
};

/** The part of node's AEAD ciphers that is used; its own types know only two of the algorithms. */
interface AeadCipher {
  setAAD(associated: Uint8Array, options: { plaintextLength: number }): void;
  setAuthTag(tag: Uint8Array): void;
  getAuthTag(): Uint8Array;
  update(bytes: Uint8Array): Uint8Array;
  final(): Uint8Array;
}

/** A vault whose sealings draw their ephemeral keys from `entropy`. */
export function createNodeVault(entropy: Entropy): Vault {
  return {
    signingKey: (seed) => pairOf("ed25519", seed),
    sealingKey: (seed) => pairOf("x25519", seed),
    sign: (privateKey, message) =>
      new Uint8Array(sign(null, message, signingKeyOf(privateKey) as never)),
    verify(publicKey, message, signature) {
      if (publicKey.length !== 32 || signature.length !== 64) return false;
      try {
        return verify(null, message, checkingKeyOf(publicKey) as never, signature);
      } catch {
        return false; // 32 bytes that are no point of the curve.
      }
    },
    ...sealings(primitives, entropy),
    sha256: (bytes) => new Uint8Array(createHash("sha256").update(bytes).digest()),
    slowHash: (secret, salt) => new Uint8Array(scryptSync(secret, salt, 32, slow)),
    aes128Block(key, block) {
      invariant(key.length === 16 && block.length === 16, "AES-128 takes a key and a block of 16");
      const cipher = createCipheriv("aes-128-ecb", key, null).setAutoPadding(false);
      return concatBytes(cipher.update(block), cipher.final());
    },
    equal: (a, b) => a.length === b.length && timingSafeEqual(a, b),
  };
}

/** The vault of the real world. */
export const nodeVault: Vault = createNodeVault({
  bytes: (length) => new Uint8Array(randomBytes(length)),
});
