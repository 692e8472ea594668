/**
 * Taking it back: a consent that is revoked takes its templates with it, an erased account all that
 * is about a person. Payments and receipts stay, as the law wants books kept, under an account name
 * that says nothing.
 */
import { Refusal } from "../refusal.ts";
import type { House } from "../world.ts";
import type { Accounts } from "./accounts.ts";
import type { CheckIns } from "./check_ins.ts";
import { ownerOf, ownKeyName } from "./own_keys.ts";

/** What stands in the place of a name. */
const nobody = "-";

export class Erasure {
  constructor(
    readonly house: House,
    readonly accounts: Accounts,
    readonly checkIns: CheckIns,
  ) {}

  /** Ends the stay under way, so that the store wipes what it holds, and removes the templates. */
  revoke(account: string, reason: "revoked" | "erased" = "revoked"): { account: string } {
    const { store, accountKeys } = this.house;
    const { template } = store.tables;
    this.checkIns.endStay(account, reason);
    for (const row of template.all("of_account", [account])) template.remove(row);
    this.accounts.revokeConsents(account, "face");
    store.afterCommit(() => {
      // In this order: what is sealed is gone for good before its key is.
      store.scrub();
      accountKeys.destroy(ownKeyName(account, "face"));
    });
    return { account };
  }

  /** Removes the voice with the consent to it; face and stay are as they were. */
  revokeVoice(account: string): { account: string } {
    const { store, accountKeys } = this.house;
    const kept = store.tables.voice.get(account);
    if (kept) store.tables.voice.remove(kept);
    this.accounts.revokeConsents(account, "voice");
    store.afterCommit(() => {
      // In this order: what is sealed is gone for good before its key is.
      store.scrub();
      accountKeys.destroy(ownKeyName(account, "voice"));
    });
    return { account };
  }

  /** Keys of accounts whose templates are gone: of an erasure that a crash cut off, or of a first
   * template that never came to be. */
  destroyLeftKeys(): void {
    const { store: { tables }, accountKeys } = this.house;
    for (const name of accountKeys.accounts()) {
      const { account, kind } = ownerOf(name);
      const kept = kind === "face"
        ? tables.template.count("of_account", account) > 0
        : tables.voice.get(account) !== undefined;
      if (!kept) accountKeys.destroy(name);
    }
  }

  /** Also removes name, instrument, devices, phrase and whatever else is known of the person. The
   * key that signed this is unknown from now on. Not while a walk-out trip may still be charged. */
  erase(account: string): { account: string } {
    const { tables } = this.house.store;
    const trips = tables.trip.all("of_account", [account]);
    if (trips.some(({ ended_at_ms }) => ended_at_ms === null)) throw new Refusal("trip_under_way");
    this.revoke(account, "erased");
    this.revokeVoice(account);
    this.accounts.revokeConsents(account, "offers");
    for (const name of ["phrase", "eligibility", "spending", "contact"] as const) {
      const table = tables[name];
      const row = table.get(account);
      if (row) (table.remove as (row: unknown) => void).call(table, row);
    }
    for (const row of tables.device.all("of_account", [account])) tables.device.remove(row);
    for (const row of tables.change.all("of_account", [account])) tables.change.remove(row);
    for (const row of tables.age_question.all("of_account", [account])) {
      tables.age_question.remove(row);
    }
    for (const row of tables.payment.all("of_account", [account])) {
      // What the acquirer must still be asked keeps what it is asked of.
      const ended = !["pending", "authorised", "capturing"].includes(row.state) && row.undo === 0;
      if (ended && row.instrument !== null) tables.payment.change(row, { instrument: null });
    }
    const known = this.accounts.find(account);
    if (known) {
      tables.account.change(known, {
        // Nobody has a key like this, and no two erased accounts have the same.
        device_public_key: `erased:${account}`,
        first_name: nobody,
        initials: nobody,
        instrument: nobody,
      });
    }
    return { account };
  }
}
