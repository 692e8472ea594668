/**
 * Phrases by which people at a till are told apart. Kept as a slow, salted hash; compared here, for
 * those alone who stand at one lane, and only a few times a stay.
 */
import type { z } from "zod";
import type * as schemas from "../../../runtime/sync/contract/schemas.ts";
import { utf8 } from "../../../runtime/vault/bytes.ts";
import { issuerLimits as limits } from "../limits.ts";
import { Refusal } from "../refusal.ts";
import type { CheckInRow } from "../store/rows.ts";
import type { House } from "../world.ts";
import type { CheckIns } from "./check_ins.ts";
import type { Merchants } from "./merchants.ts";
import type { Tallies } from "./tallies.ts";

/** As it was meant: spaces, case and the way of writing an accent do not count. */
const tidy = (phrase: string) => phrase.normalize("NFKC").toLowerCase().replace(/\s+/g, " ").trim();

export class Phrases {
  constructor(
    readonly house: House,
    readonly merchants: Merchants,
    readonly checkIns: CheckIns,
    readonly tallies: Tallies,
  ) {}

  set(account: string, phrase: string): { set_at_ms: number } {
    const { store, random, clock, vault } = this.house;
    const salt = random.bytes(16);
    const set_at_ms = clock.now_ms();
    const hash = vault.slowHash(utf8(tidy(phrase)), salt);
    store.tables.phrase.put({ account, salt, hash, set_at_ms });
    return { set_at_ms };
  }

  /** Whose phrase it is; null when it is nobody's, or could be two people's. Wrong ones are counted
   * in the transaction under way. */
  check(gateway: string, ask: z.output<typeof schemas.checkAnswer>): { check_in: string | null } {
    const store = this.merchants.find(gateway)?.store;
    const here = ask.check_ins.map((name) => {
      const found = this.checkIns.find(name);
      if (!found || found.store !== store) throw new Refusal("check_in_unknown");
      return found;
    });
    const guessed = here.some(({ check_in }) =>
      this.tallies.count(wrongOf(check_in), limits.check_in_kept_ms) >= limits.wrong_phrases
    );
    if (guessed) throw new Refusal("answers_enough");
    const right = here.filter((found) =>
      this.checkIns.isLive(found) && this.#is(found, ask.answer)
    );
    if (right.length === 1) return { check_in: right[0]!.check_in };
    for (const { check_in } of here) {
      this.tallies.note(wrongOf(check_in), limits.check_in_kept_ms);
    }
    return { check_in: null };
  }

  #is({ account }: CheckInRow, answer: string): boolean {
    const kept = this.house.store.tables.phrase.get(account);
    if (!kept) return false;
    const { vault } = this.house;
    return vault.equal(vault.slowHash(utf8(tidy(answer)), kept.salt), kept.hash);
  }
}

/** Wrong answers held against a stay, as long as it is known. */
function wrongOf(check_in: string): string {
  return JSON.stringify(["phrase", check_in]);
}
