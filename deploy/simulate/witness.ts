/**
 * What crosses the edges of a simulated store, told to whoever looks on: the auditor, the hash of
 * the run and the trace. Nothing in it comes from inside the gateway but what was written down.
 */
import type { Batch } from "../../runtime/journal/journal.ts";
import type { SimulatedDisk } from "../../runtime/sim/disk.ts";
import type { RecogniserWatch } from "../../runtime/sim/recogniser.ts";
import type { Receipt, Refused } from "../../runtime/sync/contract/schemas.ts";
import type { SaleAnswer, TillSale } from "../demo/till_words.ts";
import type { Fact } from "./facts.ts";

export type MoneyAct =
  | { readonly act: "authorise"; readonly outcome: "authorised" | "declined" }
  | { readonly act: "capture"; readonly outcome: "captured" | "refused" }
  | { readonly act: "refund"; readonly outcome: "refunded"; readonly refund: string }
  | { readonly act: "reverse"; readonly outcome: "reversed" };

export interface Witness extends RecogniserWatch {
  /** A batch is on the gateway's disk. */
  committed(batch: Batch): void;
  /** The gateway sends a request under an idempotency key. */
  sent(path: string, key: string): void;
  /** The issuer answered a request that bears this idempotency key. */
  answered(path: string, key: string, answer: string): void;
  /** The issuer did what a request asks that bears this signature. */
  done(signature: string, path: string): void;
  /** An old copy is in the place of the gateway's disk. */
  restored(disk: SimulatedDisk): void;
  /** The acquirer did something for the issuer; `amount_minor` is 0 for a reversal. */
  moved(reference: string, amount_minor: number, act: MoneyAct): void;
  /** The issuer told a phone of its check-in. */
  checkedIn(check_in: string, lease_expires_ms: number, hardware_id: string, code: string): void;
  /** So it stands in the issuer's file, of which the issuer died before it could tell. */
  leaseKept(check_in: string, lease_expires_ms: number): void;
  checkedOut(check_in: string): void;
  /** The issuer put a code on the gateway's feed. */
  codeSet(hardware_id: string, code: string, until_ms: number): void;
  tillAsked(lane: string, sale: TillSale): void;
  tillTold(lane: string, sale: TillSale, answer: SaleAnswer): void;
  tapped(payment: string, visit: string, operator: string): void;
  receipt(account: string, receipt: Receipt): void;
  /** A phone was told of a sale that the issuer would not have afterwards. */
  refusal(account: string, refusal: Refused): void;
  /** The issuer told a gateway what it has reserved. */
  reserved(allowances: readonly string[]): void;
  /** A gateway gives back what was reserved, by name. */
  released(allowances: readonly string[]): void;
  /** Something else happened at an edge. */
  noticed(fact: Fact): void;
  /** A gateway brings what it sold against an allowance, as it was signed. */
  brought(allowance: string): void;
}
