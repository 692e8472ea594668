/**
 * Changes of account data that were asked for at a lane, as the phone tells its owner of them: each
 * once, and again when it stands otherwise. What the owner did not want is undone from here.
 */
import type { AccountChange } from "../../runtime/sync/contract/schemas.ts";
import type { Asking } from "./asking.ts";

export interface ChangeNews {
  readonly type: "account_change";
  readonly change: AccountChange;
}

/** What was changed at lanes, of one account. */
export class AccountChanges {
  readonly #told = new Map<string, AccountChange["state"]>();
  #mark = 0;

  constructor(
    private readonly asking: Asking,
    private readonly tell: (event: ChangeNews) => void,
  ) {}

  /** Looks when the issuer has something else to say than at the last look. */
  async heardOf(mark: number, patience_ms: number): Promise<void> {
    if (mark === this.#mark) return;
    if (mark !== 0) await this.read(patience_ms);
    this.#mark = mark;
  }

  /** All of the last weeks, newest first; what is new is told as well. */
  async read(patience_ms?: number): Promise<readonly AccountChange[]> {
    const { changes } = await this.asking.ask("accountChanges", {}, patience_ms);
    for (const change of changes.toReversed()) {
      if (this.#told.get(change.change) === change.state) continue;
      this.#told.set(change.change, change.state);
      this.tell({ type: "account_change", change });
    }
    return changes;
  }

  /** It never takes effect, or is taken back. Rejects with `IssuerRefusal` `change_over` when it
   * is too late for that. */
  async undo(change: string): Promise<void> {
    await this.asking.ask("undoChange", { path: { change }, body: {} });
  }
}
