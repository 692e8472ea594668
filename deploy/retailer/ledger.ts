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
  body TEXT NOT NULL, state TEXT NOT NULL, why TEXT) STRICT;
`;

/** Where a purchase stands: `waiting` to be priced, `empty`, `unbilled` (an associate's), `odd`
 * (something in it is not in the catalogue: a person looks), `priced`. */
export type PurchaseState = "waiting" | "empty" | "unbilled" | "odd" | "priced";

export interface Stored {
  readonly id: string;
  readonly body: string;
  readonly state: PurchaseState;
  readonly why: string | null;
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
    const row = this.#db.prepare("SELECT id, body, state, why FROM purchases WHERE trip = ?")
      .get(trip);
    return row === undefined ? undefined : {
      id: String(row.id),
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
      this.#db.prepare("INSERT INTO purchases (trip, id, body, state, why) VALUES (?, ?, ?, ?, ?)")
        .run(trip, purchase.id, purchase.body, purchase.state, purchase.why);
      const take = this.#db.prepare("UPDATE stock SET units = units - ? WHERE sku = ?");
      for (const { sku, units } of sold) take.run(units, sku);
      this.#db.exec("COMMIT");
    } catch (error) {
      this.#db.exec("ROLLBACK");
      throw error;
    }
  }

  /** Trips that wait for a price, oldest first. */
  waiting(most: number): { readonly trip: string; readonly body: string }[] {
    return this.#db.prepare(
      "SELECT trip, body FROM purchases WHERE state = 'waiting' ORDER BY rowid LIMIT ?",
    ).all(most).map((row) => ({ trip: String(row.trip), body: String(row.body) }));
  }

  priced(trip: string): void {
    this.#db.prepare("UPDATE purchases SET state = 'priced' WHERE trip = ?").run(trip);
  }
}
