/**
 * Sealing to a public key: RFC 9180 base mode with DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and
 * ChaCha20-Poly1305, over whichever primitives a vault has. One message, or many under one
 * encapsulation: these have keys of HPKE's exporter, so that each opens without the others. What
 * somebody keeps for themselves is locked by the same cipher alone.
 */
import { invariant, RuntimeError } from "../errors.ts";
import { concatBytes, utf8 } from "./bytes.ts";
import type { Entropy, KeyPair, Sealed, Sealer, Vault } from "./vault.ts";

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
const noSalt = new Uint8Array(32);
const nonceOfItems = new Uint8Array(12);
/** Far more than anybody seals under one encapsulation. */
const items_at_most = 2 ** 31;

/** Drawn at random: one key locks few things. */
const lock_nonce_bytes = 12;

/** By the very bytes of the caller's `info`, which are a constant of what is sealed. */
const contexts = new WeakMap<Uint8Array, Uint8Array<ArrayBuffer>>();

/** What every vault does with its primitives; the ephemeral keys are drawn from `entropy`. */
export function sealings(
  primitives: Primitives,
  entropy: Entropy,
): Pick<Vault, "seal" | "sealer" | "open" | "lock" | "unlock" | "hmacSha256"> {
  return {
    seal: (publicKey, info, associated, plaintext) =>
      sealBase(primitives, entropy.bytes(32), publicKey, info, associated, plaintext),
    sealer: (publicKey, info) => createSealer(primitives, entropy.bytes(32), publicKey, info),
    open: (key, info, associated, sealed) => openBase(primitives, key, info, associated, sealed),
    lock: (key, associated, plaintext) =>
      lockBytes(primitives, entropy.bytes(lock_nonce_bytes), key, associated, plaintext),
    unlock: (key, associated, locked) => unlockBytes(primitives, key, associated, locked),
    hmacSha256: primitives.hmacSha256,
  };
}

/** Seals to `publicKey`; `ephemeral` is a fresh X25519 private key, overwritten afterwards. */
function sealBase(
  primitives: Primitives,
  ephemeral: Uint8Array<ArrayBuffer>,
  publicKey: Uint8Array,
  info: Uint8Array,
  associated: Uint8Array,
  plaintext: Uint8Array,
): Sealed {
  const { enc, scheduled } = encapsulate(primitives, ephemeral, publicKey, info);
  const { key, nonce } = keysOfOne(primitives, scheduled);
  const ciphertext = primitives.encrypt(key, nonce, associated, plaintext);
  key.fill(0);
  return { enc, ciphertext };
}

/** Seals many messages to `publicKey`, each with a sequence; `ephemeral` as in `sealBase`. */
function createSealer(
  primitives: Primitives,
  ephemeral: Uint8Array<ArrayBuffer>,
  publicKey: Uint8Array,
  info: Uint8Array,
): Sealer {
  const { enc, scheduled } = encapsulate(primitives, ephemeral, publicKey, info);
  const exporter = exporterOf(primitives, scheduled);
  let sequence = 0;
  return {
    seal(associated, plaintext) {
      invariant(sequence < items_at_most, "a sealer that was wiped, or sealed all it may, is used");
      const key = keyOfItem(primitives, exporter, sequence);
      const ciphertext = primitives.encrypt(key, nonceOfItems, associated, plaintext);
      key.fill(0);
      return { enc, ciphertext, sequence: sequence++ };
    },
    wipe() {
      exporter.fill(0);
      sequence = items_at_most;
    },
  };
}

/** Undefined unless it was sealed to this key with this info and associated data. */
function openBase(
  primitives: Primitives,
  pair: KeyPair,
  info: Uint8Array,
  associated: Uint8Array,
  sealed: Sealed,
): Uint8Array<ArrayBuffer> | undefined {
  if (sealed.enc.length !== 32 || sealed.ciphertext.length < 16) return undefined;
  const shared = primitives.agree(pair.privateKey, sealed.enc);
  if (!shared) return undefined;
  const scheduled = schedule(primitives, shared, sealed.enc, pair.publicKey, info);
  const { key, nonce } = sealed.sequence === undefined
    ? keysOfOne(primitives, scheduled)
    : keysOfItem(primitives, scheduled, sealed.sequence);
  const plaintext = primitives.decrypt(key, nonce, associated, sealed.ciphertext);
  key.fill(0);
  return plaintext;
}

/** Locks under a secret key; `nonce` is drawn for it. */
function lockBytes(
  { encrypt }: Primitives,
  nonce: Uint8Array,
  key: Uint8Array,
  associated: Uint8Array,
  plaintext: Uint8Array,
): Uint8Array<ArrayBuffer> {
  invariant(key.length === 32, `a key to lock with has 32 bytes, not ${key.length}`);
  return concatBytes(nonce, encrypt(key, nonce, associated, plaintext));
}

