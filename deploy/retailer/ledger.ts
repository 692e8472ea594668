/** The retailer's own books: accounts and their codes, stock, purchases by trip, and what was
 * answered to each request. Nobody but the connector reaches them. */
import { DatabaseSync } from "node:sqlite";
import type { Catalogue } from "./catalogue.ts";
import type { Visitor } from "./contract.ts";

const schema = `
CREATE TABLE IF NOT EXISTS accounts (key TEXT PRIMARY KEY, id TEXT NOT NULL, type TEXT NOT NULL,
  refused INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE IF NOT EXISTS stock (sku TEXT PRIMARY KEY, units INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS decisions (request TEXT PRIMARY KEY, status INTEGER NOT NULL,
  body TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS purchases (trip TEXT PRIMARY KEY, id TEXT NOT NULL UNIQUE,
  store TEXT NOT NULL DEFAULT '', body TEXT NOT NULL, state TEXT NOT NULL, why TEXT,
  order_id TEXT, receipt TEXT) STRICT;
CREATE TABLE IF NOT EXISTS disputes (dispute TEXT PRIMARY KEY, trip TEXT NOT NULL, sku TEXT,
  units INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS unpaid (trip TEXT PRIMARY KEY, times INTEGER NOT NULL,
  since_ms INTEGER NOT NULL, next_ms INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS house (id INTEGER PRIMARY KEY CHECK (id = 1), seed BLOB NOT NULL) STRICT;
`;

/** Where a purchase stands: `waiting` to be priced, `empty`, `unbilled` (an associate's), `odd`
 * (something in it is not in the catalogue, the service would not have it, or it was paid to the
 * shop and to the service: a person looks),
 * `priced`, `paid`, `unpaid` (the service never charged it: the shop's loss), `settling`
 * and `settled` (paid to the shop itself, which the service is told, and knows), `cancelled` (the
 * service knows that nothing is to be paid). */
export type PurchaseState =
  | "waiting"
  | "empty"
  | "unbilled"
  | "odd"
  | "priced"
  | "paid"
  | "unpaid"
  | "settling"
  | "settled"
  | "cancelled";

export interface Stored {
  readonly id: string;
  readonly store: string;
  readonly body: string;
  readonly state: PurchaseState;
  readonly why: string | null;
}

/** Between two questions whether a trip is paid: at first, twice as long each time, and at most. */
const first_pause_ms = 1_000, most_pause_ms = 3_600_000;
/** The service charges no trip later than 46 h after its price. */
const unpaid_after_ms = 3 * 86_400_000;

/** A trip that waits for its payment, by its place in the book. */
export interface Priced {
  readonly place: number;
  readonly trip: string;
  readonly store: string;
}

export class Ledger {
  readonly #db: DatabaseSync;

  /** Opens the file, or books in memory; stocks what has never been stocked. */
  constructor(path: string, catalogue: Catalogue, units: number) {
    this.#db = new DatabaseSync(path);
    this.#db.exec(schema);
    const stock = this.#db.prepare("INSERT OR IGNORE INTO stock (sku, units) VALUES (?, ?)");
    for (const { sku } of catalogue.products) stock.run(sku, units);
  }

  close(): void {
    this.#db.close();
  }

  /** A code for the gate and whose it is. */
  addAccount(key: string, visitor: Visitor): void {
    this.#db.prepare("INSERT OR REPLACE INTO accounts (key, id, type) VALUES (?, ?, ?)")
      .run(key, visitor.id, visitor.type);
  }

  /** The seed of the retailer's own key, made once. Secret. */
  seed(make: () => Uint8Array): Uint8Array<ArrayBuffer> {
    this.#db.prepare("INSERT OR IGNORE INTO house (id, seed) VALUES (1, ?)").run(make());
    const row = this.#db.prepare("SELECT seed FROM house").get();
    return Uint8Array.from(row?.seed as Uint8Array);
  }

  /** From now on the account is turned away. */
  refuse(id: string): void {
    this.#db.prepare("UPDATE accounts SET refused = 1 WHERE id = ?").run(id);
  }

