/** What of an account can be changed: read, set, and told which change could do harm. */
import type { WantedChange } from "../../../runtime/sync/contract/schemas.ts";
import { Refusal } from "../refusal.ts";
import type { House } from "../world.ts";
import type { Accounts } from "./accounts.ts";
import type { Approvals } from "./approvals.ts";

/** As `WantedChange`, where nothing may have been there before. */
export type FormerValue =
  | Exclude<WantedChange, { what: "phone" | "address" | "email" }>
  | { readonly what: "phone"; readonly phone: string | null }
  | { readonly what: "address"; readonly address: string | null }
  | { readonly what: "email"; readonly email: string | null };

export class AccountValues {
  constructor(
    readonly house: House,
    readonly accounts: Accounts,
    readonly approvals: Approvals,
  ) {}

  /** What the issuer has of the person. */
  show(account: string) {
    const { first_name, initials, instrument } = this.#account(account);
    return { account, first_name, initials, instrument, ...this.#contact(account) };
  }

  /** Throws `Refusal` for what nobody may have, so that nobody waits for it. */
  refuse(wanted: WantedChange): void {
    if (wanted.what === "limit") this.approvals.refuseAbove(wanted.sale_minor);
  }

  /** Answers what it was before. */
  set(account: string, wanted: FormerValue): FormerValue {
    const { tables } = this.house.store;
    const former = this.#now(account, wanted.what);
    switch (wanted.what) {
      case "instrument":
        tables.account.change(this.#account(account), { instrument: wanted.instrument });
        break;
      case "limit": {
        const { sale_minor, day_minor } = wanted;
        const others = this.approvals.limitsOf(account);
        this.approvals.setLimits(account, { ...others, sale_minor, day_minor });
        break;
      }
      default: {
        const { what: _, ...value } = wanted;
        tables.contact.put({ account, ...this.#contact(account), ...value });
      }
    }
    return former;
  }

  isNow(account: string, wanted: WantedChange): boolean {
    return JSON.stringify(inOrder(this.#now(account, wanted.what))) ===
      JSON.stringify(inOrder(wanted));
  }

  /** An address harms nobody who is still reached; what moves money, or where questions about it
   * go, does. */
  isRisky(account: string, wanted: WantedChange): boolean {
    if (wanted.what === "address") return false;
    if (wanted.what !== "limit") return true;
    const { sale_minor, day_minor } = this.approvals.limitsOf(account);
    return wanted.sale_minor > sale_minor || wanted.day_minor > day_minor;
  }

  #now(account: string, what: WantedChange["what"]): FormerValue {
    const { phone, address, email } = this.#contact(account);
    switch (what) {
      case "instrument":
        return { what, instrument: this.#account(account).instrument };
      case "limit": {
        const { sale_minor, day_minor } = this.approvals.limitsOf(account);
        return { what, sale_minor, day_minor };
      }
      case "phone":
        return { what, phone };
      case "address":
        return { what, address };
      case "email":
        return { what, email };
    }
  }

  #contact(account: string) {
    const { phone = null, address = null, email = null } =
      this.house.store.tables.contact.get(account) ?? {};
    return { phone, address, email };
  }

  #account(account: string) {
    const found = this.accounts.find(account);
    if (!found) throw new Refusal("account_unknown");
    return found;
  }
}

const inOrder = (value: object) => Object.entries(value).toSorted(([a], [b]) => a < b ? -1 : 1);
