/**
 * What falls due by itself, and what is too old to be kept: looked for without a transaction, since
 * each costs a sync of the disk, and most looks find nothing.
 */
import { issuerLimits as limits } from "../limits.ts";
import type { IssuerStore } from "../store/store.ts";

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
