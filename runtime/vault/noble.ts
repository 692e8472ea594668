/**
 * The vault of phones and browsers, on the audited pure JavaScript of noble: the same answers as
 * the one of servers, about twenty times slower, with nothing but the language beneath it.
 */
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { ecb } from "@noble/ciphers/aes.js";
import { ed25519, x25519 } from "@noble/curves/ed25519.js";
import { hmac } from "@noble/hashes/hmac.js";
import { scrypt } from "@noble/hashes/scrypt.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { randomBytes } from "@noble/hashes/utils.js";
import { invariant } from "../errors.ts";
import { type Primitives, sealings } from "./hpke.ts";
import { type Entropy, type KeyPair, slow, type Vault } from "./vault.ts";

/** A copy in memory of its own: noble does not promise what its results share. */
const own = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes);

function pairOf(curve: typeof ed25519 | typeof x25519, seed: Uint8Array): KeyPair {
  invariant(seed.length === 32, `a private key has 32 bytes, not ${seed.length}`);
  return { publicKey: own(curve.getPublicKey(seed)), privateKey: own(seed) };
}

const primitives: Primitives = {
  publicOf: (privateKey) => own(x25519.getPublicKey(privateKey)),
  agree(privateKey, publicKey) {
    try {
      return own(x25519.getSharedSecret(privateKey, publicKey));
    } catch {
      return undefined; // A point of small order.
    }
  },
  hmacSha256: (key, bytes) => own(hmac(sha256, key, bytes)),
  encrypt: (key, nonce, associated, plaintext) =>
    own(chacha20poly1305(key, nonce, associated).encrypt(plaintext)),
  decrypt(key, nonce, associated, ciphertext) {
    try {
      return own(chacha20poly1305(key, nonce, associated).decrypt(ciphertext));
    } catch {
      return undefined; // The tag does not fit.
    }
  },
};

/** A vault whose sealings draw their ephemeral keys from `entropy`. */
export function createNobleVault(entropy: Entropy): Vault {
  return {
    signingKey: (seed) => pairOf(ed25519, seed),
    sealingKey: (seed) => pairOf(x25519, seed),
    sign(privateKey, message) {
      invariant(privateKey.length === 32, "a private ed25519 key has 32 bytes");
      return own(ed25519.sign(message, privateKey));
    },
    verify(publicKey, message, signature) {
      if (publicKey.length !== 32 || signature.length !== 64) return false;
      try {
        return ed25519.verify(signature, message, publicKey, { zip215: false });
      } catch {
        return false; // 32 bytes that are no point of the curve.
      }
    },
    ...sealings(primitives, entropy),
    sha256: (bytes) => own(sha256(bytes)),
    slowHash: (secret, salt) => own(scrypt(secret, salt, { ...slow, dkLen: 32 })),
    aes128Block(key, block) {
      invariant(key.length === 16 && block.length === 16, "AES-128 takes a key and a block of 16");
      return own(ecb(key, { disablePadding: true }).encrypt(block));
    },
    equal(a, b) {
      if (a.length !== b.length) return false;
      let difference = 0;
      for (let at = 0; at < a.length; at += 1) difference |= (a[at] ?? 0) ^ (b[at] ?? 0);
      return difference === 0;
    },
  };
}

/** The vault of a phone or a page. */
export const nobleVault: Vault = createNobleVault({ bytes: (length) => own(randomBytes(length)) });
