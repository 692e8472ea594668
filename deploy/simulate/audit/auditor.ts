/**
 * The auditor of a simulated store: looks at everything that crosses its edges, keeps books of its
 * own, and reports the first rule that does not hold. It shares no code with what it looks at.
 */
// long because all that crosses an edge comes in here, and goes from here to the book it is for
import type { Batch } from "../../../runtime/journal/journal.ts";
import type { SimulatedDisk } from "../../../runtime/sim/disk.ts";
import type { Receipt, Refused } from "../../../runtime/sync/contract/schemas.ts";
import type { PerceptionReading } from "../../../runtime/world.ts";
import type { SaleAnswer, TillSale } from "../../demo/till_words.ts";
import type { Fact } from "../facts.ts";
import type { TurnRule } from "../turn_rule.ts";
import type { MoneyAct, Witness } from "../witness.ts";
import { AgeBook } from "./ages.ts";
import { agree, type IssuerRow } from "./agreement.ts";
import { ApprovalBook } from "./approvals.ts";
import { BasketBook } from "./baskets.ts";
import { ChangeBook } from "./changes.ts";
import { ChargeRules } from "./charges.ts";
import { EngineBook } from "./engine.ts";
import type { Report } from "./finding.ts";
import { OfflineBook } from "./offline.ts";
import { PeopleBook } from "./people.ts";
import { PresenceBook } from "./presence.ts";
import { RefundBook } from "./refunds.ts";
import { SalesBook } from "./sales.ts";
import type { TripsBook } from "./trips.ts";
import { TurnBook } from "./turns.ts";
import { VoiceBook } from "./voices.ts";

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
  /** Walk-out trips have a book of their own. */
  readonly trips: TripsBook;
  /** Lanes at which nobody taps. */
  readonly automatic: ReadonlySet<string>;
  /** When the store wants a head turned. */
  readonly turns: () => TurnRule;
  readonly cameraOf: (lane: string) => string;
  readonly microphoneOf: (lane: string) => string;
}

export class Auditor implements Witness {
  readonly #setting: AuditorSetting;
  readonly #sales: SalesBook;
  readonly #presence: PresenceBook;
  readonly #engine: EngineBook;
  readonly #offline: OfflineBook;
  readonly #people = new PeopleBook();
  readonly #approvals: ApprovalBook;
  readonly #baskets: BasketBook;
  readonly #ages: AgeBook;
  readonly #refunds: RefundBook;
  readonly #changes: ChangeBook;
  readonly #turns: TurnBook;
  readonly #voices: VoiceBook;
  readonly #charges: ChargeRules;
  /** Accounts that were told of a late refusal, by payment. */
  readonly #refusals = new Map<string, string>();
  readonly #receipts = new Map<string, { account: string; receipt: Receipt }[]>();
  readonly #signatures = new Set<string>();
  #checked = 0;

