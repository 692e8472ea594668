/** Every operation of the connector in trouble, one by one: too much at once, something behind it
 * away, and a fault. A retailer says the same again after each. */
import assert from "node:assert/strict";
import { RuntimeError } from "../../runtime/errors.ts";
import { issuerLimits as limits } from "./limits.ts";
import { Refusal } from "./refusal.ts";
import { testAcquirer } from "./test_acquirer.ts";
import { settled } from "./testing/clock.ts";
import { heldAcquirer } from "./testing/payments.ts";
import { town } from "./testing/town.ts";
import { amount, cart, of, walkOut } from "./testing/walkout.ts";

const operations: Readonly<Record<string, { path: string; body: unknown }>> = {
  checkout: { path: "/v1/checkout/carts", body: cart() },
  adjust: { path: "/v1/adjust/charge", body: of("trip-1", { amount: amount(5) }) },
  capture: { path: "/v1/capture/charge", body: of("trip-1", { amount: amount(5) }) },
  cancel: { path: "/v1/cancel/charge", body: of() },
  refund: {
    path: "/v1/refund",
    body: of("trip-1", {
      amount: amount(1),
      refundRequestId: "0b0b0b0b-1111-4111-8111-111111111111",
      refundReasonCode: "OTHER",
    }),
  },
  data: { path: "/v1/payment/transactional-data", body: of() },
};

const troubles = [
  [429, "TooManyRequestsException", () => new Refusal("overloaded")],
  [
    503,
    "ServiceUnavailableException",
    () => new RuntimeError("issuer_unreachable", "the acquirer did not answer"),
  ],
  [503, "ServiceUnavailableException", () => new Refusal("payment_busy")],
  [503, "ServiceUnavailableException", () => new Refusal("storage_full")],
  [500, "InternalServerException", () => new Error("the disk is on fire")],
] as const;

for (const [name, { path, body }] of Object.entries(operations)) {
  for (const [status, errorMsg, error] of troubles) {
    const what = `${name}: ${status} is told by its name, and nothing has happened`;
    Deno.test(`${what} (${error().message})`, async () => {
      const { place, admit, says, trip } = await walkOut();
      await admit("trip-1");
      const { trip: trips } = place.store.tables;
      const { get } = trips;
      trips.get = () => {
        throw error();
      };
      assert.deepEqual(await says(path, body), { status, body: { errorMsg } });
      trips.get = get;
      assert.deepEqual([(await trip()).state, (await trip()).amount_minor], ["open", 0]);
    });
  }
}

Deno.test("what a retailer says in the second in which an issuer opens is not lost", async () => {
  const { place, admit, says } = await walkOut();
  await admit("trip-1");
  await place.issuer.stop();
  const { clock, random, store } = place;
  const reopened = await town({ clock, random, store });
  Object.assign(place, { issuer: reopened.issuer });
  const { status, body } = await says("/v1/checkout/carts", cart());
  assert.deepEqual([status, body], [503, { errorMsg: "ServiceUnavailableException" }]);
  await clock.advance(1_000);
  assert.equal((await says("/v1/checkout/carts", cart())).status, 201);
});

Deno.test("another total while one is being held waits for it", async () => {
  const real = testAcquirer();
  let silent = false;
  const { acquirer, answerAll } = heldAcquirer();
  const { place, admit, says, trip } = await walkOut("test_ok", {}, {
    ...acquirer,
    reverse: real.reverse,
    authorise: (request) => silent ? new Promise(() => {}) : acquirer.authorise(request),
  });
  await admit("trip-1");
  const adjust = (value: number) =>
    says("/v1/adjust/charge", of("trip-1", { amount: amount(value) }));
  const approved = (value: number) => ({
    status: 200,
    body: { status: "APPROVED", authorizedAmount: amount(value) },
  });
  const first = adjust(15.99);
  await settled();
  const second = adjust(18.5);
  await answerAll();
  assert.deepEqual(await first, approved(15.99));
  await answerAll();
  assert.deepEqual(await second, approved(18.5));
  silent = true;
  const third = adjust(20);
  await settled();
  const fourth = adjust(22);
  await place.clock.advance(limits.acquirer_ms);
  const later = { status: 503, body: { errorMsg: "ServiceUnavailableException" } };
  assert.deepEqual([await third, await fourth], [later, later]);
  assert.equal((await trip()).amount_minor, 2_000);
});

Deno.test("another total while the phone is asked about one is pending as well", async () => {
  const { admit, says, ada } = await walkOut("test_ok", { account_limit_minor: 1_600 });
  await admit("trip-1");
  const adjust = async (value: number) => {
    const { status, body } = await says(
      "/v1/adjust/charge",
      of("trip-1", { amount: amount(value) }),
    );
    return [status, body?.["status"]];
  };
  assert.deepEqual(await adjust(18.5), [200, "PENDING"]);
  assert.deepEqual(await adjust(12), [200, "PENDING"]);
  const [asked, ...others] = (await ada.client.call("approvals")).approvals;
  assert.deepEqual([asked?.amount_minor, others.length], [1_850, 0]);
  const path = { approval: asked!.approval };
  await ada.client.call("answerApproval", { path, body: { answer: "no" } });
  assert.deepEqual(await adjust(12), [200, "APPROVED"]);
});
