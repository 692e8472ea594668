/** Walk-out trips at the issuer: who comes in, what is charged, how each may end. */
// long because every end of a trip stands here once
import assert from "node:assert/strict";
import { issuerLimits as limits } from "./limits.ts";
import { comeIn, refused } from "./testing/stories.ts";
import { cart, of, walkOut } from "./testing/walkout.ts";
import { newShopper, openShop } from "./testing/town.ts";
import { testAcquirer } from "./test_acquirer.ts";

const tidy = async (news: Promise<Record<string, unknown>[]>) =>
  (await news).map(({ type, outcome }) => outcome === undefined ? type : `${type} ${outcome}`);

Deno.test("a code opens once, within its half minute, by its own key", async () => {
  const { place, admit, code, ada } = await walkOut();
  const shown = code();
  const first = await admit("trip-1", shown);
  assert.deepEqual(first, {
    outcome: "admitted",
    account: ada.account,
    identity_key: ada.account,
    people: 1,
  });
  assert.deepEqual(await admit("trip-1", shown), first, "the same question again");
  const reason = async (trip: string, text: string) => {
    const answer = await admit(trip, text);
    return answer.outcome === "refused" ? answer.reason : "admitted";
  };
  assert.equal(await reason("trip-2", shown), "code_spent");
  const iat = Math.floor(place.clock.now_ms() / 1000);
  assert.equal(await reason("trip-3", code(ada, { exp: iat + 31 })), "code_expired");
  assert.equal(await reason("trip-4", code(ada, { aud: "elsewhere" })), "code_store_wrong");
  assert.equal(
    await reason("trip-5", code(ada, { iat: iat + 500, exp: iat + 520 })),
    "code_of_the_future",
  );
  const bob = await newShopper(place, 2);
  assert.equal(await reason("trip-6", code(bob, { iss: ada.account })), "code_unreadable");
  const old = code();
  await place.clock.advance(30_000);
  assert.equal(await reason("trip-7", old), "code_expired");
});

Deno.test("by check-in somebody must vouch: a camera, or an associate", async () => {
  const { place, shop, ada } = await walkOut();
  const { check_in } = await comeIn(place, shop, ada, 0);
  const ask = (trip: string, more: Record<string, string>) =>
    shop.client.call("admit", { body: { trip, gate: "in", check_in, ...more } });
  assert.equal((await ask("trip-1", {})).outcome, "refused");
  assert.equal((await ask("trip-2", { camera: "gate" })).outcome, "admitted");
  assert.equal((await ask("trip-3", { operator: "olga" })).outcome, "admitted");
  await ada.client.call("leave", { path: { check_in } });
  assert.equal((await ask("trip-4", { operator: "olga" })).outcome, "refused");
});

Deno.test("a face brings as many as its phone has said, for some minutes", async () => {
  const { place, shop, ada } = await walkOut("test_ok", { lease_ms: 3_600_000 });
  const { check_in } = await comeIn(place, shop, ada, 0);
  const people = async (trip: string, more: Record<string, unknown>) => {
    const body = { trip, gate: "in", check_in, ...more };
    const answer = await shop.client.call("admit", { body });
    assert.ok(answer.outcome === "admitted", JSON.stringify(answer));
    return answer.people;
  };
  const say = (more: number, by = ada) =>
    by.client.call("sayPeople", { path: { check_in }, body: { people: more } });
  assert.equal(
    await people("trip-1", { camera: "k", people: 5 }),
    1,
    "a camera says nothing of it",
  );
  await say(2);
  const { until_ms } = await say(3);
  assert.equal(await people("trip-2", { camera: "k" }), 3);
  assert.equal(await people("trip-3", { operator: "olga", people: 2 }), 2, "she has counted");
  const bob = await newShopper(place, 2);
  await refused(say(8, bob), "check_in_unknown");
  await refused(say(9), "request_invalid");
  await place.clock.advance(until_ms - place.clock.now_ms());
  assert.equal(await people("trip-4", { camera: "k" }), 1, "that was said long ago");
  await say(4);
  await ada.client.call("leave", { path: { check_in } });
  await refused(say(4), "check_in_ended");
});

