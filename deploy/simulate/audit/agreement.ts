/**
 * The last look at a sale, when its day is over: issuer, acquirer, gateway, till and shopper each
 * have a book of it, and all must tell the same.
 */
import type { Receipt } from "../../../runtime/sync/contract/schemas.ts";
import type { Report } from "./finding.ts";
import type { Sale } from "./sales.ts";

/** A payment as it stands in the issuer's file. */
export interface IssuerRow {
  readonly payment: string;
  readonly state: string;
  readonly undo: number;
  readonly check_in: string | null;
  readonly account: string | null;
  readonly token: string | null;
  readonly lane: string | null;
  readonly operator: string | null;
  readonly evidence: string | null;
  readonly amount_minor: number;
  readonly captures: number;
  readonly captured_minor: number;
  readonly refunded_minor: number;
  readonly receipt: string | null;
  readonly accepted_at_ms: number | null;
  readonly at_ms: number;
}

/** What others have of a sale. */
interface Told {
  readonly row: IssuerRow | undefined;
  /** The first that a shopper got. */
  readonly receipt: Receipt | undefined;
  /** The account that was told of a late refusal. */
  readonly refused: string | undefined;
  /** What was rung up and not taken out of the basket. */
  readonly due_minor: number | undefined;
  /** What the shopper agreed to on the phone, where asked. */
  readonly agreed_minor: number | undefined;
  /** What the acquirer gave back. */
  readonly refunded_minor: number;
}

export function agree(report: Report, sale: Sale, told: Told): void {
  const { row, receipt, refused, due_minor, agreed_minor, refunded_minor } = told;
  const { payment } = sale;
  const taken = [...sale.captured.values()].reduce((sum, amount) => sum + amount, 0);
  const wrong = (detail: string) => report("the books agree", `${payment}: ${detail}`, payment);
  if (sale.held.size > 0) wrong(`${[...sale.held.keys()].join(" ")} is still held`);
  if (row && ["pending", "awaiting_approval", "authorised", "capturing"].includes(row.state)) {
    wrong(`the issuer has it as ${row.state}`);
  }
  if ((row?.state === "captured") !== (taken > 0) || (row?.captured_minor ?? 0) !== taken) {
    wrong(`the issuer has ${row?.captured_minor ?? 0}, the acquirer took ${taken}`);
  }
  if ((row?.refunded_minor ?? 0) !== refunded_minor) {
    wrong(`the issuer gave ${row?.refunded_minor ?? 0} back, the acquirer ${refunded_minor}`);
  }
  if (taken > 0 && receipt?.receipt !== row?.receipt) {
    wrong(`the shopper has ${receipt ? "another" : "no"} receipt`);
  }
  if (receipt && taken > 0 && receipt.amount_minor !== taken) {
    wrong(`the receipt says ${receipt.amount_minor}, ${taken} was taken`);
  }
  // Whoever asked the issuer after an old backup was told what had become of the charge.
  if (sale.state === "declined" && taken > 0) wrong("the gateway says declined, it was taken");
  if (sale.state === "cancelled" && taken > 0) wrong("the gateway says cancelled, it was taken");
  if (sale.doubtful) return;
  if (sale.accepted && !["captured", "refused_late"].includes(sale.state)) {
    report("what was accepted is not lost", `it ended as ${sale.state}`, payment);
  }
  if (sale.state === "refused_late" && refused !== row?.account) {
    report("who is refused late is told", `${row?.account} was not`, payment);
  }
  if (!sale.ended) wrong(`the gateway is still at ${sale.state}`);
  if ((sale.state === "captured") !== (taken > 0)) {
    wrong(`the gateway says ${sale.state}, the acquirer took ${taken}`);
  }
  if (sale.asked && sale.told !== sale.state) wrong(`the till was told ${sale.told}`);
  const part = sale.asked?.accept_partial ? agreed_minor : undefined;
  if (taken > 0 && sale.asked && due_minor !== taken && part !== taken) {
    wrong(`the till asked for ${due_minor}, ${taken} was taken`);
  }
  if (sale.told === "captured" && sale.told_receipt !== row?.receipt) {
    wrong(`the till has receipt ${sale.told_receipt}, the issuer ${row?.receipt}`);
  }
}
