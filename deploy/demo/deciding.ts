/**
 * What a cashier says next about a sale that waits for them: what the issuer does not attest is
 * taken out, what it does is confirmed, and a question is answered as the shopper answers it.
 */
import type { SaleAnswer, SaleWord } from "./till_words.ts";

/** Whoever stands there, as far as a cashier hears and sees. */
export interface Answering {
  readonly initials: string;
  /** So many wrong answers before the right one. */
  readonly mumbles: number;
}

/** Nobody's initials here have a digit. */
const mumbled = "0";

/** Undefined when the sale waits for something else; `given` answers were given before. */
export function wordFor(
  { payment, state, restricted, dropped }: SaleAnswer,
  { initials, mumbles }: Answering,
  given: number,
): SaleWord | undefined {
  if (state === "awaiting_eligibility") {
    const drop = restricted.flatMap(({ item, eligible }) => eligible ? [] : [item]);
    return drop.length > 0
      ? { say: "drop", payment, drop, dropped: dropped.length }
      : { say: "confirm", payment };
  }
  if (state === "awaiting_answer") {
    const answer = given < mumbles ? mumbled : initials;
    return { say: "answer", payment, kind: "initials", answer };
  }
  return undefined;
}
