/** One payment's tries, accounts and refunds are kept apart, and what a crash cut off takes no more
 * than was asked for. */
import assert from "node:assert/strict";
import { readAllowance } from "../../runtime/sync/contract/tokens.ts";
import { RuntimeError } from "../../runtime/errors.ts";
import { nodeVault as vault } from "../../runtime/vault/node.ts";
import { testAcquirer } from "./test_acquirer.ts";
import { acquirerOf, openBook } from "./testing/acquirer.ts";
import { authorise, authorised, capture, ledgerOf, scene } from "./testing/payments.ts";
import { comeIn, presentCode, saleTo } from "./testing/stories.ts";
import { newShopper } from "./testing/town.ts";

const noAnswer = () => Promise.reject(new RuntimeError("issuer_unreachable", "nobody there"));

Deno.test("a yes of one shopper charges no other one who is tried after", async () => {
  const { place, shop, ada, check_in, tokens } = await scene("test_declined");
  const bea = await newShopper(place, 2);
  const hers = await comeIn(place, shop, bea, 1);
  for (const { client } of [ada, bea]) {
    const limits = await client.call("readLimits");
    await client.call("setLimits", { body: { ...limits, sale_minor: 500 } });
  }
  const asks = async (visit: string, token: string, key: string) => {
    const asked = await authorise(shop, saleTo(place, visit, token), key);
    assert.ok(asked.outcome === "approval_needed", JSON.stringify(asked));
    return asked.approval;
  };
  const conduct = (key: string, approval: string) =>
    shop.client.call("conduct", {
      key,
      body: { payment: "p-1", approval, amount_minor: 1_250, currency: "EUR" },
    });
  const adas = await asks(check_in, tokens[0]!, "try-1");
  await ada.client.call("answerApproval", { path: { approval: adas }, body: { answer: "yes" } });
  assert.deepEqual(await conduct("go-1", adas), { outcome: "declined", reason: "declined" });

  const beas = await asks(hers.check_in, hers.tokens[0]!, "try-2");
  const stolen = await conduct("go-2", adas);
  assert.deepEqual(stolen, { outcome: "declined", reason: "approval_missing" });
  await bea.client.call("answerApproval", { path: { approval: beas }, body: { answer: "yes" } });
  assert.equal((await conduct("go-3", beas)).outcome, "authorised");
});

Deno.test("a yes to one try is none to the next of the same shopper", async () => {
  const { place, shop, ada, sale } = await scene("test_declined");
  const limits = await ada.client.call("readLimits");
  await ada.client.call("setLimits", { body: { ...limits, sale_minor: 500 } });
  const first = await authorise(shop, sale(), "try-1");
  assert.ok(first.outcome === "approval_needed");
  const { approval } = first;
  await ada.client.call("answerApproval", { path: { approval }, body: { answer: "yes" } });
  const body = { payment: "p-1", approval, amount_minor: 1_250, currency: "EUR" };
  await shop.client.call("conduct", { key: "go-1", body });
  await place.clock.advance(1_000);
  assert.equal((await authorise(shop, sale("p-1", 1), "try-2")).outcome, "approval_needed");
  const again = await shop.client.call("conduct", { key: "go-2", body });
  assert.deepEqual(again, { outcome: "declined", reason: "approval_missing" });
});

Deno.test("a capture of less that was cut off takes no more in the end", async () => {
  const real = testAcquirer();
  let away = true;
  const acquirer = {
    ...real,
    capture: (request: Parameters<typeof real.capture>[0]) =>
      away ? noAnswer() : real.capture(request),
  };
  const { place, shop, ada, sale } = await scene("test_ok", acquirer);
  const taking = capture(shop, "p-1", await authorised(shop, sale()), 500);
  await assert.rejects(taking(), { kind: "issuer_unreachable" });
  away = false;
  place.issuer.start();
  await place.clock.advance(11 * 60_000);
  const [row] = await ledgerOf(shop);
  assert.deepEqual([row?.state, row?.amount_minor], ["captured", 500]);
  const { receipts } = await ada.client.call("receipts");
  assert.deepEqual(receipts.map(({ amount_minor }) => amount_minor), [500]);
  await place.issuer.stop();
});

Deno.test("a refund under a name that another one has is not told how that one ended", async () => {
  const { shop, sale } = await scene();
  for (const [at, payment] of ["p-1", "p-2"].entries()) {
    await capture(shop, payment, await authorised(shop, sale(payment, at)))();
  }
  const refund = (key: string, payment: string, amount_minor: number) =>
    shop.client.call("refund", {
      key,
      body: {
        refund: "r-1",
        payment,
        amount_minor,
        currency: "EUR",
        operator: "olga",
        reason: "spoiled",
      },
    });
  const made = await refund("key-1", "p-1", 300);
  assert.equal(made.outcome, "refunded");
  const differs = { outcome: "refused", reason: "refund_differs" };
  assert.deepEqual(await refund("key-2", "p-1", 900), differs);
  assert.deepEqual(await refund("key-3", "p-2", 300), differs);
  assert.deepEqual(await refund("key-4", "p-1", 300), made);
});

