/**
 * History on disk: some steps in a row are one row of the table, and an actor's own steps are found
 * one from the other, from its last to its first.
 */
import type { HistoryRow } from "./journal.ts";
import { limits } from "../limits.ts";
import { type Prepared, type Steps, stepsColumns, stepsRow } from "./sqlite_rows.ts";
import { DamagedRow } from "./sums.ts";

interface Found {
  readonly row: HistoryRow;
  readonly previous: number;
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

  /** Deletes the oldest `limit` steps at most, those from before that moment. Answers whose they
   * were, up to which position, and how many. */
  forget(before_ms: number, limit: number) {
    this.#read = undefined;
    const addresses = new Set<string>();
    let [count, last] = [0, 0];
    for (;;) {
      const row = this.#run.history.get(0);
      if (!row) break;
      const { previous, rows } = stepsRow(row);
      const young = rows.findIndex(({ at_ms }) => at_ms >= before_ms);
      const old = Math.min(young < 0 ? rows.length : young, limit - count);
      if (old === 0) break;
      for (const { address } of rows.slice(0, old)) addresses.add(address);
      count += old;
      last = rows[old - 1]?.position ?? last;
      const position = Number(row.position);
      if (old === rows.length) this.#run.drop_history.run(position);
      else {
        const kept = { previous: previous.slice(old), rows: rows.slice(old) };
        const [, steps, sum] = stepsColumns(kept);
        this.#run.put_history.run(steps, sum, position);
        break;
      }
    }
    return { addresses, last, count };
  }
}
