/**
 * The code a beacon puts on the air: an Eddystone-EID ephemeral identifier, which only who holds
 * the beacon's identity key can foretell.
 */
import { invariant } from "../errors.ts";
import type { Vault } from "./vault.ts";

/**
 * The 8-byte identifier of the period that holds `time_s`: 2^`k` seconds long, `k` in 0..15,
 * `time_s` counted by the beacon's 32-bit clock. Two AES-128 steps as the Eddystone-EID
 * specification describes them (first a temporary key for each 65536 seconds).
 *
 * ```ts
 * import { nodeVault } from "./node.ts";
 * import { fromHex, toHex } from "./bytes.ts";
 * import assert from "node:assert/strict";
 * const key = fromHex("0102030405060708090a111213141516")!;
 * assert.equal(toHex(eddystoneEid(nodeVault, key, 10, 2000)), "4144413e45fefa58");
 * ```
 */
export function eddystoneEid(
  vault: Vault,
  identityKey: Uint8Array,
  k: number,
  time_s: number,
): Uint8Array<ArrayBuffer> {
  invariant(identityKey.length === 16, "a beacon's identity key has 16 bytes");
  invariant(Number.isInteger(k) && k >= 0 && k <= 15, "a rotation exponent is 0 to 15");
  invariant(Number.isInteger(time_s) && time_s >= 0, "a beacon counts whole seconds");
  const clock_s = time_s % 0x1_0000_0000;
  const first = new Uint8Array(16);
  first[11] = 0xff;
  new DataView(first.buffer).setUint16(14, Math.floor(clock_s / 0x1_0000));
  const temporary = vault.aes128Block(identityKey, first);
  const second = new Uint8Array(16);
  second[11] = k;
  new DataView(second.buffer).setUint32(12, clock_s - (clock_s % 2 ** k));
  return vault.aes128Block(temporary, second).slice(0, 8);
}
