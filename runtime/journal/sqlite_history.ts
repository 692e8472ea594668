/**
 * History on disk: some steps in a row are one row of the table, and an actor's own steps are found
 * one from the other, from its last to its first.
 */
import type { HistoryRow } from "./journal.ts";
import { limits } from "../limits.ts";
import {
  type Prepared,
  type SqliteRow,
  type Steps,
  stepsColumns,
  stepsRow,
} from "./sqlite_rows.ts";
import { DamagedRow } from "./sums.ts";

interface Found {
  readonly row: HistoryRow;
  readonly previous: number;
}

/** Steps that may be forgotten. */
interface Old {
  /** Whose they are. */
  readonly addresses: ReadonlySet<string>;
  /** The position of the last of them. */
  readonly last: number;
  readonly count: number;
  /** What of its row is not. */
  readonly rest: Steps | undefined;
}

export class SqliteHistory {
  readonly #run: Prepared;
  /** The row that was read last: steps of one time stand together. */
  #read: { readonly position: number; readonly steps: Steps } | undefined;

  constructor(run: Prepared) {
    this.#run = run;
  }

  /** Writes steps; `previous` of each is the position of the one before it of the same actor. */
  add(rows: readonly HistoryRow[], previous: readonly number[]): void {
    for (let from = 0; from < rows.length; from += limits.steps_per_row) {
      const to = from + limits.steps_per_row;
      const some = { previous: previous.slice(from, to), rows: rows.slice(from, to) };
      this.#run.add_history.run(...stepsColumns(some));
    }
  }

  /** The rows of an actor from its last to its first, as far as they are kept; from `before` on if
   * that is one of them. */
  *of(address: string, last: number, before = Infinity): Iterable<HistoryRow> {
    let position = before < last && this.#at(before)?.row.address === address ? before : last;
    while (position > 0) {
      const found = this.#at(position);
      if (found?.row.address !== address) {
        this.#checkForgotten(address, position, found);
        return;
      }
      yield found.row;
      position = found.previous;
    }
  }

  #at(position: number): Found | undefined {
    const steps = this.#stepsAround(position);
    const at = steps?.rows.findIndex((row) => row.position === position) ?? -1;
    const row = steps?.rows[at];
    return row && { row, previous: steps?.previous[at] ?? 0 };
  }

  #stepsAround(position: number): Steps | undefined {
    const [first, last] = [this.#read?.steps.rows[0]?.position ?? Infinity, this.#read?.position];
    if (position >= first && position <= (last ?? 0)) return this.#read?.steps;
    const row = this.#run.history.get(position);
    if (!row) return undefined;
    const steps = stepsRow(row);
    this.#read = { position: Number(row.position), steps };
    return steps;
  }

  /** A chain ends early where rows were forgotten, the oldest first, and nowhere else. */
  #checkForgotten(address: string, position: number, found: Found | undefined): void {
    const oldest = this.#stepsAround(0)?.rows[0]?.position ?? Infinity;
    if (found || position >= oldest) throw new DamagedRow(`the history of ${address} has a gap`);
  }

  /** Which of the oldest `limit` steps are from before that moment. Rows that are damaged go with
   * the sound ones behind them; who reads all again tells of them. */
  old(before_ms: number, limit: number): Old {
    const addresses = new Set<string>();
    let [count, last, from] = [0, 0, 0];
    let rest: Steps | undefined;
    for (let looks = 0; looks < limit && count < limit && !rest; looks++) {
      const row = this.#run.history.get(from);
      if (!row) break;
      from = Number(row.position) + 1;
      const steps = soundSteps(row);
      if (!steps) continue;
      const { previous, rows } = steps;
      const young = rows.findIndex(({ at_ms }) => at_ms >= before_ms);
      const old = Math.min(young < 0 ? rows.length : young, limit - count);
      if (old === 0) break;
      for (const { address } of rows.slice(0, old)) addresses.add(address);
      count += old;
      last = rows[old - 1]?.position ?? last;
      if (old < rows.length) rest = { previous: previous.slice(old), rows: rows.slice(old) };
    }
    return { addresses, last, count, rest };
  }

  /** Deletes them. */
  forget({ last, rest }: Old): void {
    this.#read = undefined;
    this.#run.drop_history.run(last);
    if (!rest) return;
    const [position, steps, sum] = stepsColumns(rest);
    this.#run.put_history.run(steps, sum, position);
  }
}

/** Undefined for a row that is not as it was written. */
function soundSteps(row: SqliteRow): Steps | undefined {
  try {
    return stepsRow(row);
  } catch (error) {
    if (error instanceof DamagedRow) return undefined;
    throw error;
  }
}
