/**
 * Batches into SQLite and rows out of it: what the journal on disk does once its file is open and
 * found sound.
 */
// long because one class holds the statements, the places of rows and the first failure
import type { DatabaseSync, StatementSync } from "node:sqlite";
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
import {
  actorRow,
  dueOf,
  historyRow,
  messageRow,
  outboxRow,
  type SqliteRow,
  statements,
  stateOf,
} from "./sqlite_rows.ts";
import { corrupt, translate } from "./sqlite_errors.ts";
import {
  actorSum,
  DamagedRow,
  headSum,
  historySum,
  lastSum,
  messageSum,
  outboxSum,
  verify,
} from "./sums.ts";
import type { Witness } from "./witness.ts";

type Prepared = Record<keyof typeof statements, StatementSync>;
/** Where an actor's row and the end of its history are. */
interface Place {
  /** 0 until the row is written. */
  serial: number;
  last: number;
  /** Where the row says that its history ends. */
  said: number;
}

/** A journal over an open file of its own. The caller has checked the file, and closes it when
 * this throws. */
export class SqliteJournal implements Journal {
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #run: Prepared;
  readonly #witness: Witness;
  #head: JournalHead;
  #commits: number;
  #failure: Error | undefined;
  /** Of actors that were written lately: saves a look-up at every step. */
  readonly #places = new Map<string, Place>();
  readonly shelf: Shelf;

  constructor(path: string, database: DatabaseSync, witness: Witness) {
    this.#path = path;
    this.#database = database;
    this.#witness = witness;
    this.#run = Object.fromEntries(
      Object.entries(statements).map(([name, sql]) => [name, database.prepare(sql)]),
    ) as Prepared;
    const { head, commits } = this.#readHead();
    if (commits < (witness.commits ?? 0)) {
      throw corrupt(path, `${(witness.commits ?? 0) - commits} acknowledged commits are missing`);
    }
    this.#commits = commits;
    this.#head = { ...head, starts: head.starts + 1 };
    // Counting the start writes, which takes the lock and proves that the disk takes writes.
    this.#advance(this.#head, commits);
    witness.note(commits);
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
    const commits = this.#commits + 1;
    this.#transaction(() => {
      this.#write(batch);
      this.#advance(head, commits);
    }, commits);
    this.#head = head;
    this.#commits = commits;
  }

  #readHead(): { head: JournalHead; commits: number } {
    const row = this.#run.head.get();
    if (!row) throw corrupt(this.#path, "no head row");
    const [position = 0, turn = 0, at_ms = 0, feed_cursor = 0, starts = 0, commits = 0, sum] =
      Object.values(row).map(Number);
    const numbers = [position, turn, at_ms, feed_cursor, starts, commits];
    this.#read(() => verify("the head", headSum(numbers), sum));
    return { head: { position, turn, at_ms, feed_cursor, starts }, commits };
  }

  #advance({ position, turn, at_ms, feed_cursor, starts }: JournalHead, commits: number): void {
    const sum = headSum([position, turn, at_ms, feed_cursor, starts, commits]);
    this.#run.advance.run(position, turn, at_ms, feed_cursor, starts, commits, sum);
  }

  #transaction(write: () => void, commits = this.#commits): void {
    if (this.#failure) throw this.#failure;
    try {
      this.#run.begin.run();
      write();
      this.#run.commit.run();
      if (commits !== this.#commits) this.#witness.note(commits);
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
    const last = Number(row?.last ?? 0);
    const place = { serial: Number(row?.serial ?? 0), last, said: last };
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
      const sum = historySum(row, place.last, step);
      run.add_history.run(position, place.last, turn, at_ms, address, from, step, sum);
      place.last = position;
    }
    for (const row of batch.actors) this.#writeActor(row);
    for (const { address } of batch.history) this.#catchUp(address);
    for (const { address, done } of batch.actors) if (done) this.#places.delete(address);
    for (const row of batch.outbox_added) {
      const command = JSON.stringify(row.command);
      const sum = outboxSum(row, command);
      run.add_outbox.run(row.position, row.key, row.from, command, row.at_ms, sum);
    }
    for (const position of batch.outbox_settled) run.settle.run(position);
    for (const row of batch.messages_added) {
      const event = JSON.stringify(row.event);
      run.add_message.run(row.from, row.sequence, row.to, event, messageSum(row, event));
    }
    for (const { from, sequence } of batch.messages_delivered) run.deliver.run(from, sequence);
  }

  #writeActor(row: ActorRow): void {
    const { address } = row;
    const place = this.#placeOf(address);
    const due_ms = dueOf(row);
    const state = stateOf(row);
    const sum = actorSum(address, due_ms, state) + lastSum(place.last);
    if (place.serial > 0) this.#run.put_actor.run(due_ms, place.last, state, sum, place.serial);
    else {
      const kind = address.slice(0, address.indexOf("/"));
      const added = this.#run.add_actor.run(address, kind, due_ms, place.last, state, sum);
      place.serial = Number(added.lastInsertRowid);
    }
    place.said = place.last;
  }

  /** History of an actor whose row this batch leaves as it is. */
  #catchUp(address: string): void {
    const place = this.#placeOf(address);
    if (place.said === place.last) return;
    invariant(place.serial > 0, `history of ${address}, which has no row`);
    const more = lastSum(place.last) - lastSum(place.said);
    this.#run.extend_actor.run(place.last, more, place.serial);
    place.said = place.last;
  }

  #read<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      throw error instanceof DamagedRow || error instanceof SyntaxError
        ? corrupt(this.#path, error.message, error)
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
      if (row?.address !== address) {
        this.#checkForgotten(address, Number(position), row);
        return;
      }
      yield row;
      position = row.previous;
    }
  }

  /** A chain ends early where rows were forgotten, the oldest first, and nowhere else. */
  #checkForgotten(address: string, position: number, row: SqliteRow | undefined): void {
    const oldest = Number(this.#run.oldest.get(1)?.position ?? Infinity);
    if (row || position >= oldest) throw new DamagedRow(`the history of ${address} has a gap`);
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
    return this.#read(() => this.#run.outbox.all(after, limit).map(outboxRow));
  }

  messages(): MessageRow[] {
    return this.#read(() => this.#run.messages.all().map(messageRow));
  }

  addresses(kind: string, limit: number): string[] {
    return this.#read(() => this.#run.addresses.all(kind, limit).map((row) => String(row.address)));
  }

  close(): void {
    if (!this.#database.isOpen) return;
    this.#database.close();
    this.#witness.close();
  }
}
