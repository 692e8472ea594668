/**
 * Counts of what happened lately, for limits that a restart must not begin anew. A count goes by
 * slots of time: one that the window only touches counts whole, so that no window holds more.
 */
import { issuerLimits as limits } from "../limits.ts";
import type { House } from "../world.ts";
import { forDue } from "./due.ts";

export class Tallies {
  constructor(private readonly house: House) {}

  /** How often this was noted in the time before now. */
  count(name: string, within_ms: number): number {
    const { clock, store } = this.house;
    const above = slotOf(clock.now_ms() - within_ms) - 1;
    return store.tables.tally.all("of_name", [name], { above })
      .reduce((sum, { count }) => sum + count, 0);
  }

  /** Counts it, in the transaction under way; forgotten some time after `within_ms`. */
  note(name: string, within_ms: number): void {
    const { clock, store: { tables } } = this.house;
    const slot = slotOf(clock.now_ms());
    const known = tables.tally.get(name, slot);
    if (known) return tables.tally.change(known, { count: known.count + 1 });
    const until_ms = clock.now_ms() + within_ms + limits.tally_slot_ms;
    tables.tally.insert({ name, slot, count: 1, until_ms });
  }

  /** True where more is left. */
  prune(): boolean {
    const { clock, store } = this.house;
    const { tally } = store.tables;
    const old = { below: clock.now_ms(), limit: limits.sweep_rows };
    return forDue(store, tally.all("by_end", [], old), (row) => tally.remove(row));
  }
}

function slotOf(at_ms: number): number {
  return Math.floor(at_ms / limits.tally_slot_ms);
}
