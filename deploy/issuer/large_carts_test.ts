/** Carts as large as a retailer may post them: their gateway reads of them, and of what comes
 * after; what its feed has no words for is not taken. */
import assert from "node:assert/strict";
import { amount, cart, of, walkOut } from "./testing/walkout.ts";

const money = (text: string) => ({ amount: text, currencyCode: "EUR" });
const line = (change: { name?: string; units?: string; total?: string } = {}) => {
  const { name = "Green tea", units = "1.0", total = "1.00" } = change;
  return {
    productId: "2000000000015",
    productName: name,
    type: "SKU",
    quantity: { value: units, unit: "unit" },
    unitPrice: { price: money(total), totalPrice: money(total) },
  };
};
const cartOf = (lineItems: readonly ReturnType<typeof line>[], total: string) =>
  cart("trip-1", { lineItems, orderTotals: { subTotal: money(total), priceTotal: money(total) } });

Deno.test("the gateway of a cart with every line that there may be reads on", async () => {
  const { place, admit, says, news, trip } = await walkOut();
  await admit("trip-1");
  const tea = "茶".repeat(190);
  const lines = Array.from({ length: 200 }, (_, at) => line({ name: `${at} ${tea}` }));
  assert.equal((await says("/v1/checkout/carts", cartOf(lines, "200.00"))).status, 201);
  const [priced, charged] = await news();
  assert.ok(priced?.type === "trip.priced" && charged?.type === "trip.charged");
  assert.deepEqual([priced.items.length, charged.outcome], [200, "captured"]);
  assert.equal((await trip()).items.length, 200);
  await place.issuer.stop();
});

Deno.test("what nobody could be told of a cart is not taken", async () => {
  const { place, admit, says, news, trip } = await walkOut();
  await admit("trip-1");
  for (
    const odd of [
      cartOf([line({ units: "10001.0", total: "1.00" })], "1.00"),
      cartOf([line({ total: "1000000.01" })], "1000000.01"),
    ]
  ) {
    const { status, body } = await says("/v1/checkout/carts", odd);
    assert.deepEqual([status, body?.["errorMsg"]], [400, "CartContentValidationFailed"]);
  }
  const adjusted = await says("/v1/adjust/charge", of("trip-1", { amount: amount(1_000_000.01) }));
  assert.deepEqual([adjusted.status, adjusted.body?.["field"]], [400, "amount"]);
  assert.equal((await says("/v1/checkout/carts", cart())).status, 201);
  assert.deepEqual((await news()).map(({ type }) => type), ["trip.priced", "trip.charged"]);
  assert.equal((await trip()).state, "paid");
  await place.issuer.stop();
});
