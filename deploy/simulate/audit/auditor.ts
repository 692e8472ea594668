/**
 * The auditor of a simulated store: looks at everything that crosses its edges, keeps books of its
 * own, and reports the first rule that does not hold. It shares no code with what it looks at.
 */
import type { Batch } from "../../../runtime/journal/journal.ts";
import type { SimulatedDisk } from "../../../runtime/sim/disk.ts";
import type { Receipt, Refused } from "../../../runtime/sync/contract/schemas.ts";
import type { PerceptionReading } from "../../../runtime/world.ts";
import type { SaleAnswer, TillSale } from "../../demo/till_words.ts";
import type { MoneyAct, Witness } from "../witness.ts";
import { agree, type IssuerRow } from "./agreement.ts";
import { EngineBook } from "./engine.ts";
import type { Report } from "./finding.ts";
import { OfflineBook } from "./offline.ts";
import { PresenceBook } from "./presence.ts";
import { SalesBook } from "./sales.ts";

export interface AuditorSetting {
  readonly report: Report;
  readonly now_ms: () => number;
  readonly skew_ms: () => number;
  readonly disk: () => SimulatedDisk;
  /** Reads the issuer's file. */
  readonly issuerRow: (payment: string) => IssuerRow | undefined;
  readonly issuerRows: () => IssuerRow[];
  /** Most that may be reserved of an account. */
  readonly offline_minor: number;
  readonly here: { readonly gateway: string; readonly store: string };
  /** Lanes at which nobody taps. */
  readonly automatic: ReadonlySet<string>;
}

export class Auditor implements Witness {
  readonly #setting: AuditorSetting;
  readonly #sales: SalesBook;
  readonly #presence: PresenceBook;
  readonly #engine: EngineBook;
  readonly #offline: OfflineBook;
  /** When a camera had given the evidence of a sale without the issuer, as it was written down. */
  readonly #seen = new Map<string, number>();
  /** Accounts that were told of a late refusal, by payment. */
  readonly #refusals = new Map<string, string>();
  /** Which payment was authorised with an account's token. */
  readonly #spent = new Map<string, string>();
  readonly #receipts = new Map<string, { account: string; receipt: Receipt }[]>();
  readonly #signatures = new Set<string>();
  #checked = 0;

