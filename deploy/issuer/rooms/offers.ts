/**
 * What stores show to shoppers who agreed to offers, on its way to their phones. It says what
 * somebody held, so it is kept in memory alone, for the stay under way.
 */
import type { z } from "zod";
import type * as schemas from "../../../runtime/sync/contract/schemas.ts";
import { issuerLimits as limits } from "../limits.ts";
import { Refusal } from "../refusal.ts";
import type { House } from "../world.ts";
import type { Accounts } from "./accounts.ts";
import type { CheckIns } from "./check_ins.ts";
import type { Merchants } from "./merchants.ts";

interface Stay {
  readonly check_in: string;
  readonly shown: readonly schemas.ShownContent[];
}

export class Offers {
  /** By account, the one shown to longest ago first. */
  readonly #stays = new Map<string, Stay>();
  #sequence = 0;

  constructor(
    readonly house: House,
    readonly accounts: Accounts,
    readonly merchants: Merchants,
    readonly checkIns: CheckIns,
  ) {}

  /** Takes the consent back, and forgets what was shown under it. */
  revoke(account: string): { account: string } {
    this.accounts.revokeConsents(account, "offers");
    this.checkIns.noteNews(account);
    this.house.store.afterCommit(() => void this.#stays.delete(account));
    return { account };
  }

  show(gateway: string, ask: z.output<typeof schemas.showContent>): { sequence: number } {
    const found = this.checkIns.find(ask.check_in);
    if (!found || found.store !== this.merchants.find(gateway)?.store) {
      throw new Refusal("check_in_unknown");
    }
    if (!this.checkIns.isLive(found)) throw new Refusal("check_in_ended");
    const { account, check_in } = found;
    if (!this.accounts.hasAgreed(account, "offers")) throw new Refusal("consent_unknown");
    // A restart begins anew: no phone takes an old number for a later one.
    const now_ms = this.house.clock.now_ms();
    const sequence = this.#sequence = Math.max(this.#sequence + 1, now_ms);
    const before = this.#stay(account, check_in);
    const shown = [...before, { sequence, shown_at_ms: now_ms, content: ask.content }];
    this.#stays.delete(account);
    this.#stays.set(account, { check_in, shown: shown.slice(-limits.contents_shown) });
    if (this.#stays.size > limits.stays_shown) {
      for (const oldest of this.#stays.keys()) {
        this.#stays.delete(oldest);
        break;
      }
    }
    return { sequence };
  }

  shown(account: string, after: number): z.output<typeof schemas.shownContents> {
    return { shown: this.#now(account).filter(({ sequence }) => sequence > after) };
  }

  /** The latest sequence; 0 where nothing is shown. */
  latest(account: string): number {
    return this.#now(account).at(-1)?.sequence ?? 0;
  }

  #now(account: string): readonly schemas.ShownContent[] {
    if (!this.#stays.has(account)) return [];
    const stay = this.checkIns.stayOf(account);
    if (stay !== undefined) return this.#stay(account, stay.check_in);
    this.#stays.delete(account);
    return [];
  }

  /** What was shown in this stay; of an earlier one nothing is told. */
  #stay(account: string, check_in: string): readonly schemas.ShownContent[] {
    const known = this.#stays.get(account);
    return known?.check_in === check_in ? known.shown : [];
  }
}