/** Undefined unless it was locked so. */
function unlockBytes(
  { decrypt }: Primitives,
  key: Uint8Array,
  associated: Uint8Array,
  locked: Uint8Array,
): Uint8Array<ArrayBuffer> | undefined {
  invariant(key.length === 32, `a key to unlock with has 32 bytes, not ${key.length}`);
  if (locked.length < lock_nonce_bytes + 16) return undefined;
  const nonce = locked.subarray(0, lock_nonce_bytes);
  return decrypt(key, nonce, associated, locked.subarray(lock_nonce_bytes));
}

/** What all keys of an encapsulation are made of. Secret. */
interface Scheduled {
  readonly secret: Uint8Array<ArrayBuffer>;
  readonly context: Uint8Array<ArrayBuffer>;
}

function encapsulate(
  primitives: Primitives,
  ephemeral: Uint8Array<ArrayBuffer>,
  publicKey: Uint8Array,
  info: Uint8Array,
): { readonly enc: Uint8Array<ArrayBuffer>; readonly scheduled: Scheduled } {
  const shared = publicKey.length === 32 ? primitives.agree(ephemeral, publicKey) : undefined;
  if (!shared) {
    throw new RuntimeError(
      "request_invalid",
      "this is no X25519 public key: give the 32 raw bytes of one",
    );
  }
  const enc = primitives.publicOf(ephemeral);
  ephemeral.fill(0);
  return { enc, scheduled: schedule(primitives, shared, enc, publicKey, info) };
}

/** Section 4: LabeledExtract. */
function extract(
  { hmacSha256 }: Primitives,
  suite: Uint8Array,
  salt: Uint8Array,
  label: string,
  material: Uint8Array,
): Uint8Array<ArrayBuffer> {
  return hmacSha256(
    salt.length === 0 ? noSalt : salt,
    concatBytes(version, suite, utf8(label), material),
  );
}

/** Section 4: LabeledExpand. One block is enough: nothing here is longer than 32 bytes. */
function expand(
  { hmacSha256 }: Primitives,
  suite: Uint8Array,
  key: Uint8Array,
  label: string,
  context: Uint8Array,
  length: number,
): Uint8Array<ArrayBuffer> {
  const head = Uint8Array.of(0, length);
  const block = concatBytes(head, version, suite, utf8(label), context, Uint8Array.of(1));
  return hmacSha256(key, block).slice(0, length);
}

/** Section 5.1: the context of the key schedule, the same for all that have this `info`. */
function contextOf(primitives: Primitives, info: Uint8Array): Uint8Array<ArrayBuffer> {
  const known = contexts.get(info);
  if (known) return known;
  const modeBase = Uint8Array.of(0);
  const made = concatBytes(
    modeBase,
    extract(primitives, hpkeSuite, empty, "psk_id_hash", empty),
    extract(primitives, hpkeSuite, empty, "info_hash", info),
  );
  contexts.set(info, made);
  return made;
}

/** Sections 4.1 (ExtractAndExpand) and 5.1 (KeySchedule); overwrites `shared`. */
function schedule(
  primitives: Primitives,
  shared: Uint8Array<ArrayBuffer>,
  enc: Uint8Array,
  publicKey: Uint8Array,
  info: Uint8Array,
): Scheduled {
  const pseudorandom = extract(primitives, kemSuite, empty, "eae_prk", shared);
  const kemContext = concatBytes(enc, publicKey);
  const agreed = expand(primitives, kemSuite, pseudorandom, "shared_secret", kemContext, 32);
  const secret = extract(primitives, hpkeSuite, agreed, "secret", empty);
  for (const spent of [shared, pseudorandom, agreed]) spent.fill(0);
  return { secret, context: contextOf(primitives, info) };
}

/** Section 5.1; overwrites the secret. */
function keysOfOne(primitives: Primitives, { secret, context }: Scheduled) {
  const key = expand(primitives, hpkeSuite, secret, "key", context, 32);
  const nonce = expand(primitives, hpkeSuite, secret, "base_nonce", context, 12);
  secret.fill(0);
  return { key, nonce };
}

/** Section 5.1; overwrites the secret. */
function exporterOf(primitives: Primitives, { secret, context }: Scheduled) {
  const exporter = expand(primitives, hpkeSuite, secret, "exp", context, 32);
  secret.fill(0);
  return exporter;
}

/** Section 5.3: one key an item. It seals once, so that its nonce may be any. */
function keyOfItem(primitives: Primitives, exporter: Uint8Array, sequence: number) {
  return expand(primitives, hpkeSuite, exporter, "sec", utf8(`item ${sequence}`), 32);
}

function keysOfItem(primitives: Primitives, scheduled: Scheduled, sequence: number) {
  const exporter = exporterOf(primitives, scheduled);
  const key = keyOfItem(primitives, exporter, sequence);
  exporter.fill(0);
  return { key, nonce: nonceOfItems };
}
