/** The books of questions, baskets, refunds and account data: each rule is broken, and found. */
import assert from "node:assert/strict";
import type { Batch } from "../../../runtime/journal/journal.ts";
import type { TillSale } from "../../demo/till_words.ts";
import type { ChangeRow } from "../../issuer/store/rows.ts";
import type { IssuerRow } from "./agreement.ts";
import { ApprovalBook } from "./approvals.ts";
import { BasketBook } from "./baskets.ts";
import { ChangeBook } from "./changes.ts";
import { PeopleBook } from "./people.ts";
import { RefundBook } from "./refunds.ts";
import { TurnBook } from "./turns.ts";

const now = Date.UTC(2026, 8, 21);
const face = new Float32Array([1, 0]);
const sale: TillSale = {
  poi_id: "poi-1",
  sale_id: "till-1",
  service_id: "1",
  amount_minor: 900,
  currency: "EUR",
  items: [
    { name: "Bread", quantity: 1, amount_minor: 400 },
    { name: "Lager", quantity: 1, amount_minor: 500, category: "beer_wine" },
  ],
};

function books() {
  const found: string[] = [];
  const time = { now_ms: now };
  const report = (rule: string) => void found.push(rule);
  const now_ms = () => time.now_ms;
  const people = new PeopleBook();
  const settle = (account: string, birth_date: string) =>
    people.settled({
      fact: "settled",
      account,
      initials: account.toUpperCase(),
      phrase: account === "bo" ? "bo goes home" : undefined,
      face: account === "ana" ? face : new Float32Array([0, 1]),
      voice: new Float32Array(),
      papers: { birth_date, eligibilities: [] },
    });
  settle("ana", "1990-01-01");
  settle("bo", "2011-01-01");
  settle("cy", "2011-01-01");
  const baskets = new BasketBook(report, now_ms, people, () => sale, {
    covers: (...[, account, years]) => account === "cy" && years === 16,
  });
  const approvals = new ApprovalBook(report, now_ms, (payment) => baskets.due_minor(payment));
  const changes = new ChangeBook(
    report,
    now_ms,
    people,
    (lane) => `till-${lane}`,
    (account) => approvals.limitsOf(account),
    new TurnBook(report, now_ms, () => ({ turns: "never", turns_asked: 3 })),
  );
  return { found, time, baskets, approvals, changes, refunds: new RefundBook(report) };
}

const row = { payment: "p", at_ms: now, state: "pending" } as IssuerRow;
const device = "device:ana";
const question = {
  fact: "question",
  approval: "a",
  account: "ana",
  payment: "p",
  amount_minor: 900,
  expires_ms: now + 45_000,
} as const;
const ended = (amount_minor: number, how = "answered") =>
  ({ fact: "question_ended", approval: "a", how, amount_minor, device }) as const;

Deno.test("up to the limit nobody is asked; above it only a yes that was said counts", () => {
  const { found, approvals } = books();
  approvals.limited({ fact: "limits", account: "ana", sale_minor: 600, day_minor: 9_000 });
  approvals.charged({ ...row, at_ms: now + 1 }, "ana", 600);
  approvals.charged({ ...row, at_ms: now + 1 }, "bo", 900);
  assert.deepEqual(found, []);
  approvals.charged({ ...row, at_ms: now + 1 }, "ana", 601);
  assert.deepEqual(found.splice(0), ["above a limit only with a yes"]);
  approvals.asked(question);
  approvals.said({ fact: "phone_says", approval: "a", device, amount_minor: 500 });
  approvals.ended(ended(500));
  approvals.charged(row, "ana", 500);
  assert.equal(approvals.agreed("p"), 500);
  assert.deepEqual(found, []);
  approvals.charged(row, "ana", 501);
  assert.deepEqual(found, ["above a limit only with a yes"]);
});

