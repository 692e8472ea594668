/**
 * The port behind which all signing, sealing and hashing of secrets happens. Servers fill it with
 * `node.ts`, phones and browsers with `noble.ts`; both pass one suite.
 */

export interface KeyPair {
  /** Raw 32 bytes. */
  readonly publicKey: Uint8Array<ArrayBuffer>;
  /** Raw 32 bytes. Secret. */
  readonly privateKey: Uint8Array<ArrayBuffer>;
}

/** RFC 9180 base mode: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305. */
export interface Sealed {
  /** The encapsulated key, 32 bytes. */
  readonly enc: Uint8Array<ArrayBuffer>;
  readonly ciphertext: Uint8Array<ArrayBuffer>;
  /** Of one of many under the same encapsulation; its key is then of HPKE's exporter, for the
   * context `item SEQUENCE`, and its nonce is zero. Left out of a message by itself. */
  readonly sequence?: number;
}

/** Seals many messages to one key, for a tenth of the work that each by itself takes. */
export interface Sealer {
  seal(associated: Uint8Array, plaintext: Uint8Array): Sealed;
  /** Overwrites its secret; nothing can be sealed any more. */
  wipe(): void;
}

/** Signing, sealing and hashing of secrets. Synchronous, so that the order of turns is the order
 * of calls. Keys are raw bytes, and those that sign do not change once they have; a key of the
 * wrong length is an `InvariantError`, except where it came from outside (`verify`, `open`), which
 * answer that it does not fit. */
/** What `slowHash` costs. */
export const slow = { N: 2 ** 13, r: 8, p: 1 } as const;

export interface Vault {
  /** Ed25519 (RFC 8032) from a 32-byte seed. */
  signingKey(seed: Uint8Array): KeyPair;
  /** X25519 (RFC 7748) from a 32-byte private key. */
  sealingKey(seed: Uint8Array): KeyPair;
  sign(privateKey: Uint8Array, message: Uint8Array): Uint8Array<ArrayBuffer>;
  /** False for a wrong signature and for bytes that are no signature. */
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
  /** Throws `RuntimeError` `request_invalid` for a public key that no secret can be shared with
   * (wrong length, or a point of small order). */
  seal(
    publicKey: Uint8Array,
    info: Uint8Array,
    associated: Uint8Array,
    plaintext: Uint8Array,
  ): Sealed;
  /** One encapsulation for what is sealed from now on. `info` is a constant: its bytes never
   * change. Throws as `seal` does. */
  sealer(publicKey: Uint8Array, info: Uint8Array): Sealer;
  /** Undefined when it was not sealed to this key with this info and associated data. */
  open(
    key: KeyPair,
    info: Uint8Array,
    associated: Uint8Array,
    sealed: Sealed,
  ): Uint8Array<ArrayBuffer> | undefined;
  /** ChaCha20-Poly1305 (RFC 8439) under 32 bytes that only whoever keeps it has: for a sixth of
   * the work of a sealing. The nonce that is drawn for it goes before. */
  lock(
    key: Uint8Array,
    associated: Uint8Array,
    plaintext: Uint8Array,
  ): Uint8Array<ArrayBuffer>;
  /** Undefined when it was not locked under this key with this associated data. */
  unlock(
    key: Uint8Array,
    associated: Uint8Array,
    locked: Uint8Array,
  ): Uint8Array<ArrayBuffer> | undefined;
  sha256(bytes: Uint8Array): Uint8Array<ArrayBuffer>;
  hmacSha256(key: Uint8Array, bytes: Uint8Array): Uint8Array<ArrayBuffer>;
  /** 32 bytes of a short secret, so slow to compute that a dictionary of them takes years: scrypt
   * (RFC 7914) with N = 2^13, r = 8, p = 1, some 20 ms and 8 MiB. */
  slowHash(secret: Uint8Array, salt: Uint8Array): Uint8Array<ArrayBuffer>;
  /** One AES-128 block, as Eddystone-EID wants it: 16-byte key, 16-byte block. */
  aes128Block(key: Uint8Array, block: Uint8Array): Uint8Array<ArrayBuffer>;
  /** In time that does not depend on the contents; false for different lengths. */
  equal(a: Uint8Array, b: Uint8Array): boolean;
}

/** Where a vault takes the ephemeral key of a sealing from: unpredictable bytes in the real
 * world, seeded ones in a simulation. `Random` fits. */
export interface Entropy {
  bytes(length: number): Uint8Array<ArrayBuffer>;
}
