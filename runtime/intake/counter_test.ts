/** What a POS says at the counter: a try is one payment, and nonsense opens none. */
import assert from "node:assert/strict";
import { limits } from "../../actors/limits.ts";
import { RuntimeError } from "../errors.ts";
import type { MemoryDisk } from "../journal/memory.ts";
import { nodeVault } from "../vault/node.ts";
import { createCounter } from "./counter.ts";
import { policy, testShop } from "./testing.ts";

async function counterAt(disk?: MemoryDisk, now_ms?: number) {
  const shop = testShop(disk, now_ms);
  const { engine, clock } = shop;
  const counter = createCounter({
    engine,
    clock,
    vault: nodeVault,
    currency: "EUR",
    perPayment_minor: 5_000,
    jurisdiction: "DE",
    restrictions: {},
  });
  engine.start();
  for (const id of ["1", "2"]) {
    const camera = `till-${id}`;
    await engine.post(`lane/${id}`, { type: "store.lane_configured", zone: "z", camera, policy });
  }
  return { ...shop, counter };
}

const tea = { name: "Tea", quantity: 1, amount_minor: 250 };
const sale = (service_id: string, more: Record<string, unknown> = {}) => ({
  poi_id: "till-7",
  sale_id: "front",
  service_id,
  amount_minor: 250,
  currency: "EUR",
  items: [tea],
  ...more,
});

const refusedAs = (kind: string, words: RegExp) => (error: unknown) =>
  error instanceof RuntimeError && error.kind === kind && words.test(error.message);

Deno.test("a try asked for twice is one payment, also over midnight and a restart", async () => {
  const first = await counterAt();
  const { payment } = await first.counter.requestSale("1", sale("A1"));
  assert.deepEqual(await first.counter.requestSale("1", sale("A1")), { payment });
  await first.clock.pass(10 * 60_000);
  assert.deepEqual(await first.counter.requestSale("1", sale("A1")), { payment });
  await first.close();

  const second = await counterAt(first.disk, first.clock.now_ms());
  assert.deepEqual(await second.counter.requestSale("1", sale("A1")), { payment });
  assert.ok(second.counter.payment("1", payment));
  await second.close();
});

Deno.test("a try asked for again by a clock set back over midnight is one payment", async () => {
  const midnight_ms = Date.UTC(2026, 8, 22);
  const first = await counterAt(undefined, midnight_ms + 30_000);
  const { payment } = await first.counter.requestSale("1", sale("A1"));
  await first.close();
  const second = await counterAt(first.disk, midnight_ms - 30_000);
  assert.deepEqual(await second.counter.requestSale("1", sale("A1")), { payment });
  await second.close();
});

Deno.test("two requests at once for one try are one payment", async () => {
  const { counter, engine, close } = await counterAt();
  const both = await Promise.allSettled([
    counter.requestSale("1", sale("A1")),
    counter.requestSale("1", sale("A1")),
  ]);
  const payments = both.map((each) => each.status === "fulfilled" ? each.value.payment : "none");
  assert.equal(new Set(payments).size, 1, String(payments));
  assert.equal(engine.views().filter(({ kind }) => kind === "payment").length, 1);
  await close();
});

Deno.test("one try with two contents at once is the first; the second is refused", async () => {
  const { counter, engine, close } = await counterAt();
  const dearer = sale("A1", { amount_minor: 300, items: [{ ...tea, amount_minor: 300 }] });
  const [first, second] = await Promise.allSettled([
    counter.requestSale("1", sale("A1")),
    counter.requestSale("1", dearer),
  ]);
  assert.equal(first.status, "fulfilled");
  assert.ok(second.status === "rejected");
  assert.ok(refusedAs("request_invalid", /was another sale: use a new ServiceID/)(second.reason));
  const payments = engine.views().filter(({ kind }) => kind === "payment");
  assert.deepEqual(payments.map(({ context }) => context["amount_minor"]), [250]);
  await close();
});

Deno.test("a known try with other contents, or at another lane, is refused", async () => {
  const { counter, close } = await counterAt();
  await counter.requestSale("1", sale("A1"));
  const dearer = sale("A1", { amount_minor: 300, items: [{ ...tea, amount_minor: 300 }] });
  const another = refusedAs("request_invalid", /was another sale: use a new ServiceID/);
  await assert.rejects(counter.requestSale("1", dearer), another);
  await assert.rejects(counter.requestSale("2", sale("A1")), another);
  await close();
});

Deno.test("a known try with another basket of the same price is refused", async () => {
  const { counter, close } = await counterAt();
  const basket = sale("A1", {
    items: [{ ...tea, amount_minor: 100 }, { ...tea, amount_minor: 150 }],
  });
  const { payment } = await counter.requestSale("1", basket);
  assert.deepEqual(await counter.requestSale("1", basket), { payment });
  const another = refusedAs("request_invalid", /was another sale: use a new ServiceID/);
  for (const items of [[tea], [{ ...tea, name: "Gin" }], [{ ...tea, quantity: 2 }]]) {
    await assert.rejects(counter.requestSale("1", sale("A1", { items })), another);
  }
  await close();
});

Deno.test("a try is the same one for 48 hours, and another sale after that", async () => {
  const { counter, clock, close } = await counterAt();
  const { payment } = await counter.requestSale("1", sale("A1"));
  await clock.pass(limits.till_names_ms - 1);
  assert.deepEqual(await counter.requestSale("1", sale("A1")), { payment });
  await clock.pass(1);
  const later = await counter.requestSale("1", sale("A1"));
  assert.notEqual(later.payment, payment);
  assert.deepEqual(await counter.requestSale("1", sale("A1")), later);
  await close();
});

Deno.test("nonsense opens no payment", async () => {
  const { counter, engine, close } = await counterAt();
  const cases: [string, Record<string, unknown>, string, RegExp][] = [
    ["1", { currency: "USD" }, "request_invalid", /takes EUR, not USD/],
    ["1", { amount_minor: 251 }, "request_invalid", /add up to 250 .* says 251/],
    ["1", { amount_minor: 5_001 }, "request_invalid", /above this store's limit.*5000/],
    ["9", {}, "not_found", /no lane 9/],
  ];
  for (const [lane, more, kind, words] of cases) {
    await assert.rejects(counter.requestSale(lane, sale("A1", more)), refusedAs(kind, words));
  }
  assert.equal(engine.views().filter(({ kind }) => kind === "payment").length, 0);
  await close();
});

Deno.test("a lane that sells takes no other sale, and is free again after a cancel", async () => {
  const { counter, close } = await counterAt();
  const { payment } = await counter.requestSale("1", sale("A1"));
  await assert.rejects(
    counter.requestSale("1", sale("A2")),
    refusedAs("busy", /lane 1 is at another sale/),
  );
  assert.equal((await counter.cancel("1", payment, "olga")).accepted, true);
  assert.equal(counter.payment("1", payment)?.state, "cancelled");
  const next = await counter.requestSale("1", sale("A2"));
  assert.notEqual(next.payment, payment);
  await close();
});

Deno.test("a payment is found only at its own lane", async () => {
  const { counter, close } = await counterAt();
  const { payment } = await counter.requestSale("1", sale("A1"));
  assert.equal(counter.payment("2", payment), undefined);
  const none = refusedAs("not_found", /lane 2 has no payment/);
  await assert.rejects(counter.cancel("2", payment, "olga"), none);
  await assert.rejects(counter.select("2", payment, "v", "olga"), none);
  assert.equal((await counter.select("1", payment, "nobody", "olga")).accepted, false);
  await close();
});
