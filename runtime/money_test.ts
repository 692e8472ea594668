/** Money in and out of decimals, in currencies of no, two and three of them. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { decimal, decimalPlaces, minorUnits } from "./money.ts";

Deno.test("money: a currency has the decimals of ISO 4217", () => {
  assert.deepEqual(["EUR", "JPY", "KWD", "CLF"].map(decimalPlaces), [2, 0, 3, 4]);
  assert.throws(() => decimalPlaces("euro"), RangeError);
});

Deno.test("money: what is written comes back as the same minor units", () => {
  const currency = fc.constantFrom("EUR", "JPY", "KWD");
  fc.assert(fc.property(fc.nat(1e9), currency, fc.nat(6), (minor, code, atLeast) => {
    assert.equal(minorUnits(decimal(minor, code, atLeast), code), minor);
  }));
});

Deno.test("money: written in full, with the decimals asked for", () => {
  assert.equal(decimal(123_456, "EUR"), "1234.56");
  assert.equal(decimal(5, "EUR"), "0.05");
  assert.equal(decimal(-250, "EUR"), "-2.50");
  assert.equal(decimal(5, "KWD"), "0.005");
  assert.equal(decimal(1_200, "JPY"), "1200");
  assert.equal(decimal(1_200, "JPY", 2), "1200.00");
});

Deno.test("money: what is no amount of the currency is nothing", () => {
  for (const written of ["", ".5", "-1.00", "1,00", "1.005", "1e3", " 1", "1.", "1234567890123"]) {
    assert.equal(minorUnits(written, "EUR"), undefined, written);
  }
  assert.equal(minorUnits("12.50", "JPY"), undefined);
  assert.equal(minorUnits("12.00", "JPY"), 12);
  assert.equal(minorUnits("1.500000", "EUR"), 150);
});