  visitor(key: string): Visitor | undefined {
    const row = this.#db.prepare("SELECT id, type FROM accounts WHERE key = ? AND refused = 0")
      .get(key);
    return row === undefined
      ? undefined
      : { id: String(row.id), type: String(row.type) as Visitor["type"] };
  }

  /** True for a code that was given to somebody, whether he is let in or not. */
  everKnown(key: string): boolean {
    return this.#db.prepare("SELECT 1 FROM accounts WHERE key = ?").get(key) !== undefined;
  }

  known(id: string): boolean {
    return this.#db.prepare("SELECT 1 FROM accounts WHERE id = ?").get(id) !== undefined;
  }

  units(sku: string): number | undefined {
    const row = this.#db.prepare("SELECT units FROM stock WHERE sku = ?").get(sku);
    return row === undefined ? undefined : Number(row.units);
  }

  /** What was answered to this request before. */
  decided(request: string): { readonly status: number; readonly body: string } | undefined {
    const row = this.#db.prepare("SELECT status, body FROM decisions WHERE request = ?")
      .get(request);
    return row === undefined ? undefined : { status: Number(row.status), body: String(row.body) };
  }

  decide(request: string, status: number, body: string): void {
    this.#db.prepare("INSERT INTO decisions (request, status, body) VALUES (?, ?, ?)")
      .run(request, status, body);
  }

  purchase(trip: string): Stored | undefined {
    const row = this.#db.prepare("SELECT id, store, body, state, why FROM purchases WHERE trip = ?")
      .get(trip);
    return row === undefined ? undefined : {
      id: String(row.id),
      store: String(row.store),
      body: String(row.body),
      state: String(row.state) as PurchaseState,
      why: row.why === null ? null : String(row.why),
    };
  }

