// long because commits enter and leave the backlog by one set of books
/**
 * What commits did that is not in the tables of actors, commands and messages yet: it stands in
 * `recent`, commit by commit, and goes into the tables later, each actor once for many commits.
 * Commands and messages that wait are in memory as well, all of them, since they are few.
 */
import { invariant } from "../errors.ts";
import { limits } from "../limits.ts";
import type { ActorRow, Batch, HistoryRow, JournalHead, MessageRow, OutboxRow } from "./journal.ts";
import { type ActorChange, changed, RecentActor } from "./recent.ts";
import {
  actorRow,
  headColumns,
  kindOf,
  messageColumns,
  messageRow,
  outboxColumns,
  outboxRow,
  type Prepared,
  recentColumns,
  recentRow,
  rowOf,
  type SqliteRow,
  stateSum,
  type StoredActor,
  storedActor,
} from "./sqlite_rows.ts";
import { DamagedRow } from "./sums.ts";

/** Where an actor's row and the end of its history are. */
export interface Place {
  readonly serial: number;
  last: number;
}

/** A command or a message that waits. */
interface Waiting<Row> {
  readonly row: Row;
  /** It has a row in its table. */
  stored: boolean;
}

/** A commit that is not in the tables. */
interface Recent {
  readonly number: number;
  readonly head: JournalHead;
  readonly characters: number;
  readonly addresses: readonly string[];
  readonly asked: readonly Waiting<OutboxRow>[];
  readonly settled: readonly Waiting<OutboxRow>[];
  readonly sent: readonly Waiting<MessageRow>[];
  readonly delivered: readonly Waiting<MessageRow>[];
}

type Changes = Partial<Omit<Batch, "actors" | "history">> & {
  readonly actors?: readonly ActorChange[];
};

const messageKey = (row: { readonly from: string; readonly sequence: number }) =>
  `${row.from} ${row.sequence}`;

export class SqliteBacklog {
  readonly #run: Prepared;
  readonly #actors = new Map<string, RecentActor>();
  readonly #outbox = new Map<number, Waiting<OutboxRow>>();
  readonly #messages = new Map<string, Waiting<MessageRow>>();
  readonly #keys = new Set<string>();
  readonly #recent: Recent[] = [];
  #characters = 0;
  /** Of actors that were written lately: saves a look-up at every step. */
  readonly #places = new Map<string, Place>();
  #serial: number;

  constructor(run: Prepared) {
    this.#run = run;
    this.#serial = Number(run.last_serial.get()?.serial);
    for (const row of run.outbox.all()) this.#ask(outboxRow(row), true);
    for (const row of run.messages.all()) this.#send(messageRow(row), true);
  }

  /** Reads what an earlier process left; answers the head as the last commit made it. */
  restore(head: JournalHead, commits: number): { head: JournalHead; commits: number } {
    const states = new Map<string, StoredActor>();
    let [last, number] = [head, commits];
    for (const row of this.#run.recent.all()) {
      const recent = recentRow(row, head.starts);
      if (recent.number !== number + 1) throw new DamagedRow(`commit ${number + 1}`);
      [last, number] = [recent.head, recent.number];
      const changes: Changes = recent.changes;
      for (const change of changes.actors ?? []) {
        states.set(change.address, this.#changed(states.get(change.address), change));
      }
      const { asked, settled, sent, delivered } = this.#take({ ...nothing, ...changes });
      const rows = { asked, settled, sent, delivered };
      this.#recent.push({ number, head: last, characters: 0, addresses: [], ...rows });
    }
    const addresses = [...states.keys()];
    for (const [address, { serial, last, row }] of states) {
      this.#serial = Math.max(this.#serial, serial);
      const actor = new RecentActor(address, serial);
      actor.take(row, last);
      actor.changed = number;
      this.#actors.set(address, actor);
    }
    const end = this.#recent.pop();
    if (end) this.#recent.push({ ...end, addresses });
    return { head: last, commits: number };
  }

  #changed(known: StoredActor | undefined, change: ActorChange): StoredActor {
    const { address, serial, last } = change;
    const row = known || change.whole ? undefined : this.#stored(address);
    const before = known ?? (row && storedActor(row));
    return { serial, last, row: changed(before?.row, change) };
  }

