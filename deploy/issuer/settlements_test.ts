/** A day's charges and refunds, added up by store and line by line. */
import assert from "node:assert/strict";
import { authorised, capture, scene } from "./testing/payments.ts";
import { refused } from "./testing/stories.ts";
import { issuerLimits } from "./limits.ts";
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

Deno.test("each capture and refund of a day is a line, page by page, and they add up", async () => {
  const { place, shop, sale } = await scene();
  const day = new Date(place.clock.now_ms()).toISOString().slice(0, 10);
  await capture(shop, "p-1", await authorised(shop, sale("p-1", 0)))();
  await place.clock.advance(5);
  await capture(shop, "p-2", await authorised(shop, sale("p-2", 1)))();
  await place.clock.advance(5);
  const body = { refund: "r", payment: "p-1", amount_minor: 250, operator: "ana", reason: "bad" };
  await shop.client.call("refund", { key: "r", body: { ...body, currency: "EUR" } });
  const ask = (after?: string) =>
    place.admin.call("settlementLines", {
      bearer: adminKey,
      path: { day },
      query: after === undefined ? {} : { after },
    });
  const { lines, next, over } = await ask();
  assert.deepEqual(
    lines.map(({ kind, payment, refund, amount_minor }) => [kind, payment, refund, amount_minor]),
    [["charge", "p-1", null, 1_250], ["charge", "p-2", null, 1_250], ["refund", "p-1", "r", 250]],
  );
  assert.deepEqual([next, over], [null, false]);
  assert.equal(new Set(lines.map(({ receipt }) => receipt)).size, 3);
  const [sum] = (await place.admin.call("settlement", { bearer: adminKey, path: { day } })).stores;
  const signed = lines.map(({ kind, amount_minor }) =>
    kind === "charge" ? amount_minor : -amount_minor
  );
  assert.equal(sum?.net_minor, signed.reduce((total, amount) => total + amount, 0));
  const later = await ask(String(lines[0]?.at_ms));
  assert.deepEqual(later.lines, lines.slice(1));
  await refused(ask("12"), "request_invalid");
});

Deno.test("a day of more lines than a page holds is read to its end, each line once", async () => {
  const { place, shop, sale } = await scene();
  const day = new Date(place.clock.now_ms()).toISOString().slice(0, 10);
  await capture(shop, "p-1", await authorised(shop, sale("p-1", 0)))();
  const { receipt } = place.store.tables;
  const [first] = receipt.all("by_time", []);
  assert.ok(first);
  const many = 2 * issuerLimits.settlement_page + 10;
  place.store.transaction(() => {
    for (let number = 0; number < many; number++) {
      // Three in each millisecond: a page never ends in the middle of one.
      const captured_at_ms = first.captured_at_ms + 1 + Math.floor(number / 3);
      const name = `copy-${number}`;
      receipt.insert({
        ...first,
        sequence: 100 + number,
        receipt: name,
        payment: name,
        captured_at_ms,
      });
    }
  });
  const seen: string[] = [];
  for (let after: string | null = ""; after !== null;) {
    const query: { after?: string } = after === "" ? {} : { after };
    const page: Awaited<ReturnType<typeof read>> = await read(query);
    seen.push(...page.lines.map((line) => line.receipt));
    after = page.next;
  }
  function read(query: { after?: string }) {
    return place.admin.call("settlementLines", { bearer: adminKey, path: { day }, query });
  }
  assert.equal(seen.length, many + 1);
  assert.equal(new Set(seen).size, many + 1);
});
