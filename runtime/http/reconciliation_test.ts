/** Two books of the same sales: each way in which they may differ is found, and none is made up. */
import assert from "node:assert/strict";
import { OpenAPIHono } from "@hono/zod-openapi";
import { type Beyond, Comparison, type LedgerRow, type View } from "./comparison.ts";
import { reconciliationRoute } from "./reconciliation.ts";

/** The books as they are when nothing happens meanwhile. */
function differencesOf(
  here: readonly View[],
  there: readonly LedgerRow[],
  refunds: readonly View[] = [],
  beyond: Partial<Beyond> & { readonly more_refunds?: boolean } = {},
) {
  const none = { payment: () => undefined, since_ms: Infinity, kept_since_ms: -Infinity };
  const comparison = new Comparison({ ...none, ...beyond });
  comparison.takePayments(here);
  comparison.takeRefunds(refunds);
  if (beyond.more_refunds) comparison.leaveOutRefunds();
  comparison.takeLedger(there);
  return comparison.result();
}

const sold = (
  payment: string,
  state: string,
  charge_minor = 420,
  receipt: string | null = "r",
) => ({
  address: `payment/${payment}` as const,
  state,
  done: !["awaiting_capture", "reversing"].includes(state),
  context: { charge_minor, receipt },
});
const gaveBack = (refund: string, payment: string, amount_minor: number, state = "refunded") => ({
  address: `refund/${refund}` as const,
  state,
  done: state !== "asking",
  context: { payment, amount_minor },
});
const booked = (
  payment: string,
  state: string,
  amount_minor = 420,
  refunded_minor = 0,
): LedgerRow => ({
  payment,
  state,
  amount_minor,
  refunded_minor,
  receipt: "r",
  at_ms: 1,
});

Deno.test("books that agree have no differences, and what is under way is not judged", () => {
  const here = [
    sold("a", "captured"),
    sold("b", "declined"),
    sold("c", "reversed"),
    sold("d", "cancelled"),
    sold("e", "awaiting_capture"),
    sold("f", "reversing"),
  ];
  const there = [
    booked("a", "captured"),
    booked("b", "declined"),
    booked("c", "reversed"),
    booked("e", "captured"),
    booked("f", "authorised"),
  ];
  assert.deepEqual(differencesOf(here, there), { payments: 4, under_way: 2, differences: [] });
});

Deno.test("each difference is named with both sides of it", () => {
  const kinds = (here: Parameters<typeof differencesOf>[0], there: readonly LedgerRow[]) =>
    differencesOf(here, there).differences.map(({ payment, kind }) => `${payment} ${kind}`);
  assert.deepEqual(kinds([sold("a", "captured")], []), ["a captured_here_alone"]);
  assert.deepEqual(kinds([sold("a", "captured")], [booked("a", "reversed")]), [
    "a captured_here_alone",
  ]);
  assert.deepEqual(kinds([], [booked("lost", "captured")]), ["lost captured_there_alone"]);
  assert.deepEqual(kinds([sold("a", "cancelled")], [booked("a", "captured")]), [
    "a captured_there_alone",
  ]);
  assert.deepEqual(kinds([sold("a", "captured", 421)], [booked("a", "captured")]), [
    "a amount_differs",
  ]);
  assert.deepEqual(kinds([sold("a", "captured", 420, "x")], [booked("a", "captured")]), [
    "a receipt_differs",
  ]);
  assert.deepEqual(kinds([sold("a", "declined")], [booked("a", "authorised")]), ["a held_there"]);
  assert.deepEqual(differencesOf([], [booked("lost", "captured")]).differences[0], {
    payment: "lost",
    kind: "captured_there_alone",
    here: null,
    there: "captured",
    here_minor: null,
    there_minor: 420,
    here_refunded_minor: 0,
    there_refunded_minor: 0,
  });
});

Deno.test("what was given back is held against the other book as well", () => {
  const kinds = (refunds: readonly ReturnType<typeof gaveBack>[], there_minor: number) =>
    differencesOf([sold("a", "captured")], [booked("a", "captured", 420, there_minor)], refunds)
      .differences.map(({ kind, here_refunded_minor, there_refunded_minor }) =>
        [kind, here_refunded_minor, there_refunded_minor] as const
      );
  const both = [gaveBack("1", "a", 100), gaveBack("2", "a", 20)];
  assert.deepEqual(kinds(both, 120), []);
  assert.deepEqual(kinds(both, 100), [["refund_differs", 120, 100]]);
  assert.deepEqual(kinds([], 100), [["refund_differs", 0, 100]]);
  assert.deepEqual(kinds([gaveBack("1", "a", 100, "refused")], 0), []);
  assert.deepEqual(kinds([gaveBack("1", "a", 100, "refused")], 100), [["refund_differs", 0, 100]]);
});

Deno.test("a payment of which something is being given back is under way", () => {
  const there = [booked("a", "captured", 420, 100)];
  const asked = [gaveBack("1", "a", 100, "asking"), gaveBack("2", "a", 50)];
  for (const refunds of [asked, asked.toReversed()]) {
    assert.deepEqual(differencesOf([sold("a", "captured")], there, refunds), {
      payments: 0,
      under_way: 1,
      differences: [],
    });
  }
});

