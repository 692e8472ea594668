/** A retailer asks the issuer: the published connector's cases, by their numbers. */
// long because every case of the published lists stands here once
import assert from "node:assert/strict";
import { testAcquirer } from "./test_acquirer.ts";
import { amount, cart, of, walkOut, without } from "./testing/walkout.ts";

type Json = Record<string, unknown>;
const money = (text: string) => ({ amount: text, currencyCode: "EUR" });
const refundId = "0b5b2a3e-1111-4111-8111-111111111111";
const refund = (changes: Json = {}) =>
  of("trip-1", {
    amount: amount(1),
    refundRequestId: refundId,
    refundReasonCode: "DAMAGED_ITEM",
    ...changes,
  });

Deno.test("checkout 1: a valid cart is an order, and the same again is the same", async () => {
  const { admit, says } = await walkOut();
  await admit("trip-1");
  const { status, body } = await says("/v1/checkout/carts", cart());
  assert.equal(status, 201);
  assert.match(String(body?.["orderId"]), /^order-/);
});

const [line] = cart().lineItems;
const wrongCarts: Readonly<Record<string, readonly [body: unknown, error: string]>> = {
  "2 unknown trip": [cart("nobody"), "UnknownShoppingTripException"],
  "3 trip missing": [without(cart(), "idempotentShoppingTripId"), "InvalidRequestException"],
  "3 store missing": [without(cart(), "storeId"), "InvalidRequestException"],
  "3 lines missing": [without(cart(), "lineItems"), "InvalidRequestException"],
  "3 totals missing": [without(cart(), "orderTotals"), "InvalidRequestException"],
  "3 one decimal": [
    cart("trip-1", {
      lineItems: [{ ...line, unitPrice: { price: money("1.0"), totalPrice: money("1.0") } }],
    }),
    "InvalidRequestException",
  ],
  "3 a number for money": [
    cart("trip-1", { orderTotals: { priceTotal: { amount: 7.47, currencyCode: "EUR" } } }),
    "InvalidRequestException",
  ],
  "4 empty cart": [cart("trip-1", { lineItems: [] }), "CartContentValidationFailed"],
  "5 price missing in totals": [
    cart("trip-1", { orderTotals: without(cart().orderTotals, "priceTotal") }),
    "CartOrderTotalInvalid",
  ],
  "5 totals do not add up": [
    cart("trip-1", { orderTotals: { ...cart().orderTotals, priceTotal: money("7.48") } }),
    "CartOrderTotalInvalid",
  ],
  "5 lines do not add up": [
    cart("trip-1", {
      lineItems: [{ ...line, unitPrice: { price: money("1.00"), totalPrice: money("1.00") } }],
    }),
    "CartOrderTotalInvalid",
  ],
  "5 another currency": [
    JSON.parse(JSON.stringify(cart()).replaceAll("EUR", "USD")),
    "CartOrderTotalInvalid",
  ],
  "empty body": ["", "InvalidRequestException"],
};

Deno.test("checkout: what is wrong is refused by its name, and charges nothing", async (test) => {
  const { admit, says, ada } = await walkOut();
  await admit("trip-1");
  for (const [name, [body, error]] of Object.entries(wrongCarts)) {
    await test.step(name, async () => {
      const answer = await says("/v1/checkout/carts", body);
      assert.deepEqual([answer.status, answer.body?.["errorMsg"]], [400, error]);
    });
  }
  assert.deepEqual((await ada.client.call("receipts")).receipts, []);
});

Deno.test("checkout 6: a trip whose time is over", async () => {
  const { place, admit, says } = await walkOut("test_ok", { trip_open_ms: 5_000 });
  await admit("trip-1");
  await place.clock.advance(5_000);
  const { status, body } = await says("/v1/checkout/carts", cart());
  assert.deepEqual([status, body?.["errorMsg"]], [400, "ShoppingTripExpiredException"]);
});

