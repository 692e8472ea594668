/**
 * SQLite's result codes as the runtime's closed kinds of trouble, each with the file's name and a
 * way out.
 */
import { InvariantError, RuntimeError } from "../errors.ts";

const codes = {
  error: 1,
  busy: 5,
  locked: 6,
  corrupt: 11,
  full: 13,
  constraint: 19,
  not_a_database: 26,
};

/** What SQLite said, as the error that names the file and the way out. */
export function translate(error: unknown, path: string): Error {
  if (error instanceof RuntimeError || error instanceof InvariantError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && "errcode" in error ? Number(error.errcode) & 0xff : 0;
  const options = { cause: error };
  switch (code) {
    case codes.busy:
    case codes.locked:
      return new RuntimeError(
        "busy",
        `${path} is in use by another gateway: stop that one, or name another data folder`,
        options,
      );
    case codes.full:
      return new RuntimeError(
        "disk_full",
        `no room to write ${path}: free space on its disk and start again; nothing that was ` +
          "answered is lost",
        options,
      );
    case codes.error:
    case codes.corrupt:
    case codes.not_a_database:
      return corrupt(path, reason, error);
    case codes.constraint:
      return new InvariantError(`the journal ${path} was given a row twice: ${reason}`, options);
    default:
      return new RuntimeError(
        "disk_failed",
        `cannot use ${path} (${reason}): make its folder exist and writable for this user, or ` +
          "name another data folder",
        options,
      );
  }
}

/** SQLite may quote a whole table. */
const finding_characters = 100;

/** The one message for a damaged file. */
export function corrupt(path: string, finding: string, cause?: unknown): RuntimeError {
  const words = finding.replace(/\s+/g, " ").slice(0, finding_characters);
  return new RuntimeError(
    "data_corrupt",
    `${path} is damaged (${words}): restore it from a backup and remove its ` +
      "-wal and -acked files, or move all three away to begin anew",
    { cause },
  );
}
