/**
 * The journal on disk: one SQLite file in WAL mode with synchronous=FULL, locked by one gateway
 * for as long as it runs. What `commit` returned from is on the disk.
 */
import { DatabaseSync, type SQLOutputValue, type StatementSync } from "node:sqlite";
import { headAfter } from "./head.ts";
import type {
  ActorRow,
  Batch,
  HistoryRow,
  Journal,
  JournalHead,
  MessageRow,
  OutboxRow,
} from "./journal.ts";
import { checkPages, createTables, recognise } from "./schema.ts";
import { corrupt, translate } from "./sqlite_errors.ts";

export interface SqliteJournalOptions {
  /** The file grows no larger than this; beyond it commits fail as on a full disk. */
  readonly max_bytes?: number;
}

const statements = {
  begin: "BEGIN IMMEDIATE",
  commit: "COMMIT",
  rollback: "ROLLBACK",
  head: "SELECT position, turn, at_ms, feed_cursor, starts FROM head",
  start: "UPDATE head SET starts = starts + 1",
  advance: "UPDATE head SET position = ?, turn = ?, at_ms = ?, feed_cursor = ?",
  put_actor: `INSERT INTO actor (address, kind, done, value, context, timers, sent, seen)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (address) DO UPDATE SET done = excluded.done,
    value = excluded.value, context = excluded.context, timers = excluded.timers,
    sent = excluded.sent, seen = excluded.seen`,
  actor: "SELECT * FROM actor WHERE address = ?",
  live: "SELECT * FROM actor WHERE done = 0 ORDER BY serial",
  addresses: "SELECT address FROM actor WHERE kind = ? ORDER BY serial DESC LIMIT ?",
  add_history: "INSERT INTO history VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
  history: `SELECT * FROM history WHERE address = ? AND position < ?
    ORDER BY position DESC LIMIT ?`,
  add_outbox: "INSERT INTO outbox VALUES (?, ?, ?, ?, ?)",
  settle: "DELETE FROM outbox WHERE position = ?",
  outbox: "SELECT * FROM outbox WHERE position > ? ORDER BY position LIMIT ?",
  add_message: "INSERT INTO message (sender, sequence, receiver, event) VALUES (?, ?, ?, ?)",
  deliver: "DELETE FROM message WHERE sender = ? AND sequence = ?",
  messages: "SELECT sender, sequence, receiver, event FROM message ORDER BY serial",
} as const;
type Prepared = Record<keyof typeof statements, StatementSync>;
type SqliteRow = Record<string, SQLOutputValue>;

const parse = (text: SQLOutputValue | undefined) => JSON.parse(String(text));

function actorRow(row: SqliteRow): ActorRow {
  return {
    address: String(row.address),
    value: parse(row.value),
    context: parse(row.context),
    timers: parse(row.timers),
    done: row.done === 1,
    sent: Number(row.sent),
    seen: parse(row.seen),
  };
}

function historyRow(row: SqliteRow): HistoryRow {
  return {
    position: Number(row.position),
    turn: Number(row.turn),
    at_ms: Number(row.at_ms),
    address: String(row.address),
    from: String(row.sender),
    event: parse(row.event),
    before: row.before === null ? undefined : parse(row.before),
    after: parse(row.after),
    commands: parse(row.commands),
  };
}

class SqliteJournal implements Journal {
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #run: Prepared;
  #head: JournalHead;
  #failure: Error | undefined;

