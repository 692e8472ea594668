/** A day's charges and refunds, added up by store. */
import assert from "node:assert/strict";
import { authorised, capture, scene } from "./testing/payments.ts";
import { refused } from "./testing/stories.ts";
import { adminKey } from "./testing/town.ts";

Deno.test("what was charged and given back on a day, and nothing of another", async () => {
  const { place, shop, sale } = await scene();
  const settlement = (day: string) =>
    place.admin.call("settlement", { bearer: adminKey, path: { day } });
  const day = new Date(place.clock.now_ms()).toISOString().slice(0, 10);
  assert.deepEqual((await settlement(day)).stores, []);
  for (const [payment, token] of [["p-1", 0], ["p-2", 1]] as const) {
    await capture(shop, payment, await authorised(shop, sale(payment, token)))();
  }
  await authorised(shop, sale("p-3", 2));
  const body = { refund: "r", payment: "p-1", amount_minor: 250, operator: "ana", reason: "bad" };
  await shop.client.call("refund", { key: "r", body: { ...body, currency: "EUR" } });
  const told = await settlement(day);
  assert.deepEqual(told, {
    day,
    over: false,
    stores: [{
      store: "harbour",
      merchant: "harbour-foods",
      currency: "EUR",
      charges: 2,
      charged_minor: 2_500,
      refunds: 1,
      refunded_minor: 250,
      net_minor: 2_250,
    }],
  });
  await place.clock.advance(86_400_000);
  assert.deepEqual(await settlement(day), { ...told, over: true });
  const next = new Date(place.clock.now_ms()).toISOString().slice(0, 10);
  assert.deepEqual((await settlement(next)).stores, []);
  await refused(settlement("yesterday"), "request_invalid");
  await assert.rejects(place.admin.call("settlement", { path: { day } }), { kind: "unauthorised" });
});
