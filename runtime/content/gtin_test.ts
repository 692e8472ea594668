/** Numbers of goods: lengths, check digits, one spelling. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { checkDigit, gtin14 } from "./gtin.ts";

Deno.test("a GTIN of 8, 12, 13 or 14 digits has one spelling of 14", () => {
  assert.equal(gtin14("96385074"), "00000096385074");
  assert.equal(gtin14("036000291452"), "00036000291452");
  assert.equal(gtin14("4006381333931"), "04006381333931");
  assert.equal(gtin14("04006381333931"), "04006381333931");
});

Deno.test("other lengths, other characters and a wrong check digit are none", () => {
  for (
    const no of ["4006381333932", "963850741", "", "400638133393x", "4006 381333931", "٤٠٠٦٣٨١٣"]
  ) {
    assert.equal(gtin14(no), undefined, no);
  }
});

Deno.test("no single wrong digit passes", () => {
  const digits = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 12, maxLength: 12 });
  fc.assert(fc.property(digits, fc.nat(12), fc.integer({ min: 1, max: 9 }), (body, at, by) => {
    const whole = [...body, checkDigit(body.join(""))];
    assert.ok(gtin14(whole.join("")) !== undefined);
    const wrong = whole.with(at, (whole[at]! + by) % 10);
    assert.equal(gtin14(wrong.join("")), undefined);
  }));
});
