/**
 * The tables of a gateway's journal, and how a file is recognised as one: by application id and
 * version, before anything in it is believed.
 */
import type { DatabaseSync } from "node:sqlite";
import { RuntimeError } from "../errors.ts";
import { limits } from "../limits.ts";
import { corrupt } from "./sqlite_errors.ts";
import { headSum } from "./sums.ts";

/** `SAUN` in ASCII; written into the file's header, where `file` and other tools find it. */
export const applicationId = 0x5341554e;
/** `due_ms` of an actor that waits for events alone. */
export const never = Number.MAX_SAFE_INTEGER;
/** Rises with every change of the tables below. */
export const schemaVersion = 6;

/** JSON stands in columns that no query looks into; all others are real columns. `serial` is the
 * order of birth. Deleted rows are overwritten (`secure_delete`), since commands hold tokens.
 *
 * A commit is one row of `recent` and its steps in `history`; what it did to actors, outbox and
 * messages goes into their tables some commits later, once for all that changed meanwhile, and its
 * row is deleted. `head` is the head as the last commit left it that is not in `recent` any more.
 *
 * `actor.due_ms` is the next deadline of an actor, `never` while it has none. One that is done
 * moves to `ended`. An actor's history is a chain: `last` is the position of its last step, and
 * each step names the previous one, so that steps are written at the end of one table, some in a
 * row, and touch no index. A row of history is found by the position of its last step.
 *
 * Long texts of `recent` and `history` are packed, see `packed.ts`; short ones stand as they are.
 *
 * `sum` is a checksum over the other columns; `head.commits` counts the commits. */
const tables: readonly string[] = [
  `CREATE TABLE head (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  position INTEGER NOT NULL,
  turn INTEGER NOT NULL,
  at_ms INTEGER NOT NULL,
  feed_cursor INTEGER NOT NULL,
  starts INTEGER NOT NULL,
  commits INTEGER NOT NULL,
  sum INTEGER NOT NULL
) STRICT`,
  `INSERT INTO head VALUES (1, 0, 0, 0, 0, 0, 0, ${headSum([0, 0, 0, 0, 0, 0])})`,
  `CREATE TABLE recent (
  number INTEGER PRIMARY KEY,
  position INTEGER NOT NULL,
  turn INTEGER NOT NULL,
  at_ms INTEGER NOT NULL,
  feed_cursor INTEGER NOT NULL,
  changes ANY NOT NULL,
  sum INTEGER NOT NULL
) STRICT`,
  `CREATE TABLE actor (
  serial INTEGER PRIMARY KEY,
  address TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  due_ms INTEGER NOT NULL,
  last INTEGER NOT NULL,
  state TEXT NOT NULL,
  sum INTEGER NOT NULL
) STRICT`,
  "CREATE INDEX actor_due ON actor (due_ms, kind)",
  `CREATE TABLE ended (
  serial INTEGER PRIMARY KEY,
  address TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  last INTEGER NOT NULL,
  state TEXT NOT NULL,
  sum INTEGER NOT NULL
) STRICT`,
  "CREATE INDEX ended_kind ON ended (kind, serial)",
  `CREATE TABLE history (
  position INTEGER PRIMARY KEY,
  steps ANY NOT NULL,
  sum INTEGER NOT NULL
) STRICT`,
  `CREATE TABLE outbox (
  position INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  sender TEXT NOT NULL,
  command TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  sum INTEGER NOT NULL
) STRICT`,
  `CREATE TABLE message (
  serial INTEGER PRIMARY KEY,
  sender TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  receiver TEXT NOT NULL,
  event TEXT NOT NULL,
  sum INTEGER NOT NULL,
  UNIQUE (sender, sequence)
) STRICT`,
  `PRAGMA application_id = ${applicationId}`,
  `PRAGMA user_version = ${schemaVersion}`,
];

function number(database: DatabaseSync, sql: string): number {
  return Number(Object.values(database.prepare(sql).get() ?? {})[0]);
}

/** Says whether the file is new or a journal of this version, and writes nothing. Throws
 * `RuntimeError` `data_version` when it is another program's or of another version. */
export function recognise(database: DatabaseSync, path: string): "new" | "journal" {
  const version = number(database, "PRAGMA user_version");
  const application = number(database, "PRAGMA application_id");
  const objects = number(database, "SELECT count(*) FROM sqlite_schema");
  if (version === 0 && application === 0 && objects === 0) return "new";
  if (application !== applicationId) {
    throw new RuntimeError(
      "data_version",
      `${path} is another program's database: name another data folder`,
    );
  }
  if (version !== schemaVersion) {
    const [age, out] = version > schemaVersion
      ? ["newer", "update the gateway"]
      : ["older", "run the release that wrote it until its sales are settled"];
    throw new RuntimeError(
      "data_version",
      `${path} has the ${age} format ${version} where ${schemaVersion} is read: ${out}, or ` +
        "name another data folder",
    );
  }
  return "journal";
}

/** Creates the tables, all or none. */
export function createTables(database: DatabaseSync): void {
  // One by one: only prepared statements tell why they failed.
  for (const sql of ["BEGIN IMMEDIATE", ...tables, "COMMIT"]) database.prepare(sql).run();
}

/** Actors up to which the opening holds tables against their indexes, row by row: beyond this a
 * start would take seconds, and only the shape of every page is checked. */
const actors_checked = 20_000;
/** What a gateway goes on from; history and those that ended are read by `check`. */
const goesOn = ["head", "recent", "actor", "outbox", "message"] as const;

/** Reads the file before it is believed; throws `RuntimeError` `data_corrupt` when anything is
 * damaged. All of a file of `checked_pages` at most, and of a larger one what the gateway goes on
 * from: history grows for years, and no start waits for it. */
export function checkPages(
  database: DatabaseSync,
  path: string,
  checked_pages: number = limits.checked_pages,
): void {
  const found = database.prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL").all();
  const created = tables.filter((sql) => sql.startsWith("CREATE"));
  if (created.some((sql, at) => sql !== found[at]?.sql) || found.length !== created.length) {
    throw corrupt(path, "its tables are not those of a journal");
  }
  const isSmall = number(database, "PRAGMA page_count") <= checked_pages;
  const alive = number(database, "SELECT count(*) FROM actor");
  const check = alive <= actors_checked ? "integrity_check" : "quick_check";
  for (const table of isSmall ? [1] : goesOn) {
    const finding = Object.values(database.prepare(`PRAGMA ${check}(${table})`).get() ?? {})[0];
    if (finding !== "ok") throw corrupt(path, String(finding));
  }
}
