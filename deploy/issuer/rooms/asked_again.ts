/**
 * What the acquirer must still be asked, some of it at once and each in its turn: whatever gets no
 * answer is asked again later, and later each time, while the rest goes on.
 */
import { RuntimeError } from "../../../runtime/errors.ts";
import { issuerLimits as limits } from "../limits.ts";
import type { Range } from "../store/store.ts";
import type { House } from "../world.ts";
import { Pages } from "./due.ts";

interface Pause {
  readonly until_ms: number;
  readonly pause_ms: number;
}

export interface Asked<Row> {
  /** What is due now, in an order that stays: so much of it, behind what had its turn. */
  readonly due: (page: Pick<Range<Row>, "after" | "limit">) => readonly Row[];
  readonly nameOf: (row: Row) => string;
  /** Asks for one, which may be settled by now: it looks before it asks. */
  readonly ask: (row: Row) => Promise<unknown>;
  readonly failed: (row: Row, error: unknown) => void;
}

/** One kind of thing that is asked for. */
export class AskedAgain<Row> {
  readonly #running = new Set<string>();
  readonly #paused = new Map<string, Pause>();
  readonly #pages = new Pages<Row>();
  /** What was read last and has not had its turn. */
  #left: Row[] = [];

  constructor(readonly house: Pick<House, "clock">) {}

  /** Asks for all that is not being asked for, and need not wait; resolves when it has ended. One
   * look reads one page, and the next only when each of that had its turn. */
  async all(asked: Asked<Row>): Promise<void> {
    if (this.#left.length === 0) this.#turnPage(asked);
    const free = Math.max(0, limits.asked_at_once - this.#running.size);
    const some = Math.min(free, this.#left.length);
    await Promise.all(Array.from({ length: some }, () => this.#ask(asked)));
  }

  #turnPage({ due, nameOf }: Asked<Row>): void {
    const page = this.#pages.next(due);
    this.#left = [...page];
    this.#forgetAllBut(new Set(page.map(nameOf)));
  }

  /** One after the other. Who gives no answer may give none to others: fewer are asked for until
   * the next look. */
  async #ask({ nameOf, ask, failed }: Asked<Row>): Promise<void> {
    for (let row = this.#left.shift(); row !== undefined; row = this.#left.shift()) {
      const name = nameOf(row);
      if (this.#running.has(name) || this.#waits(name)) continue;
      this.#running.add(name);
      try {
        await ask(row);
        this.#paused.delete(name);
      } catch (error) {
        this.#pause(name);
        failed(row, error);
        if (error instanceof RuntimeError) return;
      } finally {
        this.#running.delete(name);
      }
    }
  }

  #waits(name: string): boolean {
    const { until_ms, pause_ms } = this.#paused.get(name) ?? { until_ms: 0, pause_ms: 0 };
    const left_ms = until_ms - this.house.clock.now_ms();
    // A clock that was set back makes no pause longer than it is.
    return left_ms > 0 && left_ms <= pause_ms;
  }

  #pause(name: string): void {
    const before_ms = this.#paused.get(name)?.pause_ms ?? limits.sweep_ms / 2;
    const pause_ms = Math.min(2 * before_ms, limits.ask_again_ms);
    this.#paused.set(name, { until_ms: this.house.clock.now_ms() + pause_ms, pause_ms });
  }

  #forgetAllBut(due: ReadonlySet<string>): void {
    for (const name of this.#paused.keys()) {
      if (!due.has(name) && !this.#running.has(name)) this.#paused.delete(name);
    }
  }
}
