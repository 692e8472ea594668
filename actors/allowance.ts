/**
 * The words about sales that go on while the issuer is away: what it reserves beforehand, and how
 * far the store goes with it.
 */

/** How far the store goes while the issuer is away. */
export interface StandInLimits {
  readonly per_payment_minor: number;
  /** What one account may have accepted and not settled. */
  readonly per_account_minor: number;
  /** The same of all accounts. */
  readonly total_minor: number;
  /** For how long after the issuer was lost. */
  readonly age_ms: number;
}

/** May this be accepted without the issuer? */
export interface StandInAsked {
  readonly type: "payment.stand_in_asked";
  readonly payment: string;
  readonly lane: string;
  readonly account: string;
  readonly amount_minor: number;
  /** Null: the visit has none. */
  readonly allowance: Omit<Allowance, "proof"> | null;
}

/** Who stands in for the issuer; a store has one. */
export const standInAddress = "stand_in/store";

/** What the issuer has reserved for a visit, to be used once while it is away. */
export interface Allowance {
  readonly allowance: string;
  readonly amount_minor: number;
  readonly expires_ms: number;
  /** The issuer's signature over it. Secret: for the issuer alone. */
  readonly proof: string;
}
