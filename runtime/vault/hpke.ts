/**
 * Sealing of one message to a public key: RFC 9180 base mode with DHKEM(X25519, HKDF-SHA256),
 * HKDF-SHA256 and ChaCha20-Poly1305, over whichever primitives a vault has.
 */
import { RuntimeError } from "../errors.ts";
import { concatBytes, utf8 } from "./bytes.ts";
import type { KeyPair, Sealed } from "./vault.ts";

/** What the scheme is built from. */
export interface Primitives {
  /** The X25519 public key of a private key. */
  publicOf(privateKey: Uint8Array): Uint8Array<ArrayBuffer>;
  /** The X25519 shared secret; undefined for a bad point or an all-zero result. */
  agree(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array<ArrayBuffer> | undefined;
  hmacSha256(key: Uint8Array, bytes: Uint8Array): Uint8Array<ArrayBuffer>;
  /** ChaCha20-Poly1305; the result ends with the 16-byte tag. */
  encrypt(
    key: Uint8Array,
    nonce: Uint8Array,
    associated: Uint8Array,
    plaintext: Uint8Array,
  ): Uint8Array<ArrayBuffer>;
  /** Undefined when the tag does not fit. */
  decrypt(
    key: Uint8Array,
    nonce: Uint8Array,
    associated: Uint8Array,
    ciphertext: Uint8Array,
  ): Uint8Array<ArrayBuffer> | undefined;
}

/* Identifiers of RFC 9180, sections 7.1 to 7.3: KEM 0x0020, KDF 0x0001, AEAD 0x0003. */
const kemSuite = concatBytes(utf8("KEM"), Uint8Array.of(0x00, 0x20));
const hpkeSuite = concatBytes(utf8("HPKE"), Uint8Array.of(0x00, 0x20, 0x00, 0x01, 0x00, 0x03));
const version = utf8("HPKE-v1");
const empty = new Uint8Array(0);

/** Seals to `publicKey`; `ephemeral` is a fresh X25519 private key, overwritten afterwards. */
export function sealBase(
  primitives: Primitives,
  ephemeral: Uint8Array<ArrayBuffer>,
  publicKey: Uint8Array,
  info: Uint8Array,
  associated: Uint8Array,
  plaintext: Uint8Array,
): Sealed {
  const shared = publicKey.length === 32 ? primitives.agree(ephemeral, publicKey) : undefined;
  if (!shared) {
    throw new RuntimeError(
      "request_invalid",
      "this is no X25519 public key: give the 32 raw bytes of one",
    );
  }
  const enc = primitives.publicOf(ephemeral);
  ephemeral.fill(0);
  const { key, nonce } = schedule(primitives, shared, enc, publicKey, info);
  const ciphertext = primitives.encrypt(key, nonce, associated, plaintext);
  key.fill(0);
  return { enc, ciphertext };
}

/** Undefined unless it was sealed to this key with this info and associated data. */
export function openBase(
  primitives: Primitives,
  pair: KeyPair,
  info: Uint8Array,
  associated: Uint8Array,
  sealed: Sealed,
): Uint8Array<ArrayBuffer> | undefined {
  if (sealed.enc.length !== 32 || sealed.ciphertext.length < 16) return undefined;
  const shared = primitives.agree(pair.privateKey, sealed.enc);
  if (!shared) return undefined;
  const { key, nonce } = schedule(primitives, shared, sealed.enc, pair.publicKey, info);
  const plaintext = primitives.decrypt(key, nonce, associated, sealed.ciphertext);
  key.fill(0);
  return plaintext;
}

/** Sections 4.1 (ExtractAndExpand) and 5.1 (KeySchedule); overwrites `shared`. */
function schedule(
  primitives: Primitives,
  shared: Uint8Array<ArrayBuffer>,
  enc: Uint8Array,
  publicKey: Uint8Array,
  info: Uint8Array,
): { key: Uint8Array<ArrayBuffer>; nonce: Uint8Array<ArrayBuffer> } {
  const extract = (suite: Uint8Array, salt: Uint8Array, label: string, material: Uint8Array) =>
    primitives.hmacSha256(
      salt.length === 0 ? new Uint8Array(32) : salt,
      concatBytes(version, suite, utf8(label), material),
    );
  /* One block of HKDF-Expand is enough: nothing here is longer than 32 bytes. */
  const expand = (
    suite: Uint8Array,
    key: Uint8Array,
    label: string,
    context: Uint8Array,
    length: number,
  ) =>
    primitives.hmacSha256(
      key,
      concatBytes(
        Uint8Array.of(0, length),
        version,
        suite,
        utf8(label),
        context,
        Uint8Array.of(1),
      ),
    ).slice(0, length);

  const pseudorandom = extract(kemSuite, empty, "eae_prk", shared);
  const kemContext = concatBytes(enc, publicKey);
  const secret = expand(kemSuite, pseudorandom, "shared_secret", kemContext, 32);
  const modeBase = Uint8Array.of(0);
  const context = concatBytes(
    modeBase,
    extract(hpkeSuite, empty, "psk_id_hash", empty),
    extract(hpkeSuite, empty, "info_hash", info),
  );
  const scheduled = extract(hpkeSuite, secret, "secret", empty);
  const key = expand(hpkeSuite, scheduled, "key", context, 32);
  const nonce = expand(hpkeSuite, scheduled, "base_nonce", context, 12);
  for (const spent of [shared, pseudorandom, secret, scheduled]) spent.fill(0);
  return { key, nonce };
}
