/**
 * Each account's own sealing key, under which its templates are kept: in a file of its own, so that
 * a backup of the issuer's file holds none of them, and one that is destroyed makes every copy of
 * what was sealed to it dark.
 */
import { DatabaseSync } from "node:sqlite";
import { translate } from "../../../runtime/journal/sqlite_errors.ts";

/** Throws `RuntimeError` as the issuer's store does. */
export interface AccountKeys {
  /** The seed of the account's key. Secret. */
  of(account: string): Uint8Array | undefined;
  /** Kept when this returns. */
  keep(account: string, seed: Uint8Array): void;
  /** Nothing is left of it in any file of this when it returns; one that is not there is none. */
  destroy(account: string): void;
  /** Every account that has one. */
  accounts(): string[];
  close(): void;
}

/** Gone with the process: for tests and simulations. */
export function memoryAccountKeys(): AccountKeys {
  const seeds = new Map<string, Uint8Array>();
  return {
    of: (account) => seeds.get(account)?.slice(),
    keep: (account, seed) => void seeds.set(account, seed.slice()),
    destroy(account) {
      seeds.get(account)?.fill(0);
      seeds.delete(account);
    },
    accounts: () => [...seeds.keys()],
    close: () => {},
  };
}

/**
 * Opens or creates the file at `path` and locks it until `close`. Do not back it up with the
 * issuer's file: whoever has both can read what was erased. Without it templates are lost, and
 * shoppers enrol again. Throws `RuntimeError` `busy`, `data_corrupt`, `disk_full`, `disk_failed`.
 */
export function openAccountKeys(path: string): AccountKeys {
  let database: DatabaseSync | undefined;
  const ask = <T>(run: () => T): T => {
    try {
      return run();
    } catch (error) {
      throw translate(error, path);
    }
  };
  try {
    database = new DatabaseSync(path);
    for (
      const pragma of [
        "locking_mode = EXCLUSIVE",
        "journal_mode = WAL",
        "synchronous = FULL",
        "secure_delete = ON",
      ]
    ) database.prepare(`PRAGMA ${pragma}`).get();
    database.prepare(
      "CREATE TABLE IF NOT EXISTS account_key " +
        "(account TEXT PRIMARY KEY, seed BLOB NOT NULL) STRICT",
    ).run();
    const open = database;
    const read = open.prepare("SELECT seed FROM account_key WHERE account = ?");
    const write = open.prepare("INSERT OR REPLACE INTO account_key VALUES (?, ?)");
    const remove = open.prepare("DELETE FROM account_key WHERE account = ?");
    const list = open.prepare("SELECT account FROM account_key ORDER BY account");
    const empty = open.prepare("PRAGMA wal_checkpoint(TRUNCATE)");
    return {
      of: (account) => ask(() => read.get(account)?.["seed"] as Uint8Array | undefined),
      keep: (account, seed) => void ask(() => write.run(account, seed)),
      destroy(account) {
        ask(() => {
          // Overwritten in the file as it goes; its image in the log goes with the log.
          if (Number(remove.run(account).changes) > 0) empty.get();
        });
      },
      accounts: () => ask(() => list.all().map(({ account }) => String(account))),
      close: () => open.close(),
    };
  } catch (error) {
    if (database?.isOpen) database.close();
    throw translate(error, path);
  }
}
