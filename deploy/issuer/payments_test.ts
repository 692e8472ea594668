/** Payments: the good story, and every refusal. */
import assert from "node:assert/strict";
import { testAcquirer } from "./test_acquirer.ts";
import {
  authorise,
  authorised,
  capture,
  ledgerOf,
  reverse,
  type Sale,
  scene,
} from "./testing/payments.ts";
import { refused, saleTo, tokenOf } from "./testing/stories.ts";
import { newShopper, openShop } from "./testing/town.ts";

Deno.test("a sale is authorised, captured and on the shopper's receipt, each once", async () => {
  const { place, shop, ada, check_in, sale } = await scene();
  const first = await authorise(shop, sale());
  assert.ok(first.outcome === "authorised");
  assert.equal(first.expires_ms, place.clock.now_ms() + 600_000);
  assert.deepEqual(await authorise(shop, sale()), first);

  const take = capture(shop, "p-1", first.authorisation);
  const captured = await take();
  assert.ok(captured.outcome === "captured");
  assert.deepEqual(await take(), captured);
  assert.deepEqual(await take("another-key"), { outcome: "refused", reason: "payment_captured" });

  const { receipts } = await ada.client.call("receipts");
  assert.deepEqual(receipts, [{
    sequence: place.clock.now_ms(),
    receipt: captured.receipt,
    payment: "p-1",
    merchant_name: "harbour foods",
    store: "harbour",
    amount_minor: 1_250,
    currency: "EUR",
    items: [{ name: "Bread", quantity: 1, amount_minor: 1_250 }],
    captured_at_ms: place.clock.now_ms(),
    refund: null,
  }]);
  assert.deepEqual(
    (await ada.client.call("receipts", { query: { after: receipts[0]?.sequence ?? 0 } })).receipts,
    [],
  );
  const [row, ...more] = (await shop.client.call("ledger")).payments;
  assert.deepEqual(more, []);
  assert.deepEqual(row, {
    payment: "p-1",
    gateway: shop.gateway,
    check_in,
    account: ada.account,
    state: "captured",
    amount_minor: 1_250,
    currency: "EUR",
    captures: 1,
    refunded_minor: 0,
    receipt: captured.receipt,
    at_ms: place.clock.now_ms(),
  });
  assert.equal((await reverse(shop, "p-1")).outcome, "captured");
});

Deno.test("keys are needed, bound to their request, and its own per gateway", async () => {
  const { place, shop, sale } = await scene();
  await refused(shop.client.call("authorise", { body: sale() }), "idempotency_key_missing");
  await authorised(shop, sale(), "k-1");
  await refused(authorise(shop, sale("p-2", 1), "k-1"), "idempotency_key_reused");
  await refused(reverse(shop, "p-1", "k-1"), "idempotency_key_reused");
  const market = await openShop(place, "market");
  assert.deepEqual(await reverse(market, "p-9", "k-1"), { outcome: "reversed" });
});

Deno.test("whatever is wrong with a charge has its own reason, and spends nothing", async () => {
  const { place, shop, ada, check_in, tokens, sale } = await scene();
  const stranger = await newShopper(place, 2);
  const [, second = ""] = tokens;
  const cases: [string, Sale][] = [
    ["check_in_unknown", { ...sale("c-1"), check_in: "visit-none" }],
    ["token_unreadable", { ...sale("c-2"), token: tokenOf(place, stranger, check_in) }],
    ["token_unknown", { ...sale("c-3"), token: tokenOf(place, ada, check_in) }],
    ["token_store_wrong", { ...sale("c-4"), token: tokenOf(place, ada, check_in, "market") }],
    ["token_check_in_wrong", { ...sale("c-5"), token: tokenOf(place, ada, "visit-x") }],
    ["token_expired", {
      ...sale("c-6"),
      token: tokenOf(place, ada, check_in, "harbour", { exp: 9 }),
    }],
    ["currency_wrong", { ...sale("c-7"), currency: "USD" }],
    ["over_limit", { ...sale("c-8"), amount_minor: 500_001 }],
    ["evidence_liveness", withEvidence(sale("c-9"), { liveness: "not_assessed" })],
    ["evidence_model", withEvidence(sale("c-10"), { model: "b".repeat(64) })],
    ["evidence_old", withEvidence(sale("c-11"), { seen_at_ms: place.clock.now_ms() - 901_000 })],
    ["evidence_ambiguous", {
      ...withEvidence(sale("c-12"), { outcome: "ambiguous" }),
      operator: "automatic",
    }],
  ];
  for (const [reason, body] of cases) {
    assert.deepEqual(await authorise(shop, body), { outcome: "declined", reason });
  }
  await authorised(shop, withEvidence(sale("chosen", 0), { outcome: "ambiguous" }));
  assert.deepEqual(await authorise(shop, sale("again", 0)), {
    outcome: "declined",
    reason: "token_spent",
  });
  await authorised(shop, { ...sale("c-8", 1), token: second }, "another-try");
  const { held } = await ada.client.call("giveTokens", {
    path: { check_in },
    body: { tokens: [tokenOf(place, ada, check_in)] },
  });
  assert.equal(held, 3);
});

