/**
 * How many accounts are opened from one address: a device key costs nothing to make, so without a
 * bound whoever likes fills the issuer's file.
 */
import { toBase64url, utf8 } from "../../../runtime/vault/bytes.ts";
import { issuerLimits as limits } from "../limits.ts";
import { Refusal } from "../refusal.ts";
import type { House } from "../world.ts";
import type { Tallies } from "./tallies.ts";

/** Of an address of IPv6 its network, of which one line has a whole one: `2001:db8::1` and its
 * neighbours are one source. Anything else is as it is. */
export function sourceOf(address: string): string {
  if (!address.includes(":")) return address;
  const [, mapped] = /^::ffff:([\d.]+)$/i.exec(address) ?? [];
  if (mapped !== undefined) return mapped;
  const [head = "", tail] = address.toLowerCase().split("%", 1)[0]!.split("::");
  const groups = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - groups.length - after.length);
  return [...groups, ...Array<string>(zeros).fill("0"), ...after].slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, "")).join(":");
}

export class Openings {
  constructor(readonly house: House, readonly tallies: Tallies) {}

  /** Counts one more, in the transaction under way; throws `Refusal` where there were enough. No
   * address is kept: only its keyed hash, for some minutes. */
  note(from: string): void {
    const { vault, settings, signing } = this.house;
    const hash = vault.hmacSha256(signing.privateKey, utf8(`opening ${sourceOf(from)}`));
    const name = `opening ${toBase64url(hash)}`;
    if (this.tallies.count(name, limits.opening_ms) >= settings.openings) {
      throw new Refusal("openings_enough");
    }
    this.tallies.note(name, limits.opening_ms);
  }
}