Deno.test("checkout 7, 8: a wrong signature is a 403, a fault a 500", async () => {
  const { place, admit, says } = await walkOut();
  await admit("trip-1");
  const forged = await says("/v1/checkout/carts", cart(), "retailer:nobody");
  assert.deepEqual([forged.status, forged.body], [403, { errorMsg: "AuthenticationException" }]);
  const unsigned = await place.issuer.app.request("/v1/checkout/carts", {
    method: "POST",
    body: JSON.stringify(cart()),
  });
  assert.equal(unsigned.status, 403);
  await unsigned.body?.cancel();
  place.store.tables.trip.change = () => {
    throw new Error("the disk is on fire");
  };
  const broken = await says("/v1/checkout/carts", cart());
  assert.deepEqual([broken.status, broken.body], [500, { errorMsg: "InternalServerException" }]);
});

Deno.test("payment service: adjust holds, capture takes, refund gives back", async () => {
  const { admit, says, trip, news, ada } = await walkOut();
  await admit("trip-1");
  const adjust = (value: number) =>
    says("/v1/adjust/charge", of("trip-1", { amount: amount(value) }));
  assert.deepEqual(await adjust(15.99), {
    status: 200,
    body: { status: "APPROVED", authorizedAmount: amount(15.99) },
  });
  assert.deepEqual((await adjust(15.99)).body?.["status"], "APPROVED", "the same again");
  assert.equal((await adjust(12)).body?.["status"], "APPROVED", "less is held already");
  assert.equal((await adjust(18.5)).body?.["status"], "APPROVED", "more is held anew");
  const capture = of("trip-1", { amount: amount(18.5) });
  assert.deepEqual(await says("/v1/capture/charge", capture), { status: 200, body: null });
  assert.deepEqual(await says("/v1/capture/charge", capture), { status: 200, body: null });
  assert.equal((await trip()).state, "paid");
  const back = await says("/v1/refund", refund());
  assert.equal(back.status, 200);
  assert.deepEqual(await says("/v1/refund", refund()), back, "one effect, one answer");
  assert.equal((await trip()).refunded_minor, 100);
  const more = refund({ refundRequestId: refundId.replace("0b", "0c"), amount: amount(17.51) });
  assert.equal((await says("/v1/refund", more)).status, 400, "never more than was captured");
  assert.equal((await ada.client.call("receipts")).receipts.length, 2);
  assert.deepEqual((await news()).map(({ type }) => type), [
    "trip.priced",
    "trip.charged",
    "trip.refunded",
  ]);
});

Deno.test("a part is captured where the retailer wants no more", async () => {
  const { admit, says, trip } = await walkOut();
  await admit("trip-1");
  await says("/v1/adjust/charge", of("trip-1", { amount: amount(20) }));
  assert.equal(
    (await says("/v1/capture/charge", of("trip-1", { amount: amount(5) }))).status,
    200,
  );
  assert.deepEqual([(await trip()).state, (await trip()).amount_minor], ["paid", 500]);
});

Deno.test("what the acquirer does not let be taken is not told as taken", async () => {
  const { admit, says, trip } = await walkOut("test_capture_refused");
  await admit("trip-1");
  const adjusted = await says("/v1/adjust/charge", of("trip-1", { amount: amount(20) }));
  assert.equal(adjusted.body?.["status"], "APPROVED");
  const refused = {
    status: 400,
    body: { errorMsg: "BadRequestException", field: "shoppingTripId" },
  };
  const capture = of("trip-1", { amount: amount(20) });
  assert.deepEqual(await says("/v1/capture/charge", capture), refused);
  assert.deepEqual(await says("/v1/capture/charge", capture), refused, "the same again");
  assert.equal((await trip()).state, "owed");
});

Deno.test("adjust 2, 3: declined and pending are answers, not errors", async () => {
  const broke = await walkOut("test_declined");
  await broke.admit("trip-1");
  const wish = of("trip-1", { amount: amount(15.99) });
  const { status, body } = await broke.says("/v1/adjust/charge", wish);
  assert.deepEqual([status, body?.["status"]], [200, "DECLINED"]);
  const asked = await walkOut("test_ok", { account_limit_minor: 500 });
  await asked.admit("trip-1");
  assert.equal((await asked.says("/v1/adjust/charge", wish)).body?.["status"], "PENDING");
  const [approval] = (await asked.ada.client.call("approvals")).approvals;
  await asked.ada.client.call("answerApproval", {
    path: { approval: approval!.approval },
    body: { answer: "yes" },
  });
  assert.equal((await asked.says("/v1/adjust/charge", wish)).body?.["status"], "APPROVED");
});

