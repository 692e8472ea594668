/**
 * How many come in with whoever a gate knows by his face: as his phone said, for some minutes, so
 * that nobody slips in under what was meant for other company.
 */
import { issuerLimits as limits } from "../limits.ts";
import type { House } from "../world.ts";

export class Parties {
  constructor(readonly house: House) {}

  /** The latest word counts. */
  say(check_in: string, people: number) {
    const { store, clock } = this.house;
    const said = { check_in, people, until_ms: clock.now_ms() + limits.party_ms };
    store.tables.party.put(said);
    return said;
  }

  of(check_in: string): number {
    const said = this.house.store.tables.party.get(check_in);
    return said !== undefined && said.until_ms > this.house.clock.now_ms() ? said.people : 1;
  }

  forget(check_in: string): void {
    const { party } = this.house.store.tables;
    const said = party.get(check_in);
    if (said !== undefined) party.remove(said);
  }
}
