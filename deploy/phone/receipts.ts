/**
 * Receipts, and whatever else the issuer tells a phone with them: each of them once, looked for
 * while a visit may bring one and for a while after.
 */
import { RuntimeError } from "../../runtime/errors.ts";
import type { Answer } from "../../runtime/sync/contract/port.ts";
import type { Receipt } from "../../runtime/sync/contract/schemas.ts";
import type { Clock } from "../../runtime/world.ts";
import type { AgeQuestions } from "./ages.ts";
import type { Questions } from "./asked.ts";
import { type Asking, isUnreachable } from "./asking.ts";
import type { AccountChanges } from "./changes.ts";
import type { PhoneEvent } from "./port.ts";
import type { Presence } from "./presence.ts";
import type { PhoneRules } from "./rules.ts";
import type { ShownContents } from "./shown.ts";

const receipts_page = 100;
/** Names of receipts that are remembered; of as many sales an app hears at most twice. */
const receipts_remembered = 1_000;

export interface ReceiptNeeds {
  readonly clock: Clock;
  readonly rules: PhoneRules;
  readonly asking: Asking;
  readonly presence: Presence;
  readonly questions: Questions;
  readonly ages: AgeQuestions;
  readonly changes: AccountChanges;
  readonly contents: ShownContents;
  readonly tell: (event: PhoneEvent) => void;
}

export class Receipts {
  readonly #needs: ReceiptNeeds;
  readonly #told = new Set<string>();
  #after: number;
  #reading: Promise<readonly Receipt[]> | undefined;
  #look_until_ms = 0;
  #looking = false;
  #cancelLook: () => void = () => {};
  #stopped = false;

  /** `after` is the sequence of the last one that the app has. */
  constructor(needs: ReceiptNeeds, after: number) {
    this.#needs = needs;
    this.#after = after;
  }

  /** What is new. */
  read(): Promise<readonly Receipt[]> {
    this.#reading ??= this.#read().finally(() => this.#reading = undefined);
    return this.#reading;
  }

  /** A visit goes on, or has ended: receipts may come that long. */
  heard(event: PhoneEvent): void {
    const { clock, rules } = this.#needs;
    if (event.type === "checked_in" || event.type === "renewed") {
      this.#look_until_ms = clock.now_ms() + event.lease_ms + rules.receipt_grace_ms;
      if (!this.#looking) this.#lookAgain();
    }
    if (event.type === "left" || event.type === "ended") {
      this.#look_until_ms = clock.now_ms() + rules.receipt_grace_ms;
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelLook();
  }

  async #read(): Promise<readonly Receipt[]> {
    const { asking, presence, rules, tell } = this.#needs;
    const all: Receipt[] = [];
    for (;;) {
      const query = { after: this.#after };
      const patience_ms = rules.receipt_interval_ms;
      const found = await asking.ask("receipts", { query }, patience_ms);
      const { receipts, refusals } = found;
      for (const receipt of receipts) {
        this.#after = Math.max(this.#after, receipt.sequence);
        if (!this.#isNew(receipt)) continue;
        all.push(receipt);
        if (receipt.refund === null) presence.noteSpent();
        tell({ type: "receipt", receipt });
      }
      for (const refusal of refusals) {
        this.#after = Math.max(this.#after, refusal.sequence);
        presence.noteSpent();
        tell({ type: "refused_late", refusal });
      }
      if (receipts.length < receipts_page && refusals.length < receipts_page) {
        await this.#hearOf(found);
        return all;
      }
    }
  }

  /** What else the issuer has, the most urgent first. What cannot be had is asked for at the next
   * look, and holds up nothing. */
  async #hearOf(found: Answer<"receipts">): Promise<void> {
    const { questions, ages, changes, contents, rules } = this.#needs;
    const { approvals_waiting, ages_asked, account_changes, content_latest } = found;
    const patience_ms = rules.receipt_interval_ms;
    const news = [
      async () => void (approvals_waiting > 0 && await questions.open(patience_ms)),
      async () => void (ages_asked > 0 && await ages.open(patience_ms)),
      () => changes.heardOf(account_changes, patience_ms),
      () => contents.heardOf(content_latest, patience_ms),
    ];
    for (const hear of news) {
      try {
        await hear();
      } catch (error) {
        if (!(error instanceof RuntimeError) || error.kind === "stopped") throw error;
        if (!isUnreachable(error)) this.#needs.tell({ type: "refused", reason: error.message });
      }
    }
  }

  /** False for one that was told before: an issuer that was restored from a backup may write it
   * down once more, under the same name. */
  #isNew({ receipt }: Receipt): boolean {
    if (this.#told.has(receipt)) return false;
    const [oldest] = this.#told;
    if (this.#told.size >= receipts_remembered && oldest !== undefined) this.#told.delete(oldest);
    this.#told.add(receipt);
    return true;
  }

  #lookAgain(): void {
    const { clock, rules } = this.#needs;
    this.#looking = !this.#stopped && clock.now_ms() < this.#look_until_ms;
    if (!this.#looking) return;
    this.#cancelLook = clock.after(rules.receipt_interval_ms, () => {
      this.read().then(() => this.#lookAgain(), (error) => this.#lookFailed(error));
    });
  }

  #lookFailed(error: unknown): void {
    if (isUnreachable(error)) return this.#lookAgain();
    this.#looking = false;
    if (error instanceof RuntimeError && error.kind === "stopped") return;
    this.#needs.tell({
      type: "refused",
      reason: error instanceof Error ? error.message : String(error),
    });
  }
}
