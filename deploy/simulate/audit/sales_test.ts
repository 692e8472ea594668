/** The book of sales: each rule is broken once, and found. */
import assert from "node:assert/strict";
import type { Batch } from "../../../runtime/journal/journal.ts";
import { SimulatedDisk } from "../../../runtime/sim/disk.ts";
import type { SaleAnswer, TillSale } from "../../demo/till_words.ts";
import { SalesBook } from "./sales.ts";

const asked: TillSale = {
  poi_id: "poi-1",
  sale_id: "till-1",
  service_id: "1",
  amount_minor: 500,
  currency: "EUR",
  items: [{ name: "Bread", quantity: 1, amount_minor: 500 }],
};

function answer(payment: string, outcome: SaleAnswer["outcome"]): SaleAnswer {
  return {
    payment,
    state: outcome ?? "selling",
    outcome,
    reason: null,
    receipt: null,
    charge_minor: 500,
    dropped: [],
    restricted: [],
    candidates: [],
  };
}

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

const stepped = (payment: string, after: string) =>
  batch({
    actors: [{
      address: `payment/${payment}`,
      value: after,
      context: {},
      timers: [],
      done: after === "captured",
      sent: 0,
      heard: [],
    }],
    history: [{
      position: 1,
      turn: 1,
      at_ms: 1,
      address: `payment/${payment}`,
      from: "outside",
      event: { type: "stepped" },
      before: undefined,
      after,
      commands: [],
    }],
  });
const wrote = (key: string, payment: string, token: string) =>
  batch({
    outbox_added: [{
      position: key.length,
      key,
      from: `payment/${payment}`,
      command: { type: "issuer.authorise", payment, token, amount_minor: 500 },
      at_ms: 0,
    }],
  });

function book() {
  const found: string[] = [];
  const disk = new SimulatedDisk();
  const sales = new SalesBook((rule) => void found.push(rule));
  const commit = (written: Batch) => {
    disk.write({ ...written, outbox_added: [], history: [] });
    sales.committed(written);
  };
  const authorise = (reference: string, amount_minor = 500) =>
    sales.moved(reference, amount_minor, { act: "authorise", outcome: "authorised" });
  const capture = (reference: string, amount_minor = 500) =>
    sales.moved(reference, amount_minor, { act: "capture", outcome: "captured" });
  return { found, disk, sales, commit, authorise, capture };
}

Deno.test("a sale that goes as it should is not complained of", () => {
  const { found, disk, sales, commit, authorise, capture } = book();
  commit(stepped("p", "awaiting_authorisation"));
  commit(wrote("k", "p", "t"));
  sales.sent("/v1/authorisations", "k");
  authorise("s/p/1");
  capture("s/p/1");
  sales.tillTold(asked, answer("p", null), disk);
  commit(stepped("p", "captured"));
  sales.tillTold(asked, answer("p", "captured"), disk);
  assert.deepEqual(found, []);
});

Deno.test("money: captured without or above what is held, twice, or let go of afterwards", () => {
  const { found, sales, authorise, capture } = book();
  capture("s/p/1");
  assert.deepEqual(found.splice(0), ["captured is authorised"]);
  authorise("s/q/1", 400);
  capture("s/q/1", 401);
  assert.deepEqual(found.splice(0), ["captured is authorised"]);
  authorise("s/q/2");
  capture("s/q/2");
  assert.deepEqual(found.splice(0), ["a sale is captured once"]);
  sales.moved("s/q/2", 0, { act: "reverse", outcome: "reversed" });
  assert.deepEqual(found, ["what is captured is not let go"]);
});

Deno.test("tokens, keys and ends: each is what it is for good", () => {
  const { found, sales, commit } = book();
  commit(wrote("k", "p", "t"));
  commit(wrote("kk", "q", "t"));
  assert.deepEqual(found.splice(0), ["a token is used once"]);
  commit(wrote("k", "r", "u"));
  assert.deepEqual(found.splice(0), ["a key means one thing"]);
  sales.sent("/v1/captures", "unknown");
  assert.deepEqual(found.splice(0), ["written before it is sent"]);
  for (let tries = 1; tries < 500; tries++) sales.sent("/v1/authorisations", "k");
  assert.deepEqual(found, []);
  sales.sent("/v1/authorisations", "k");
  assert.deepEqual(found.splice(0), ["a request comes to its end"]);
  commit(stepped("p", "captured"));
  commit(stepped("p", "reversing"));
  assert.deepEqual(found, ["an ended payment goes on"]);
});

Deno.test("a repeated request is answered as it was before", () => {
  const { found, sales } = book();
  sales.answered("/v1/captures", "k", "captured");
  sales.answered("/v1/captures", "k", "captured");
  assert.deepEqual(found, []);
  sales.answered("/v1/captures", "k", "refused");
  assert.deepEqual(found, ["a repeat gets the answer of before"]);
});

Deno.test("tills: told only what is on the disk, once and for all, of one payment a sale", () => {
  const { found, disk, sales, commit, authorise, capture } = book();
  sales.tillTold(asked, answer("p", null), disk);
  assert.deepEqual(found.splice(0), ["a till is told of what is on the disk"]);
  commit(stepped("p", "awaiting_capture"));
  authorise("s/p/1");
  capture("s/p/1");
  sales.tillTold(asked, answer("p", "captured"), disk);
  assert.deepEqual(found.splice(0), ["a till is told of what is on the disk"]);
  commit(stepped("p", "captured"));
  sales.tillTold(asked, answer("p", "captured"), disk);
  assert.deepEqual(found.splice(0), []);
  commit(stepped("q", "cancelled"));
  sales.tillTold(asked, answer("q", "cancelled"), disk);
  assert.deepEqual(found, ["one payment a sale"]);
});
