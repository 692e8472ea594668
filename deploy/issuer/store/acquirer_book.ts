/**
 * What the reference acquirer remembers of its deeds, in a file that is no part of the issuer's: an
 * issuer that is restored from a backup meets an acquirer that knows better.
 */
import { DatabaseSync } from "node:sqlite";

/** A deed: done, or why it was not. */
export interface Deed {
  readonly reason: string | null;
  readonly amount_minor: number;
}

export interface AcquirerBook {
  find(reference: string, deed: string): Deed | undefined;
  note(reference: string, deed: string, entry: Deed): void;
  /** The sum of what was given back under a reference. */
  refunded_minor(reference: string): number;
  close(): void;
}

const schema = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  CREATE TABLE IF NOT EXISTS deed (
    reference TEXT NOT NULL,
    deed TEXT NOT NULL,
    reason TEXT,
    amount_minor INTEGER NOT NULL,
    PRIMARY KEY (reference, deed)
  ) STRICT, WITHOUT ROWID;
`;

/** A file that others may not open meanwhile is not asked for: it is the acquirer's own. */
export function openAcquirerBook(path: string): AcquirerBook {
  const database = new DatabaseSync(path);
  database.exec(schema);
  const find = database.prepare(
    "SELECT reason, amount_minor FROM deed WHERE reference = ? AND deed = ?",
  );
  const note = database.prepare("INSERT INTO deed VALUES (?, ?, ?, ?)");
  const refunded = database.prepare(
    "SELECT coalesce(sum(amount_minor), 0) AS sum FROM deed " +
      "WHERE reference = ? AND deed LIKE 'refund %' AND reason IS NULL",
  );
  return {
    find(reference, deed) {
      const row = find.get(reference, deed);
      if (row === undefined) return undefined;
      const { reason } = row;
      return {
        reason: reason === null ? null : String(reason),
        amount_minor: Number(row["amount_minor"]),
      };
    },
    note(reference, deed, { reason, amount_minor }) {
      note.run(reference, deed, reason, amount_minor);
    },
    refunded_minor: (reference) => Number(refunded.get(reference)?.["sum"]),
    close: () => database.close(),
  };
}

/** One that ends with the process. */
export function memoryBook(): AcquirerBook {
  const deeds = new Map<string, Map<string, Deed>>();
  const of = (reference: string) => deeds.get(reference) ?? new Map<string, Deed>();
  return {
    find: (reference, deed) => of(reference).get(deed),
    note: (reference, deed, entry) => void deeds.set(reference, of(reference).set(deed, entry)),
    refunded_minor: (reference) =>
      [...of(reference)].reduce(
        (sum, [deed, { reason, amount_minor }]) =>
          deed.startsWith("refund ") && reason === null ? sum + amount_minor : sum,
        0,
      ),
    close: () => deeds.clear(),
  };
}
