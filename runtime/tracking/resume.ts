/** What a cart held when an earlier tracker ended, in the terms of this one. */
import type { Evidence, Line } from "./closed.ts";
import { Holding } from "./holding.ts";
import type { Planogram } from "./planogram.ts";

/** Undefined where it holds something that the planogram does not name. Of what was seen of a line
 * the last is kept: how its units were shared among changes is not known any more. */
export function leftBy(
  cart: string,
  lines: readonly Line[],
  planogram: Planogram,
): { readonly holding: Holding; readonly evidence: [string, Evidence][] } | undefined {
  let holding = Holding.empty;
  const evidence: [string, Evidence][] = [];
  for (const [index, { gtin, units, ...line }] of lines.entries()) {
    const product = planogram.products.get(gtin);
    if (product === undefined) return undefined;
    const change = `before ${cart} ${index}`;
    holding = holding.with({ change, gtin, units, grams: units * product.unit_g }, 1, true);
    const seen = line.evidence.at(-1);
    if (seen !== undefined) evidence.push([change, seen]);
  }
  return { holding, evidence };
}
