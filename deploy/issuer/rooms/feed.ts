/**
 * What gateways are told without asking: one durable, gapless sequence a gateway, read as a stream
 * from any point. Items are signed when they are sent.
 */
import { utf8 } from "../../../runtime/vault/bytes.ts";
import type { FeedItem } from "../../../runtime/sync/contract/schemas.ts";
import { makeFeedItem } from "../../../runtime/sync/contract/tokens.ts";
import { issuerKeyid } from "../../../runtime/sync/contract/signatures.ts";
import { issuerLimits as limits } from "../limits.ts";
import type { House } from "../world.ts";

interface Row {
  readonly sequence: number;
  readonly issued_at_ms: number;
  readonly expires_ms: number;
  readonly body: string;
}

/** One reader of a feed. */
class Reader {
  /** Wakes the one that waits for news. */
  wake: () => void = () => {};
  ended = false;

  end(): void {
    this.ended = true;
    this.wake();
  }
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
    const row = store.get<{ feed_sequence: number }>(
      `UPDATE gateway SET feed_sequence = feed_sequence + 1 WHERE gateway = ?
      RETURNING feed_sequence`,
      gateway,
    );
    if (!row) return;
    store.run(
      "INSERT INTO feed VALUES (?, ?, ?, ?, ?)",
      gateway,
      row.feed_sequence,
      clock.now_ms(),
      expires_ms,
      JSON.stringify(body),
    );
    store.afterCommit(() => this.#readers.get(gateway)?.wake());
  }

  /** True while a gateway reads: codes are set only for those who listen. */
  isRead(gateway: string): boolean {
    return this.#readers.has(gateway);
  }

  /** Server-sent events after `after`, a comment every few seconds, until the reader goes, another
   * one of the same gateway comes, or the issuer stops. */
  open(gateway: string, after: number): ReadableStream<Uint8Array> {
    this.#noteRead(gateway, after);
    this.#readers.get(gateway)?.end();
    const reader = new Reader();
    this.#readers.set(gateway, reader);
    if (this.#stopped) reader.end();
    let cursor = after;
    const close = () => {
      if (this.#readers.get(gateway) === reader) this.#readers.delete(gateway);
      reader.end();
    };
    let greeted = false;
    return new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        // Something at once: only then does the reader get the head of the answer.
        if (!greeted) {
          greeted = true;
          return controller.enqueue(utf8(": here\n\n"));
        }
        const rows = reader.ended ? [] : this.#rows(gateway, cursor, close);
        const text = rows.map((row) => this.#event(gateway, row)).join("");
        cursor = rows.at(-1)?.sequence ?? cursor;
        if (text !== "") return controller.enqueue(utf8(text));
        if (!reader.ended) await this.#news(reader);
        if (!reader.ended) return controller.enqueue(utf8(": \n\n"));
        close();
        controller.close();
      },
      cancel: close,
    }, { highWaterMark: 1 });
  }

  /** Ends every stream; later ones end at once. */
  stop(): void {
    this.#stopped = true;
    for (const reader of this.#readers.values()) reader.end();
  }

  /** Forgets what was read and is too old for a backup to want again. */
  prune(): void {
    const { store, clock } = this.#house;
    store.run(
      `DELETE FROM feed WHERE issued_at_ms < ? AND sequence <=
      (SELECT feed_read FROM gateway WHERE gateway.gateway = feed.gateway)`,
      clock.now_ms() - limits.feed_kept_ms,
    );
  }

  /** A reader that is ahead of us outlived a loss of our data: the sequence goes on after it. */
  #noteRead(gateway: string, after: number): void {
    this.#house.store.run(
      `UPDATE gateway SET feed_read = max(feed_read, ?), feed_sequence = max(feed_sequence, ?)
      WHERE gateway = ?`,
      after,
      after,
      gateway,
    );
  }

  /** A reader whose items cannot be read is cut off, and comes again. */
  #rows(gateway: string, after: number, cutOff: () => void): Row[] {
    try {
      return this.#house.store.all<Row>(
        "SELECT * FROM feed WHERE gateway = ? AND sequence > ? ORDER BY sequence LIMIT ?",
        gateway,
        after,
        limits.feed_batch,
      );
    } catch (error) {
      cutOff();
      this.#house.log("error", "a feed cannot be read", { gateway, reason: String(error) });
      throw error;
    }
  }

  #event(gateway: string, row: Row): string {
    const { vault, signing } = this.#house;
    const { sequence, issued_at_ms, expires_ms } = row;
    const item: FeedItem = {
      sequence,
      gateway,
      issued_at_ms,
      expires_ms,
      body: JSON.parse(row.body),
    };
    const signer = { keyid: issuerKeyid, privateKey: signing.privateKey };
    return `id: ${sequence}\ndata: ${makeFeedItem(vault, signer, item)}\n\n`;
  }

  /** Resolves when there is something new, or it is time for a sign of life. */
  #news(reader: Reader): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#house.clock.after(limits.feed_heartbeat_ms, resolve);
      reader.wake = () => {
        cancel();
        resolve();
      };
    });
  }
}
