/** What a phone shows to the gate of a walk-out aisle: a code that is drawn anew all the time. */
import { encode } from "uqr";
import type { EntryPayload } from "../../runtime/sync/contract/schemas.ts";
import { toBase64url } from "../../runtime/vault/bytes.ts";
import type { Random } from "../../runtime/world.ts";

/** How long a code may open a gate: the issuer takes none that lives longer. An app draws another
 * one before, so that none is shown that is about to end. */
const life_s = 30;

/** The payload of a code that is made now. */
export function entryOf(
  account: string,
  now_ms: number,
  random: Random,
  people: number,
): EntryPayload {
  const iat = Math.floor(now_ms / 1000);
  return { iss: account, jti: toBase64url(random.bytes(12)), iat, exp: iat + life_s, people };
}

/** The modules of the text's QR code (ISO/IEC 18004), row by row, dark ones true, with the quiet
 * zone around it. */
export function entryPicture(code: string): boolean[][] {
  return encode(code, { ecc: "L", border: 4 }).data;
}
