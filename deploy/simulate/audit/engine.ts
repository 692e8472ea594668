/**
 * The auditor's book of what every actor is promised, whatever it is for: a timer that is due goes
 * off before anything later happens, and a message counts once. Read off the gateway's disk alone.
 */
import type { ActorRow, Batch, Heard } from "../../../runtime/journal/journal.ts";
import type { SimulatedDisk } from "../../../runtime/sim/disk.ts";
import type { Report } from "./finding.ts";

const nameOf = (address: string) => address.slice(address.indexOf("/") + 1);
/** One that is born anew at every start signs with its start behind a `#`. */
const addressOf = (sender: string) => sender.split("#")[0] ?? "";
const nobody: Heard = [];
/** The last message of a sender; 0 when there was none. */
const lastOf = (heard: Heard, sender: string | number | undefined) => {
  const at = heard.indexOf(sender ?? "");
  return at < 0 ? 0 : Number(heard[at + 1]);
};
const dueOf = ({ done, timers }: ActorRow) =>
  done ? Infinity : Math.min(...timers.map((timer) => timer.due_ms));

export class EngineBook {
  /** The earliest timer of every actor on the disk that has one. */
  readonly #due = new Map<string, number>();
  /** No timer is due before. */
  #quiet_until_ms = Infinity;
  /** The last message that each took from each, by receiver and then by sender as it signs. */
  readonly #heard = new Map<string, Heard>();

  constructor(private readonly report: Report) {}

  committed(batch: Batch): void {
    const last = batch.history.at(-1);
    const stepped = new Map<string, number>();
    for (const { address, from } of batch.history) {
      if (!from.includes("/")) continue;
      const pair = `${address} ${from}`;
      stepped.set(pair, (stepped.get(pair) ?? 0) + 1);
    }
    for (const row of batch.actors) {
      this.#listen(row, stepped);
      // What this very commit has set may be due at once, in the next.
      this.#due.delete(row.address);
    }
    if (last) this.#look(last.at_ms);
    for (const row of batch.actors) this.#expect(row);
  }

  /** An old disk is in the place of the new one. */
  restored(disk: SimulatedDisk): void {
    this.#due.clear();
    this.#heard.clear();
    this.#quiet_until_ms = Infinity;
    for (const row of disk.live.values()) {
      this.#expect(row);
      this.#heard.set(row.address, row.heard);
    }
  }

  #expect(row: ActorRow): void {
    const due_ms = dueOf(row);
    if (due_ms === Infinity) return;
    this.#due.set(row.address, due_ms);
    this.#quiet_until_ms = Math.min(this.#quiet_until_ms, due_ms);
  }

  #look(at_ms: number): void {
    if (at_ms < this.#quiet_until_ms) return;
    this.#quiet_until_ms = Infinity;
    for (const [address, due_ms] of this.#due) {
      this.#quiet_until_ms = Math.min(this.#quiet_until_ms, due_ms);
      if (due_ms > at_ms) continue;
      const late = `a timer of ${address} is due since ${at_ms - due_ms} ms and still waits`;
      this.report("a timer goes off", late, nameOf(address));
    }
  }

  /** Every step by a message moves the count of what was taken from its sender. */
  #listen({ address, done, heard }: ActorRow, stepped: ReadonlyMap<string, number>): void {
    const known = this.#heard.get(address) ?? nobody;
    if (done) this.#heard.delete(address);
    else this.#heard.set(address, heard);
    // Nothing was heard since, and no step is said to come of a message.
    if (heard === known && stepped.size === 0) return;
    const moved = new Map<string, number>();
    for (let at = 0; at < heard.length; at += 2) {
      const [sequence, before] = [Number(heard[at + 1]), lastOf(known, heard[at])];
      const from = addressOf(String(heard[at]));
      // Whoever is known and said nothing new must not have caused a step.
      if (sequence !== before || stepped.has(`${address} ${from}`)) {
        moved.set(from, (moved.get(from) ?? 0) + sequence - before);
      }
      if (sequence >= before) continue;
      this.report("a message counts once", `${address} goes back at ${heard[at]}`, nameOf(address));
    }
    for (const [from, more] of moved) {
      const steps = stepped.get(`${address} ${from}`) ?? 0;
      if (steps === 0 || steps <= more) continue;
      const detail = `${address} took ${steps} from ${from}, who had sent ${more} more`;
      this.report("a message counts once", detail, nameOf(address));
    }
  }
}
