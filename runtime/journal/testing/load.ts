/**
 * A journal under a load made by chance, its image after every commit, and what each prefix of its
 * commits holds: the scale on which damaged images are weighed.
 */
import { copyFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import type { Chance } from "../../../hardware/simulated/chance.ts";
import type { ActorRow, Batch, Journal, MessageRow, OutboxRow } from "../journal.ts";
import { MemoryDisk, openMemoryJournal } from "../memory.ts";
import { openSqliteJournal } from "../sqlite.ts";

const kinds = ["lane", "visit", "payment"];

/** Batches as an engine makes them: new and old actors, steps, commands that are settled later,
 * messages that are delivered later. */
export class Load {
  readonly addresses: string[] = [];
  readonly #chance: Chance;
  #position = 0;
  #sequence = 0;
  #outbox: OutboxRow[] = [];
  #messages: MessageRow[] = [];
  #done = new Set<string>();

  constructor(chance: Chance) {
    this.#chance = chance;
  }

  next(): Batch {
    const chance = this.#chance;
    const actors = new Map<string, ActorRow>();
    const history = [];
    // Now and then so many that their texts are packed.
    for (let turn = chance.happens(0.2) ? 40 : 1 + chance.whole(6); turn > 0; turn--) {
      const address = this.#address();
      const position = ++this.#position;
      actors.set(address, this.#row(address));
      history.push({
        position,
        turn: position,
        at_ms: 1_000 + position,
        address,
        from: "outside",
        event: { type: "told", amount_minor: chance.whole(9_999), words: this.#words(60) },
        before: "idle",
        after: { sale: "under_way" },
        commands: [],
      });
    }
    const [first = ""] = actors.keys();
    const outbox_added = chance.happens(0.5) ? [this.#command(first)] : [];
    const messages_added = chance.happens(0.5) ? [this.#message(first)] : [];
    const outbox_settled = this.#outbox.filter(() => chance.happens(0.4)).map((it) => it.position);
    const delivered = this.#messages.filter(() => chance.happens(0.5));
    this.#outbox = this.#outbox.filter((it) => !outbox_settled.includes(it.position));
    this.#messages = this.#messages.filter((it) => !delivered.includes(it));
    this.#outbox.push(...outbox_added);
    this.#messages.push(...messages_added);
    const messages_delivered = delivered.map(({ from, sequence }) => ({ from, sequence }));
    const rows = { actors: [...actors.values()], history, outbox_added, outbox_settled };
    return { ...rows, messages_added, messages_delivered, feed_cursor: this.#position };
  }

  #address(): string {
    const chance = this.#chance;
    const alive = this.addresses.filter((address) => !this.#done.has(address));
    if (alive.length > 0 && !chance.happens(0.2)) return chance.pick(alive);
    const address = `${chance.pick(kinds)}/${this.addresses.length}`;
    this.addresses.push(address);
    return address;
  }

  #row(address: string): ActorRow {
    const chance = this.#chance;
    const done = chance.happens(0.03);
    if (done) this.#done.add(address);
    const due_ms = 1_000 + chance.whole(1e6);
    return {
      address,
      value: chance.pick(["idle", { sale: "under_way" }]),
      context: { amount_minor: chance.whole(9_999), words: this.#words(400) },
      timers: done ? [] : [{ id: "t", event: { type: "late" }, due_ms, sequence: 1 }],
      done,
      sent: chance.whole(99),
      heard: ["lane/1", chance.whole(99)],
    };
  }

  #command(from: string): OutboxRow {
    const position = ++this.#position;
    const command = { type: "issuer.capture", words: this.#words(80) };
    return { position, key: `gateway:00:${position}`, from, command, at_ms: position };
  }

  #message(from: string): MessageRow {
    const event = { type: "told", words: this.#words(80) };
    return { from, sequence: ++this.#sequence, to: this.addresses[0] ?? from, event };
  }

  #words(length: number): string {
    let text = "ü ";
    while (text.length < length) text += this.#chance.next().toString(36).slice(2);
    return text.slice(0, 1 + this.#chance.whole(length));
  }
}

/** Everything that a journal says of itself, but how often it was opened. */
export function sayings(journal: Journal, addresses: readonly string[]): unknown {
  const { starts: _, ...head } = journal.head;
  return {
    head,
    live: [...journal.liveActors()],
    addresses: kinds.map((kind) => journal.addresses(kind, 1_000_000)),
    actors: addresses.map((address) => journal.actor(address)),
    history: addresses.map((address) => journal.history(address, { limit: 1_000_000 })),
    outbox: journal.outbox(0, 1_000_000),
    messages: journal.messages(),
    due: journal.shelf?.due(1e9, 1_000_000).map((row) => row.address).sort(),
    living: journal.shelf?.live(),
  };
}

/** A journal in memory that holds the first so many of the commits. */
export function prefix(batches: readonly Batch[], commits: number): Journal {
  const journal = openMemoryJournal(new MemoryDisk());
  for (const batch of batches.slice(0, commits)) journal.commit(batch);
  return journal;
}

/** The three files of a journal, as they were when so many commits were acknowledged. */
export interface Image {
  readonly path: string;
  readonly commits: number;
}

export const suffixes = ["", "-wal", "-acked"] as const;

export function copyImage(from: string, to: string): void {
  for (const suffix of suffixes) {
    if (existsSync(from + suffix)) copyFileSync(from + suffix, to + suffix);
  }
}

export interface Run {
  readonly batches: readonly Batch[];
  /** One after each commit; the journal was open. */
  readonly images: readonly Image[];
  /** The commit after which the WAL went into the database, and the files after that. */
  readonly moved: Image;
  readonly addresses: readonly string[];
}

/** Runs a load on the disk and copies the files after each commit. In the middle the journal is
 * closed and opened, which moves the WAL into the database. */
export function runLoad(folder: string, chance: Chance, commits: number): Run {
  const path = join(folder, "live.sqlite");
  const load = new Load(chance);
  const batches: Batch[] = [];
  const images: Image[] = [];
  const moved = { path: join(folder, "moved"), commits: Math.floor(commits / 2) };
  let journal = openSqliteJournal(path);
  for (let commit = 0; commit <= commits; commit++) {
    if (commit > 0) {
      const batch = load.next();
      batches.push(batch);
      journal.commit(batch);
      // What is asked of the tables brings all into them, so that some images are of either kind,
      // and the last before the closing is as the closing finds it.
      if (commit === moved.commits || chance.happens(0.2)) journal.shelf?.live();
    }
    const image = { path: join(folder, `image-${commit}`), commits: commit };
    copyImage(path, image.path);
    images.push(image);
    if (commit !== moved.commits) continue;
    journal.close();
    copyImage(path, moved.path);
    journal = openSqliteJournal(path);
  }
  journal.close();
  return { batches, images, moved, addresses: load.addresses };
}
