/** One try of a payment is asked of one instrument, whatever its account pays by since. */
import assert from "node:assert/strict";
import type { AcquirerRequest } from "./acquirer.ts";
import { testAcquirer } from "./test_acquirer.ts";
import { authorised, capture, reverse, scene } from "./testing/payments.ts";
import { amount, of, walkOut } from "./testing/walkout.ts";
import type { Town } from "./testing/town.ts";

/** An acquirer, and of which instrument it was asked under each reference. */
function noting() {
  const real = testAcquirer();
  const asked = new Map<string, Set<string>>();
  type Named = Pick<AcquirerRequest, "reference" | "instrument">;
  const noted =
    <Request extends Named, Answer>(ask: (request: Request) => Promise<Answer>) =>
    (request: Request): Promise<Answer> => {
      const { reference, instrument } = request;
      asked.set(reference, (asked.get(reference) ?? new Set()).add(instrument));
      return ask(request);
    };
  const acquirer = {
    ...real,
    authorise: noted(real.authorise),
    capture: noted(real.capture),
    refund: noted(real.refund),
    reverse: noted(real.reverse),
  };
  const of = (reference: string) => [...asked.get(reference) ?? []];
  return { acquirer, of };
}

/** As when a change of account data takes effect. */
function turnsTo(place: Town, account: string, instrument: string): void {
  const { account: accounts } = place.store.tables;
  place.store.transaction(() => accounts.change(accounts.get(account)!, { instrument }));
}

Deno.test("what was held on one card is taken from it, and given back to it", async () => {
  const asked = noting();
  const { place, shop, ada, sale } = await scene("test_ok", asked.acquirer);
  const authorisation = await authorised(shop, sale("p-1"));
  await authorised(shop, sale("p-2", 1));
  turnsTo(place, ada.account, "test_capture_refused");
  assert.equal((await capture(shop, "p-1", authorisation)()).outcome, "captured");
  await reverse(shop, "p-2");
  const refund = { refund: "r-1", payment: "p-1", amount_minor: 250, currency: "EUR" };
  const body = { ...refund, operator: "olga", reason: "broken" };
  assert.equal((await shop.client.call("refund", { key: "r", body })).outcome, "refunded");
  assert.deepEqual(asked.of("harbour/p-1/1"), ["test_ok"]);
  assert.deepEqual(asked.of("harbour/p-2/1"), ["test_ok"]);
});

Deno.test("what is owed is asked of the card that the account has by then", async () => {
  const asked = noting();
  const made = await walkOut("test_insufficient_funds", {}, asked.acquirer);
  const { place, ada, admit, says, trip } = made;
  await admit("trip-1");
  await says("/v1/adjust/charge", of("trip-1", { amount: amount(15.99) }));
  assert.equal((await trip()).state, "owed");
  turnsTo(place, ada.account, "test_ok");
  await ada.client.call("settleTrip", { body: { trip: "trip-1" } });
  assert.equal((await trip()).state, "paid");
  assert.deepEqual(asked.of("harbour/trip-1/2"), ["test_ok"]);
});

Deno.test("more is held on the card on which less was", async () => {
  const asked = noting();
  const { place, ada, admit, says } = await walkOut("test_ok", {}, asked.acquirer);
  await admit("trip-1");
  await says("/v1/adjust/charge", of("trip-1", { amount: amount(15.99) }));
  turnsTo(place, ada.account, "test_declined");
  const more = await says("/v1/adjust/charge", of("trip-1", { amount: amount(18.5) }));
  assert.equal(more.body?.["status"], "APPROVED");
  for (const reference of ["harbour/trip-1/1", "harbour/trip-1/2"]) {
    assert.deepEqual(asked.of(reference), ["test_ok"]);
  }
});

Deno.test("an account that is erased leaves no card behind in what has ended", async () => {
  const { place, shop, ada, sale } = await scene();
  const authorisation = await authorised(shop, sale("p-1"));
  await capture(shop, "p-1", authorisation)();
  const { payment } = place.store.tables;
  assert.equal(payment.first("by_name", "harbour", "p-1")?.instrument, "test_ok");
  await ada.client.call("eraseAccount");
  assert.equal(payment.first("by_name", "harbour", "p-1")?.instrument, null);
});