Deno.test("more than was held, above a limit: the phone is asked, and the hold goes", async () => {
  for (const answer of ["yes", "no"] as const) {
    const acts: string[] = [];
    const real = testAcquirer();
    const noted = (word: string, { reference }: { reference: string }) =>
      void acts.push(`${word} ${reference}`);
    const limits = { account_limit_minor: 1_600 };
    const { place, admit, says, ada, trip } = await walkOut("test_ok", limits, {
      ...real,
      authorise: (request) => (noted("hold", request), real.authorise(request)),
      reverse: (request) => (noted("let go", request), real.reverse(request)),
    });
    await admit("trip-1");
    const adjust = async (value: number) =>
      (await says("/v1/adjust/charge", of("trip-1", { amount: amount(value) }))).body?.["status"];
    assert.equal(await adjust(15.99), "APPROVED");
    assert.equal(await adjust(18.5), "PENDING");
    const [asked] = (await ada.client.call("approvals")).approvals;
    assert.equal(asked?.amount_minor, 1_850);
    await place.clock.advance(2_000);
    const path = { approval: asked!.approval };
    await ada.client.call("answerApproval", { path, body: { answer } });
    assert.equal(await adjust(18.5), answer === "yes" ? "APPROVED" : "DECLINED");
    assert.equal((await trip()).state, answer === "yes" ? "held" : "owed");
    assert.deepEqual([...new Set(acts)], [
      "hold harbour/trip-1/1",
      "let go harbour/trip-1/1",
      ...(answer === "yes" ? ["hold harbour/trip-1/2"] : []),
    ]);
    const capture = of("trip-1", { amount: amount(18.5) });
    const taken = await says("/v1/capture/charge", capture);
    assert.equal(taken.status, answer === "yes" ? 200 : 400);
  }
});

Deno.test("cancel lets go of what is held, and nothing can be taken after it", async () => {
  const { admit, says, trip, news } = await walkOut();
  await admit("trip-1");
  await says("/v1/adjust/charge", of("trip-1", { amount: amount(15.99) }));
  assert.deepEqual(await says("/v1/cancel/charge", of()), { status: 200, body: null });
  assert.equal((await trip()).state, "cancelled");
  const capture = of("trip-1", { amount: amount(15.99) });
  assert.equal((await says("/v1/capture/charge", capture)).status, 400);
  const last = (await news()).at(-1);
  assert.ok(last?.type === "trip.charged" && last.outcome === "reversed");
});

const paths = {
  adjust: ["/v1/adjust/charge", of("trip-1", { amount: amount(5) })],
  capture: ["/v1/capture/charge", of("trip-1", { amount: amount(5) })],
  cancel: ["/v1/cancel/charge", of()],
  refund: ["/v1/refund", refund()],
  transactional: ["/v1/payment/transactional-data", of()],
  status: [
    "/v1/feedback/payment-status",
    of("trip-1", {
      totalAmount: amount(5),
      settledAmount: amount(5),
      paymentStatusTime: 1_700_000_000,
    }),
  ],
} as const satisfies Record<string, readonly [string, Json]>;

