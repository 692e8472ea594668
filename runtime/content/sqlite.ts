/** Content in a file of SQLite's, beside the gateway's journal. */
import { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import { RuntimeError } from "../errors.ts";
import { translate } from "../journal/sqlite_errors.ts";
import type { ContentStore, KeptContent } from "./store.ts";

/** `SAUC` in ASCII, in the file's header. */
const applicationId = 0x53415543;
const schemaVersion = 1;

const row = z.object({ id: z.string(), document: z.string() });

/** Opens the file, or makes it. Throws as the port says, and `data_version` for another format. */
export function openContentStore(path: string): ContentStore {
  const guarded = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw translate(error, path);
    }
  };
  const database = guarded(() => new DatabaseSync(path, { timeout: 2_000 }));
  try {
    guarded(() => prepare(database, path));
  } catch (error) {
    database.close();
    throw error;
  }
  const every = database.prepare("SELECT id, document FROM content ORDER BY place");
  const insert = database.prepare("INSERT OR REPLACE INTO content (id, document) VALUES (?, ?)");
  const drop = database.prepare("DELETE FROM content WHERE id = ?");
  return {
    all: () => guarded(() => every.all().map((found): KeptContent => row.parse(found))),
    put: ({ id, document }) => guarded(() => void insert.run(id, document)),
    remove: (id) => guarded(() => void drop.run(id)),
    close: () => database.close(),
  };
}

const number = (value: unknown) => typeof value === "number" ? value : 0;

function prepare(database: DatabaseSync, path: string): void {
  const pragma = (name: string) => number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
  database.prepare("PRAGMA journal_mode = WAL").get();
  database.exec("PRAGMA synchronous = FULL");
  const tables = number(database.prepare("SELECT count(*) AS n FROM sqlite_schema").get()?.["n"]);
  if (pragma("application_id") === 0 && pragma("user_version") === 0 && tables === 0) {
    database.exec(
      `PRAGMA application_id = ${applicationId};
       PRAGMA user_version = ${schemaVersion};
       CREATE TABLE content (
         place INTEGER PRIMARY KEY,
         id TEXT NOT NULL UNIQUE,
         document TEXT NOT NULL
       ) STRICT`,
    );
    return;
  }
  if (pragma("application_id") === applicationId && pragma("user_version") === schemaVersion) {
    return;
  }
  throw new RuntimeError(
    "data_version",
    `${path} is no content file of this release: move it away, or name another data folder`,
  );
}