  /** Books a trip and takes its units out of stock, both or neither. */
  book(
    trip: string,
    purchase: Stored,
    sold: readonly { readonly sku: string; readonly units: number }[],
  ): void {
    this.#db.exec("BEGIN IMMEDIATE");
    try {
      this.#db.prepare(
        "INSERT INTO purchases (trip, id, store, body, state, why) VALUES (?, ?, ?, ?, ?, ?)",
      ).run(trip, purchase.id, purchase.store, purchase.body, purchase.state, purchase.why);
      const take = this.#db.prepare("UPDATE stock SET units = units - ? WHERE sku = ?");
      for (const { sku, units } of sold) take.run(units, sku);
      this.#db.exec("COMMIT");
    } catch (error) {
      this.#db.exec("ROLLBACK");
      throw error;
    }
  }

  /** So many were never taken on the trip: they are still in stock. Once for each dispute. */
  dispute(dispute: string, trip: string, sku: string | null, units: number): void {
    this.#db.exec("BEGIN IMMEDIATE");
    try {
      const { changes } = this.#db.prepare(
        "INSERT OR IGNORE INTO disputes (dispute, trip, sku, units) VALUES (?, ?, ?, ?)",
      ).run(dispute, trip, sku, units);
      if (Number(changes) > 0) {
        this.#db.prepare("UPDATE stock SET units = units + ? WHERE sku = ?").run(units, sku);
      }
      this.#db.exec("COMMIT");
    } catch (error) {
      this.#db.exec("ROLLBACK");
      throw error;
    }
  }

  /** Trips that wait for a price, or for the service to hear that they are paid, oldest first. */
  waiting(
    most: number,
    state: "waiting" | "settling" = "waiting",
  ): { readonly trip: string; readonly body: string }[] {
    return this.#db.prepare(
      "SELECT trip, body FROM purchases WHERE state = ? ORDER BY rowid LIMIT ?",
    ).all(state, most).map((row) => ({ trip: String(row.trip), body: String(row.body) }));
  }

  /** It is paid to the shop itself; false for a trip that owes nothing. */
  settle(trip: string): boolean {
    this.#db.prepare(
      "UPDATE purchases SET state = 'settling' WHERE trip = ? AND state IN ('priced', 'unpaid')",
    ).run(trip);
    const now = this.purchase(trip)?.state;
    return now === "settling" || now === "settled";
  }

  /** The service knows it. */
  settled(trip: string): void {
    this.#db.prepare("UPDATE purchases SET state = 'settled' WHERE trip = ?").run(trip);
  }

  /** Trips of which the service must learn that nothing is to be paid. */
  toCancel(most: number): { readonly trip: string; readonly store: string }[] {
    return this.#trips("state IN ('empty', 'unbilled')", most);
  }

  /** Trips whose price the service has, and whose payment is not known here yet; those after a
   * place in the book, since some are never paid. */
  unpaid(most: number, after: number, now_ms: number): readonly Priced[] {
    return this.#db.prepare(
      `SELECT rowid AS place, trip, store FROM purchases WHERE state = 'priced' AND rowid > ?
      AND NOT EXISTS (SELECT 1 FROM unpaid WHERE unpaid.trip = purchases.trip
        AND next_ms > ? AND next_ms <= ?) ORDER BY rowid LIMIT ?`,
      // What waits for longer than any pause was told so by a clock that was set back since.
    ).all(after, now_ms, now_ms + most_pause_ms, most).map(({ place, trip, store }) => ({
      place: Number(place),
      trip: String(trip),
      store: String(store),
    }));
  }

  priced(trip: string, order_id: string): void {
    this.#db.prepare("UPDATE purchases SET state = 'priced', order_id = ? WHERE trip = ?")
      .run(order_id, trip);
  }

  /** Unless it was paid to the shop meanwhile. */
  paid(trip: string, receipt: string): void {
    this.#db.prepare(
      "UPDATE purchases SET state = 'paid', receipt = ? WHERE trip = ? AND state = 'priced'",
    ).run(receipt, trip);
    this.#db.prepare("DELETE FROM unpaid WHERE trip = ?").run(trip);
  }

  /** The service says that the trip is not paid: it is asked less and less, and in the end no
   * more. */
  notPaid(trip: string, now_ms: number): void {
    const row = this.#db.prepare("SELECT times, since_ms FROM unpaid WHERE trip = ?").get(trip);
    const times = Number(row?.times ?? 0), since_ms = Number(row?.since_ms ?? now_ms);
    if (now_ms - since_ms >= unpaid_after_ms) {
      this.#db.prepare(
        "UPDATE purchases SET state = 'unpaid' WHERE trip = ? AND state = 'priced'",
      ).run(trip);
      return;
    }
    const next_ms = now_ms + Math.min(most_pause_ms, first_pause_ms * 2 ** Math.min(times, 30));
    this.#db.prepare(
      "INSERT OR REPLACE INTO unpaid (trip, times, since_ms, next_ms) VALUES (?, ?, ?, ?)",
    ).run(trip, times + 1, since_ms, next_ms);
  }

  cancelled(trip: string): void {
    this.#db.prepare("UPDATE purchases SET state = 'cancelled' WHERE trip = ?").run(trip);
  }

  /** A person looks at it; `receipt` is what the service called a payment of it. */
  setApart(trip: string, why: string, receipt: string | null = null): void {
    this.#db.prepare("UPDATE purchases SET state = 'odd', why = ?, receipt = ? WHERE trip = ?")
      .run(why, receipt, trip);
  }

  /** What the service called the payment. */
  receiptOf(trip: string): string | undefined {
    const row = this.#db.prepare("SELECT receipt FROM purchases WHERE trip = ?").get(trip);
    return typeof row?.receipt === "string" ? row.receipt : undefined;
  }

  #trips(where: string, most: number): { readonly trip: string; readonly store: string }[] {
    return this.#db.prepare(
      `SELECT trip, store FROM purchases WHERE ${where} ORDER BY rowid LIMIT ?`,
    ).all(most).map((row) => ({ trip: String(row.trip), store: String(row.store) }));
  }
}
