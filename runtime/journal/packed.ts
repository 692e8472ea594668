/**
 * Long texts as they stand on the disk. Steps and changes of many actors say the same things over
 * and over: packed by Zstandard they are a tenth of what they were, and it is writing that a
 * commit waits for.
 */
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { limits } from "../limits.ts";
import { DamagedRow } from "./sums.ts";

/** Quick: what a higher level saves in bytes it takes in time. */
const options = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/** A text as it is written: a short one as it is, since it fills no page and packing has a price
 * of its own. */
export function pack(text: string): string | Uint8Array {
  return text.length < limits.packed_characters ? text : zstdCompressSync(text, options);
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The text that was packed. Throws `DamagedRow` for what is no packed text; what was cut short is
 * found by the sum of its row. */
export function unpack(kept: unknown): string {
  if (!(kept instanceof Uint8Array)) return String(kept);
  try {
    return decoder.decode(zstdDecompressSync(kept));
  } catch {
    throw new DamagedRow("a packed text is not as it was written");
  }
}
