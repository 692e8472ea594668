/**
 * The keys under which what is biometric of an account is kept, one for its faces and one for its
 * voice, so that a consent that is taken back darkens one of them in every backup, and not the
 * other.
 */
import type { KeyPair } from "../../../runtime/vault/vault.ts";
import { utf8 } from "../../../runtime/vault/bytes.ts";
import type { House } from "../world.ts";

export type OwnKind = "face" | "voice";

/** What an account's key is kept under. No account's name has a tilde in it. */
export function ownKeyName(account: string, kind: OwnKind): string {
  return kind === "face" ? account : `${account}~${kind}`;
}

/** Whose key is kept under a name. */
export function ownerOf(name: string): { readonly account: string; readonly kind: OwnKind } {
  const [account = "", kind] = name.split("~");
  return { account, kind: kind === "voice" ? kind : "face" };
}

/** Undefined before anything was kept. */
export function ownKey(house: House, account: string, kind: OwnKind): KeyPair | undefined {
  const seed = house.accountKeys.of(ownKeyName(account, kind));
  const key = seed && house.vault.sealingKey(seed);
  seed?.fill(0);
  return key;
}

/** The key there is, or a new one that is kept. */
export function ownKeyOrNew(house: House, account: string, kind: OwnKind): KeyPair {
  return ownKey(house, account, kind) ?? made(house, account, kind, house.vault.sealingKey);
}

const lockOf = ({ vault }: House) => (seed: Uint8Array) =>
  vault.hmacSha256(seed, utf8("saunter/kept/1"));

/** What templates of an account are locked with, which its owner overwrites; undefined before
 * anything was kept. It follows from the account's key, and goes dark with it. */
export function ownLock(
  house: House,
  account: string,
  kind: OwnKind,
): Uint8Array<ArrayBuffer> | undefined {
  const seed = house.accountKeys.of(ownKeyName(account, kind));
  const lock = seed && lockOf(house)(seed);
  seed?.fill(0);
  return lock;
}

/** The lock there is, or that of a new key that is kept. */
export function ownLockOrNew(house: House, account: string, kind: OwnKind) {
  return ownLock(house, account, kind) ?? made(house, account, kind, lockOf(house));
}

function made<Made>(house: House, account: string, kind: OwnKind, of: (seed: Uint8Array) => Made) {
  const seed = house.random.bytes(32);
  house.accountKeys.keep(ownKeyName(account, kind), seed);
  const result = of(seed);
  seed.fill(0);
  return result;
}