  constructor(setting: AuditorSetting) {
    this.#setting = setting;
    const { report, now_ms, skew_ms } = setting;
    this.#sales = new SalesBook(report, now_ms);
    this.#presence = new PresenceBook(report, now_ms, skew_ms);
    this.#engine = new EngineBook(report);
    this.#offline = new OfflineBook(
      report,
      now_ms,
      setting.offline_minor,
      skew_ms,
      setting.here,
    );
  }

  /** Payments looked at when a day ended. */
  get checked(): number {
    return this.#checked;
  }

  /** Payments whose money the acquirer still holds, neither taken nor let go of. */
  get holds(): string[] {
    return this.#sales.holds;
  }

  committed(batch: Batch): void {
    this.#sales.committed(batch);
    this.#presence.committed(batch);
    this.#engine.committed(batch);
    for (const row of batch.outbox_added) {
      if (row.command.type !== "issuer.forward") continue;
      this.#offline.accepted(row);
      const { payment, visit, evidence } = row.command as unknown as {
        payment: string;
        visit: string;
        evidence: Record<string, unknown>;
      };
      const seen_ms = this.#presence.seenAt(visit, evidence);
      if (seen_ms !== undefined) this.#seen.set(payment, seen_ms);
    }
  }

  reserved(allowances: readonly string[]): void {
    this.#offline.told(allowances);
  }
  released(allowances: readonly string[]): void {
    this.#offline.freed(allowances);
  }
  brought(allowance: string): void {
    this.#offline.brought(allowance);
  }
  refusal(account: string, { payment }: Refused): void {
    this.#refusals.set(payment, account);
  }

  /** Sales that were accepted while the issuer was away. */
  get accepted(): number {
    return this.#offline.count;
  }

  sent(path: string, key: string): void {
    this.#sales.sent(path, key);
  }

  answered(path: string, key: string, answer: string): void {
    this.#sales.answered(path, key, answer);
  }

  /** Whoever overhears a signed request cannot have it done again. */
  done(signature: string, path: string): void {
    if (this.#signatures.has(signature)) {
      this.#setting.report("a signed request is done once", path, path);
    }
    this.#signatures.add(signature);
  }

  restored(disk: SimulatedDisk): void {
    this.#sales.restored(disk);
    this.#presence.restored(disk);
    this.#engine.restored(disk);
    this.#offline.restored();
  }

  moved(reference: string, amount_minor: number, act: MoneyAct): void {
    this.#sales.moved(reference, amount_minor, act);
    if (act.act === "authorise" && act.outcome === "authorised") {
      this.#justified(reference.split("/")[1] ?? "");
    }
  }

  /** No charge without somebody present, a fresh token, and evidence that meets the policy. */
  #justified(payment: string): void {
    const { report, issuerRow, automatic } = this.#setting;
    const row = issuerRow(payment);
    if (!row) return report("money is written down first", "the issuer has no row", payment);
    const { check_in, account, token, operator, lane, at_ms } = row;
    const visit = check_in ?? "";
    const late = row.accepted_at_ms !== null;
    // Without the issuer nobody can know who is still there; something must have been reserved.
    const covered = late && this.#offline.wasAccepted(payment);
    if (covered) this.#offline.charged(payment);
    if (!covered && !this.#presence.wasLive(visit, at_ms)) {
      report("only those present are charged", `${check_in} had ended`, payment, visit);
    }
    const spent = `${account} ${token}`;
    const first = this.#spent.get(spent) ?? payment;
    this.#spent.set(spent, first);
    if (first !== payment || token === null) {
      report("a token is used once", `${first} and ${payment}`, payment, first);
    }
    const evidence = JSON.parse(row.evidence ?? "{}");
    if (evidence.liveness !== "passed" || !(evidence.frames >= 1)) {
      report("no charge without evidence", `liveness ${evidence.liveness}`, payment, visit);
    }
    const seen_ms = late ? this.#seen.get(payment) : this.#presence.seenAt(visit, evidence);
    if (seen_ms === undefined) {
      report("no charge without evidence", "no camera said so", payment, visit);
    }
    const tapped = this.#sales.of(payment).taps.has(`${visit} ${operator}`);
    const sole = automatic.has(lane ?? "") && operator === "automatic" &&
      evidence.outcome === "identified";
    // Nobody compares a name there: it may be the face of the shopper before.
    const before_ms = this.#sales.takenAt(payment) - (seen_ms ?? Infinity);
    if (!tapped && sole && before_ms > 0) {
      report("an automatic lane looks anew", `seen ${before_ms} ms before`, payment, visit);
    }
    if (!tapped && !sole) {
      report("no charge without a choice", `${operator} at lane ${lane}`, payment, visit);
    }
  }

  tillAsked(): void {}

  tillTold(_lane: string, sale: TillSale, answer: SaleAnswer): void {
    this.#sales.tillTold(sale, answer, this.#setting.disk());
  }

  tapped(payment: string, visit: string, operator: string): void {
    this.#sales.tapped(payment, visit, operator);
  }

  receipt(account: string, receipt: Receipt): void {
    const known = this.#receipts.get(receipt.payment) ?? [];
    if (known.some((one) => one.account === account)) return;
    this.#receipts.set(receipt.payment, [...known, { account, receipt }]);
  }

  admitted(camera: string, visit: string): void {
    this.#presence.admitted(camera, visit);
  }
  wiped(camera: string, visit: string): void {
    this.#presence.wiped(camera, visit);
  }
  emptied(camera: string): void {
    this.#presence.emptied(camera);
  }
  told(camera: string, reading: PerceptionReading): void {
    this.#presence.told(camera, reading);
  }
  checkedIn(check_in: string, lease_ms: number, hardware_id: string, code: string): void {
    this.#presence.checkedIn(check_in, lease_ms, hardware_id, code);
  }
  leaseKept(check_in: string, lease_ms: number): void {
    this.#presence.leaseKept(check_in, lease_ms);
  }
  checkedOut(check_in: string): void {
    this.#presence.checkedOut(check_in);
  }
  codeSet(hardware_id: string, code: string, until_ms: number): void {
    this.#presence.codeSet(hardware_id, code, until_ms);
  }

  /** After the calm: every sale has one end, and all books tell the same. */
  closeDay(): void {
    const { issuerRows, disk } = this.#setting;
    this.#presence.lookAtRest();
    const there = new Map(issuerRows().map((row) => [row.payment, row]));
    for (const address of disk().live.keys()) {
      if (address.startsWith("payment/")) this.#sales.of(address.slice(8));
    }
    for (const payment of this.#sales.sales.keys()) {
      this.#checked++;
      agree(this.#setting.report, this.#sales.of(payment), {
        row: there.get(payment),
        receipt: this.#receipts.get(payment)?.[0]?.receipt,
        refused: this.#refusals.get(payment),
      });
    }
    for (const [payment, receipts] of this.#receipts) {
      const row = there.get(payment);
      if (row && row.state !== "captured") {
        this.#setting.report("a receipt tells of a charge", row.state, payment);
      }
      if (receipts.length > 1) {
        this.#setting.report("a receipt tells of a charge", "two accounts have one", payment);
      }
    }
    this.#sales.forget();
    this.#offline.forget();
    this.#seen.clear();
    this.#refusals.clear();
    this.#presence.forget();
    this.#spent.clear();
    this.#signatures.clear();
    this.#receipts.clear();
  }
}
