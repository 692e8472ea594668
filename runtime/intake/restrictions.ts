/**
 * What is not for everybody: which categories of goods want an age or another eligibility, by the
 * law of the store's country and by the store's own wish. A till names the category, or the need.
 */

/** Ages for a category by country; `other` is the strictest, for countries that are not listed. */
const usual: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  beer_wine: { other: "age_over_21", AT: "age_over_16", DE: "age_over_16", ...eighteen() },
  spirits: { other: "age_over_21", AT: "age_over_18", DE: "age_over_18", ...eighteen() },
  tobacco: { other: "age_over_21", AT: "age_over_18", DE: "age_over_18", ...eighteen() },
  adult: { other: "age_over_21", AT: "age_over_18", DE: "age_over_18", ...eighteen() },
  prescription: { other: "prescription" },
};

/** Countries in which all of this is for adults of eighteen. */
function eighteen(): Record<string, string> {
  return Object.fromEntries(["ES", "FR", "GB", "IE", "IT", "PL"].map((at) => [at, "age_over_18"]));
}

/** What one must be to have goods of this category in this jurisdiction; undefined when they are
 * for everybody. The store's own wish comes before the country's rule. */
export function needOf(
  category: string | undefined,
  jurisdiction: string,
  own: Readonly<Record<string, string>>,
): string | undefined {
  if (category === undefined) return undefined;
  const rule = usual[category];
  return own[category] ?? rule?.[jurisdiction.slice(0, 2)] ?? rule?.["other"];
}
