/**
 * The keys to which what is biometric of an account is kept sealed, one for its faces and one for
 * its voice, so that a consent that is taken back darkens one of them in every backup, and not the
 * other.
 */
import type { KeyPair } from "../../../runtime/vault/vault.ts";
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
  const known = ownKey(house, account, kind);
  if (known) return known;
  const seed = house.random.bytes(32);
  house.accountKeys.keep(ownKeyName(account, kind), seed);
  const key = house.vault.sealingKey(seed);
  seed.fill(0);
  return key;
}