Deno.test("a second answer, a late one, and one that nobody gave", () => {
  const { found, time, approvals } = books();
  approvals.asked(question);
  approvals.ended(ended(900));
  assert.deepEqual(found.splice(0), ["only what was said in time counts"]);
  approvals.asked({ ...question, approval: "a" });
  approvals.said({ fact: "phone_says", approval: "a", device: "device:bo", amount_minor: "all" });
  time.now_ms += 45_000;
  approvals.said({ fact: "phone_says", approval: "a", device, amount_minor: "all" });
  approvals.ended(ended(900));
  assert.deepEqual(found.splice(0), ["only what was said in time counts"]);
  approvals.ended(ended(0, "expired"));
  assert.deepEqual(found.splice(0), ["a first answer counts"]);
  approvals.asked({ ...question, approval: "b", amount_minor: 901 });
  approvals.lookAtRest();
  assert.deepEqual(found, [
    "no more is asked than was rung up",
    "every question comes to its end",
  ]);
});

const happened = (type: string, more: object, before: string, after = "next"): Batch => ({
  actors: [],
  history: [{
    position: 1,
    turn: 1,
    at_ms: now,
    address: "payment/p",
    from: "outside",
    event: { type, ...more },
    before,
    after,
    commands: [{ type: "issuer.authorise" }],
  }],
  outbox_added: [],
  outbox_settled: [],
  messages_added: [],
  messages_delivered: [],
});

Deno.test("beer is for those of sixteen, when somebody has looked; bread is for everybody", () => {
  const { found, baskets } = books();
  const waits = "awaiting_eligibility";
  baskets.charged("p", "ana");
  assert.deepEqual(found.splice(0), ["nothing restricted without its evidence"]);
  baskets.committed(happened("operator.eligibility_confirmed", { operator: "cashier" }, waits));
  assert.deepEqual(found.splice(0), ["what is decided was said"]);
  baskets.charged("p", "ana");
  assert.deepEqual(found, []);
  baskets.charged("p", "bo");
  assert.deepEqual(found.splice(0), ["nothing restricted without its evidence"]);
  baskets.charged("p", "cy");
  assert.deepEqual(found, [], "proved it for this sale");
  baskets.decides({ fact: "decides", word: "drop", payment: "p", operator: "cashier" });
  const drop = { operator: "cashier", items: [1] };
  baskets.committed(happened("operator.items_dropped", drop, waits));
  baskets.charged("p", "bo");
  assert.equal(baskets.due_minor("p"), 400);
  assert.deepEqual(found, []);
});

Deno.test("an answer tells who it is, and the fourth wrong one is too many", () => {
  const { found, baskets } = books();
  baskets.keys({ fact: "keys", payment: "p", kind: "initials", answer: "ANA" });
  assert.ok(baskets.wasKeyed("p", "ana", "initials"));
  assert.ok(!baskets.wasKeyed("p", "ana", "phrase"));
  assert.ok(!baskets.wasKeyed("p", "bo", "initials"));
  baskets.keys({ fact: "keys", payment: "p", kind: "phrase", answer: "bo goes home" });
  assert.ok(baskets.wasKeyed("p", "bo", "phrase"));
  assert.ok(!baskets.wasKeyed("p", "ana", "phrase"), "has chosen none");
  const wrong = happened("challenge.checked", { outcome: "wrong" }, "checking_answer");
  for (let times = 0; times < 3; times++) baskets.committed(wrong);
  assert.deepEqual(found, []);
  baskets.committed(wrong);
  assert.deepEqual(found.splice(0), ["three wrong answers are enough"]);
  const other = books();
  const asks = "awaiting_answer";
  other.baskets.committed(happened("challenge.checked", { outcome: "wrong" }, "checking", asks));
  const spoken = (after: string) => happened("voice.heard", { outcome: "wrong" }, asks, after);
  for (let times = 0; times < 2; times++) other.baskets.committed(spoken(asks));
  assert.deepEqual(other.found, []);
  other.baskets.committed(spoken(asks));
  assert.deepEqual(other.found, ["three wrong answers are enough"], "the third is the last");
});

