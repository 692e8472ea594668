/** The book of trips: each rule is broken once, and found. */
import assert from "node:assert/strict";
import type { PerceptionReading } from "../../../runtime/world.ts";
import type { Batch } from "../../../runtime/journal/journal.ts";
import { agreeOnTrip, type TripFiles } from "./trip_agreement.ts";
import { TripsBook } from "./trips.ts";

const items = [{ gtin: "2000000000015", units: 2 }];
const checkout = (total: string, trip = "t") => ({
  idempotentShoppingTripId: trip,
  orderTotals: { priceTotal: { amount: total } },
});
const amount = (value: number, more = {}) => ({
  shoppingTripId: "t",
  amount: { amount: value },
  ...more,
});

function batch(part: Partial<Batch>): Batch {
  return {
    actors: [],
    history: [],
    outbox_added: [],
    outbox_settled: [],
    messages_added: [],
    messages_delivered: [],
    ...part,
  };
}

const handsOver = (lines: unknown, trip = "t") =>
  batch({
    outbox_added: [{
      position: 1,
      key: "k",
      from: `cart/${trip}`,
      command: { type: "retailer.submit_purchase", trip, lines },
      at_ms: 0,
    }],
  });

function book() {
  const found: string[] = [];
  let now_ms = 0;
  const row = {
    account: "anna",
    state: "paid",
    evidence: '{"kind":"code_at_gate","jti":"c1"}',
    total_minor: 700,
    ended_at_ms: 1 as number | null,
  };
  const paid = { state: "captured", captured_minor: 700, refunded_minor: 0, receipt: "r" };
  const disputes: { dispute: string; amount_minor: number; granted: number; raised_at_ms: 0 }[] =
    [];
  const stock = { began: 10, left: 10 };
  const files: TripFiles = {
    trip: () => row,
    payment: () => paid,
    disputes: () => disputes,
    purchase: () => ({ id: "p-1", state: "priced" }),
    retailerReceipt: () => undefined,
    stock: () => new Map([["2000000000015", stock]]),
  };
  const report = (rule: string) => void found.push(rule);
  const here = new Set(["v"]);
  const trips = new TripsBook(report, () => now_ms, () => files, (visit) => here.has(visit));
  const move = (act: "authorise" | "capture" | "refund", minor: number, reference = "s/t/1") => {
    const outcome = ({ authorise: "authorised", capture: "captured", refund: "refunded" } as const)[
      act
    ];
    return trips.moved(reference, minor, { act, outcome } as Parameters<typeof trips.moved>[2]);
  };
  /** As it should go, up to the charge. */
  const shopped = () => {
    trips.limited("anna", 1_000);
    trips.codeShown("anna", "c1");
    trips.committed(handsOver(items));
    trips.purchased("t", "p-1", items);
    stock.left = 8;
  };
  const pass = (ms: number) => void (now_ms += ms);
  return { found, trips, move, shopped, row, paid, disputes, stock, files, report, pass };
}

/** What the gate's actor was told. */
const atGate = (event: { type: string; [key: string]: unknown }) =>
  batch({
    history: [
      {
        address: "gate/in",
        from: "outside",
        event,
        before: "closed",
        after: "identifying",
        commands: [],
      } as unknown as Batch["history"][number],
    ],
  });
const matched = (outcome: string, visits: readonly string[], liveness = "passed") =>
  ({
    type: "matched",
    outcome,
    faces: visits.length,
    matches: visits.map((visit) => ({ visit, frames: 5, liveness })),
    seen_at_ms: 0,
    glance: 1,
  }) as unknown as PerceptionReading;

Deno.test("by a face comes in whom a camera was sure of a moment ago, and who is here", () => {
  const rule = "a face opens when a camera is sure of it";
  const seen = (visit: string) =>
    atGate({ type: "gate.face_seen", entry: "t", visit, camera: "k" });
  const admitted = (visit: string) =>
    atGate({
      type: "issuer.admitted",
      entry: "t",
      evidence: { kind: "face_at_gate", visit, camera: "k" },
    });
  const good = book();
  good.trips.told("k", matched("identified", ["v"]));
  good.trips.committed(seen("v"));
  good.trips.committed(admitted("v"));
  assert.deepEqual(good.found, []);
  good.trips.committed(admitted("w"));
  assert.deepEqual(good.found, [rule, "only those present come in by their face"]);
  for (
    const reading of [
      matched("ambiguous", ["v"]),
      matched("identified", ["v", "w"]),
      matched("identified", ["v"], "unsure"),
      matched("identified", ["w"]),
    ]
  ) {
    const { found, trips } = book();
    trips.told("k", reading);
    trips.committed(seen("v"));
    assert.deepEqual(found, [rule]);
  }
  const late = book();
  late.trips.told("k", matched("identified", ["v"]));
  late.pass(20_000);
  late.trips.committed(seen("v"));
  assert.deepEqual(late.found, [rule]);
});

const receipt = { payment: "t", receipt: "r", refund: null } as never;

Deno.test("a trip that goes as it should is not complained of", () => {
  const { found, trips, move, shopped, files, report } = book();
  shopped();
  trips.retailerAsks("/v1/checkout/carts", checkout("7.00"));
  move("authorise", 700);
  move("capture", 700);
  trips.receipt("anna", receipt);
  trips.purchased("t", "p-1", items);
  trips.closeDay();
  trips.of("t").state = "settled";
  agreeOnTrip(report, trips.of("t"), files, true);
  assert.deepEqual(found, []);
  assert.deepEqual(trips.open, []);
  assert.equal(move("authorise", 700, "s/other/1"), false, "a sale at a lane is none of its");
});