  constructor(setting: AuditorSetting) {
    this.#setting = setting;
    const { report, now_ms, skew_ms } = setting;
    this.#sales = new SalesBook(report, now_ms, (payment, { accept_partial }) => {
      const due = this.#baskets.due_minor(payment);
      const agreed = accept_partial ? this.#approvals.agreed(payment) : undefined;
      return [due, agreed].filter((amount_minor) => amount_minor !== undefined);
    });
    this.#presence = new PresenceBook(report, now_ms, skew_ms);
    this.#engine = new EngineBook(report);
    this.#offline = new OfflineBook(
      report,
      now_ms,
      setting.offline_minor,
      skew_ms,
      setting.here,
    );
    const books = { sales: this.#sales, presence: this.#presence, offline: this.#offline };
    const asked = (payment: string) => this.#sales.sales.get(payment)?.asked;
    const ages = this.#ages = new AgeBook(report, now_ms);
    const baskets = this.#baskets = new BasketBook(report, now_ms, this.#people, asked, ages);
    const due = baskets.due_minor.bind(baskets);
    const approvals = this.#approvals = new ApprovalBook(report, now_ms, due);
    this.#refunds = new RefundBook(report);
    const limitsOf = approvals.limitsOf.bind(approvals);
    const voices = this.#voices = new VoiceBook(
      ...[report, now_ms, this.#people, setting.microphoneOf] as const,
    );
    const turns = this.#turns = new TurnBook(report, now_ms, setting.turns);
    this.#changes = new ChangeBook(
      ...[report, now_ms, this.#people, setting.cameraOf, limitsOf, turns] as const,
    );
    this.#charges = new ChargeRules(
      report,
      { ...books, approvals, baskets, turns, voices },
      setting.issuerRow,
      setting.automatic,
    );
  }

  /** Payments looked at when a day ended. */
  get checked(): number {
    return this.#checked;
  }

  /** As the issuer told the phone. */
  wasLive(check_in: string, at_ms: number): boolean {
    return this.#presence.wasLive(check_in, at_ms);
  }

  /** Payments whose money the acquirer still holds, neither taken nor let go of. */
  get holds(): string[] {
    return this.#sales.holds;
  }

  committed(batch: Batch): void {
    this.#setting.trips.committed(batch);
    this.#baskets.committed(batch);
    this.#turns.committed(batch);
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
      this.#charges.seen(payment, visit, evidence);
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

  /** Questions to phones, refunds made, and changes of account data proved. */
  get questions(): number {
    return this.#approvals.count;
  }
  get refunds(): number {
    return this.#refunds.count;
  }
  get changes(): number {
    return this.#changes.count;
  }

  /** Turns of the head that were shown as asked, and that were not. */
  get heads(): TurnBook["count"] {
    return this.#turns.count;
  }

  /** Ages that were proved from a document. */
  get ages(): number {
    return this.#ages.count;
  }

  /** Charges to those whose voice told who they are. */
  get spoken(): number {
    return this.#voices.count;
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
    this.#baskets.restored(disk);
    this.#turns.restored(disk);
    this.#presence.restored(disk);
    this.#engine.restored(disk);
    this.#offline.restored();
    this.#setting.trips.restored(disk);
  }

  moved(reference: string, amount_minor: number, act: MoneyAct): void {
    if (this.#setting.trips.moved(reference, amount_minor, act)) return;
    this.#sales.moved(reference, amount_minor, act);
    const [, payment = ""] = reference.split("/");
    if (act.act === "authorise" && act.outcome === "authorised") {
      this.#charges.held(payment, amount_minor);
    }
    if (act.act === "refund") this.#refunds.moved(payment, act.refund, amount_minor);
  }

  tillAsked(): void {}
  probed(): void {}
  askedToTurn(): void {}
  turned(): void {}
  prompted(): void {}

  noticed(fact: Fact): void {
    switch (fact.fact) {
      case "settled":
        return this.#people.settled(fact);
      case "feed":
        return this.#presence.put(fact);
      case "limits":
        return this.#limited(fact);
      case "question":
        return this.#setting.trips.knows(fact.payment) ? undefined : this.#approvals.asked(fact);
      case "question_ended":
        return this.#approvals.ended(fact);
      case "phone_says":
        return this.#approvals.said(fact);
      case "decides":
        return this.#baskets.decides(fact);
      case "keys":
        return this.#baskets.keys(fact);
      case "age_asked":
        return this.#ages.asked(fact);
      case "shows_age":
        return this.#ages.shows(fact);
      case "age_proved":
        return this.#ages.proved(fact);
      case "asks_back":
        return this.#refunds.asked(fact);
      case "told_back":
        return this.#refunds.told(fact);
      case "face":
        return this.#changes.saw(fact);
      case "change":
        return this.#changes.written(fact);
      case "account_data":
        return this.#changes.accountData(fact.account, fact.what);
      case "undoes":
        return this.#changes.undoes(fact);
      case "sets_limits":
        return this.#changes.setsLimits(fact);
      case "told_change":
        return this.#changes.told(fact);
      case "stands":
        return this.#turns.stands(fact);
      case "prompted":
        return this.#voices.prompted(fact);
      case "speaks":
        return this.#voices.speaks(fact);
      case "turned":
        return this.#turns.turned(fact);
    }
  }

  #limited(fact: Extract<Fact, { fact: "limits" }>): void {
    this.#approvals.limited(fact);
    this.#changes.accountData(fact.account, "limit");
  }

  tillTold(_lane: string, sale: TillSale, answer: SaleAnswer): void {
    this.#sales.tillTold(sale, answer, this.#setting.disk());
  }

  tapped(payment: string, visit: string, operator: string): void {
    this.#sales.tapped(payment, visit, operator);
  }

  receipt(account: string, receipt: Receipt): void {
    if (receipt.refund !== null) return this.#refunds.receipt(receipt);
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
    this.#setting.trips.told(camera, reading);
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
      if (this.#setting.trips.knows(payment)) continue;
      this.#checked++;
      agree(this.#setting.report, this.#sales.of(payment), {
        row: there.get(payment),
        receipt: this.#receipts.get(payment)?.[0]?.receipt,
        refused: this.#refusals.get(payment),
        due_minor: this.#baskets.due_minor(payment),
        agreed_minor: this.#approvals.agreed(payment),
        refunded_minor: this.#refunds.of(payment),
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
    this.#refunds.closeDay();
    this.#approvals.lookAtRest();
    this.#sales.forget();
    this.#baskets.forget();
    this.#ages.forget();
    this.#turns.forget();
    this.#voices.forget();
    this.#changes.forget();
    this.#charges.forget();
    this.#offline.forget();
    this.#refusals.clear();
    this.#presence.forget();
    this.#signatures.clear();
    this.#receipts.clear();
  }
}
