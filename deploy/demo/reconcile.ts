/**
 * Holds four books of the same sales against each other: what the gateway recorded, what the
 * issuer's ledger says, which receipts the phones got, and what the tills were told. A pure
 * function over plain rows, so that it can be tried with every mismatch there is.
 */
import type { Ledger, Receipt } from "../../runtime/sync/contract/schemas.ts";

/** A payment as the gateway has it. */
export interface GatewayPayment {
  readonly payment: string;
  /** The state of its machine; `captured` is the one in which money moved. */
  readonly state: string;
  /** The selected visit; null when nobody was selected. */
  readonly visit: string | null;
  readonly amount_minor: number;
  readonly currency: string;
  readonly receipt: string | null;
}

export type IssuerPayment = Ledger["payments"][number];

/** A sale as its cashier saw it. */
export interface CashierSale {
  /** Null when the gateway never answered the sale. */
  readonly payment: string | null;
  readonly lane: string;
  /** Who really stood at the lane. */
  readonly shopper: string;
  /** Their account; null when they have none. */
  readonly account: string | null;
  readonly amount_minor: number;
  readonly currency: string;
  /** The outcome the till was told; null when it never learned of one. */
  readonly told: string | null;
  /** What the till was told is given back; nothing where it was not told. */
  readonly refunded_minor?: number;
}

export interface Books {
  readonly gateway: readonly GatewayPayment[];
  readonly issuer: readonly IssuerPayment[];
  /** By account; only accounts that stand here are looked at. */
  readonly receipts: ReadonlyMap<string, readonly Receipt[]>;
  readonly cashier: readonly CashierSale[];
}

export type ViolationKind =
  | "captured_twice"
  | "wrong_person"
  | "unfinished"
  | "left_authorised"
  | "issuer_disagrees"
  | "visit_differs"
  | "amount_differs"
  | "till_disagrees"
  | "receipt_missing"
  | "receipt_repeated"
  | "receipt_unfounded"
  | "receipt_differs"
  | "refund_differs";

export interface Violation {
  readonly payment: string;
  readonly kind: ViolationKind;
  /** One line for a person. */
  readonly detail: string;
}

/** Everything known of one payment. */
interface Case {
  readonly payment: string;
  readonly gateway: GatewayPayment | undefined;
  readonly issuer: IssuerPayment | undefined;
  readonly sales: readonly CashierSale[];
  readonly receipts: readonly { readonly account: string; readonly receipt: Receipt }[];
  /** Receipts of money given back. */
  readonly refunds: readonly Receipt[];
}

type Finding = readonly [kind: ViolationKind, detail: string] | undefined;
type Check = (found: Case, books: Books) => Finding;

/** What is owed after a walk-out stays so until its shopper pays, for two days at most. */
const settled = ["captured", "declined", "cancelled", "reversed", "refused_late", "owing"];
/** What becomes of a sale that was accepted while the issuer was away. */
const late = ["captured", "refused_late"];
const taken = (found: Case) => found.issuer?.state === "captured";

/** The gravest first: what follows from a graver one is not counted again. */
const checks: readonly Check[] = [
  ({ issuer }) =>
    issuer !== undefined && issuer.captures > 1
      ? ["captured_twice", `captured ${issuer.captures} times`]
      : undefined,

  ({ issuer, sales }) => {
    if (issuer?.state !== "captured") return undefined;
    const other = sales.find((sale) => sale.account !== issuer.account);
    if (other === undefined) return undefined;
    const stood = `${other.shopper} stood at lane ${other.lane}`;
    return ["wrong_person", `${issuer.account} was charged, but ${stood} (${other.account})`];
  },

  ({ gateway }) =>
    gateway !== undefined && !settled.includes(gateway.state)
      ? ["unfinished", `the gateway is still at ${gateway.state}`]
      : undefined,

  ({ issuer }) =>
    issuer?.state === "authorised"
      ? ["left_authorised", "the issuer still holds money for it"]
      : undefined,

  (found) => {
    const { gateway, issuer } = found;
    const here = gateway?.state ?? "nothing";
    const there = issuer?.state ?? "nothing";
    return (here === "captured") === (there === "captured")
      ? undefined
      : ["issuer_disagrees", `the gateway says ${here}, the issuer ${there}`];
  },

  (found) =>
    taken(found) && found.gateway?.visit !== found.issuer?.check_in
      ? [
        "visit_differs",
        `the gateway charged visit ${found.gateway?.visit}, the issuer ${found.issuer?.check_in}`,
      ]
      : undefined,

  (found) => {
    if (!taken(found)) return undefined;
    const named = [found.gateway, found.issuer, ...found.sales].flatMap((row) =>
      row === undefined ? [] : [`${row.amount_minor} ${row.currency}`]
    );
    return new Set(named).size > 1 ? ["amount_differs", named.join(" against ")] : undefined;
  },

  ({ gateway, sales }) => {
    const captured = gateway?.state === "captured";
    const misled = sales.find(({ told }) =>
      told === "accepted_offline"
        ? !late.includes(gateway?.state ?? "")
        : (told === "captured") !== captured
    );
    if (misled === undefined) return undefined;
    const till = `the till of lane ${misled.lane} was told ${misled.told ?? "nothing"}`;
    return ["till_disagrees", `${till}, the gateway says ${gateway?.state ?? "nothing"}`];
  },

  checkReceipts,
  checkRefunds,
];

