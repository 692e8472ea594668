/** Two books of the same sales: each way in which they may differ is found, and none is made up. */
import assert from "node:assert/strict";
import { differencesOf, type LedgerRow } from "./reconciliation.ts";

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
const booked = (payment: string, state: string, amount_minor = 420): LedgerRow => ({
  payment,
  state,
  amount_minor,
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
  });
});
