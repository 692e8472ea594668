/**
 * A checksum for every row of the journal: SQLite notices a page that is out of shape, not an
 * amount in which one bit has turned. CRC-32 finds every such bit, and every burst of 32.
 */
import { crc32 } from "node:zlib";

/** A row whose columns are not those that were written. */
export class DamagedRow extends Error {
  override readonly name = "DamagedRow";
  /** `of_done`: it is an actor's that takes no more events. */
  constructor(message: string, readonly of_done = false) {
    super(message);
  }
}

/** Of a row's columns, the long text last. */
export const sumOf = (columns: readonly (string | number)[], text: string | Uint8Array): number =>
  crc32(text, crc32(columns.join(" ")));

export function headSum(numbers: readonly number[]): number {
  return crc32(numbers.join(" "));
}

/** Throws `DamagedRow` unless the sum is the one that stands in the row. */
export function verify(what: string, sum: number, kept: unknown, of_done = false): void {
  if (sum !== kept) throw new DamagedRow(`${what} is not as it was written`, of_done);
}
