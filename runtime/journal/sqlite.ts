/**
 * The journal on disk: one SQLite file in WAL mode with synchronous=FULL, locked by one gateway
 * for as long as it runs. What `commit` returned from is on the disk.
 */
import { DatabaseSync } from "node:sqlite";
import { limits } from "../limits.ts";
import type { Journal } from "./journal.ts";
import { checkPages, createTables, recognise } from "./schema.ts";
import { corrupt, translate } from "./sqlite_errors.ts";
import { SqliteJournal } from "./sqlite_journal.ts";
import { openWitness, type Witness } from "./witness.ts";

export interface SqliteJournalOptions {
  /** The file grows no larger than this; beyond it commits fail as on a full disk. */
  readonly max_bytes?: number;
  /** Pages up to which all of the file is read at the opening; by default the runtime's limit. */
  readonly checked_pages?: number;
}

function configure(database: DatabaseSync, options: SqliteJournalOptions): void {
  const get = (pragma: string) => Object.values(database.prepare(`PRAGMA ${pragma}`).get() ?? {});
  // A commit is a few long rows: larger pages are fewer writes. Only a new file takes it.
  get(`page_size = ${limits.page_bytes}`);
  get("journal_mode = WAL");
  get("synchronous = FULL");
  get("secure_delete = ON");
  get("temp_store = MEMORY");
  get(`wal_autocheckpoint = ${limits.wal_pages}`);
  get(`cache_size = -${limits.cache_kilobytes}`);
  if (options.max_bytes !== undefined) {
    const page_bytes = Number(get("page_size")[0]);
    get(`max_page_count = ${Math.max(1, Math.floor(options.max_bytes / page_bytes))}`);
  }
}

/**
 * Opens or creates the journal at `path` and locks it until `close` or the end of the process.
 *
 * Throws `RuntimeError`: `busy` when another gateway holds it, `data_corrupt`, `data_version` for
 * another program's file or another format, `disk_full`, `disk_failed` when folder or file cannot
 * be written.
 */
export function openSqliteJournal(path: string, options: SqliteJournalOptions = {}): Journal {
  let database: DatabaseSync | undefined;
  let witness: Witness | undefined;
  try {
    database = new DatabaseSync(path);
    // Before the first access to the file: then no second process gets in, and the index of the
    // WAL stays in memory instead of a -shm file.
    database.prepare("PRAGMA locking_mode = EXCLUSIVE").get();
    const found = recognise(database, path);
    configure(database, options);
    if (found === "journal") checkPages(database, path, options.checked_pages);
    witness = openWitness(`${path}-acked`);
    if (found === "new") {
      if (witness.commits) {
        throw corrupt(path, `${witness.commits} acknowledged commits are missing`);
      }
      createTables(database);
    }
    return new SqliteJournal(path, database, witness);
  } catch (error) {
    if (database?.isOpen) database.close();
    witness?.close();
    throw translate(error, path);
  }
}