Deno.test("what is held of one account pays nothing by another one's allowance", async () => {
  const { place, shop, sale } = await scene("test_ok", undefined, { allowance_minor: 2_000 });
  const bea = await newShopper(place, 2);
  const hers = await comeIn(place, shop, bea, 1);
  const held = sale();
  await authorised(shop, held);
  const { code, nonce } = hers;
  const asked = { body: { hardware_id: shop.beacon, code, nonce } };
  const { visits } = await shop.client.call("askAccountData", asked);
  const allowance = visits.find(({ check_in }) => check_in === hers.check_in)?.allowances?.[0];
  assert.ok(allowance && readAllowance(vault, allowance, place.issuerKey));
  const accepted_at_ms = held.evidence.seen_at_ms;
  const forwarded = saleTo(place, hers.check_in, hers.tokens[0]!);
  const body = { ...forwarded, allowance, accepted_at_ms };
  const answer = await shop.client.call("forward", { key: "fwd", body });
  assert.deepEqual(answer, { outcome: "refused", reason: "account_differs" });
});

Deno.test("no more is taken of what is held than it is, whatever was accepted", async () => {
  const { place, shop, sale, check_in } = await scene("test_ok", undefined, {
    allowance_minor: 2_000,
    lease_ms: 300_000,
  });
  const { code, nonce } = await presentCode(place, shop);
  const asked = { body: { hardware_id: shop.beacon, code, nonce } };
  const { visits } = await shop.client.call("askAccountData", asked);
  const allowance = visits.find((visit) => visit.check_in === check_in)?.allowances?.[0];
  assert.ok(allowance);
  const held = sale();
  await authorised(shop, held);
  const more = { ...held, amount_minor: 1_900, accepted_at_ms: held.evidence.seen_at_ms };
  const answer = await shop.client.call("forward", { key: "fwd", body: { ...more, allowance } });
  assert.deepEqual(answer, { outcome: "refused", reason: "more_than_authorised" });
});

Deno.test("another try begins when what the one before holds has gone", async () => {
  const book = openBook();
  const real = acquirerOf(book);
  let away = true;
  const reverse: typeof real.reverse = (request) =>
    away
      ? Promise.reject(new RuntimeError("issuer_unreachable", "nobody there"))
      : real.reverse(request);
  const acquirer = { ...real, reverse };
  const { place, shop, sale, check_in } = await scene("test_ok", acquirer, {
    allowance_minor: 2_000,
    lease_ms: 300_000,
  });
  const { code, nonce } = await presentCode(place, shop);
  const asked = { body: { hardware_id: shop.beacon, code, nonce } };
  const { visits } = await shop.client.call("askAccountData", asked);
  const allowance = visits.find((visit) => visit.check_in === check_in)?.allowances?.[0] ?? "";
  const held = sale();
  await authorised(shop, held);
  const more = { ...held, amount_minor: 1_900, accepted_at_ms: held.evidence.seen_at_ms };
  await shop.client.call("forward", { key: "fwd", body: { ...more, allowance } });
  const again = sale("p-1", 1);
  await assert.rejects(authorise(shop, again, "again"), /try again/);
  away = false;
  place.issuer.start();
  await place.clock.advance(60_000);
  assert.deepEqual(book.deeds("harbour/p-1/1"), ["authorise", "reverse"]);
  const authorisation = await authorised(shop, again, "again");
  await place.clock.advance(60_000);
  assert.equal((await capture(shop, "p-1", authorisation)()).outcome, "captured");
  assert.deepEqual(book.deeds("harbour/p-1/2"), ["authorise", "capture"]);
  await place.issuer.stop();
});

Deno.test("what is wrong with one payment holds up no other one's reversal", async () => {
  const real = testAcquirer();
  const asked: string[] = [];
  const acquirer = {
    ...real,
    reverse: (request: Parameters<typeof real.reverse>[0]) => {
      asked.push(request.reference);
      return request.reference.includes("p-1")
        ? Promise.reject(new TypeError("the answer cannot be read"))
        : real.reverse(request);
    },
  };
  const { place, shop, sale } = await scene("test_ok", acquirer);
  await authorised(shop, sale("p-1"));
  await authorised(shop, sale("p-2", 1));
  place.issuer.start();
  await place.clock.advance(11 * 60_000);
  await place.issuer.stop();
  assert.ok(asked.includes("harbour/p-1/1"));
  const { payment } = place.store.tables;
  const undo = (name: string) => payment.first("by_name", "harbour", name)?.undo;
  assert.deepEqual([undo("p-1"), undo("p-2")], [1, 0]);
});

Deno.test("a phone that missed many refusals is told all, with receipts among them", async () => {
  const { place, ada, shop, sale } = await scene();
  const { refusal } = place.store.tables;
  const now_ms = place.clock.now_ms();
  place.store.transaction(() => {
    for (let at = 0; at < 120; at += 1) {
      refusal.insert({
        account: ada.account,
        sequence: now_ms - 1_000 + at,
        payment: `late-${at}`,
        store: "harbour",
        amount_minor: 100,
        currency: "EUR",
        reason: "allowance_lapsed",
        accepted_at_ms: now_ms,
        refused_at_ms: now_ms,
      });
    }
  });
  await capture(shop, "p-1", await authorised(shop, sale()))();
  let after = 0;
  const told: number[] = [];
  for (let page = 0; page < 3; page += 1) {
    const { receipts, refusals } = await ada.client.call("receipts", { query: { after } });
    const read = [...receipts, ...refusals].map(({ sequence }) => sequence);
    told.push(...read);
    after = Math.max(after, ...read);
  }
  assert.equal(new Set(told).size, 121);
});