/** What phones were given back is what the issuer says, and no till was told of more. */
function checkRefunds({ issuer, sales, refunds }: Case, books: Books): Finding {
  const there = issuer?.refunded_minor ?? 0;
  const here = sales.reduce((sum, { refunded_minor = 0 }) => sum + refunded_minor, 0);
  const shown = refunds.reduce((sum, { amount_minor }) => sum + amount_minor, 0);
  const known = issuer?.account != null && books.receipts.has(issuer.account);
  const differs = here > there || there > (issuer?.amount_minor ?? 0) ||
    (known || shown > 0) && shown !== there;
  return differs
    ? ["refund_differs", `tills say ${here} went back, the issuer ${there}, phones ${shown}`]
    : undefined;
}

function checkReceipts(found: Case, books: Books): Finding {
  const { issuer, receipts } = found;
  const account = taken(found) ? issuer?.account ?? null : null;
  const foreign = receipts.find((one) => one.account !== account);
  if (foreign !== undefined) {
    return ["receipt_unfounded", `${foreign.account} has a receipt for what it did not pay`];
  }
  if (account === null || !books.receipts.has(account)) return undefined;
  const [first, ...more] = receipts;
  if (first === undefined) return ["receipt_missing", `${account} has no receipt`];
  if (more.length > 0) return ["receipt_repeated", `${account} has ${receipts.length} receipts`];
  const { receipt } = first;
  const same = receipt.amount_minor === issuer?.amount_minor &&
    receipt.currency === issuer.currency && receipt.receipt === issuer.receipt &&
    receipt.receipt === found.gateway?.receipt;
  return same
    ? undefined
    : ["receipt_differs", `receipt ${receipt.receipt} is not the one of the charge`];
}

/**
 * What does not agree, at most one violation a payment: the gravest. Payments of tills that are
 * not among the cashiers' (an earlier run, somebody's own POS) are held against the other books.
 */
export function reconcile(books: Books): Violation[] {
  const payments = new Set<string>([
    ...books.gateway.map((row) => row.payment),
    ...books.issuer.map((row) => row.payment),
    ...[...books.receipts.values()].flat().map((row) => row.payment),
    ...books.cashier.flatMap((row) => row.payment ?? []),
  ]);
  const gateway = new Map(books.gateway.map((row) => [row.payment, row]));
  const issuer = new Map(books.issuer.map((row) => [row.payment, row]));
  const sales = Map.groupBy(books.cashier, (row) => row.payment);
  const shown = [...books.receipts].flatMap(([account, rows]) =>
    rows.map((receipt) => ({ account, receipt }))
  );
  const [charges, returns] = [
    shown.filter(({ receipt }) => receipt.refund === null),
    shown.flatMap(({ receipt }) => receipt.refund === null ? [] : [receipt]),
  ];
  const receipts = Map.groupBy(charges, (row) => row.receipt.payment);
  const refunds = Map.groupBy(returns, (receipt) => receipt.payment);
  const violations: Violation[] = [];
  for (const payment of payments) {
    const found: Case = {
      payment,
      gateway: gateway.get(payment),
      issuer: issuer.get(payment),
      sales: sales.get(payment) ?? [],
      receipts: receipts.get(payment) ?? [],
      refunds: refunds.get(payment) ?? [],
    };
    for (const check of checks) {
      const finding = check(found, books);
      if (finding === undefined) continue;
      violations.push({ payment, kind: finding[0], detail: finding[1] });
      break;
    }
  }
  return violations;
}