  constructor(path: string, database: DatabaseSync) {
    this.#path = path;
    this.#database = database;
    this.#run = Object.fromEntries(
      Object.entries(statements).map(([name, sql]) => [name, database.prepare(sql)]),
    ) as Prepared;
    // Counting the start writes, which takes the lock and proves that the disk takes writes.
    this.#run.start.run();
    const head = this.#run.head.get();
    if (!head) throw corrupt(path, "no head row");
    this.#head = {
      position: Number(head.position),
      turn: Number(head.turn),
      at_ms: Number(head.at_ms),
      feed_cursor: Number(head.feed_cursor),
      starts: Number(head.starts),
    };
  }

  get head(): JournalHead {
    return this.#head;
  }

  commit(batch: Batch): void {
    if (this.#failure) throw this.#failure;
    const head = headAfter(this.#head, batch);
    try {
      this.#run.begin.run();
      this.#write(batch);
      this.#run.advance.run(head.position, head.turn, head.at_ms, head.feed_cursor);
      this.#run.commit.run();
    } catch (error) {
      this.#failure = translate(error, this.#path);
      this.#undo();
      throw this.#failure;
    }
    this.#head = head;
  }

  /** SQLite has undone the transaction by itself after some errors, and then has none to undo. */
  #undo(): void {
    if (this.#database.isTransaction) this.#run.rollback.run();
  }

  #write(batch: Batch): void {
    const run = this.#run;
    for (const row of batch.actors) {
      const kind = row.address.slice(0, row.address.indexOf("/"));
      run.put_actor.run(
        row.address,
        kind,
        row.done ? 1 : 0,
        JSON.stringify(row.value),
        JSON.stringify(row.context),
        JSON.stringify(row.timers),
        row.sent,
        JSON.stringify(row.seen),
      );
    }
    for (const row of batch.history) {
      run.add_history.run(
        row.position,
        row.turn,
        row.at_ms,
        row.address,
        row.from,
        JSON.stringify(row.event),
        row.before === undefined ? null : JSON.stringify(row.before),
        JSON.stringify(row.after),
        JSON.stringify(row.commands),
      );
    }
    for (const row of batch.outbox_added) {
      run.add_outbox.run(row.position, row.key, row.from, JSON.stringify(row.command), row.at_ms);
    }
    for (const position of batch.outbox_settled) run.settle.run(position);
    for (const row of batch.messages_added) {
      run.add_message.run(row.from, row.sequence, row.to, JSON.stringify(row.event));
    }
    for (const { from, sequence } of batch.messages_delivered) run.deliver.run(from, sequence);
  }

  #read<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      throw error instanceof SyntaxError
        ? corrupt(this.#path, "a column holds no JSON", error)
        : translate(error, this.#path);
    }
  }

  actor(address: string): ActorRow | undefined {
    return this.#read(() => {
      const row = this.#run.actor.get(address);
      return row && actorRow(row);
    });
  }

  *liveActors(): Iterable<ActorRow> {
    const rows = this.#run.live.iterate();
    for (;;) {
      const next = this.#read(() => {
        const { done, value } = rows.next();
        return done || value === undefined ? undefined : actorRow(value);
      });
      if (!next) return;
      yield next;
    }
  }

  history(address: string, options: { before?: number; limit: number }): HistoryRow[] {
    const before = options.before ?? Number.MAX_SAFE_INTEGER;
    return this.#read(() => this.#run.history.all(address, before, options.limit).map(historyRow));
  }

  outbox(after: number, limit: number): OutboxRow[] {
    return this.#read(() =>
      this.#run.outbox.all(after, limit).map((row) => ({
        position: Number(row.position),
        key: String(row.key),
        from: String(row.sender),
        command: parse(row.command),
        at_ms: Number(row.at_ms),
      }))
    );
  }

  messages(): MessageRow[] {
    return this.#read(() =>
      this.#run.messages.all().map((row) => ({
        from: String(row.sender),
        sequence: Number(row.sequence),
        to: String(row.receiver),
        event: parse(row.event),
      }))
    );
  }

  addresses(kind: string, limit: number): string[] {
    return this.#read(() => this.#run.addresses.all(kind, limit).map((row) => String(row.address)));
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close();
  }
}

function configure(database: DatabaseSync, options: SqliteJournalOptions): void {
  const get = (pragma: string) => Object.values(database.prepare(`PRAGMA ${pragma}`).get() ?? {});
  get("journal_mode = WAL");
  get("synchronous = FULL");
  get("secure_delete = ON");
  get("temp_store = MEMORY");
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
  try {
    database = new DatabaseSync(path);
    // Before the first access to the file: then no second process gets in, and the index of the
    // WAL stays in memory instead of a -shm file.
    database.prepare("PRAGMA locking_mode = EXCLUSIVE").get();
    const found = recognise(database, path);
    configure(database, options);
    if (found === "new") createTables(database);
    else checkPages(database, path);
    return new SqliteJournal(path, database);
  } catch (error) {
    if (database?.isOpen) database.close();
    throw translate(error, path);
  }
}
