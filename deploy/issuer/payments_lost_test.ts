/** Payments when answers are late, requests overtake each other, or the issuer dies in between. */
import assert from "node:assert/strict";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { RuntimeError } from "../../runtime/errors.ts";
import type { Acquirer } from "./acquirer.ts";
import { issuerLimits } from "./limits.ts";
import { testAcquirer } from "./test_acquirer.ts";
import { openIssuerStore } from "./store/sqlite.ts";
import { settled } from "./testing/clock.ts";
import {
  authorise,
  authorised,
  capture,
  heldAcquirer,
  ledgerOf,
  reverse,
  scene,
} from "./testing/payments.ts";
import { comeIn, saleTo } from "./testing/stories.ts";
import { newShopper, openShop, town } from "./testing/town.ts";

/** A part of p-1 is given back. */
const spoiled = {
  refund: "r-1",
  payment: "p-1",
  amount_minor: 300,
  currency: "EUR",
  operator: "olga",
  reason: "spoiled",
};

Deno.test("a second try while the first is under way is told to come back", async () => {
  const held = heldAcquirer();
  const { shop, sale } = await scene("test_ok", held.acquirer);
  const first = authorise(shop, sale());
  await settled();
  await assert.rejects(authorise(shop, sale()), { kind: "issuer_unreachable" });
  await held.answerAll();
  assert.equal((await first).outcome, "authorised");
  assert.deepEqual(held.asked, ["authorise harbour/p-1/1"]);
});

Deno.test("a reversal that overtakes its authorisation wins", async () => {
  const held = heldAcquirer();
  const { place, shop, sale } = await scene("test_ok", held.acquirer);
  const first = authorise(shop, sale());
  await settled();
  const second = reverse(shop, "p-1");
  await held.answerAll();
  assert.deepEqual(await first, { outcome: "declined", reason: "payment_reversed" });
  await held.answerAll();
  assert.deepEqual(await second, { outcome: "reversed" });
  place.issuer.start();
  await held.answerAll();
  const reversals = held.asked.filter((line) => line === "reverse harbour/p-1/1").length;
  assert.ok(reversals >= 2, held.asked.join());
  assert.equal((await ledgerOf(shop))[0]?.state, "reversed");
  const stopping = place.issuer.stop();
  await held.answerAll();
  await stopping;
});

Deno.test("what nobody here knows is let go of in one call, whatever was tried", async () => {
  const held = heldAcquirer();
  const { shop } = await scene("test_ok", held.acquirer);
  const reversing = reverse(shop, "p-7");
  await held.answerAll();
  assert.deepEqual(await reversing, { outcome: "reversed" });
  const tries = Array.from(
    { length: issuerLimits.payment_tries },
    (_, n) => `harbour/p-7/${n + 1}`,
  );
  assert.deepEqual(held.asked, [`reverse ${tries.join(" ")}`]);
});

Deno.test("a capture and a reversal never both win", async () => {
  const held = heldAcquirer();
  const { shop, sale } = await scene("test_ok", held.acquirer);
  const asking = authorised(shop, sale());
  await held.answerAll();
  const taking = capture(shop, "p-1", await asking)();
  await settled();
  await assert.rejects(reverse(shop, "p-1"), { kind: "issuer_unreachable" });
  await held.answerAll();
  assert.equal((await taking).outcome, "captured");
  assert.equal((await reverse(shop, "p-1")).outcome, "captured");
});

Deno.test("an acquirer that gives no answer leaves the payment to the next try", async () => {
  let away = true;
  const real = testAcquirer();
  const acquirer: Acquirer = {
    ...real,
    authorise: (request) =>
      away
        ? Promise.reject(new RuntimeError("issuer_unreachable", "nobody there"))
        : real.authorise(request),
  };
  const { shop, sale } = await scene("test_ok", acquirer);
  await assert.rejects(authorise(shop, sale()), { kind: "issuer_unreachable" });
  assert.deepEqual(await ledgerOf(shop), []);
  const other = await authorise(shop, sale("p-1", 1), "another-key");
  assert.deepEqual(other, { outcome: "declined", reason: "payment_under_way" });
  away = false;
  await authorised(shop, sale());
});