Deno.test("priced by the retailer, charged, a receipt for both", async () => {
  const { admit, says, news, trip, ada } = await walkOut();
  await admit("trip-1");
  const answer = await says("/v1/checkout/carts", cart());
  assert.equal(answer.status, 201);
  assert.deepEqual(await says("/v1/checkout/carts", cart()), answer, "the same again");
  const { receipts } = await ada.client.call("receipts");
  assert.deepEqual(
    receipts.map(({ payment, amount_minor, items }) => [payment, amount_minor, items[0]?.name]),
    [["trip-1", 747, "Green tea"]],
  );
  assert.equal((await trip()).state, "paid");
  assert.deepEqual(await tidy(news()), ["trip.priced", "trip.charged captured"]);
  const data = await says("/v1/payment/transactional-data", of());
  assert.equal(data.body?.["reconciliationId"], receipts[0]?.receipt);
});

Deno.test("charged once, whatever is said twice or otherwise afterwards", async () => {
  const { admit, says, ada } = await walkOut();
  await admit("trip-1");
  await says("/v1/checkout/carts", cart());
  const other = cart("trip-1", { lineItems: [] });
  assert.equal((await says("/v1/checkout/carts", other)).status, 400);
  const capture = of("trip-1", { amount: { amount: 7.47, code: "EUR" } });
  assert.equal((await says("/v1/capture/charge", capture)).status, 200, "it is captured");
  const more = of("trip-1", { amount: { amount: 9.99, code: "EUR" } });
  assert.equal((await says("/v1/capture/charge", more)).status, 400);
  assert.equal((await says("/v1/cancel/charge", of())).status, 400);
  assert.equal((await ada.client.call("receipts")).receipts.length, 1);
});

Deno.test("a trip that ended is not charged, and one that was priced does not end", async () => {
  const { admit, says, shop, ada } = await walkOut();
  await admit("trip-1");
  const end = (trip: string) =>
    shop.client.call("endTrip", { body: { trip, reason: "retailer_silent" } });
  assert.deepEqual(await end("trip-1"), { outcome: "ended" });
  assert.deepEqual(await end("trip-1"), { outcome: "ended" });
  assert.deepEqual(await end("never-begun"), { outcome: "ended" });
  const late = await says("/v1/checkout/carts", cart());
  assert.deepEqual([late.status, late.body?.["errorMsg"]], [400, "ShoppingTripExpiredException"]);
  await admit("trip-2");
  await says("/v1/checkout/carts", cart("trip-2"));
  const priced = await end("trip-2");
  assert.equal(priced.outcome, "priced");
  assert.equal((await ada.client.call("receipts")).receipts.length, 1);
});

Deno.test("an empty cart is cancelled, and so is one that costs nothing", async () => {
  const { admit, says, news, trip } = await walkOut();
  await admit("trip-1");
  assert.deepEqual(await says("/v1/cancel/charge", of()), { status: 200, body: null });
  assert.deepEqual(await says("/v1/cancel/charge", of()), { status: 200, body: null });
  await admit("trip-2");
  const nothing = { amount: "0.00", currencyCode: "EUR" };
  const [line] = cart().lineItems;
  const free = cart("trip-2", {
    lineItems: [{ ...line, unitPrice: { price: nothing, totalPrice: nothing } }],
    orderTotals: { subTotal: nothing, priceTotal: nothing },
  });
  assert.equal((await says("/v1/checkout/carts", free)).status, 201);
  assert.equal((await trip()).state, "cancelled");
  assert.deepEqual(await tidy(news()), ["trip.cancelled", "trip.cancelled"]);
});

Deno.test("above a limit the phone that has left is asked: yes, no, and silence", async () => {
  const told: string[] = [];
  for (const answer of ["yes", "no", "silence"] as const) {
    const { place, admit, says, trip, ada, news } = await walkOut("test_ok", {
      account_limit_minor: 500,
      trip_approval_ms: 60_000,
    });
    await admit("trip-1");
    await says("/v1/checkout/carts", cart());
    assert.equal((await trip()).state, "awaiting_approval");
    const [asked] = (await ada.client.call("approvals")).approvals;
    assert.equal(asked?.amount_minor, 747);
    if (answer === "silence") await place.clock.advance(62_000);
    else {
      const path = { approval: asked!.approval };
      await ada.client.call("answerApproval", { path, body: { answer } });
      await place.clock.advance(2_000);
    }
    told.push((await trip()).state);
    const outcomes = await tidy(news());
    assert.equal(outcomes.at(-1), answer === "yes" ? "trip.charged captured" : "trip.charged owed");
  }
  assert.deepEqual(told, ["paid", "owed", "owed"]);
});

