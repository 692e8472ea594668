/**
 * The gateway's payments and refunds held against the issuer's ledger, page by page: of a payment
 * that was read so much is kept as is compared, and of one that agrees no more than its name.
 */
import type { ActorView } from "../engine/engine.ts";

/** A payment as the issuer has it. */
export interface LedgerRow {
  readonly payment: string;
  readonly state: string;
  readonly amount_minor: number;
  readonly refunded_minor: number;
  readonly receipt: string | null;
  readonly at_ms: number;
}

export const kinds = [
  "captured_here_alone",
  "captured_there_alone",
  "amount_differs",
  "receipt_differs",
  "refund_differs",
  "held_there",
] as const;

export interface Difference {
  readonly payment: string;
  readonly kind: typeof kinds[number];
  readonly here: string | null;
  readonly there: string | null;
  readonly here_minor: number | null;
  readonly there_minor: number | null;
  readonly here_refunded_minor: number;
  readonly there_refunded_minor: number | null;
}

export type View = Pick<ActorView, "address" | "state" | "context" | "done">;

/** What is compared of a payment at the gateway. */
interface Own {
  readonly state: string;
  readonly done: boolean;
  readonly charge_minor: number;
  readonly receipt: unknown;
  /** What of a cart's price its retailer takes in the end is between that and the issuer. */
  readonly of_cart: boolean;
}

const ownOf = ({ state, done, context }: View): Own => ({
  state: String(state),
  done,
  charge_minor: Number(context["charge_minor"]),
  receipt: context["receipt"],
  of_cart: (context["cart"] ?? null) !== null,
});

/** What the gateway knows beyond the pages that are taken. */
export interface Beyond {
  /** Any payment that is still kept. */
  readonly payment: (payment: string) => View | undefined;
  /** When the comparison began, in the time of the actors. */
  readonly since_ms: number;
  /** Of what ended before this nothing is kept here: whether it was sold nobody can say. */
  readonly kept_since_ms: number;
}

/** Takes the payments and refunds of the gateway first, then the ledger, then the refunds that
 * began meanwhile. */
export class Comparison {
  readonly #beyond: Beyond;
  /** A payment of the gateway that is yet to be held against the ledger, or what came of it. */
  readonly #found = new Map<string, Own | Difference | "agrees" | "under_way">();
  /** What the gateway gave back, by payment; undefined while some of it is under way. */
  readonly #refunded = new Map<string, number | undefined>();
  #more_refunds = false;
  #payments = 0;
  #under_way = 0;

  constructor(beyond: Beyond) {
    this.#beyond = beyond;
  }

  takePayments(page: readonly View[]): void {
    for (const view of page) this.#found.set(nameOf(view), ownOf(view));
  }

  takeRefunds(page: readonly View[]): void {
    for (const { state, done, context } of page) {
      const payment = String(context["payment"]);
      const sum = this.#refunded.has(payment) ? this.#refunded.get(payment) : 0;
      const more = state === "refunded" ? Number(context["amount_minor"]) : 0;
      this.#refunded.set(payment, done && sum !== undefined ? sum + more : undefined);
    }
  }

  /** Not all refunds were taken: only of payments that were is all known. */
  leaveOutRefunds(): void {
    this.#more_refunds = true;
  }

  takeLedger(page: readonly LedgerRow[]): void {
    for (const row of page) {
      const own = this.#found.get(row.payment);
      if (own === undefined) this.#takeUnlisted(row);
      else if (isOwn(own)) this.#found.set(row.payment, this.#judge(row.payment, own, row));
    }
  }

  /** Refunds, newest first: of what is given back since the beginning, the ledger may tell or not.
   * False when it began before. */
  takeLater(refund: View): boolean {
    if (Number(refund.context["asked_at_ms"]) < this.#beyond.since_ms) return false;
    this.#refunded.set(String(refund.context["payment"]), undefined);
    return true;
  }

  /** What of the two books does not agree. */
  result(): { payments: number; under_way: number; differences: Difference[] } {
    const differences: Difference[] = [];
    let [payments, under_way] = [this.#payments, this.#under_way];
    for (const [payment, found] of this.#found) {
      const left = isOwn(found) ? this.#judge(payment, found, undefined) : found;
      if (left === "under_way" || this.#isGivenBack(payment)) {
        under_way += 1;
        continue;
      }
      payments += 1;
      if (left !== "agrees") differences.push(left);
    }
    return { payments, under_way, differences };
  }

  /** One that is older than the pages that were taken, newer, or not there. */
  #takeUnlisted(row: LedgerRow): void {
    const view = this.#beyond.payment(row.payment);
    if (view === undefined && row.at_ms < this.#beyond.kept_since_ms) return;
    const is_new = Number(view?.context["opened_at_ms"]) >= this.#beyond.since_ms;
    const own = view && { ...ownOf(view), done: view.done && !is_new };
    const found = this.#judge(row.payment, own, row, this.#more_refunds);
    if (found === "under_way") this.#under_way += 1;
    else if (found === "agrees") this.#payments += 1;
    else this.#found.set(row.payment, found);
  }

  #isGivenBack(payment: string): boolean {
    return this.#refunded.has(payment) && this.#refunded.get(payment) === undefined;
  }

  #judge(
    payment: string,
    own: Own | undefined,
    row: LedgerRow | undefined,
    refunds_left_out = false,
  ): Difference | "agrees" | "under_way" {
    if (own?.done === false || this.#isGivenBack(payment)) return "under_way";
    const known = refunds_left_out ? row?.refunded_minor : this.#refunded.get(payment);
    const here_refunded_minor = known ?? 0;
    const kind = kindOf(own, row, here_refunded_minor);
    if (kind === undefined) return "agrees";
    return {
      payment,
      kind,
      here: own?.state ?? null,
      there: row?.state ?? null,
      here_minor: own?.charge_minor ?? null,
      there_minor: row?.amount_minor ?? null,
      here_refunded_minor,
      there_refunded_minor: row?.refunded_minor ?? null,
    };
  }
}

const nameOf = ({ address }: View) => address.slice("payment/".length);
const isOwn = (found: Own | Difference | string): found is Own =>
  typeof found === "object" && "done" in found;

function kindOf(
  own: Own | undefined,
  row: LedgerRow | undefined,
  here_refunded_minor: number,
): Difference["kind"] | undefined {
  const captured = own?.state === "captured";
  if (row?.state !== "captured") {
    if (captured) return "captured_here_alone";
    return row?.state === "authorised" ? "held_there" : undefined;
  }
  if (!captured) return "captured_there_alone";
  if (!own.of_cart && own.charge_minor !== row.amount_minor) return "amount_differs";
  if (own.receipt !== row.receipt) return "receipt_differs";
  return here_refunded_minor === row.refunded_minor ? undefined : "refund_differs";
}
