/**
 * Keeps the journal's old parts, a little after each commit: forgets what is older than history is
 * kept, and reads the rest again and again, so that a disk that loses some of it is found out.
 */
import { isDamage } from "../errors.ts";
import { limits } from "../limits.ts";
import type { Log } from "../world.ts";
import type { EngineOptions } from "./options.ts";
import type { Incoming } from "./turn.ts";

export class Keeper {
  checked_rows = 0;
  damaged = 0;
  readonly #shelf: EngineOptions["journal"]["shelf"];
  readonly #history_ms: number | undefined;
  readonly #log: Log;
  #forget_at_ms = -Infinity;
  #check_at_ms = -Infinity;

  constructor({ journal, history_ms, log = () => {} }: EngineOptions) {
    this.#shelf = journal.shelf;
    this.#history_ms = history_ms;
    this.#log = log;
  }

  /** A commit was made at that time. */
  after(at_ms: number): void {
    this.#forget(at_ms);
    this.#check(at_ms);
  }

  /** What came for an actor that is done and damaged is refused, as it is for all that are done. */
  refused({ message: reason }: Error, { to, event }: Pick<Incoming, "to" | "event">): void {
    this.damaged++;
    const fields = { to, type: event.type, reason };
    this.#log("error", "an event is refused: the disk has lost how its actor ended", fields);
  }

  #forget(at_ms: number): void {
    if (this.#history_ms === undefined || !this.#shelf || at_ms < this.#forget_at_ms) return;
    const [shelf, before_ms] = [this.#shelf, at_ms - this.#history_ms];
    const forgotten = this.#read(() => shelf.forget(before_ms, limits.forget_rows));
    if (forgotten < limits.forget_rows) this.#forget_at_ms = at_ms + limits.forget_every_ms;
  }

  #check(at_ms: number): void {
    if (!this.#shelf || at_ms < this.#check_at_ms) return;
    this.#check_at_ms = at_ms + limits.check_every_ms;
    const shelf = this.#shelf;
    this.checked_rows += this.#read(() => shelf.check(limits.check_rows).rows);
  }

  /** How many rows that were; none where they are damaged. What a gateway goes on from is sound all
   * the same: it is read at every start. */
  #read(rows: () => number): number {
    try {
      return rows();
    } catch (error) {
      if (!isDamage(error)) throw error;
      this.damaged++;
      this.#log("error", "old history is damaged: sales go on, look for a backup that has it", {
        reason: error.message,
      });
      return 0;
    }
  }
}