Deno.test("carts of a walk-out aisle are held against the same book", () => {
  const sold_out = (state: string) => [{
    ...sold("trip", state),
    context: { charge_minor: 747, receipt: "r", cart: "trip" },
  }];
  const kinds = (state: string, there: readonly LedgerRow[]) =>
    differencesOf(sold_out(state), there).differences.map(({ kind }) => kind);
  assert.deepEqual(kinds("captured", [booked("trip", "captured", 747)]), []);
  const less = booked("trip", "captured", 500);
  assert.deepEqual(kinds("captured", [less]), [], "its retailer took less of it");
  assert.deepEqual(kinds("captured", []), ["captured_here_alone"]);
  assert.deepEqual(kinds("reversed", [booked("trip", "captured")]), ["captured_there_alone"]);
});

Deno.test("what is older than the lists that were read makes no differences up", () => {
  const beyond = {
    payment: (payment: string) => payment === "old" ? sold("old", "captured") : undefined,
    kept_since_ms: 5,
    more_refunds: true,
  };
  const there = [
    booked("new", "captured", 420, 100),
    booked("old", "captured", 420, 50),
    booked("forgotten", "captured"),
    { ...booked("lost", "captured"), at_ms: 6 },
  ];
  const kinds = (here: Parameters<typeof differencesOf>[0], more = beyond) =>
    differencesOf(here, there, [], more).differences.map(({ payment, kind }) =>
      `${payment} ${kind}`
    );
  assert.deepEqual(kinds([sold("new", "captured")]), [
    "new refund_differs",
    "lost captured_there_alone",
  ]);
  const cancelled = { ...beyond, payment: () => sold("old", "cancelled") };
  assert.ok(
    kinds([], cancelled).includes("old captured_there_alone"),
    "what differs is still told",
  );
});

Deno.test("what begins while the books are compared is under way", () => {
  const since_ms = 10;
  const at = (view: ReturnType<typeof sold>, opened_at_ms: number) => ({
    ...view,
    context: { ...view.context, opened_at_ms },
  });
  const asked = (refund: ReturnType<typeof gaveBack>, asked_at_ms: number) => ({
    ...refund,
    context: { ...refund.context, asked_at_ms },
  });
  const later = new Map([["new", at(sold("new", "reversed"), 11)], [
    "old",
    at(sold("old", "reversed"), 9),
  ]]);
  const comparison = new Comparison({
    payment: (payment) => later.get(payment),
    since_ms,
    kept_since_ms: -Infinity,
  });
  comparison.takePayments([sold("a", "captured"), sold("b", "captured")]);
  comparison.takeRefunds([gaveBack("1", "b", 100)]);
  const [a, b] = [booked("a", "captured", 420, 50), booked("b", "captured", 420, 100)];
  comparison.takeLedger([a, b, booked("new", "authorised"), booked("old", "authorised")]);
  assert.ok(comparison.takeLater(asked(gaveBack("2", "a", 50), 10)));
  assert.ok(!comparison.takeLater(asked(gaveBack("1", "b", 100), 9)));
  const { payments, under_way, differences } = comparison.result();
  assert.deepEqual([payments, under_way], [2, 2]);
  assert.deepEqual(differences.map(({ payment, kind }) => `${payment} ${kind}`), [
    "old held_there",
  ]);
});

Deno.test("many payments are compared a page at a time", async () => {
  const all = 30_000;
  const page_size = 200;
  /** Half of what they are together. */
  const most_bytes = 30_000 * 4_000;
  let peak_bytes = 0, pauses = 0;
  const before_bytes = Deno.memoryUsage().heapUsed;
  function* pages<T>(row: (number: number) => T) {
    for (let from = 0; from < all; from += page_size) {
      yield Array.from({ length: page_size }, (_, at) => row(from + at));
      peak_bytes = Math.max(peak_bytes, Deno.memoryUsage().heapUsed - before_bytes);
    }
  }
  const app = new OpenAPIHono();
  reconciliationRoute(app, {
    payments: () =>
      pages((number) => {
        const view = sold(`p${number}`, number % 10 === 0 ? "declined" : "captured");
        return { ...view, context: { ...view.context, items: new Array(1_000).fill(0.5) } };
      }),
    refunds: () => [],
    payment: () => undefined,
    kept_ms: 0,
    timeOf: (clock_ms) => clock_ms,
    clock: {
      now_ms: () => 0,
      after(_, call) {
        pauses += 1;
        queueMicrotask(call);
        return () => {};
      },
    },
    async *ledger() {
      const state = (number: number) => number % 10 === 0 ? "declined" : "captured";
      for (const page of pages((number) => booked(`p${number}`, state(number)))) {
        yield page.filter(({ payment }) => payment !== "p7777");
      }
    },
  });
  const answer = await app.request("/reconciliation");
  const { payments, under_way, differences } = await answer.json();
  assert.deepEqual([payments, under_way], [all, 0]);
  assert.deepEqual(
    differences.map(({ payment, kind }: { payment: string; kind: string }) => [payment, kind]),
    [["p7777", "captured_here_alone"]],
  );
  assert.equal(pauses, all / page_size, "lanes have their turn between two pages");
  assert.ok(peak_bytes < most_bytes, `${peak_bytes} bytes`);
});
