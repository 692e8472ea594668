/**
 * A checksum for every row of the journal: SQLite notices a page that is out of shape, not an
 * amount in which one bit has turned. CRC-32 finds every such bit, and every burst of 32.
 */
import { crc32 } from "node:zlib";

/** A row whose columns are not those that were written. */
export class DamagedRow extends Error {
  override readonly name = "DamagedRow";
}

const sumOf = (fields: string, text: string) => crc32(text, crc32(fields));

/** What an actor's row adds to its sum for the end of its history, which moves by itself. */
export const lastSum = (last: number): number => crc32(String(last));

export function actorSum(address: string, due_ms: number | null, state: string): number {
  return sumOf(`${address} ${due_ms}`, state);
}

export function historySum(
  row: { position: number; turn: number; at_ms: number; address: string; from: string },
  previous: number,
  step: string,
): number {
  const { position, turn, at_ms, address, from } = row;
  return sumOf(`${position} ${previous} ${turn} ${at_ms} ${address} ${from}`, step);
}

export function outboxSum(
  { position, key, from, at_ms }: { position: number; key: string; from: string; at_ms: number },
  command: string,
): number {
  return sumOf(`${position} ${key} ${from} ${at_ms}`, command);
}

export function messageSum(
  { from, sequence, to }: { from: string; sequence: number; to: string },
  event: string,
): number {
  return sumOf(`${from} ${sequence} ${to}`, event);
}

export function headSum(numbers: readonly number[]): number {
  return crc32(numbers.join(" "));
}

/** Throws `DamagedRow` unless the sum is the one that stands in the row. */
export function verify(what: string, sum: number, kept: unknown): void {
  if (sum !== kept) throw new DamagedRow(`${what} is not as it was written`);
}
