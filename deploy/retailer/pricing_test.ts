/** Prices of carts: promotions, taxes and deposits to the last cent. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { type Catalogue, type Product, sampleCatalogue } from "./catalogue.ts";
import { checkoutOf, priceOf } from "./pricing.ts";

const named = (sku: string): Product =>
  sampleCatalogue.products.find((product) => product.sku === sku)!;
const priced = (sku: string, units: number) =>
  priceOf(sampleCatalogue, [{ product: named(sku), units }]);

Deno.test("pricing: a percentage, a fixed amount, and one free of three", () => {
  assert.equal(priced("COF-01", 1).promotions_minor, 90);
  assert.equal(priced("OIL-01", 2).promotions_minor, 400);
  assert.deepEqual([2, 3, 6].map((units) => priced("CHO-01", units).promotions_minor), [
    0,
    249,
    498,
  ]);
});

Deno.test("pricing: tax is on what is left after promotions, deposits are not taxed", () => {
  const oil = priced("OIL-01", 1);
  assert.equal(oil.tax_minor, 70);
  assert.equal(oil.total_minor, 999 + 70);
  const water = priced("WAT-01", 2);
  assert.deepEqual([water.tax_minor, water.deposits_minor, water.total_minor], [38, 50, 286]);
});

Deno.test("pricing: stacked promotions never ask for less than nothing", () => {
  const tea = named("TEA-01");
  const catalogue: Catalogue = {
    ...sampleCatalogue,
    promotions: [
      { kind: "fixed", sku: tea.sku, off_minor: 300 },
      { kind: "fixed", sku: tea.sku, off_minor: 300 },
    ],
  };
  assert.equal(priceOf(catalogue, [{ product: tea, units: 1 }]).total_minor, 0);
});

Deno.test("pricing: the worked example of the connector", () => {
  const product: Product = { ...named("TEA-01"), price_minor: 100, tax_basis_points: 0 };
  const catalogue: Catalogue = {
    currency: "USD",
    products: [product],
    promotions: [{ kind: "fixed", sku: product.sku, off_minor: 1 }],
  };
  const { lineItems, orderTotals } = checkoutOf(
    "trip",
    "store-1",
    priceOf(catalogue, [{ product, units: 1 }]),
  );
  assert.deepEqual(lineItems[0]?.unitPrice.totalPrice, { amount: "0.99", currencyCode: "USD" });
  assert.equal(orderTotals.subTotal.amount, "1.00");
  assert.equal(orderTotals.promotionsTotal.amount, "0.01");
  assert.equal(orderTotals.salesTaxTotal.amount, "0.00");
  assert.equal(orderTotals.priceTotal.amount, "0.99");
  const yen = checkoutOf("trip", "store-1", {
    ...priceOf({ ...catalogue, currency: "JPY" }, [{ product, units: 1 }]),
  });
  assert.equal(yen.orderTotals.priceTotal.amount, "99.00", "two decimals, always");
});

Deno.test("pricing: totals are the sums of the lines and add up, for any cart", () => {
  const cart = fc.array(
    fc.record({
      product: fc.constantFrom(...sampleCatalogue.products),
      units: fc.integer({ min: 1, max: 999 }),
    }),
    { maxLength: 40 },
  );
  fc.assert(fc.property(cart, (lines) => {
    const found = priceOf(sampleCatalogue, lines);
    assert.equal(found.total_minor, found.lines.reduce((sum, line) => sum + line.total_minor, 0));
    assert.equal(
      found.total_minor,
      found.subtotal_minor - found.promotions_minor + found.tax_minor + found.deposits_minor,
    );
    assert.ok(found.lines.every((line) => line.total_minor >= 0 && line.off_minor >= 0));
  }));
});