Deno.test("an issuer that dies between question and answer goes on from its file", async () => {
  const folder = Deno.makeTempDirSync({ prefix: "issuer" });
  const held = heldAcquirer();
  const path = join(folder, "a.sqlite");
  const before = openIssuerStore(path);
  try {
    const place = await town({ store: before, acquirer: held.acquirer });
    const shop = await openShop(place);
    const ada = await newShopper(place, 1);
    const { check_in, tokens } = await comeIn(place, shop, ada, 1);
    const sale = saleTo(place, check_in, tokens[0] ?? "");
    const lost = authorise(shop, sale);
    await settled();
    await before.kept();
    await settled();
    assert.equal(held.asked.length, 1);
    const copy = join(folder, "b.sqlite");
    copyFileSync(path, copy);
    copyFileSync(`${path}-wal`, `${copy}-wal`);
    await held.answerAll();
    await lost;

    const store = openIssuerStore(copy);
    await place.clock.advance(1_000);
    const after = await town({ store, clock: place.clock, random: place.random });
    await place.clock.advance(1_000);
    assert.deepEqual(after.issuerKey, place.issuerKey);
    const client = after.client(shop.signer);
    const again = { ...shop, client };
    const authorisation = await authorised(again, sale);
    assert.equal((await capture(again, "p-1", authorisation)()).outcome, "captured");
    const { receipts } = await after.client(ada.signer).call("receipts");
    assert.equal(receipts.length, 1);
    await store.close();
  } finally {
    await before.close();
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("what a crash cut off and nobody asks for again is let go of in the end", async () => {
  const held = heldAcquirer();
  const { place, shop, sale } = await scene("test_ok", held.acquirer);
  const asking = authorise(shop, sale()).catch(() => undefined);
  await held.answerAll();
  void asking;
  const { payment } = place.store.tables;
  const [row] = payment.all("of_gateway", [shop.gateway]);
  assert.ok(row);
  // As a crash between the acquirer's answer and its being written down leaves it.
  place.store.transaction(() => payment.change(row, { state: "pending" }));
  place.issuer.start();
  await place.clock.advance(11 * 60_000);
  await held.answerAll();
  assert.equal(payment.get(row.position)?.state, "expired");
  assert.ok(held.asked.some((line) => line.startsWith("reverse")), held.asked.join());
  await place.issuer.stop();
});

Deno.test("a refund that is asked for under another key ends as the first one does", async () => {
  const held = heldAcquirer();
  const { shop, sale } = await scene("test_ok", held.acquirer);
  const asking = authorised(shop, sale());
  await held.answerAll();
  const taking = capture(shop, "p-1", await asking)();
  await held.answerAll();
  await taking;
  const refund = (key: string) => shop.client.call("refund", { key, body: spoiled });
  const first = refund("key-1");
  await settled();
  // Not an outcome: whoever asks comes again.
  await assert.rejects(refund("key-2"), { kind: "issuer_unreachable" });
  await held.answerAll();
  const made = await first;
  assert.equal(made.outcome, "refunded");
  assert.deepEqual(await refund("key-2"), made);
  assert.equal(held.asked.filter((line) => line.startsWith("refund")).length, 1);
});

Deno.test("a refund that a crash cut off is taken up under whatever key", async () => {
  let away = true;
  const real = testAcquirer();
  const acquirer: Acquirer = {
    ...real,
    refund: (request) =>
      away
        ? Promise.reject(new RuntimeError("issuer_unreachable", "nobody there"))
        : real.refund(request),
  };
  const { shop, sale } = await scene("test_ok", acquirer);
  await capture(shop, "p-1", await authorised(shop, sale()))();
  await assert.rejects(shop.client.call("refund", { key: "key-1", body: spoiled }), {
    kind: "issuer_unreachable",
  });
  away = false;
  const { outcome } = await shop.client.call("refund", { key: "key-2", body: spoiled });
  assert.equal(outcome, "refunded");
  const [row] = (await shop.client.call("ledger")).payments;
  assert.equal(row?.refunded_minor, 300);
});

Deno.test("a refund that was cut off, and nobody asks for again, is made", async () => {
  let away = true;
  const real = testAcquirer();
  const asked: string[] = [];
  const acquirer: Acquirer = {
    ...real,
    refund(request) {
      asked.push(`${request.reference} ${request.refund} ${request.amount_minor}`);
      if (away) return Promise.reject(new RuntimeError("issuer_unreachable", "nobody there"));
      return real.refund(request);
    },
  };
  const { place, shop, ada, sale } = await scene("test_ok", acquirer);
  await capture(shop, "p-1", await authorised(shop, sale()))();
  await assert.rejects(shop.client.call("refund", { key: "key-1", body: spoiled }), {
    kind: "issuer_unreachable",
  });
  place.issuer.start();
  await place.clock.advance(9 * 60_000);
  assert.equal(asked.length, 1, "whoever wants it may still ask");
  away = false;
  await place.clock.advance(2 * 60_000);
  assert.deepEqual(asked, ["harbour/p-1/1 r-1 300", "harbour/p-1/1 r-1 300"]);
  assert.equal(place.store.tables.refund.get("harbour", "r-1")?.state, "refunded");
  const { receipts } = await place.client(ada.signer).call("receipts");
  assert.deepEqual(receipts.map(({ amount_minor }) => amount_minor), [1_250, 300]);
  const { outcome } = await shop.client.call("refund", { key: "key-1", body: spoiled });
  assert.equal(outcome, "refunded");
  assert.equal(asked.length, 2);
  await place.issuer.stop();
});