Deno.test("declined after the exit: owed, and no entry until it is paid", async () => {
  const { place, admit, says, trip, ada, news, code } = await walkOut(
    "test_insufficient_funds",
    { trip_ms: 20_000 },
  );
  await admit("trip-1");
  await says("/v1/checkout/carts", cart());
  assert.deepEqual([(await trip()).state, (await trip()).reason], ["owed", "insufficient_funds"]);
  const again = await admit("trip-2", code());
  assert.deepEqual(again, { outcome: "refused", reason: "outstanding_balance" });
  const { state } = await ada.client.call("settleTrip", { body: { trip: "trip-1" } });
  assert.equal(state, "owed", "the account has nothing still");
  await place.clock.advance(22_000);
  assert.equal((await trip()).state, "unpaid");
  assert.equal((await tidy(news())).at(-1), "trip.charged declined");
  const status = of("trip-1", {
    totalAmount: { amount: 7.47, code: "EUR" },
    settledAmount: { amount: 7.47, code: "EUR" },
    paymentStatusTime: 1,
  });
  assert.equal((await says("/v1/feedback/payment-status", status)).status, 200);
  assert.equal((await admit("trip-3", code())).outcome, "admitted", "paid to the retailer itself");
});

Deno.test("who cannot pay from the phone hears when it was tried often enough", async () => {
  const { admit, says, ada } = await walkOut("test_insufficient_funds");
  await admit("trip-1");
  await says("/v1/checkout/carts", cart());
  const pay = () => ada.client.call("settleTrip", { body: { trip: "trip-1" } });
  for (let tries = 1; tries < limits.payment_tries; tries++) await pay();
  await refused(pay(), "trip_tried_enough");
});

Deno.test("what is above the most of all is charged by nobody's word", async () => {
  const { admit, says, trip, ada } = await walkOut("test_ok", { account_most_minor: 746 });
  await admit("trip-1");
  await says("/v1/checkout/carts", cart());
  assert.deepEqual([(await trip()).state, (await trip()).reason], ["owed", "over_limit"]);
  const pay = ada.client.call("settleTrip", { body: { trip: "trip-1" } });
  await refused(pay, "trip_over_limit");
  assert.equal((await trip()).state, "owed");
});

Deno.test("a line is disputed within a day: refused, or granted and given back once", async () => {
  const { place, admit, says, shop, ada, trip, news } = await walkOut("test_ok", {
    disputable_ms: 5_000,
  });
  await admit("trip-1");
  await says("/v1/checkout/carts", cart());
  const path = { trip: "trip-1" };
  const raise = (line: number, units: number) =>
    ada.client.call("disputeLine", { path, body: { line, units } });
  await refused(raise(0, 3), "request_invalid");
  await refused(raise(1, 1), "request_invalid");
  const { dispute } = await raise(0, 1);
  assert.equal((await raise(0, 1)).dispute, dispute, "the same line again");
  await refused(raise(0, 2), "dispute_differs");
  const [told] = (await news()).filter(({ type }) => type === "trip.disputed");
  assert.ok(told?.type === "trip.disputed" && told.gtin === "2000000000015");
  const decide = (granted: boolean) =>
    shop.client.call("decideDispute", { body: { dispute, granted, operator: "olga" } });
  assert.deepEqual(await decide(true), { dispute, granted: true });
  assert.deepEqual(await decide(false), { dispute, granted: true }, "the first word counts");
  const other = { body: { dispute, granted: true, operator: "otto" } };
  assert.equal((await shop.client.call("decideDispute", other)).granted, true, "of anybody");
  const shown = await trip();
  assert.deepEqual([shown.refunded_minor, shown.disputes[0]?.granted], [374, true]);
  const refunds = (await ada.client.call("receipts")).receipts.filter((one) => one.refund);
  assert.deepEqual(refunds.map(({ amount_minor }) => amount_minor), [374]);
  await admit("trip-2");
  await says("/v1/checkout/carts", cart("trip-2"));
  await place.clock.advance(5_001);
  const late = { path: { trip: "trip-2" }, body: { line: 0, units: 1 } };
  await refused(ada.client.call("disputeLine", late), "dispute_over");
});

