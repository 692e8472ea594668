/** Each way in which a kill could do harm, planted in books that are in order, is seen. */
import assert from "node:assert/strict";
import type { Receipt } from "../../runtime/sync/contract/schemas.ts";
import type { CashierSale, GatewayPayment, IssuerPayment } from "../demo/reconcile.ts";
import {
  type Acknowledgement,
  type Evidence,
  isClean,
  judge,
  judgeSoFar,
  type Verdict,
} from "./verdict.ts";

const money = { amount_minor: 1_250, currency: "EUR" };
const bread = "20260101.s1.aa";
const wine = "20260101.s2.bb";

/** One captured sale and one that was given up. */
class Day {
  acknowledged: Acknowledgement[] = [
    { payment: bread, outcome: null, receipt: null },
    { payment: bread, outcome: "captured", receipt: "r-1" },
    { payment: wine, outcome: "cancelled", receipt: null },
  ];
  gateway: GatewayPayment[] = [
    { payment: bread, state: "captured", visit: "v-1", ...money, receipt: "r-1" },
    { payment: wine, state: "cancelled", visit: null, ...money, receipt: null },
  ];
  issuer: IssuerPayment[] = [this.charge(bread, "r-1")];
  receipts: Receipt[] = [this.receipt(bread, "r-1", 1)];
  cashier: CashierSale[] = [this.sale(bread, "captured"), this.sale(wine, "cancelled")];
  unsettled = 0;
  outbox = 0;
  busy: string[] = [];
  waiting_tills: string[] = [];

  charge(payment: string, receipt: string): IssuerPayment {
    const who = { gateway: "g-1", check_in: "v-1", account: "ana" };
    return {
      payment,
      ...who,
      state: "captured",
      ...money,
      captures: 1,
      refunded_minor: 0,
      receipt,
      at_ms: 1,
    };
  }

  receipt(payment: string, receipt: string, sequence: number): Receipt {
    const where = { merchant_name: "Market", store: "market" };
    return {
      sequence,
      receipt,
      payment,
      ...where,
      ...money,
      items: [],
      captured_at_ms: 1,
      refund: null,
    };
  }

  sale(payment: string, told: string): CashierSale {
    return { payment, lane: "1", shopper: "Ana", account: "ana", ...money, told };
  }

  get evidence(): Evidence {
    const { acknowledged, unsettled, outbox, busy, waiting_tills } = this;
    const { gateway, issuer, cashier } = this;
    const receipts = new Map([["ana", this.receipts]]);
    const books = { gateway, issuer, cashier, receipts };
    return { acknowledged, books, unsettled, outbox, busy, waiting_tills };
  }
}

Deno.test("a day in order has no finding", () => {
  assert.ok(isClean(judge(new Day().evidence)));
});

const harms: [name: string, kind: keyof Verdict, plant: (day: Day) => void][] = [
  ["a sale that was answered for is gone", "lost", (day) => {
    day.gateway.pop();
    day.cashier.pop();
  }],
  ["an outcome that was told is another one", "lost", (day) => {
    day.acknowledged.push({ payment: wine, outcome: "captured", receipt: null });
  }],
  ["a receipt that was told is another one", "lost", (day) => {
    day.acknowledged.push({ payment: bread, outcome: "captured", receipt: "r-9" });
  }],
  ["captured here and not at the issuer", "lost", (day) => day.issuer.pop()],
  ["paid without a receipt", "lost", (day) => day.receipts.pop()],
  ["captured twice", "captured_twice", (day) => {
    day.issuer[0] = { ...day.issuer[0]!, captures: 2 };
  }],
  ["two receipts for one sale", "captured_twice", (day) => {
    day.receipts.push(day.receipt(bread, "r-2", 2));
  }],
  ["one sale under the ids of two days", "captured_twice", (day) => {
    const tomorrow = bread.replace("0101", "0102");
    day.gateway.push({ ...day.gateway[0]!, payment: tomorrow, receipt: "r-2" });
    day.issuer.push(day.charge(tomorrow, "r-2"));
    day.receipts.push(day.receipt(tomorrow, "r-2", 2));
  }],
  ["a payment without end", "stuck", (day) => {
    day.gateway[1] = { ...day.gateway[1]!, state: "reversing" };
    day.acknowledged.pop();
  }],
  ["money that stays held", "stuck", (day) => {
    day.issuer.push({ ...day.charge(wine, "r-2"), state: "authorised", captures: 0 });
  }],
  ["a payment under way", "stuck", (day) => void (day.unsettled = 1)],
  ["a command without answer", "stuck", (day) => void (day.outbox = 1)],
  ["a lane that is not free", "stuck", (day) => void day.busy.push("lane/1")],
  ["a till that waits for ever", "stuck", (day) => void day.waiting_tills.push("the till of 1")],
  ["somebody else was charged", "others", (day) => {
    day.cashier[0] = { ...day.cashier[0]!, account: "ben" };
  }],
];

for (const [name, kind, plant] of harms) {
  Deno.test(`seen: ${name}`, () => {
    const day = new Day();
    plant(day);
    const verdict = judge(day.evidence);
    assert.notEqual(verdict[kind].length, 0, JSON.stringify(verdict));
    assert.ok(!isClean(verdict));
  });
}

Deno.test("in the middle of a day nothing is found of what is under way", () => {
  const day = new Day();
  day.gateway[1] = { ...day.gateway[1]!, state: "reversing" };
  day.acknowledged.pop();
  day.issuer.push({ ...day.charge(wine, "r-2"), state: "authorised", captures: 0 });
  assert.deepEqual(judgeSoFar(day.acknowledged, day), { lost: [], captured_twice: [] });
});

const atOnce = new Set([
  "a sale that was answered for is gone",
  "an outcome that was told is another one",
  "a receipt that was told is another one",
  "captured here and not at the issuer",
  "captured twice",
  "one sale under the ids of two days",
]);

for (const [name, kind, plant] of harms.filter(([name]) => atOnce.has(name))) {
  Deno.test(`seen in the middle of the day: ${name}`, () => {
    const day = new Day();
    plant(day);
    const found: Partial<Verdict> = judgeSoFar(day.acknowledged, day);
    assert.notEqual(found[kind]?.length, 0, JSON.stringify(found));
  });
}
