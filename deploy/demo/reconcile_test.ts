/** Each mismatch that books can have, planted in books that are in order, is seen once. */
import assert from "node:assert/strict";
import type { Receipt } from "../../runtime/sync/contract/schemas.ts";
import {
  type Books,
  type CashierSale,
  type GatewayPayment,
  type IssuerPayment,
  reconcile,
  type ViolationKind,
} from "./reconcile.ts";

interface Drawer {
  gateway: GatewayPayment[];
  issuer: IssuerPayment[];
  receipts: Map<string, Receipt[]>;
  cashier: CashierSale[];
}

const money = { amount_minor: 1_250, currency: "EUR" };

/** Two captured sales, a decline, a cancel and one of an earlier run: all in order. */
function inOrder(): Drawer {
  const issuerRow = (payment: string, account: string, state: IssuerPayment["state"]) => ({
    payment,
    gateway: "g-1",
    check_in: `visit-${account}`,
    account,
    state,
    ...money,
    captures: state === "captured" ? 1 : 0,
    refunded_minor: 0,
    receipt: state === "captured" ? `r-${payment}` : null,
    at_ms: 1,
  });
  const gatewayRow = (payment: string, account: string | null, state: string) => ({
    payment,
    state,
    visit: account && `visit-${account}`,
    ...money,
    receipt: state === "captured" ? `r-${payment}` : null,
  });
  const sale = (payment: string, account: string | null, told: string) => ({
    payment,
    lane: "1",
    shopper: `person of ${account}`,
    account,
    ...money,
    told,
  });
  const receipt = (payment: string, sequence: number): Receipt => ({
    sequence,
    receipt: `r-${payment}`,
    payment,
    merchant_name: "Market",
    store: "riverside",
    ...money,
    items: [{ name: "Bread", quantity: 1, amount_minor: 1_250 }],
    captured_at_ms: 1,
    refund: null,
  });
  return {
    gateway: [
      gatewayRow("p1", "ana", "captured"),
      gatewayRow("p2", "ben", "captured"),
      gatewayRow("p3", "cem", "declined"),
      gatewayRow("p4", null, "cancelled"),
      gatewayRow("p0", "ana", "captured"),
    ],
    issuer: [
      issuerRow("p1", "ana", "captured"),
      issuerRow("p2", "ben", "captured"),
      issuerRow("p3", "cem", "declined"),
      issuerRow("p0", "ana", "captured"),
    ],
    receipts: new Map([
      ["ana", [receipt("p0", 1), receipt("p1", 2)]],
      ["ben", [receipt("p2", 1)]],
      ["cem", []],
    ]),
    cashier: [
      sale("p1", "ana", "captured"),
      sale("p2", "ben", "captured"),
      sale("p3", "cem", "declined"),
      sale("p4", null, "cancelled"),
      { ...sale("", null, ""), payment: null, told: null },
    ],
  };
}

function change<Row>(rows: Row[], place: number, changes: Partial<Row>): void {
  const row = rows[place];
  assert.ok(row !== undefined);
  rows[place] = { ...row, ...changes };
}

const receiptsOf = (books: Drawer, account: string) => {
  const rows = books.receipts.get(account);
  assert.ok(rows);
  return rows;
};

Deno.test("books in order have no violation", () => {
  assert.deepEqual(reconcile(inOrder()), []);
});

