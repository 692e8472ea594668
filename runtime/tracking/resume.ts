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
    const seen = line.evidence.at(-1);
    holding = holding.with(
      {
        change,
        plate: seen?.plate ?? "",
        at_ms: seen?.settled_ms ?? 0,
        gtin,
        units,
        grams: units * product.unit_g,
        variance: units * product.deviation_g ** 2,
      },
      1,
      true,
    );
    if (seen !== undefined) evidence.push([change, seen]);
  }
  return { holding, evidence };
}
