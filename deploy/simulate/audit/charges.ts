/**
 * What every charge must stand on when the acquirer is to hold money for it: somebody present, a
 * fresh token, a face that a camera saw, a choice, papers where they are wanted, and a yes.
 */
import type { IssuerRow } from "./agreement.ts";
import type { ApprovalBook } from "./approvals.ts";
import type { BasketBook } from "./baskets.ts";
import type { Report } from "./finding.ts";
import type { OfflineBook } from "./offline.ts";
import type { PresenceBook } from "./presence.ts";
import type { SalesBook } from "./sales.ts";
import type { TurnBook } from "./turns.ts";
import type { VoiceBook } from "./voices.ts";

interface Books {
  readonly sales: SalesBook;
  readonly presence: PresenceBook;
  readonly offline: OfflineBook;
  readonly approvals: ApprovalBook;
  readonly baskets: BasketBook;
  readonly turns: TurnBook;
  readonly voices: VoiceBook;
}

interface Evidence {
  readonly liveness?: string;
  readonly frames?: number;
  readonly outcome?: string;
  readonly camera?: string;
  readonly turns?: number;
  readonly challenge?: string;
}

export class ChargeRules {
  /** Which payment was authorised with an account's token. */
  readonly #spent = new Map<string, string>();
  /** When a camera had given the evidence of a sale without the issuer, as it was written down. */
  readonly #seen = new Map<string, number>();

  constructor(
    private readonly report: Report,
    private readonly books: Books,
    private readonly issuerRow: (payment: string) => IssuerRow | undefined,
    /** Lanes at which nobody taps. */
    private readonly automatic: ReadonlySet<string>,
  ) {}

  /** It was accepted without the issuer, and a camera had seen who it was. */
  seen(payment: string, visit: string, evidence: Readonly<Record<string, unknown>>): void {
    const seen_ms = this.books.presence.seenAt(visit, evidence);
    if (seen_ms !== undefined) this.#seen.set(payment, seen_ms);
  }

  /** The acquirer holds so much. */
  held(payment: string, amount_minor: number): void {
    const row = this.issuerRow(payment);
    if (!row) return this.report("money is written down first", "the issuer has no row", payment);
    this.#present(row);
    this.#freshToken(row);
    this.#evident(row, amount_minor);
    const { approvals, baskets } = this.books;
    const account = row.account ?? "";
    baskets.charged(payment, account);
    if (row.accepted_at_ms === null) approvals.charged(row, account, amount_minor);
  }

  #present({ payment, check_in, at_ms, accepted_at_ms }: IssuerRow): void {
    const { offline, presence } = this.books;
    // Without the issuer nobody can know who is still there; something must have been reserved.
    const covered = accepted_at_ms !== null && offline.wasAccepted(payment);
    if (covered) return offline.charged(payment);
    const visit = check_in ?? "";
    if (presence.wasLive(visit, at_ms)) return;
    this.report("only those present are charged", `${check_in} had ended`, payment, visit);
  }

  #freshToken({ payment, account, token }: IssuerRow): void {
    const spent = `${account} ${token}`;
    const first = this.#spent.get(spent) ?? payment;
    this.#spent.set(spent, first);
    if (first === payment && token !== null) return;
    this.report("a token is used once", `${first} and ${payment}`, payment, first);
  }

  #evident(row: IssuerRow, amount_minor: number): void {
    const { payment, check_in, lane, operator, accepted_at_ms } = row;
    const { presence, sales, baskets, turns } = this.books;
    const visit = check_in ?? "";
    const wrong = (detail: string) =>
      this.report("no charge without evidence", detail, payment, visit);
    const evidence: Evidence = JSON.parse(row.evidence ?? "{}");
    if (evidence.liveness !== "passed" || !((evidence.frames ?? 0) >= 1)) {
      wrong(`liveness ${evidence.liveness}`);
    }
    const seen_ms = accepted_at_ms === null
      ? presence.seenAt(visit, { ...evidence })
      : this.#seen.get(payment);
    if (seen_ms === undefined) wrong("no camera said so");
    else {
      const { camera = "", turns: shown = 0 } = evidence;
      turns.charged({ payment, camera, amount_minor, turns: shown, seen_ms });
    }
    if (sales.of(payment).taps.has(`${visit} ${operator}`)) return;
    if (operator === "shopper" && evidence.challenge !== undefined) {
      if (evidence.challenge === "digits") {
        const since_ms = sales.takenAt(payment);
        return this.books.voices.charged(payment, row.account ?? "", lane ?? "", since_ms);
      }
      const { challenge } = evidence;
      if (baskets.wasKeyed(payment, row.account ?? "", challenge)) return;
      this.report("an answer tells who it is", `nobody keyed that ${challenge}`, payment, visit);
      return;
    }
    const sole = this.automatic.has(lane ?? "") && operator === "automatic" &&
      evidence.outcome === "identified";
    if (!sole) {
      this.report("no charge without a choice", `${operator} at lane ${lane}`, payment, visit);
      return;
    }
    // Nobody compares a name there: it may be the face of the shopper before.
    const before_ms = sales.takenAt(payment) - (seen_ms ?? Infinity);
    if (before_ms <= 0) return;
    this.report("an automatic lane looks anew", `seen ${before_ms} ms before`, payment, visit);
  }

  forget(): void {
    this.#spent.clear();
    this.#seen.clear();
  }
}