const planted: readonly [string, ViolationKind, (books: Drawer) => void][] = [
  ["a sale captured twice", "captured_twice", (b) => change(b.issuer, 0, { captures: 2 })],
  ["somebody else's account charged", "wrong_person", (b) => {
    change(b.issuer, 0, { account: "ben" });
  }],
  ["a person without account charged", "wrong_person", (b) => {
    change(b.cashier, 0, { account: null });
  }],
  ["a payment that never ended", "unfinished", (b) => {
    change(b.gateway, 3, { state: "awaiting_selection" });
  }],
  ["money still held", "left_authorised", (b) => {
    change(b.issuer, 2, { state: "authorised" });
  }],
  ["captured at the gateway, reversed at the issuer", "issuer_disagrees", (b) => {
    change(b.issuer, 0, { state: "reversed", captures: 0 });
  }],
  ["captured at the issuer, reversed at the gateway", "issuer_disagrees", (b) => {
    change(b.gateway, 0, { state: "reversed" });
  }],
  ["captured at the gateway, unknown to the issuer", "issuer_disagrees", (b) => {
    b.issuer.splice(1, 1);
  }],
  ["captured at the issuer, unknown to the gateway", "issuer_disagrees", (b) => {
    b.gateway.splice(4, 1);
  }],
  ["another visit charged than the gateway meant", "visit_differs", (b) => {
    change(b.gateway, 1, { visit: "visit-cem" });
  }],
  ["another amount at the issuer", "amount_differs", (b) => {
    change(b.issuer, 1, { amount_minor: 1_249 });
  }],
  ["another amount at the till", "amount_differs", (b) => {
    change(b.cashier, 1, { amount_minor: 1 });
  }],
  ["another currency at the gateway", "amount_differs", (b) => {
    change(b.gateway, 1, { currency: "SEK" });
  }],
  ["a till told declined of a captured sale", "till_disagrees", (b) => {
    change(b.cashier, 1, { told: "declined" });
  }],
  ["a till told captured of a declined sale", "till_disagrees", (b) => {
    change(b.cashier, 2, { told: "captured" });
  }],
  ["a till that never learned of a captured sale", "till_disagrees", (b) => {
    change(b.cashier, 0, { told: null });
  }],
  ["a charge without receipt", "receipt_missing", (b) => void receiptsOf(b, "ben").pop()],
  ["two receipts for one charge", "receipt_repeated", (b) => {
    const [first] = receiptsOf(b, "ben");
    assert.ok(first);
    receiptsOf(b, "ben").push({ ...first, sequence: 2 });
  }],
  ["a receipt without charge", "receipt_unfounded", (b) => {
    const [first] = receiptsOf(b, "ben");
    assert.ok(first);
    receiptsOf(b, "cem").push({ ...first, payment: "p3" });
  }],
  ["a receipt for a payment nobody knows", "receipt_unfounded", (b) => {
    const [first] = receiptsOf(b, "ben");
    assert.ok(first);
    receiptsOf(b, "ben").push({ ...first, payment: "p9", sequence: 2 });
  }],
  ["a receipt in another account", "receipt_unfounded", (b) => {
    receiptsOf(b, "cem").push(...receiptsOf(b, "ben").splice(0));
  }],
  ["a receipt over another amount", "receipt_differs", (b) => {
    change(receiptsOf(b, "ben"), 0, { amount_minor: 2 });
  }],
  ["another receipt than the till's", "receipt_differs", (b) => {
    change(b.gateway, 1, { receipt: "r-other" });
  }],
  ["money given back without a receipt", "refund_differs", (b) => {
    change(b.issuer, 1, { refunded_minor: 100 });
  }],
  ["a till told of a refund that the issuer does not know", "refund_differs", (b) => {
    change(b.cashier, 1, { refunded_minor: 100 });
  }],
  ["more given back than was charged", "refund_differs", (b) => {
    change(b.issuer, 1, { refunded_minor: 1_251 });
    givesBack(b, 1_251);
  }],
];

/** Ben's phone is told that so much of his sale went back. */
function givesBack(b: Drawer, amount_minor: number): void {
  const [charge] = receiptsOf(b, "ben");
  assert.ok(charge);
  const back = { receipt: "r-back", refund: "refund-1", sequence: 9 };
  receiptsOf(b, "ben").push({ ...charge, ...back, amount_minor });
}

Deno.test("money given back, as till, issuer and phone say, is in order", () => {
  const books = inOrder();
  change(books.issuer, 1, { refunded_minor: 250 });
  change(books.cashier, 1, { refunded_minor: 250 });
  givesBack(books, 250);
  assert.deepEqual(reconcile(books as Books), []);
});

for (const [story, kind, plant] of planted) {
  Deno.test(`${story} is one violation: ${kind}`, () => {
    const books = inOrder();
    plant(books);
    assert.deepEqual(reconcile(books as Books).map((violation) => violation.kind), [kind]);
  });
}
