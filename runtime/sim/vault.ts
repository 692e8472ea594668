/**
 * A vault for speed: a keyed hash behind the vault's port. What must not be confused (another key,
 * another message, another context) is told apart as by the real one; it keeps nothing secret.
 */
import { RuntimeError } from "../errors.ts";
import type { Entropy, KeyPair, Sealed, Vault } from "../vault/vault.ts";

const words_of_state = 4;

/** Four lanes of multiply and rotate over 32-bit words, in the manner of MurmurHash3. */
class Hash {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  constructor(salt: number) {
    this.#a = 0x9e3779b9 ^ salt;
    this.#b = 0x243f6a88 + salt | 0;
    this.#c = 0xb7e15162 ^ (salt << 8);
    this.#d = 0x6a09e667 + (salt << 4) | 0;
  }

  /** Takes in the bytes and their number, so that parts cannot run together. */
  update(bytes: Uint8Array): this {
    let [a, b, c, d] = [this.#a, this.#b, this.#c, this.#d ^ bytes.length];
    const { length } = bytes;
    for (let at = 0; at < length; at += 4) {
      let word = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) |
        ((bytes[at + 3] ?? 0) << 24);
      word = Math.imul(word, 0xcc9e2d51);
      word = (word << 15) | (word >>> 17);
      a = Math.imul(((a ^ word) << 13) | ((a ^ word) >>> 19), 5) + 0xe6546b64 | 0;
      b = Math.imul(b + a | 0, 0x85ebca6b) ^ (a >>> 15);
      c = (((c ^ b) << 17) | ((c ^ b) >>> 15)) + word | 0;
      d = Math.imul(d ^ c, 0xc2b2ae35) + (b >>> 13) | 0;
    }
    this.#a = a;
    this.#b = b;
    this.#c = c;
    this.#d = d;
    return this;
  }

  digest(length: number): Uint8Array<ArrayBuffer> {
    const out = new Uint8Array(length);
    const state = [this.#a, this.#b, this.#c, this.#d];
    for (let word = 0; word * 4 < length; word++) {
      const here = word % words_of_state;
      let mixed = Math.imul((state[here] ?? 0) ^ (word + 1), 0x85ebca6b);
      mixed = Math.imul(mixed ^ (mixed >>> 13) ^ (state[(here + 1) % 4] ?? 0), 0xc2b2ae35);
      mixed = Math.imul(mixed ^ (mixed >>> 16) ^ (state[(here + 2) % 4] ?? 0), 0x27d4eb2f);
      mixed ^= (mixed >>> 15) ^ (state[(here + 3) % 4] ?? 0);
      state[here] = mixed;
      for (let byte = 0; byte < 4; byte++) out[word * 4 + byte] = mixed >>> (byte * 8);
    }
    return out;
  }
}

const salts = {
  public: 1,
  signature: 2,
  shared: 3,
  stream: 4,
  tag: 5,
  sha: 6,
  hmac: 7,
  block: 8,
  slow: 9,
};

function hashed(salt: number, length: number, ...parts: readonly Uint8Array[]) {
  const hash = new Hash(salt);
  for (const part of parts) hash.update(part);
  return hash.digest(length);
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let different = 0;
  for (let at = 0; at < a.length; at++) different |= (a[at] ?? 0) ^ (b[at] ?? 0);
  return different === 0;
}

const tag_bytes = 16;
const nonce_bytes = 12;
const pairOf = (seed: Uint8Array): KeyPair => ({
  publicKey: hashed(salts.public, 32, seed),
  privateKey: new Uint8Array(seed),
});

/** XORs with a stream that the key alone decides. */
function streamed(key: Uint8Array, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const stream = hashed(salts.stream, bytes.length, key);
  for (let at = 0; at < bytes.length; at++) stream[at] = (stream[at] ?? 0) ^ (bytes[at] ?? 0);
  return stream;
}

function sharedKey(publicKey: Uint8Array, enc: Uint8Array, sequence: number | undefined) {
  const item = sequence === undefined ? [] : [new TextEncoder().encode(`item ${sequence}`)];
  return hashed(salts.shared, 32, publicKey, enc, ...item);
}

function sealed(
  publicKey: Uint8Array,
  enc: Uint8Array<ArrayBuffer>,
  info: Uint8Array,
  associated: Uint8Array,
  plaintext: Uint8Array,
  sequence?: number,
): Sealed {
  if (publicKey.length !== 32) {
    throw new RuntimeError("request_invalid", "a public key has 32 bytes: give the raw key");
  }
  const key = sharedKey(publicKey, enc, sequence);
  const tag = hashed(salts.tag, tag_bytes, key, info, associated, plaintext);
  const ciphertext = new Uint8Array(plaintext.length + tag_bytes);
  ciphertext.set(streamed(key, plaintext));
  ciphertext.set(tag, plaintext.length);
  return { enc, ciphertext, ...(sequence === undefined ? {} : { sequence }) };
}

/** A vault whose sealings draw their ephemeral keys from `entropy`. For simulations alone. */
export function createSimulatedVault(entropy: Entropy): Vault {
  return {
    signingKey: pairOf,
    sealingKey: pairOf,
    sign: (privateKey, message) =>
      hashed(salts.signature, 64, hashed(salts.public, 32, privateKey), message),
    verify: (publicKey, message, signature) =>
      publicKey.length === 32 && signature.length === 64 &&
      equal(hashed(salts.signature, 64, publicKey, message), signature),
    seal: (publicKey, info, associated, plaintext) =>
      sealed(publicKey, entropy.bytes(32), info, associated, plaintext),
    sealer(publicKey, info) {
      const enc = entropy.bytes(32);
      let sequence = 0;
      return {
        seal: (associated, plaintext) =>
          sealed(publicKey, enc, info, associated, plaintext, sequence++),
        wipe: () => {},
      };
    },
    open(pair, info, associated, { enc, ciphertext, sequence }) {
      if (enc.length !== 32 || ciphertext.length < tag_bytes) return undefined;
      const length = ciphertext.length - tag_bytes;
      const key = sharedKey(pair.publicKey, enc, sequence);
      const plaintext = streamed(key, ciphertext.subarray(0, length));
      const tag = hashed(salts.tag, tag_bytes, key, info, associated, plaintext);
      return equal(tag, ciphertext.subarray(length)) ? plaintext : undefined;
    },
    lock(key, associated, plaintext) {
      const nonce = entropy.bytes(nonce_bytes);
      const own = hashed(salts.shared, 32, key, nonce);
      const tag = hashed(salts.tag, tag_bytes, own, associated, plaintext);
      const locked = new Uint8Array(nonce_bytes + plaintext.length + tag_bytes);
      locked.set(nonce);
      locked.set(streamed(own, plaintext), nonce_bytes);
      locked.set(tag, nonce_bytes + plaintext.length);
      return locked;
    },
    unlock(key, associated, locked) {
      const end = locked.length - tag_bytes;
      if (end < nonce_bytes) return undefined;
      const own = hashed(salts.shared, 32, key, locked.subarray(0, nonce_bytes));
      const plaintext = streamed(own, locked.subarray(nonce_bytes, end));
      const tag = hashed(salts.tag, tag_bytes, own, associated, plaintext);
      return equal(tag, locked.subarray(end)) ? plaintext : undefined;
    },
    sha256: (bytes) => hashed(salts.sha, 32, bytes),
    hmacSha256: (key, bytes) => hashed(salts.hmac, 32, key, bytes),
    slowHash: (secret, salt) => hashed(salts.slow, 32, salt, secret),
    aes128Block: (key, block) => hashed(salts.block, 16, key, block),
    equal,
  };
}