Deno.test("a refund is one a try, done once, told as it is", () => {
  const { found, refunds } = books();
  const told = (refund: string, outcome: "refunded" | "refused") => {
    const answer = { refund, payment: "p", outcome, reason: "", amount_minor: 100 };
    refunds.told({ fact: "told_back", service_id: "r1", answer });
  };
  refunds.asked({
    fact: "asks_back",
    lane: "1",
    payment: "p",
    service_id: "r1",
    amount_minor: 100,
  });
  refunds.moved("p", "r", 100);
  told("r", "refunded");
  assert.equal(refunds.of("p"), 100);
  assert.deepEqual(found, []);
  told("r", "refused");
  assert.deepEqual(found.splice(0), ["an outcome stays", "refunded means refunded"]);
  refunds.moved("p", "r", 90);
  assert.deepEqual(found.splice(0), ["a refund is done once"]);
  told("s", "refunded");
  assert.deepEqual(found.splice(0), [
    "one refund a try",
    "an outcome stays",
    "refunded means refunded",
  ]);
  refunds.closeDay();
  assert.deepEqual(found, ["a refund is what was asked for", "a refund is told to the shopper"]);
});

const open: ChangeRow = {
  change: "c",
  gateway: "g",
  attempt: "t",
  store: "s",
  account: "ana",
  lane: "1",
  operator: "cashier",
  what: "email",
  wanted: JSON.stringify({ what: "email", email: "ana@example.com" }),
  former: null,
  nonce: "n",
  state: "open",
  reason: null,
  begun_at_ms: now,
  expires_ms: now + 90_000,
  effective_at_ms: null,
};
const day_ms = 86_400_000;

Deno.test("account data changes by its owner's face, and what could do harm a day later", () => {
  const { found, time, changes } = books();
  const write = (row: Partial<ChangeRow>) =>
    changes.written({ fact: "change", row: { ...open, ...row } });
  write({});
  changes.saw({ fact: "face", camera: "till-1", face: new Float32Array([1, 0]) });
  write({ state: "waiting", effective_at_ms: now });
  assert.deepEqual(found.splice(0), [
    "account data changes by its owner's face",
    "what could do harm waits",
  ]);
  write({});
  changes.saw({ fact: "face", camera: "till-1", face });
  write({ state: "waiting", effective_at_ms: now + day_ms });
  assert.deepEqual(found, []);
  changes.accountData("ana", "email");
  write({ state: "applied", effective_at_ms: now + day_ms });
  assert.deepEqual(found.splice(0), [
    "account data changes by its owner's face",
    "what could do harm waits",
  ]);
  write({ state: "waiting", effective_at_ms: now + day_ms });
  found.splice(0);
  time.now_ms += day_ms;
  changes.accountData("ana", "email");
  write({ state: "applied", effective_at_ms: now + day_ms });
  assert.deepEqual(found, []);
  write({ state: "undone" });
  assert.deepEqual(found.splice(0), ["only its owner undoes a change"]);
  write({ state: "applied" });
  assert.deepEqual(found, ["a change that has ended stays so", "what could do harm waits"]);
});

Deno.test("a lane is told what became of a change; three faces may differ in a day", () => {
  const { found, changes } = books();
  changes.written({ fact: "change", row: open });
  changes.written({ fact: "change", row: { ...open, state: "refused", reason: "face_differs" } });
  const tell = (outcome: "applied" | "refused" | "withdrawn") => {
    const answer = { change: "t", outcome, reason: "", effective_at_ms: null };
    changes.told({ fact: "told_change", service_id: "c1", answer });
  };
  tell("refused");
  assert.deepEqual(found, []);
  tell("applied");
  tell("withdrawn");
  assert.deepEqual(found.splice(0), Array(2).fill("a lane is told what became of a change"));
  for (const change of ["d", "e", "f"]) {
    changes.written({ fact: "change", row: { ...open, change } });
    const refused = { ...open, change, state: "refused", reason: "face_differs" } as const;
    changes.written({ fact: "change", row: refused });
  }
  assert.deepEqual(found, ["faces that differ are counted"]);
});
