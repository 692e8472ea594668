/**
 * Global Trade Item Numbers: the 8, 12, 13 or 14 digits under a bar code, as 14 digits, and only
 * with a right check digit.
 */

/**
 * The last digit of a GTIN: weights 3 and 1 from the right, up to the next ten (GS1 General
 * Specifications, 7.9.1).
 */
export function checkDigit(digits: string): number {
  let sum = 0;
  for (let at = 0; at < digits.length; at++) {
    sum += Number(digits[digits.length - 1 - at]) * (at % 2 === 0 ? 3 : 1);
  }
  return (10 - sum % 10) % 10;
}

/** The number as 14 digits; undefined unless it is a GTIN with a right check digit. */
export function gtin14(digits: string): string | undefined {
  if (!/^(\d{8}|\d{12,14})$/.test(digits)) return undefined;
  if (Number(digits.at(-1)) !== checkDigit(digits.slice(0, -1))) return undefined;
  return digits.padStart(14, "0");
}