Deno.test("a dispute that no gateway decides is granted in the end, once", async () => {
  const settings = { dispute_ms: 60_000 };
  const { place, admit, says, shop, ada, trip } = await walkOut("test_ok", settings);
  await admit("trip-1");
  await says("/v1/checkout/carts", cart());
  const ask = { path: { trip: "trip-1" }, body: { line: 0, units: 1 } };
  const { dispute } = await ada.client.call("disputeLine", ask);
  await place.clock.advance(58_000);
  assert.equal((await trip()).disputes[0]?.granted, null);
  await place.clock.advance(4_000);
  assert.deepEqual([(await trip()).refunded_minor, (await trip()).disputes[0]?.granted], [
    374,
    true,
  ]);
  const body = { dispute, granted: false, operator: "olga" };
  assert.equal((await shop.client.call("decideDispute", { body })).granted, true, "too late");
  assert.equal((await trip()).refunded_minor, 374);
});

Deno.test("a dispute that is decided while it is on its way back after its time", async () => {
  let away = true;
  const real = testAcquirer();
  const { place, admit, says, shop, ada, trip } = await walkOut("test_ok", {
    dispute_ms: 60_000,
  }, {
    ...real,
    refund: (request) => away ? Promise.reject(new Error("no answer")) : real.refund(request),
  });
  await admit("trip-1");
  await says("/v1/checkout/carts", cart());
  const ask = { path: { trip: "trip-1" }, body: { line: 0, units: 1 } };
  const { dispute } = await ada.client.call("disputeLine", ask);
  await place.clock.advance(62_000);
  assert.equal((await trip()).disputes[0]?.granted, null, "not given back yet");
  away = false;
  const body = { dispute, granted: false, operator: "olga" };
  assert.deepEqual(await shop.client.call("decideDispute", { body }), { dispute, granted: true });
  assert.equal((await trip()).refunded_minor, 374);
  await place.clock.advance(62_000);
  assert.equal((await trip()).refunded_minor, 374, "once");
  await place.issuer.stop();
});

Deno.test("nobody else's trip is read, disputed, ended or priced", async () => {
  const { place, admit, says, ada } = await walkOut();
  await admit("trip-1");
  const bob = await newShopper(place, 2);
  const theirs = await openShop(place, "hill");
  assert.deepEqual((await bob.client.call("trips")).trips, []);
  await refused(
    bob.client.call("disputeLine", { path: { trip: "trip-1" }, body: { line: 0, units: 1 } }),
    "trip_unknown",
  );
  await refused(
    theirs.client.call("endTrip", { body: { trip: "trip-1", reason: "x" } }),
    "payment_foreign",
  );
  const elsewhere = { ...cart(), storeId: "hill" };
  assert.equal((await says("/v1/checkout/carts", elsewhere)).status, 400);
  assert.equal((await says("/v1/checkout/carts", cart(), "retailer:hill-foods")).status, 403);
  assert.equal((await ada.client.call("trips")).trips.length, 1);
});

Deno.test("an acquirer that is away for a while: charged once it is back, once", async () => {
  let away = true;
  const asked: string[] = [];
  const real = testAcquirer();
  const { place, admit, says, trip } = await walkOut("test_ok", {}, {
    ...real,
    authorise(request) {
      asked.push(request.reference);
      return away ? Promise.reject(new Error("no answer")) : real.authorise(request);
    },
  });
  await admit("trip-1");
  assert.equal((await says("/v1/checkout/carts", cart())).status, 201);
  assert.equal((await trip()).state, "charging");
  away = false;
  await place.clock.advance(3_000);
  assert.equal((await trip()).state, "paid");
  assert.deepEqual(new Set(asked), new Set(["harbour/trip-1/1"]));
});

for (const word of ["authorise", "capture"] as const) {
  Deno.test(`an acquirer that does not ${word} for longer than a lane would wait`, async () => {
    let away = true;
    const real = testAcquirer();
    const { place, admit, says, trip, ada } = await walkOut("test_ok", {
      authorisation_ms: 20_000,
    }, {
      ...real,
      [word]: (request: Parameters<typeof real.authorise>[0]) =>
        away ? Promise.reject(new Error("no answer")) : real[word](request),
    });
    await admit("trip-1");
    await says("/v1/checkout/carts", cart());
    await place.clock.advance(25_000);
    assert.equal((await trip()).state, "charging");
    away = false;
    await place.clock.advance(limits.ask_again_ms);
    assert.equal((await trip()).state, "paid");
    assert.equal((await ada.client.call("receipts")).receipts.length, 1);
  });
}
