/**
 * What gateways are told without asking: one durable, gapless sequence a gateway, read from any
 * point, piece by piece, as it grows.
 */
import type { FeedItem } from "../../../runtime/sync/contract/schemas.ts";
import { issuerLimits as limits } from "../limits.ts";
import type { FeedRow } from "../store/rows.ts";
import type { House } from "../world.ts";
import { forDue } from "./due.ts";

/** A gateway that reads. One at a time: the next one ends it. */
export interface FeedReader {
  /** What is new after what was read, as soon as there is something. Nothing is a sign of life: at
   * once at the beginning, and every few seconds. Undefined when it is over. */
  next(): Promise<readonly FeedItem[] | undefined>;
  close(): void;
}

export class Feed {
  readonly #house: House;
  readonly #readers = new Map<string, Reader>();
  #stopped = false;

  constructor(house: House) {
    this.#house = house;
  }

  /** Appends an item, in the transaction under way; readers get it after the commit. */
  add(gateway: string, body: FeedItem["body"], expires_ms: number): void {
    const { store, clock } = this.#house;
    const reader = store.tables.gateway.get(gateway);
    if (!reader) return;
    const sequence = reader.feed_sequence + 1;
    store.tables.gateway.change(reader, { feed_sequence: sequence });
    const issued_at_ms = clock.now_ms();
    const text = JSON.stringify(body);
    store.tables.feed.insert({ gateway, sequence, issued_at_ms, expires_ms, body: text });
    store.afterCommit(() => this.#readers.get(gateway)?.wake());
  }

  /** True while a gateway reads: codes are set only for those who listen. */
  isRead(gateway: string): boolean {
    return this.#readers.has(gateway);
  }

  /** Reads on after `after`, until it is closed, another reader of the same gateway comes, or the
   * issuer stops. */
  open(gateway: string, after: number): FeedReader {
    this.#house.store.transaction(() => this.#noteRead(gateway, after));
    this.#readers.get(gateway)?.close();
    const reader = new Reader(this.#house, gateway, after, () => {
      if (this.#readers.get(gateway) === reader) this.#readers.delete(gateway);
    });
    this.#readers.set(gateway, reader);
    if (this.#stopped) reader.close();
    return reader;
  }

  /** Ends the stream of one gateway; it may not come again. */
  end(gateway: string): void {
    this.#readers.get(gateway)?.close();
  }

  /** Ends every reader; later ones end at once. */
  stop(): void {
    this.#stopped = true;
    for (const reader of [...this.#readers.values()]) reader.close();
  }

  /** Forgets what was read and is too old for a backup to want again. True where more is left. */
  prune(): boolean {
    const { store, clock } = this.#house;
    const oldest_ms = clock.now_ms() - limits.feed_kept_ms;
    let more = false;
    for (const { gateway, feed_read } of store.tables.gateway.all("everyone", [])) {
      const read = { up_to: feed_read, limit: limits.sweep_rows };
      const old = store.tables.feed.all("of_gateway", [gateway], read)
        .filter(({ issued_at_ms }) => issued_at_ms < oldest_ms);
      more = forDue(store, old, (row) => store.tables.feed.remove(row)) || more;
    }
    return more;
  }

  /** A reader that is ahead of us outlived a loss of our data: the sequence goes on after it, and
   * what it may not have read comes under new numbers. */
  #noteRead(gateway: string, after: number): void {
    const { gateway: gateways, feed } = this.#house.store.tables;
    const found = gateways.get(gateway);
    if (!found) return;
    const unread = after > found.feed_sequence
      ? feed.all("of_gateway", [gateway], { above: found.feed_read })
      : [];
    for (const [at, row] of unread.entries()) {
      feed.remove(row);
      feed.insert({ ...row, sequence: after + 1 + at });
    }
    gateways.change(found, {
      feed_read: Math.max(found.feed_read, after),
      feed_sequence: Math.max(found.feed_sequence, after) + unread.length,
    });
  }
}

class Reader implements FeedReader {
  readonly #house: House;
  readonly #gateway: string;
  readonly #gone: () => void;
  #cursor: number;
  #greeted = false;
  #ended = false;

  constructor(house: House, gateway: string, after: number, gone: () => void) {
    this.#house = house;
    this.#gateway = gateway;
    this.#cursor = after;
    this.#gone = gone;
  }

  /** Wakes the one that waits for news. */
  wake: () => void = () => {};

  async next(): Promise<readonly FeedItem[] | undefined> {
    if (!this.#greeted) {
      this.#greeted = true;
      return [];
    }
    const there = await this.#told();
    if (there.length > 0 || this.#ended) return this.#ended ? undefined : there;
    await this.#news();
    const news = await this.#told();
    return this.#ended ? undefined : news;
  }

  /** What there is, once it is kept: a gateway takes no item that a crash could undo. */
  async #told(): Promise<readonly FeedItem[]> {
    const there = this.#read();
    if (there.length > 0) await this.#house.store.kept();
    return there;
  }

  close(): void {
    this.#ended = true;
    this.#gone();
    this.wake();
  }

  /** A reader whose items cannot be read is cut off, and comes again. */
  #read(): readonly FeedItem[] {
    if (this.#ended) return [];
    try {
      const page = { above: this.#cursor, limit: limits.feed_batch };
      const rows = this.#house.store.tables.feed.all("of_gateway", [this.#gateway], page);
      return rows.map((row) => {
        const before = this.#cursor;
        this.#cursor = row.sequence;
        return itemOf(row, before);
      });
    } catch (error) {
      this.close();
      const fields = { gateway: this.#gateway, reason: String(error) };
      this.#house.log("error", "a feed cannot be read", fields);
      throw error;
    }
  }

  /** Resolves when there is something new, or it is time for a sign of life. */
  #news(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#house.clock.after(limits.feed_heartbeat_ms, resolve);
      this.wake = () => {
        cancel();
        resolve();
      };
    });
  }
}

/** What was pruned between the two is not waited for. */
function itemOf({ body, ...row }: FeedRow, before: number): FeedItem {
  const follows = row.sequence === before + 1 ? {} : { follows: before };
  return { ...row, ...follows, body: JSON.parse(body) };
}
