/**
 * The journal on disk: one SQLite file in WAL mode with synchronous=FULL, locked by one gateway
 * for as long as it runs. What `commit` returned from is on the disk.
 */
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { invariant } from "../errors.ts";
import { limits } from "../limits.ts";
import { headAfter } from "./head.ts";
import type {
  ActorRow,
  Batch,
  HistoryRow,
  Journal,
  JournalHead,
  MessageRow,
  OutboxRow,
  Shelf,
} from "./journal.ts";
import { checkPages, createTables, recognise } from "./schema.ts";
import {
  actorRow,
  dueOf,
  historyRow,
  parse,
  type SqliteRow,
  statements,
  stateOf,
} from "./sqlite_rows.ts";
import { corrupt, translate } from "./sqlite_errors.ts";

export interface SqliteJournalOptions {
  /** The file grows no larger than this; beyond it commits fail as on a full disk. */
  readonly max_bytes?: number;
}

type Prepared = Record<keyof typeof statements, StatementSync>;
/** Where an actor's row and the end of its history are. */
interface Place {
  /** 0 until the row is written. */
  serial: number;
  last: number;
  /** The row does not say yet where its history ends. */
  behind: boolean;
}

class SqliteJournal implements Journal {
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #run: Prepared;
  #head: JournalHead;
  #failure: Error | undefined;
  /** Of actors that were written lately: saves a look-up at every step. */
  readonly #places = new Map<string, Place>();
  readonly shelf: Shelf;

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
    this.shelf = {
      due: (until_ms, limit) => this.#read(() => this.#run.due.all(until_ms, limit).map(actorRow)),
      nextDue: (after_ms) =>
        this.#read(() => {
          const row = this.#run.next_due.get(after_ms);
          return row && Number(row.due_ms);
        }),
      live: () => this.#live(),
      forget: (before_ms, limit) => this.#forget(before_ms, limit),
    };
  }

  get head(): JournalHead {
    return this.#head;
  }

  commit(batch: Batch): void {
    const head = headAfter(this.#head, batch);
    this.#transaction(() => {
      this.#write(batch);
      this.#run.advance.run(head.position, head.turn, head.at_ms, head.feed_cursor);
    });
    this.#head = head;
  }

  #transaction(write: () => void): void {
    if (this.#failure) throw this.#failure;
    try {
      this.#run.begin.run();
      write();
      this.#run.commit.run();
    } catch (error) {
      this.#failure = translate(error, this.#path);
      this.#undo();
      throw this.#failure;
    }
  }

  /** SQLite has undone the transaction by itself after some errors, and then has none to undo. */
  #undo(): void {
    if (this.#database.isTransaction) this.#run.rollback.run();
  }

  #placeOf(address: string): Place {
    const known = this.#places.get(address);
    if (known) return known;
    const row = this.#run.find_actor.get(address);
    const place = { serial: Number(row?.serial ?? 0), last: Number(row?.last ?? 0), behind: false };
    if (this.#places.size >= limits.places) this.#places.clear();
    this.#places.set(address, place);
    return place;
  }

  #write(batch: Batch): void {
    const run = this.#run;
    for (const row of batch.history) {
      const { position, turn, at_ms, address, from, event, before, after, commands } = row;
      const place = this.#placeOf(address);
      const step = JSON.stringify({ event, before, after, commands });
      run.add_history.run(position, place.last, turn, at_ms, address, from, step);
      place.last = position;
      place.behind = true;
    }
    for (const row of batch.actors) {
      const { address } = row;
      const place = this.#placeOf(address);
      const due_ms = dueOf(row);
      if (place.serial > 0) run.put_actor.run(due_ms, place.last, stateOf(row), place.serial);
      else {
        const kind = address.slice(0, address.indexOf("/"));
        const { lastInsertRowid } = run.add_actor.run(
          address,
          kind,
          due_ms,
          place.last,
          stateOf(row),
        );
        place.serial = Number(lastInsertRowid);
      }
      place.behind = false;
    }
    for (const { address } of batch.history) this.#catchUp(address);
    for (const { address, done } of batch.actors) if (done) this.#places.delete(address);
    for (const row of batch.outbox_added) {
      run.add_outbox.run(row.position, row.key, row.from, JSON.stringify(row.command), row.at_ms);
    }
    for (const position of batch.outbox_settled) run.settle.run(position);
    for (const row of batch.messages_added) {
      run.add_message.run(row.from, row.sequence, row.to, JSON.stringify(row.event));
    }
    for (const { from, sequence } of batch.messages_delivered) run.deliver.run(from, sequence);
  }

  /** History of an actor whose row this batch leaves as it is. */
  #catchUp(address: string): void {
    const place = this.#placeOf(address);
    if (!place.behind) return;
    invariant(place.serial > 0, `history of ${address}, which has no row`);
    this.#run.extend_actor.run(place.last, place.serial);
    place.behind = false;
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
    return this.#read(() => {
      const found: HistoryRow[] = [];
      for (const row of this.#chain(address, options.before)) {
        if (Number(row.position) >= before) continue;
        if (found.length >= options.limit) break;
        found.push(historyRow(row));
      }
      return found;
    });
  }

  /** The rows of an actor from its last to its first, as far as they are kept; from `before` on if
   * that is one of them. */
  *#chain(address: string, before: number | undefined): Iterable<SqliteRow> {
    const from = before === undefined ? undefined : this.#run.history.get(before);
    let position = from?.address === address
      ? from.previous
      : this.#run.find_actor.get(address)?.last;
    while (position) {
      const row: SqliteRow | undefined = this.#run.history.get(position);
      if (!row) return;
      yield row;
      position = row.previous;
    }
  }

  #live(): Record<string, number> {
    return this.#read(() =>
      Object.fromEntries(
        this.#run.live_kinds.all().map(({ kind, actors }) => [String(kind), Number(actors)]),
      )
    );
  }

  #forget(before_ms: number, limit: number): number {
    const rows = this.#read(() => this.#run.oldest.all(limit));
    const young = rows.findIndex(({ at_ms }) => Number(at_ms) >= before_ms);
    const old = young < 0 ? rows : rows.slice(0, young);
    const last = old.at(-1);
    if (!last) return 0;
    const position = Number(last.position);
    this.#transaction(() => {
      this.#run.drop_history.run(position);
      for (const address of new Set(old.map((row) => String(row.address)))) {
        this.#run.drop_actor.run(address, position);
      }
    });
    return old.length;
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