function withEvidence(sale: Sale, change: Partial<Sale["evidence"]>): Sale {
  return { ...sale, evidence: { ...sale.evidence, ...change } };
}

Deno.test("the acquirer's no reaches the lane, and the payment may be tried again", async () => {
  for (
    const [instrument, reason] of [
      ["test_declined", "declined"],
      ["test_insufficient_funds", "insufficient_funds"],
      ["test_stolen", "instrument_blocked"],
      ["no_such_card", "instrument_unknown"],
    ] as const
  ) {
    const { shop, sale } = await scene(instrument);
    assert.deepEqual(await authorise(shop, sale()), { outcome: "declined", reason });
    const again = await authorise(shop, sale("p-1", 1), "second-try");
    assert.deepEqual(again, { outcome: "declined", reason });
    const states = (await ledgerOf(shop)).map(({ state }) => state);
    assert.deepEqual(states, ["declined"]);
  }
});

Deno.test("a payment is authorised once, whatever key it comes with", async () => {
  const { shop, sale } = await scene();
  await authorised(shop, sale());
  const again = await authorise(shop, sale("p-1", 1), "another-key");
  assert.deepEqual(again, { outcome: "declined", reason: "payment_authorised" });
});

Deno.test("a capture is of this authorisation, in its currency, and no more than it", async () => {
  const { shop, sale } = await scene();
  const authorisation = await authorised(shop, sale());
  const expectations: [string, Promise<unknown>][] = [
    ["payment_unknown", capture(shop, "p-none", authorisation)()],
    ["authorisation_wrong", capture(shop, "p-1", "authorisation-other")("k-1")],
    ["more_than_authorised", capture(shop, "p-1", authorisation, 1_251)("k-2")],
    ["currency_wrong", capture(shop, "p-1", authorisation)("k-3", "USD")],
  ];
  for (const [reason, answer] of expectations) {
    assert.deepEqual(await answer, { outcome: "refused", reason });
  }
  assert.equal((await capture(shop, "p-1", authorisation, 1_000)("k-4")).outcome, "captured");
  assert.deepEqual(await ledgerOf(shop), [
    { payment: "p-1", state: "captured", amount_minor: 1_000, captures: 1 },
  ]);
});

Deno.test("a capture that the acquirer refuses leaves something to reverse", async () => {
  const { shop, ada, sale } = await scene("test_capture_refused");
  const authorisation = await authorised(shop, sale());
  const answer = await capture(shop, "p-1", authorisation)();
  assert.deepEqual(answer, { outcome: "refused", reason: "authorisation_lost" });
  assert.deepEqual((await ada.client.call("receipts")).receipts, []);
  assert.deepEqual(await reverse(shop, "p-1"), { outcome: "reversed" });
});

Deno.test("a reversal is final, also for a payment that nobody has heard of", async () => {
  const { shop, sale } = await scene();
  assert.deepEqual(await reverse(shop, "p-1"), { outcome: "reversed" });
  const late = await authorise(shop, sale());
  assert.deepEqual(late, { outcome: "declined", reason: "payment_reversed" });
  const authorisation = await authorised(shop, sale("p-2"));
  await reverse(shop, "p-2");
  await reverse(shop, "p-2", "once-more");
  const captured = await capture(shop, "p-2", authorisation)();
  assert.deepEqual(captured, { outcome: "refused", reason: "payment_reversed" });
  const states = (await ledgerOf(shop)).map(({ payment, state }) => [payment, state]);
  assert.deepEqual(states, [["p-1", "reversed"], ["p-2", "reversed"]]);
});

Deno.test("what is neither captured nor reversed in time expires", async () => {
  const { place, shop, sale } = await scene("test_ok", testAcquirer(), { authorisation_ms: 9_000 });
  place.issuer.start();
  const authorisation = await authorised(shop, sale());
  await place.clock.advance(10_500);
  const captured = await capture(shop, "p-1", authorisation)();
  assert.deepEqual(captured, { outcome: "refused", reason: "payment_expired" });
  assert.equal((await ledgerOf(shop))[0]?.state, "expired");
  await place.issuer.stop();
});

Deno.test("another gateway's payments, visits and ledger are not to be had", async () => {
  const { place, shop, check_in, tokens, sale } = await scene();
  const market = await openShop(place, "market");
  const foreign = saleTo(place, check_in, tokens[0] ?? "", "p-1");
  assert.deepEqual(await authorise(market, foreign), {
    outcome: "declined",
    reason: "check_in_unknown",
  });
  const authorisation = await authorised(shop, sale("p-2"));
  const captured = await capture(market, "p-2", authorisation)();
  assert.deepEqual(captured, { outcome: "refused", reason: "payment_unknown" });
  assert.deepEqual((await ledgerOf(market)).map(({ payment }) => payment), ["p-1"]);
  assert.deepEqual((await ledgerOf(shop)).map(({ payment }) => payment), ["p-2"]);

  const beside = await openShop(place, "harbour", "harbour-gw-2");
  await refused(reverse(beside, "p-2"), "payment_foreign");
  await refused(capture(beside, "p-2", authorisation)(), "payment_foreign");
  await refused(authorise(beside, sale("p-2", 1)), "payment_foreign");
});
