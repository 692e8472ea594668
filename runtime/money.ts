/**
 * Money as people and other systems write it, and back: a currency says how many decimals its minor
 * unit is away (EUR 2, JPY 0, KWD 3, by ISO 4217). Inside, money is whole minor units only.
 */

const places = new Map<string, number>();

/** How many decimals the minor unit of a currency stands for, e.g. 2 for `EUR`.
 *
 * @throws {RangeError} where the code is not three letters. */
export function decimalPlaces(currency: string): number {
  let known = places.get(currency);
  if (known === undefined) {
    const format = new Intl.NumberFormat("en", { style: "currency", currency });
    known = format.resolvedOptions().maximumFractionDigits ?? 2;
    places.set(currency, known);
  }
  return known;
}

/**
 * Minor units of a plain decimal number that is not negative; undefined where it is no such number
 * or says more than the currency can.
 *
 * ```ts
 * import { minorUnits } from "./money.ts";
 * import assert from "node:assert/strict";
 * assert.equal(minorUnits("12.5", "EUR"), 1250);
 * assert.equal(minorUnits("12.00", "JPY"), 12);
 * assert.equal(minorUnits("12.50", "JPY"), undefined);
 * ```
 */
export function minorUnits(written: string, currency: string): number | undefined {
  const [, whole = "", part = ""] = /^(\d{1,12})(?:\.(\d{1,6}))?$/.exec(written) ?? [];
  if (whole === "") return undefined;
  const kept = decimalPlaces(currency);
  if (/[^0]/.test(part.slice(kept))) return undefined;
  return Number(whole + part.slice(0, kept).padEnd(kept, "0"));
}

/**
 * An amount with the decimals of its currency, or with more of them.
 *
 * ```ts
 * import { decimal } from "./money.ts";
 * import assert from "node:assert/strict";
 * assert.equal(decimal(1250, "EUR"), "12.50");
 * assert.equal(decimal(12, "JPY", 2), "12.00");
 * ```
 */
export function decimal(amount_minor: number, currency: string, atLeast = 0): string {
  const own = decimalPlaces(currency);
  const digits = String(Math.abs(amount_minor)).padStart(own + 1, "0");
  const whole = digits.slice(0, digits.length - own);
  const part = digits.slice(digits.length - own).padEnd(atLeast, "0");
  return `${amount_minor < 0 ? "-" : ""}${whole}${part === "" ? "" : `.${part}`}`;
}
