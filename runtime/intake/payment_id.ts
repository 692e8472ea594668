/**
 * The id of a payment comes from the POS's own identifiers, so that a POS which asks again after a
 * broken connection, a restart or midnight finds the payment it asked for and starts no other.
 */
import type { PosIdentifiers } from "../counter.ts";
import type { Vault } from "../world.ts";

const day_ms = 86_400_000;
/** The days in which an earlier try may lie: 48 hours touch three calendar days. */
const daysBack = [0, 1, 2];

/**
 * Ids under which a try may be known, today's first: `YYYYMMDD.SERVICE.HASH`. The hash is over all
 * three identifiers, so that no two tries share an id, whatever characters they hold.
 */
export function paymentIds(vault: Vault, pos: PosIdentifiers, now_ms: number): string[] {
  const identity = JSON.stringify([pos.poi_id, pos.sale_id, pos.service_id]);
  const digest = vault.sha256(new TextEncoder().encode(identity));
  const hash = Array.from(digest.subarray(0, 8), (byte) => byte.toString(16).padStart(2, "0"));
  const readable = pos.service_id.replaceAll(/[^A-Za-z0-9_-]/g, "-").slice(0, 20);
  return daysBack.map((days) => {
    return `${dayOf(now_ms, days)}.${readable}.${hash.join("")}`;
  });
}

/** The id of a refund: the same try of the same till is the same refund. */
export function refundId(vault: Vault, payment: string, service_id: string): string {
  return idOf(vault, "refund", [payment, service_id]);
}

/** Ids under which a change of account data may be known, today's first: the same try at the same
 * lane is the same change, until tills use their numbers again. */
export function changeIds(
  vault: Vault,
  lane: string,
  service_id: string,
  now_ms: number,
): string[] {
  return daysBack.map((days) => idOf(vault, "change", [dayOf(now_ms, days), lane, service_id]));
}

const dayOf = (now_ms: number, days: number) =>
  new Date(now_ms - days * day_ms).toISOString().slice(0, 10).replaceAll("-", "");

function idOf(vault: Vault, kind: string, parts: readonly string[]): string {
  const digest = vault.sha256(new TextEncoder().encode(JSON.stringify(parts)));
  const hash = Array.from(digest.subarray(0, 12), (byte) => byte.toString(16).padStart(2, "0"));
  return `${kind}-${hash.join("")}`;
}