/** What may be wrong with any of them. */
const wrongTrips: Readonly<Record<string, (body: Json) => unknown>> = {
  "store missing": (body) => without(body, "storeId"),
  "trip missing": (body) => without(body, "shoppingTripId"),
  "store of another form": (body) => ({ ...body, storeId: "INVALID@STORE#ID" }),
  "trip of another form": (body) => ({ ...body, shoppingTripId: "a trip" }),
  "store too long": (body) => ({ ...body, storeId: "x".repeat(256) }),
  "trip too long": (body) => ({ ...body, shoppingTripId: "x".repeat(256) }),
  "store a number": (body) => ({ ...body, storeId: 7 }),
  "trip empty": (body) => ({ ...body, shoppingTripId: "" }),
  "trip null": (body) => ({ ...body, shoppingTripId: null }),
  "trip blank": (body) => ({ ...body, shoppingTripId: "   " }),
  "empty body": () => "",
};
const wrongAmounts: Readonly<Record<string, (body: Json) => unknown>> = {
  "amount missing": (body) => without(body, "amount"),
  "amount a word": (body) => ({ ...body, amount: amount("5") }),
  "currency of another form": (body) => ({ ...body, amount: amount(5, "eur") }),
  "currency too long": (body) => ({ ...body, amount: amount(5, "EURO") }),
  "another currency": (body) => ({ ...body, amount: amount(5, "USD") }),
  "amount zero": (body) => ({ ...body, amount: amount(0) }),
  "amount negative": (body) => ({ ...body, amount: amount(-5) }),
  "a fraction of a cent": (body) => ({ ...body, amount: amount(5.005) }),
};

for (const [name, [path, body]] of Object.entries(paths)) {
  Deno.test(`${name}: what is wrong is a BadRequestException`, async (test) => {
    const { admit, says } = await walkOut();
    await admit("trip-1");
    const wrong = { ...wrongTrips, ..."amount" in body ? wrongAmounts : {} };
    for (const [what, change] of Object.entries(wrong)) {
      await test.step(what, async () => {
        const { status, body: answer } = await says(path, change(body));
        assert.deepEqual([status, answer?.["errorMsg"]], [400, "BadRequestException"]);
      });
    }
    const unknown = await says(path, { ...body, shoppingTripId: "nobody" });
    assert.deepEqual([unknown.status, unknown.body?.["errorMsg"]], [400, "UnknownShoppingTrip"]);
    assert.equal((await says(path, body, "retailer:nobody")).status, 403);
  });
}

Deno.test("refund 7, 8: a bad request id and a reason that is none", async () => {
  const { admit, says } = await walkOut();
  await admit("trip-1");
  await says("/v1/checkout/carts", cart());
  for (
    const changes of [
      { refundRequestId: refundId.toUpperCase() },
      { refundRequestId: "1" },
      { refundReasonCode: "BORED" },
      { refundReasonCode: undefined },
    ]
  ) {
    assert.equal((await says("/v1/refund", refund(changes))).status, 400);
  }
  assert.equal((await says("/v1/refund", refund())).status, 200);
});

Deno.test("a refund has a window", async () => {
  const { place, admit, says } = await walkOut("test_ok", { refund_ms: 5_000 });
  await admit("trip-1");
  await says("/v1/checkout/carts", cart());
  const first = { ...refund(), amount: amount(1), refundRequestId: refundId.replace(/.$/, "9") };
  const given = await says("/v1/refund", first);
  assert.equal(given.status, 200);
  await place.clock.advance(5_001);
  const late = await says("/v1/refund", refund());
  assert.deepEqual([late.status, late.body?.["errorMsg"]], [400, "ShoppingTripExpiredException"]);
  assert.deepEqual(await says("/v1/refund", first), given, "that one was made in time");
});

Deno.test("7b.1 to 7b.3: full, partial and no settlement decide the next entry", async () => {
  const { admit, says, code } = await walkOut();
  await admit("trip-1");
  const status = (settled: number) =>
    of("trip-1", {
      totalAmount: amount(5),
      settledAmount: amount(settled),
      paymentStatusTime: 1_700_000_000,
    });
  for (const settled of [0, 2.5]) {
    assert.equal((await says("/v1/feedback/payment-status", status(settled))).status, 200);
    assert.equal((await admit(`trip-${settled}`, code())).outcome, "refused");
  }
  assert.equal((await says("/v1/feedback/payment-status", status(5))).status, 200);
  assert.equal((await admit("trip-9", code())).outcome, "admitted");
});

Deno.test("fields that are not known are ignored", async () => {
  const { admit, says } = await walkOut();
  await admit("trip-1");
  const more = { ...cart(), tomorrow: { anything: true } };
  assert.equal((await says("/v1/checkout/carts", more)).status, 201);
});
