/**
 * How many commits were acknowledged, in a small file beside the journal. SQLite takes a WAL that
 * was cut short, or in which a bit has turned, for one that ends there, and would silently go on
 * without what came after; the witness knows better.
 *
 * It is written after each commit and never forced to the disk: a process that is killed leaves it
 * exact, and a power cut leaves it behind the journal, never ahead.
 */
import { closeSync, constants, fsyncSync, openSync, readSync, writeSync } from "node:fs";
import { crc32 } from "node:zlib";
import { corrupt } from "./sqlite_errors.ts";

export interface Witness {
  /** Undefined in a file that is new, or that a power cut has left empty. */
  readonly commits: number | undefined;
  note(commits: number): void;
  close(): void;
}

const digits = 16;
const lineOf = (commits: number) => {
  const count = String(commits).padStart(digits, "0");
  return `${count} ${crc32(count).toString(16).padStart(8, "0")}\n`;
};

/** Opens or makes the file. Throws `RuntimeError` `data_corrupt` when it holds something else. */
export function openWitness(path: string): Witness {
  const file = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
  const text = new TextDecoder();
  const bytes = new Uint8Array(lineOf(0).length + 1);
  const said = text.decode(bytes.subarray(0, readSync(file, bytes, 0, bytes.length, 0)));
  const commits = said === "" ? undefined : Number(said.slice(0, digits));
  if (commits !== undefined && (!Number.isSafeInteger(commits) || said !== lineOf(commits))) {
    closeSync(file);
    throw corrupt(path, "it counts the commits of the journal beside it, and is unreadable");
  }
  const encoder = new TextEncoder();
  let fresh = commits === undefined;
  return {
    commits,
    note(count) {
      encoder.encodeInto(lineOf(count), bytes);
      writeSync(file, bytes, 0, bytes.length - 1, 0);
      // Once, so that the file has its place on the disk.
      if (fresh) fsyncSync(file);
      fresh = false;
    },
    close: () => closeSync(file),
  };
}
