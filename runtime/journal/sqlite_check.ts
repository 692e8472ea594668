/**
 * Reads again, little by little, what nothing else reads for years: history and the actors that
 * ended. A disk that loses some of it is found out while there is still a backup that has it.
 */
import type { Checked } from "./journal.ts";
import { type Prepared, verifyActor, verifySteps } from "./sqlite_rows.ts";

export class SqliteCheck {
  readonly #run: Prepared;
  #position = 0;
  #serial = 0;

  constructor(run: Prepared) {
    this.#run = run;
  }

  /** Looks at so many rows at most, after those of the last look. Throws what is found, and the
   * next look goes on behind it: of a table that cannot be read, behind the whole. */
  look(limit: number): Checked {
    const steps = this.#history(limit);
    const ended = steps < limit ? this.#ended(limit - steps) : 0;
    const whole = steps + ended < limit;
    if (whole) this.#position = this.#serial = 0;
    return { rows: steps + ended, whole };
  }

  #history(limit: number): number {
    const from = this.#position;
    this.#position = Number.MAX_SAFE_INTEGER;
    const found = this.#run.check_history.all(from, limit);
    if (found.length > 0) this.#position = from;
    for (const row of found) {
      this.#position = Number(row.position);
      verifySteps(row);
    }
    return found.length;
  }

  #ended(limit: number): number {
    const from = this.#serial;
    this.#serial = Number.MAX_SAFE_INTEGER;
    const found = this.#run.check_ended.all(from, limit);
    if (found.length > 0) this.#serial = from;
    for (const row of found) {
      this.#serial = Number(row.serial);
      verifyActor(row);
    }
    return found.length;
  }
}