Deno.test("charged: once, as the retailer says, and only what was in a cart", () => {
  const { found, trips, move, shopped } = book();
  shopped();
  move("authorise", 700);
  assert.deepEqual(found.splice(0), ["charged as the retailer says"]);
  trips.retailerAsks("/v1/adjust/charge", amount(7));
  move("authorise", 700, "s/t/2");
  assert.deepEqual(found.splice(0), ["a trip is charged once"]);
  move("capture", 701, "s/t/2");
  assert.deepEqual(found.splice(0), ["captured is authorised", "charged as the retailer says"]);
  const empty = book();
  empty.trips.limited("anna", 1_000);
  empty.trips.codeShown("anna", "c1");
  empty.trips.retailerAsks("/v1/checkout/carts", checkout("7.00"));
  empty.move("authorise", 700);
  assert.deepEqual(empty.found.splice(0), ["no charge without a retailer's cart"]);
  const nothing = book();
  nothing.trips.limited("anna", 1_000);
  nothing.trips.codeShown("anna", "c1");
  nothing.trips.committed(handsOver([]));
  nothing.trips.purchased("t", "p-1", []);
  nothing.trips.retailerAsks("/v1/checkout/carts", checkout("7.00"));
  nothing.move("authorise", 700);
  assert.deepEqual(nothing.found, ["an empty cart is never charged"]);
});

Deno.test("purchased: once, under one name, and what the cart held", () => {
  const { found, trips, shopped } = book();
  shopped();
  trips.committed(handsOver(items));
  assert.deepEqual(found.splice(0), ["a trip is purchased once"]);
  trips.purchased("t", "p-2", items);
  assert.deepEqual(found.splice(0), ["a trip is purchased once"]);
  trips.purchased("t", "p-1", [{ gtin: "2000000000015", units: 3 }]);
  assert.deepEqual(found, ["the retailer hears what the cart held"]);
});

Deno.test("above the limit somebody has said yes; nobody comes in by another's code", () => {
  const { found, trips, move, shopped, row } = book();
  shopped();
  trips.retailerAsks("/v1/checkout/carts", checkout("15.00"));
  move("authorise", 1_500);
  assert.deepEqual(found.splice(0), ["above the limit the phone has said yes"]);
  trips.agrees("anna", 1_500);
  trips.moved("s/t/1", 0, { act: "reverse", outcome: "reversed" });
  move("authorise", 1_500, "s/t/2");
  assert.deepEqual(found.splice(0), []);
  trips.moved("s/t/2", 0, { act: "reverse", outcome: "reversed" });
  row.evidence = '{"kind":"code_at_gate","jti":"c2"}';
  move("authorise", 1_500, "s/t/3");
  assert.deepEqual(found.splice(0), ["nobody comes in without a code of his own"]);
  row.evidence = '{"kind":"code_at_gate","jti":"c1"}';
  trips.committed(handsOver(items, "u"));
  trips.purchased("u", "p-9", items);
  trips.retailerAsks("/v1/checkout/carts", checkout("7.00", "u"));
  move("authorise", 700, "s/u/1");
  assert.deepEqual(found, ["a code opens once"]);
});

Deno.test("a code that lets somebody in for a second trip is found at the gate", () => {
  const { found, trips, row } = book();
  const admitted = (entry: string) =>
    atGate({ type: "issuer.admitted", entry, evidence: { kind: "code_at_gate" } });
  trips.codeShown("anna", "c1");
  trips.committed(admitted("t"));
  trips.committed(admitted("t"));
  assert.deepEqual(found, []);
  trips.committed(admitted("u"));
  assert.deepEqual(found.splice(0), ["a code opens once"]);
  row.account = "bert";
  trips.committed(admitted("t"));
  assert.deepEqual(found, ["nobody comes in without a code of his own"]);
});

Deno.test("given back: never more than was taken or was to be; disputed within a day", () => {
  const { found, trips, move, shopped, disputes, pass } = book();
  shopped();
  trips.retailerAsks("/v1/checkout/carts", checkout("7.00"));
  move("authorise", 700);
  move("capture", 700);
  trips.retailerAsks("/v1/refund", amount(3, { refundRequestId: "x" }));
  move("refund", 300);
  assert.deepEqual(found.splice(0), []);
  move("refund", 300);
  assert.deepEqual(found.splice(0), ["given back is what was to be"]);
  trips.returned("t", "d", items[0]!);
  assert.deepEqual(found.splice(0), ["the retailer hears of what is given back"]);
  disputes.push({ dispute: "d", amount_minor: 900, granted: 1, raised_at_ms: 0 });
  move("refund", 200);
  assert.deepEqual(found.splice(0), ["no more is given back than was taken"]);
  trips.disputed("t", "d");
  pass(25 * 3_600_000);
  trips.disputed("t", "d");
  assert.deepEqual(found.splice(0), []);
  trips.disputed("t", "e");
  assert.deepEqual(found, ["a line is disputed within a day"]);
});

Deno.test("at the end every trip has one end in all books, and the stock agrees", () => {
  const { found, trips, shopped, row, stock } = book();
  shopped();
  row.ended_at_ms = null;
  assert.deepEqual(trips.open, ["t"]);
  trips.close();
  assert.deepEqual(found.splice(0), ["every trip comes to its end"]);
  row.ended_at_ms = 1;
  trips.closeDay();
  assert.deepEqual([...new Set(found.splice(0))], ["the books agree on a trip"]);
  stock.left = 9;
  trips.closeDay();
  assert.ok(found.includes("the retailer's stock agrees"));
});
