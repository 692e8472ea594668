/** What an auditor has found: a rule of the shop that does not hold, and the actors concerned. */

export interface Finding {
  readonly rule: string;
  /** One line for a person. */
  readonly detail: string;
  /** Ids whose last events tell how it came to be: a payment, a visit, a lane. */
  readonly concerns: readonly string[];
}

/** Takes a finding; the simulation ends after this turn. */
export type Report = (rule: string, detail: string, ...concerns: string[]) => void;
