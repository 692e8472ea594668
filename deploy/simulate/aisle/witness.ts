/** What is to be seen of walk-out trips from outside, told to the auditor: what phones showed and
 * answered, what the retailer took down and asked for. */

import type { Receipt } from "../../../runtime/sync/contract/schemas.ts";

export interface CartItem {
  readonly gtin: string;
  readonly units: number;
}

export interface TripWitness {
  /** This account's phone may be asked above so much. */
  limited(account: string, sale_minor: number): void;
  /** The phone made this code, and holds it out. */
  codeShown(account: string, jti: string): void;
  /** The phone is about to agree to so much, at most. */
  agrees(account: string, amount_minor: number): void;
  /** The phone is about to have what is owed for a trip charged again. */
  settles(account: string, trip: string): void;
  /** The issuer took down a dispute. */
  disputed(trip: string, dispute: string): void;
  /** The retailer took a trip down, or was told of one that it had. */
  purchased(trip: string, purchase: string, items: readonly CartItem[]): void;
  /** The retailer was told that so many were never taken. */
  returned(trip: string, dispute: string, item: CartItem): void;
  /** A phone has got a receipt. */
  receipt(account: string, receipt: Receipt): void;
  /** A request of the retailer's leaves. */
  retailerAsks(path: string, body: Readonly<Record<string, unknown>>): void;
}