  #stored(address: string): SqliteRow | undefined {
    return this.#run.actor.get(address) ?? this.#run.ended.get(address);
  }

  actor(address: string): ActorRow | undefined {
    const recent = this.#actors.get(address);
    if (recent?.isKnown) return rowOf(recent.state);
    const row = this.#stored(address);
    return row && actorRow(row);
  }

  outbox(after: number, limit: number): OutboxRow[] {
    const found: OutboxRow[] = [];
    for (const { row } of this.#outbox.values()) {
      if (found.length >= limit) break;
      if (row.position > after) found.push(row);
    }
    return found;
  }

  messages(): MessageRow[] {
    return Array.from(this.#messages.values(), ({ row }) => row);
  }

  /** Where the history of an actor ends to which this happens. One that is born is not looked for
   * in the tables. */
  lastOf({ address, before }: HistoryRow): number {
    const known = this.placeOf(address, before === undefined);
    if (!known && before === undefined) {
      this.#actors.set(address, new RecentActor(address, ++this.#serial));
    }
    return known?.last ?? 0;
  }

  /** Where an actor's row is, if it has one. */
  placeOf(address: string, isNew = false): Place | undefined {
    const known = this.#actors.get(address) ?? this.#places.get(address);
    if (known || isNew) return known;
    const row = this.#stored(address);
    if (!row) return undefined;
    const { serial, last } = storedActor(row);
    return this.#remember(address, { serial, last });
  }

  #remember(address: string, place: Place): Place {
    if (this.#places.size >= limits.places) this.#places.clear();
    this.#places.set(address, place);
    return place;
  }

  /** Throws `InvariantError` when the batch holds what is there already. */
  check(batch: Batch): void {
    const twice = (what: string) => `the journal was given ${what} twice`;
    const keys = new Set<string>();
    for (const { position, key } of batch.outbox_added) {
      invariant(!this.#outbox.has(position), twice(`command ${position}`));
      invariant(!this.#keys.has(key) && !keys.has(key), twice(`the key ${key}`));
      keys.add(key);
    }
    for (const row of batch.messages_added) {
      invariant(!this.#messages.has(messageKey(row)), twice(`message ${messageKey(row)}`));
    }
  }

  /** Writes the row of a commit; `lasts` are the ends of the histories that have grown in it. */
  add(batch: Batch, number: number, head: JournalHead, lasts: ReadonlyMap<string, number>): void {
    const rows = new Map(batch.actors.map((row) => [row.address, row]));
    for (const address of lasts.keys()) {
      if (rows.has(address)) continue;
      const row = this.actor(address);
      invariant(row !== undefined, `history of ${address}, which has no row`);
      rows.set(address, row);
    }
    const actors: string[] = [];
    for (const row of rows.values()) {
      const actor = this.#recentActor(row.address);
      actors.push(actor.take(row, lasts.get(row.address) ?? actor.last));
      actor.changed = number;
    }
    const text = textOf(actors, batch);
    this.#run.add_recent.run(...recentColumns(number, head, text));
    const addresses = [...rows.keys()];
    this.#recent.push({ number, head, characters: text.length, addresses, ...this.#take(batch) });
    this.#characters += text.length;
  }

  #recentActor(address: string): RecentActor {
    const known = this.#actors.get(address);
    if (known) return known;
    const { serial, last } = this.placeOf(address) ?? { serial: ++this.#serial, last: 0 };
    const actor = new RecentActor(address, serial);
    actor.last = last;
    this.#places.delete(address);
    this.#actors.set(address, actor);
    return actor;
  }

  #ask(row: OutboxRow, stored = false): Waiting<OutboxRow> {
    const waiting = { row, stored };
    this.#outbox.set(row.position, waiting);
    this.#keys.add(row.key);
    return waiting;
  }

  #send(row: MessageRow, stored = false): Waiting<MessageRow> {
    const waiting = { row, stored };
    this.#messages.set(messageKey(row), waiting);
    return waiting;
  }

  #take(batch: Omit<Batch, "actors" | "history">) {
    const asked = batch.outbox_added.map((row) => this.#ask(row));
    const settled = batch.outbox_settled.flatMap((position) => {
      const waiting = this.#outbox.get(position);
      if (!waiting) return [];
      this.#outbox.delete(position);
      this.#keys.delete(waiting.row.key);
      return [waiting];
    });
    const sent = batch.messages_added.map((row) => this.#send(row));
    const delivered = batch.messages_delivered.flatMap((row) => {
      const waiting = this.#messages.get(messageKey(row));
      this.#messages.delete(messageKey(row));
      return waiting ?? [];
    });
    return { asked, settled, sent, delivered };
  }

  get isEmpty(): boolean {
    return this.#recent.length === 0;
  }

  /** Writes the oldest commits into the tables when more wait than may. Before a commit is added
   * this costs least: its row takes the pages that theirs left, in the same transaction. */
  makeRoom(): void {
    const { recent_commits, recent_characters } = limits;
    const usual = this.#recent.at(-1)?.characters ?? 0;
    if (this.#recent.length >= recent_commits) this.store(recent_commits / 2, recent_characters);
    else if (this.#characters > recent_characters) {
      this.store(recent_commits, Math.max(0, recent_characters - usual));
    }
  }

  /** Writes the oldest commits into the tables, until so many with so many characters wait. */
  store(commits = 0, characters = 0): void {
    let last: Recent | undefined;
    let stored = 0;
    for (const recent of this.#recent) {
      if (this.#recent.length - stored <= commits && this.#characters <= characters) break;
      this.#store(recent);
      this.#characters -= recent.characters;
      last = recent;
      stored++;
    }
    this.#recent.splice(0, stored);
    if (!last) return;
    this.#run.drop_recent.run(last.number);
    this.#run.advance.run(...headColumns(last.head, last.number));
  }

  #store({ number, addresses, asked, settled, sent, delivered }: Recent): void {
    const run = this.#run;
    for (const address of addresses) {
      const actor = this.#actors.get(address);
      if (!actor) continue;
      if (!actor.stored) this.#storeActor(actor);
      if (actor.changed > number) continue;
      this.#actors.delete(address);
      if (!actor.done) this.#remember(address, { serial: actor.serial, last: actor.last });
    }
    for (const waiting of asked) {
      if (this.#outbox.get(waiting.row.position) !== waiting) continue;
      run.add_outbox.run(...outboxColumns(waiting.row));
      waiting.stored = true;
    }
    for (const { row, stored } of settled) if (stored) run.settle.run(row.position);
    for (const waiting of sent) {
      if (this.#messages.get(messageKey(waiting.row)) !== waiting) continue;
      run.add_message.run(...messageColumns(waiting.row));
      waiting.stored = true;
    }
    for (const { row, stored } of delivered) if (stored) run.deliver.run(row.from, row.sequence);
  }

  /** As it is by now, whatever the commit that is being stored had of it: changes are told part by
   * part, and come to the same when they are told again. */
  #storeActor(actor: RecentActor): void {
    const { address, serial, last, done, due_ms, state } = actor;
    const [kind, run] = [kindOf(address), this.#run];
    actor.stored = true;
    if (done) {
      run.drop_actor.run(serial);
      const sum = stateSum(serial, address, null, last, state);
      run.put_ended.run(serial, address, kind, last, state, sum);
    } else {
      const sum = stateSum(serial, address, due_ms, last, state);
      run.put_actor.run(serial, address, kind, due_ms, last, state, sum);
    }
  }
}

const nothing = {
  outbox_added: [],
  outbox_settled: [],
  messages_added: [],
  messages_delivered: [],
} as const;

/** A commit's changes as JSON; lists that are empty are left out. */
function textOf(actors: readonly string[], batch: Batch): string {
  // Joined once: a text put together piece by piece is copied whole when it is written.
  const parts = ['{"actors":['];
  for (const actor of actors) parts.push(parts.length > 1 ? "," : "", actor);
  parts.push("]");
  for (const key in nothing) {
    const rows = batch[key as keyof typeof nothing];
    if (rows.length > 0) parts.push(`,"${key}":`, JSON.stringify(rows));
  }
  parts.push("}");
  return parts.join("");
}
