/**
 * Batches into SQLite and rows out of it: what the journal on disk does once its file is open and
 * found sound.
 */
import type { DatabaseSync } from "node:sqlite";
import { invariant } from "../errors.ts";
import { headAfter } from "./head.ts";
import {
  type ActorRow,
  type Batch,
  DamagedEnd,
  type HistoryRow,
  type Journal,
  type JournalHead,
  type MessageRow,
  type OutboxRow,
  type Shelf,
} from "./journal.ts";
import { SqliteBacklog } from "./sqlite_backlog.ts";
import { SqliteCheck } from "./sqlite_check.ts";
import { corrupt, translate } from "./sqlite_errors.ts";
import { SqliteHistory } from "./sqlite_history.ts";
import { actorRow, headColumns, headRow, prepare, type Prepared } from "./sqlite_rows.ts";
import { DamagedRow } from "./sums.ts";
import type { Witness } from "./witness.ts";

/** A journal over an open file of its own. The caller has checked the file, and closes it when
 * this throws. */
export class SqliteJournal implements Journal {
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #run: Prepared;
  readonly #witness: Witness;
  readonly #backlog: SqliteBacklog;
  readonly #history: SqliteHistory;
  #head: JournalHead;
  #commits: number;
  #failure: Error | undefined;
  readonly shelf: Shelf;

  constructor(path: string, database: DatabaseSync, witness: Witness) {
    this.#path = path;
    this.#database = database;
    this.#witness = witness;
    const run = this.#run = prepare(database);
    this.#history = new SqliteHistory(run);
    const check = new SqliteCheck(run);
    this.#backlog = this.#read(() => new SqliteBacklog(run));
    const { head, commits } = this.#read(() => {
      const row = run.head.get();
      if (!row) throw new DamagedRow("the head");
      const known = headRow(row);
      return this.#backlog.restore(known.head, known.commits);
    });
    if (commits < (witness.commits ?? 0)) {
      throw corrupt(path, `${(witness.commits ?? 0) - commits} acknowledged commits are missing`);
    }
    this.#commits = commits;
    this.#head = { ...head, starts: head.starts + 1 };
    // Counting the start writes, which takes the lock and proves that the disk takes writes.
    this.#transaction(() => {
      this.#backlog.store();
      run.advance.run(...headColumns(this.#head, commits));
    });
    witness.note(commits);
    this.shelf = {
      due: (until_ms, limit) => this.#inTables(() => run.due.all(until_ms, limit).map(actorRow)),
      nextDue: (after_ms) =>
        this.#inTables(() => {
          const row = run.next_due.get(after_ms);
          return row && Number(row.due_ms);
        }),
      live: () =>
        this.#inTables(() =>
          Object.fromEntries(
            run.live_kinds.all().map(({ kind, actors }) => [String(kind), Number(actors)]),
          )
        ),
      forget: (before_ms, limit) => this.#forget(before_ms, limit),
      check: (limit) => this.#read(() => check.look(limit)),
    };
  }

  get head(): JournalHead {
    return this.#head;
  }

  commit(batch: Batch): void {
    const head = headAfter(this.#head, batch);
    const commits = this.#commits + 1;
    this.#transaction(() => this.#write(batch, head, commits));
    this.#head = head;
    this.#commits = commits;
    this.#note();
  }

  #write(batch: Batch, head: JournalHead, commits: number): void {
    this.#backlog.check(batch);
    this.#backlog.makeRoom();
    const lasts = new Map<string, number>();
    const previous: number[] = [];
    let last = this.#head.position;
    for (const row of batch.history) {
      const { position, address } = row;
      invariant(position > last, `the journal was given step ${position} twice, or too late`);
      last = position;
      previous.push(lasts.get(address) ?? this.#backlog.lastOf(row));
      lasts.set(address, position);
    }
    this.#history.add(batch.history, previous);
    this.#backlog.add(batch, commits, head, lasts);
  }

  #note(): void {
    try {
      this.#witness.note(this.#commits);
    } catch (error) {
      throw this.#failure = translate(error, this.#path);
    }
  }

  #transaction<T>(write: () => T): T {
    if (this.#failure) throw this.#failure;
    try {
      this.#run.begin.run();
      const result = write();
      this.#run.commit.run();
      return result;
    } catch (error) {
      this.#failure = this.#troubleOf(error);
      // SQLite has undone the transaction by itself after some errors, and then has none to undo.
      if (this.#database.isTransaction) this.#run.rollback.run();
      throw this.#failure;
    }
  }

  #read<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      throw this.#troubleOf(error);
    }
  }

  #troubleOf(error: unknown): Error {
    return error instanceof DamagedRow || error instanceof SyntaxError
      ? corrupt(this.#path, error.message, error)
      : translate(error, this.#path);
  }

  /** Reads what only the tables can tell, which must have everything for it. */
  #inTables<T>(read: () => T): T {
    if (!this.#backlog.isEmpty) this.#transaction(() => this.#backlog.store());
    return this.#read(read);
  }

  actor(address: string): ActorRow | undefined {
    try {
      return this.#backlog.actor(address);
    } catch (error) {
      const trouble = this.#troubleOf(error);
      const isDone = error instanceof DamagedRow && error.of_done;
      throw isDone ? new DamagedEnd(trouble.message, { cause: error }) : trouble;
    }
  }

  *liveActors(): Iterable<ActorRow> {
    const rows = this.#inTables(() => this.#run.live.iterate());
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
    const before = options.before ?? Infinity;
    return this.#read(() => {
      const found: HistoryRow[] = [];
      const last = this.#backlog.placeOf(address)?.last ?? 0;
      for (const row of this.#history.of(address, last, options.before)) {
        if (row.position >= before) continue;
        if (found.length >= options.limit) break;
        found.push(row);
      }
      return found;
    });
  }

  #forget(before_ms: number, limit: number): number {
    const old = this.#inTables(() => this.#history.old(before_ms, limit));
    if (old.count === 0) return 0;
    this.#transaction(() => {
      this.#history.forget(old);
      for (const address of old.addresses) this.#run.forget_ended.run(address, old.last);
    });
    return old.count;
  }

  outbox(after: number, limit: number): OutboxRow[] {
    return this.#backlog.outbox(after, limit);
  }

  messages(): MessageRow[] {
    return this.#backlog.messages();
  }

  addresses(kind: string, limit: number): string[] {
    return this.#inTables(() => {
      const rows = [...this.#run.living.all(kind), ...this.#run.ended_of.all(kind, limit)];
      return rows.sort((a, b) => Number(b.serial) - Number(a.serial)).slice(0, limit)
        .map((row) => String(row.address));
    });
  }

  close(): void {
    if (!this.#database.isOpen) return;
    try {
      if (!this.#failure) this.#inTables(() => {});
    } finally {
      this.#database.close();
      this.#witness.close();
    }
  }
}
