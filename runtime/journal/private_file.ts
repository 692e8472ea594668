/** Files that hold secrets, and are nobody else's. */
import { closeSync, openSync } from "node:fs";

/**
 * Makes a file for this user alone, unless it is there, whatever folder an administrator made for
 * it. SQLite gives the files beside a database the database's mode. Trouble with the place is told
 * by whoever opens the file next.
 */
export function makePrivateFile(path: string): void {
  let file: number;
  try {
    file = openSync(path, "wx", 0o600);
  } catch {
    return;
  }
  closeSync(file);
}
