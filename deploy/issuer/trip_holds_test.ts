/** What is held for a walk-out trip, and said of it, when its retailer changes its mind. */
import assert from "node:assert/strict";
import { RuntimeError } from "../../runtime/errors.ts";
import { acquirerOf, openBook } from "./testing/acquirer.ts";
import { amount, cart, of, walkOut } from "./testing/walkout.ts";

/** A trip of which 15.99 is held, and an acquirer that can be away for reversals. */
async function held() {
  const book = openBook();
  const real = acquirerOf(book);
  const road = { away: false };
  const onRoad =
    <Request, Answer>(ask: (request: Request) => Promise<Answer>) =>
    (request: Request): Promise<Answer> =>
      road.away
        ? Promise.reject(new RuntimeError("issuer_unreachable", "nobody there"))
        : ask(request);
  const made = await walkOut("test_ok", {}, {
    ...real,
    reverse: onRoad(real.reverse),
    reverseAll: onRoad(real.reverseAll),
  });
  await made.admit("trip-1");
  const adjust = (value: number) =>
    made.says("/v1/adjust/charge", of("trip-1", { amount: amount(value) }));
  assert.equal((await adjust(15.99)).body?.["status"], "APPROVED");
  return { ...made, book, road, adjust };
}

Deno.test("given up before more could be held: what was held before goes as well", async () => {
  const { place, says, book, road, adjust } = await held();
  road.away = true;
  assert.equal((await adjust(18.5)).status, 503);
  assert.equal((await says("/v1/cancel/charge", of())).status, 200);
  road.away = false;
  await place.clock.advance(120_000);
  assert.deepEqual(book.deeds("harbour/trip-1/1"), ["authorise", "reverse"]);
  assert.equal(place.store.tables.payment.first("by_name", "harbour", "trip-1")?.undo, 0);
});

Deno.test("given up, and what was held before turns out to be taken: that is paid", async () => {
  const { place, ada, says, trip, book, road, adjust } = await held();
  road.away = true;
  await adjust(18.5);
  book.note("harbour/trip-1/1", "capture", { reason: null, amount_minor: 1_599 });
  await says("/v1/cancel/charge", of());
  road.away = false;
  await place.clock.advance(120_000);
  assert.equal((await trip()).state, "paid");
  const { receipts } = await ada.client.call("receipts");
  assert.deepEqual(receipts.map(({ amount_minor }) => amount_minor), [1_599]);
  const refund = of("trip-1", {
    amount: amount(15.99),
    refundRequestId: "0b5b2a3e-1111-4111-8111-111111111111",
    refundReasonCode: "OTHER",
  });
  assert.equal((await says("/v1/refund", refund)).status, 200);
  assert.equal(book.sums("harbour/trip-1/1").refunded_minor, 1_599, "of the try that was taken");
});

Deno.test("the phone is shown and receipted what is held by now, and disputes that", async () => {
  for (const [wished, taken] of [[18.5, 18.5], [5, 5], [18.5, 5]] as const) {
    const { ada, says, trip, adjust } = await held();
    assert.equal((await adjust(wished)).body?.["status"], "APPROVED");
    const shown = await trip();
    assert.deepEqual(shown.items.map(({ amount_minor }) => amount_minor), [shown.amount_minor]);
    const capture = of("trip-1", { amount: amount(taken) });
    assert.equal((await says("/v1/capture/charge", capture)).status, 200);
    const [receipt] = (await ada.client.call("receipts")).receipts;
    assert.deepEqual(receipt?.items.map((item) => item.amount_minor), [taken * 100]);
    const path = { trip: "trip-1" };
    await ada.client.call("disputeLine", { path, body: { line: 0, units: 1 } });
    assert.equal((await trip()).disputes[0]?.amount_minor, taken * 100);
  }
});

Deno.test("less was taken before than is asked for now: that is what is receipted", async () => {
  const { ada, says, trip, book } = await held();
  book.note("harbour/trip-1/1", "capture", { reason: null, amount_minor: 500 });
  const capture = of("trip-1", { amount: amount(15.99) });
  assert.equal((await says("/v1/capture/charge", capture)).status, 200);
  const [receipt] = (await ada.client.call("receipts")).receipts;
  assert.deepEqual([receipt?.amount_minor, receipt?.items[0]?.amount_minor], [500, 500]);
  assert.deepEqual([(await trip()).state, (await trip()).amount_minor], ["paid", 500]);
});

Deno.test("what its shopper pays from the phone is taken, not only held", async () => {
  const { place, ada, admit, says, trip } = await walkOut("test_insufficient_funds");
  await admit("trip-1");
  const wish = of("trip-1", { amount: amount(15.99) });
  assert.equal((await says("/v1/adjust/charge", wish)).body?.["status"], "DECLINED");
  const { account } = place.store.tables;
  place.store.transaction(() =>
    account.change(account.get(ada.account)!, { instrument: "test_ok" })
  );
  const { state } = await ada.client.call("settleTrip", { body: { trip: "trip-1" } });
  assert.equal(state, "paid");
  assert.deepEqual([(await trip()).state, (await trip()).reason], ["paid", null]);
  assert.equal((await says("/v1/adjust/charge", wish)).body?.["status"], "APPROVED");
  assert.equal((await says("/v1/capture/charge", wish)).status, 200, "and not a second time");
  const { receipts } = await ada.client.call("receipts");
  assert.deepEqual(receipts.map(({ amount_minor }) => amount_minor), [1_599]);
});

Deno.test("a wish to pay what is owed, never answered, leaves it owed", async () => {
  const settings = { trip_ms: 60_000 };
  const { place, ada, admit, says, trip, code } = await walkOut(
    "test_insufficient_funds",
    settings,
  );
  await admit("trip-1");
  await says("/v1/checkout/carts", cart());
  assert.equal((await trip()).state, "owed");
  const { account } = place.store.tables;
  place.store.transaction(() =>
    account.change(account.get(ada.account)!, { instrument: "test_unreachable" })
  );
  await assert.rejects(ada.client.call("settleTrip", { body: { trip: "trip-1" } }));
  await place.clock.advance(62_000);
  assert.equal((await trip()).state, "unpaid");
  const refused = { outcome: "refused", reason: "outstanding_balance" };
  assert.deepEqual(await admit("trip-2", code()), refused);
});
