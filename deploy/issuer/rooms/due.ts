/**
 * What falls due by itself, and what is too old to be kept: looked for without a transaction, since
 * each costs a sync of the disk, and most looks find nothing.
 */
import { issuerLimits as limits } from "../limits.ts";
import type { IssuerStore, Range } from "../store/store.ts";

/** Changes all of it in one transaction; opens none for nothing. True where it was as much as one
 * sweep takes: more may be left. */
export function forDue<Row>(
  store: Pick<IssuerStore, "transaction">,
  rows: readonly Row[],
  change: (row: Row) => void,
): boolean {
  if (rows.length > 0) store.transaction(() => rows.forEach((row) => change(row)));
  return rows.length >= limits.sweep_rows;
}

/** Goes through what is due, one page at each look, so that whatever must stay there holds up
 * nothing that stands behind it. */
export class Pages<Row> {
  #after: Row | undefined;

  /** The next page; behind the last one, the first again. */
  next(due: (page: Pick<Range<Row>, "after" | "limit">) => readonly Row[]): readonly Row[] {
    const limit = limits.sweep_rows;
    const page = due(this.#after === undefined ? { limit } : { limit, after: this.#after });
    this.#after = page.length < limit ? undefined : page.at(-1);
    return page;
  }
}
