/** A retailer says that a trip was paid to it in another way, or not at all, while the charge of
 * that trip is on its way: nobody pays twice, and nothing stays held. */
import assert from "node:assert/strict";
import { settled } from "./testing/clock.ts";
import { heldAcquirer } from "./testing/payments.ts";
import { amount, cart, of, walkOut } from "./testing/walkout.ts";

const path = "/v1/feedback/payment-status";
const status = (paid: number) =>
  of("trip-1", {
    totalAmount: amount(7.47),
    settledAmount: amount(paid),
    paymentStatusTime: 1_700_000_000,
  });

for (const [paid, state] of [[7.47, "cancelled"], [2.5, "unpaid"]] as const) {
  Deno.test(`${paid} of 7.47 paid elsewhere while it is held: let go of, ${state}`, async () => {
    const { place, admit, says, trip, news } = await walkOut();
    await admit("trip-1");
    const adjusted = await says("/v1/adjust/charge", of("trip-1", { amount: amount(7.47) }));
    assert.equal(adjusted.body?.["status"], "APPROVED");
    assert.equal((await says(path, status(paid))).status, 200);
    assert.equal((await trip()).state, state);
    await place.clock.advance(5_000);
    const { payment } = place.store.tables;
    const row = payment.first("by_name", "harbour", "trip-1");
    assert.deepEqual([row?.state, row?.undo, row?.captures], ["reversed", 0, 0]);
    const told = (await news()).at(-1);
    assert.ok(told?.type === "trip.charged", JSON.stringify(told));
    assert.equal(told.outcome, state === "cancelled" ? "reversed" : "declined");
    const late = await says("/v1/capture/charge", of("trip-1", { amount: amount(7.47) }));
    assert.equal(late.status, 400, "nothing is held any more");
    await place.issuer.stop();
  });
}

Deno.test("paid elsewhere while the phone is asked: it need not answer any more", async () => {
  const { place, ada, admit, says, trip } = await walkOut();
  const limits = await ada.client.call("readLimits");
  await ada.client.call("setLimits", { body: { ...limits, sale_minor: 100 } });
  await admit("trip-1");
  await says("/v1/checkout/carts", cart());
  assert.equal((await ada.client.call("approvals")).approvals.length, 1);
  assert.equal((await says(path, status(7.47))).status, 200);
  assert.deepEqual((await ada.client.call("approvals")).approvals, []);
  assert.equal((await trip()).state, "cancelled");
  await place.issuer.stop();
});

Deno.test("paid elsewhere before it has a price: nothing is charged for it any more", async () => {
  const { place, admit, says, trip, news, code } = await walkOut();
  await admit("trip-1");
  assert.equal((await says(path, status(7.47))).status, 200);
  assert.equal((await trip()).state, "cancelled");
  assert.equal((await says("/v1/checkout/carts", cart())).status, 400);
  assert.deepEqual((await news()).at(-1), { type: "trip.cancelled", trip: "trip-1" });
  assert.equal((await admit("trip-2", code())).outcome, "admitted");
  await place.issuer.stop();
});

Deno.test("that it is not paid, said again after it was, shuts nobody out", async () => {
  const { place, admit, says, trip, code } = await walkOut();
  await admit("trip-1");
  await says("/v1/adjust/charge", of("trip-1", { amount: amount(7.47) }));
  for (const [paid, state] of [[0, "unpaid"], [7.47, "cancelled"], [0, "cancelled"]] as const) {
    assert.equal((await says(path, status(paid))).status, 200);
    assert.equal((await trip()).state, state);
  }
  assert.equal((await admit("trip-2", code())).outcome, "admitted");
  await place.issuer.stop();
});

Deno.test("paid elsewhere while it is taken: told to come back, then it is paid", async () => {
  const held = heldAcquirer();
  const { place, admit, says, trip } = await walkOut("test_ok", {}, held.acquirer);
  await admit("trip-1");
  await says("/v1/checkout/carts", cart());
  await held.answerAll();
  assert.equal(held.asked.at(-1), "capture harbour/trip-1/1");
  assert.equal((await says(path, status(7.47))).status, 503);
  await held.answerAll();
  assert.equal((await trip()).state, "paid");
  assert.equal((await says(path, status(7.47))).status, 200);
  assert.equal((await trip()).state, "paid", "it was taken: the retailer gives its own back");
  const stopping = place.issuer.stop();
  await settled();
  await held.answerAll();
  await stopping;
});

Deno.test("cancelled while it is taken: told to come back, whatever comes of it", async () => {
  for (const [instrument, state] of [["test_ok", "paid"], ["test_capture_refused", "owed"]]) {
    const held = heldAcquirer();
    const { place, admit, says, trip } = await walkOut(instrument, {}, held.acquirer);
    await admit("trip-1");
    await says("/v1/checkout/carts", cart());
    await held.answerAll();
    assert.equal(held.asked.at(-1), "capture harbour/trip-1/1");
    assert.equal((await says("/v1/cancel/charge", of())).status, 503);
    await held.answerAll();
    assert.equal((await trip()).state, state);
    assert.equal((await says("/v1/cancel/charge", of())).status, state === "paid" ? 400 : 200);
    assert.equal((await trip()).state, state === "paid" ? "paid" : "cancelled");
    const stopping = place.issuer.stop();
    await settled();
    await held.answerAll();
    await stopping;
  }
});

Deno.test("given back while it is taken: told to come back, then given back", async () => {
  const held = heldAcquirer();
  const { place, admit, says, trip } = await walkOut("test_ok", {}, held.acquirer);
  await admit("trip-1");
  await says("/v1/checkout/carts", cart());
  await held.answerAll();
  const refund = of("trip-1", {
    amount: amount(7.47),
    refundRequestId: "0b5b2a3e-1111-4111-8111-111111111111",
    refundReasonCode: "OTHER",
  });
  assert.equal((await says("/v1/refund", refund)).status, 503);
  await held.answerAll();
  assert.equal((await trip()).state, "paid");
  const asking = says("/v1/refund", refund);
  await held.answerAll();
  assert.equal((await asking).status, 200, "the same request");
  assert.equal((await trip()).refunded_minor, 747);
  const stopping = place.issuer.stop();
  await settled();
  await held.answerAll();
  await stopping;
});
