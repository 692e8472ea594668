/**
 * Why was this shopper charged? Answered from the payment's history and nothing else, and the page
 * that teaches how to read it shows what a gateway really says.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { Candidate, Evidence } from "../../actors/messages.ts";
import type { HistoryRow } from "../journal/journal.ts";
import { arrives, basket, type Json, openStore, seen, type TestStore } from "./store_fixture.ts";

const page = new URL("../../docs/why-was-i-charged.md", import.meta.url);

async function inStore(story: (store: TestStore) => Promise<void>): Promise<void> {
  const store = await openStore();
  try {
    await story(store);
  } finally {
    await store.close();
  }
}

/** The history, as people get it, with the oldest step first. */
async function historyOf(store: TestStore, payment: string): Promise<HistoryRow[]> {
  const { body } = await store.json(`/debug/actors/payment/${payment}/history`);
  return body.history.reverse();
}

/** The issuer agrees and takes the money, each answer a little later. */
async function charges(store: TestStore): Promise<void> {
  await store.clock.advance(300);
  const expires_ms = store.clock.now_ms() + 600_000;
  const authorised = { type: "issuer.authorised", authorisation: "a-81", expires_ms };
  await store.answer("issuer.authorise", authorised);
  await store.clock.advance(200);
  await store.answer("issuer.capture", { type: "issuer.captured", receipt: "r-81" });
}

/** Two people at the pay position; Kim asks for the name and taps. */
async function tapped(store: TestStore): Promise<HistoryRow[]> {
  await arrives(store, "v1", "Ada");
  await arrives(store, "v2", "Ben");
  await seen(store, "till-1", "v1", "v2");
  const { body } = await store.send("/lane/1/sales", basket("s1"));
  await store.clock.advance(1_700);
  const selection = { visit: "v1", operator: "kim" };
  await store.send(`/lane/1/sales/${body.payment}/selection`, selection);
  await charges(store);
  return await historyOf(store, body.payment);
}

/** What a person wants to know, each from one place of the history. */
function answers(history: readonly HistoryRow[]) {
  const steps = new Map(history.map((row) => [row.event.type, row]));
  const asked = history.flatMap(({ commands, at_ms }) =>
    commands.filter(({ type }) => type === "issuer.authorise").map((one) => ({ ...one, at_ms }))
  );
  const [charge, ...more] = asked as Json[];
  assert.equal(more.length, 0, "the issuer was asked once");
  const opened: Json = steps.get("lane.sale_opened")?.event;
  const captured: Json = steps.get("issuer.captured");
  return {
    what: [charge.amount_minor, charge.currency, charge.items.map((item: Json) => item.name)],
    where: [opened.lane, opened.sale.poi_id, opened.sale.sale_id, opened.sale.service_id],
    who_could_be_meant: history.flatMap(({ event }: Json) =>
      event.candidates?.map(({ visit }: Candidate) => visit) ?? []
    ),
    who_was_charged: charge.visit as string,
    who_decided: charge.operator as string,
    on_what_evidence: charge.evidence as Evidence,
    under_which_policy: opened.policy as Json,
    authorisation: (steps.get("issuer.authorised")?.event as Json).authorisation as string,
    receipt: captured.event.receipt as string,
    when_asked_ms: charge.at_ms as number,
    when_captured_ms: captured.at_ms as number,
  };
}

Deno.test("tapped by an operator: who, on what evidence, among whom, with which receipt", () =>
  inStore(async (store) => {
    const began_ms = store.clock.now_ms();
    const history = await tapped(store);
    const told = answers(history);
    assert.deepEqual(told.what, [1_250, "EUR", ["Bread", "Cheese"]]);
    assert.deepEqual(told.where, ["1", "lane-till", "till-1", "s1"]);
    assert.deepEqual(told.who_could_be_meant, ["v1", "v2"]);
    assert.equal(told.who_was_charged, "v1");
    assert.equal(told.who_decided, "kim");
    assert.deepEqual(told.on_what_evidence, {
      kind: "face_at_pay_position",
      camera: "till-1",
      model: "ab".repeat(32),
      frames: 4,
      outcome: "ambiguous",
      liveness: "passed",
      seen_at_ms: began_ms,
    });
    assert.deepEqual(told.under_which_policy.accept_liveness, ["passed"]);
    assert.equal(told.authorisation, "a-81");
    assert.equal(told.receipt, "r-81");
    assert.equal(told.when_asked_ms, began_ms + 1_700);
    assert.equal(told.when_captured_ms, began_ms + 2_200);

    const tap = history.find(({ event }) => event.type === "operator.selected")?.event;
    assert.deepEqual(tap, { type: "operator.selected", visit: "v1", operator: "kim" });
    const senders = history.map(({ from, event, after }) => [from, event.type, after]);
    assert.deepEqual(senders, [
      ["lane/1", "lane.sale_opened", "awaiting_selection"],
      ["outside", "operator.selected", "awaiting_reservation"],
      ["visit/v1", "visit.reservation_granted", "awaiting_authorisation"],
      ["outside", "issuer.authorised", "awaiting_capture"],
      ["outside", "issuer.captured", "captured"],
    ]);
  }));

Deno.test("taken by itself: the history says that nobody tapped, and why that was allowed", () =>
  inStore(async (store) => {
    await arrives(store, "v1", "Ada");
    const { body } = await store.send("/lane/3/sales", basket("s1"));
    await seen(store, "till-3", "v1");
    await charges(store);
    const history = await historyOf(store, body.payment);
    const told = answers(history);
    assert.equal(told.who_decided, "automatic");
    assert.equal(told.under_which_policy.selection, "automatic");
    assert.equal(told.on_what_evidence.outcome, "identified");
    assert.deepEqual(told.who_could_be_meant, ["v1"]);
    assert.ok(history.every(({ event }) => event.type !== "operator.selected"));
  }));

/** Kim takes Ada, who stands there alone, for this basket. */
async function taken(store: TestStore, more: Record<string, unknown> = {}): Promise<string> {
  await arrives(store, "v1", "Ada");
  await seen(store, "till-1", "v1");
  const { body } = await store.send("/lane/1/sales", basket("s1", more));
  const selection = { visit: "v1", operator: "kim" };
  await store.send(`/lane/1/sales/${body.payment}/selection`, selection);
  return body.payment;
}
/** The only step by an event of this type. */
function stepOf(history: readonly HistoryRow[], type: string): Json {
  const found = history.filter(({ event }) => event.type === type);
  assert.equal(found.length, 1, `${type} happened once`);
  return found[0];
}

Deno.test("above a limit: the history says why the phone was asked, and what it said when", () =>
  inStore(async (store) => {
    const payment = await taken(store);
    const until_ms = store.clock.now_ms() + 60_000;
    const needed = { type: "issuer.approval_needed", approval: "q-7", reason: "over_sale_limit" };
    await store.answer("issuer.authorise", { ...needed, until_ms });
    await store.clock.advance(4_000);
    const said = { type: "issuer.approval_given", approval: "q-7", amount_minor: 1_250 };
    await store.post(`payment/${payment}`, said);
    const expires_ms = store.clock.now_ms() + 600_000;
    const authorised = { type: "issuer.authorised", authorisation: "a-81", expires_ms };
    await store.answer("issuer.conduct", authorised);
    await store.answer("issuer.capture", { type: "issuer.captured", receipt: "r-81" });

    const history = await historyOf(store, payment);
    const why = stepOf(history, "issuer.approval_needed");
    assert.deepEqual([why.event.reason, why.event.until_ms], ["over_sale_limit", until_ms]);
    const yes = stepOf(history, "issuer.approval_given");
    assert.deepEqual([yes.from, yes.event], ["outside", said]);
    assert.equal(yes.at_ms - why.at_ms, 4_000);
    assert.deepEqual(yes.commands, [{
      type: "issuer.conduct",
      payment,
      approval: "q-7",
      amount_minor: 1_250,
      currency: "EUR",
    }]);
    assert.equal(history.at(-1)?.after, "captured");
  }));

Deno.test("restricted: the history says what was needed, who attested, confirmed and dropped", () =>
  inStore(async (store) => {
    const items = [
      { name: "Bread", quantity: 1, amount_minor: 350 },
      { name: "Wine", quantity: 1, amount_minor: 500, needs: "age_over_18" },
      { name: "Rum", quantity: 1, amount_minor: 400, needs: "age_over_21" },
    ];
    const payment = await taken(store, { items });
    await store.answer("issuer.attest", {
      type: "issuer.attested",
      attempt: 1,
      eligible: ["age_over_18"],
    });
    const decide = (decision: unknown) =>
      store.send(
        `/lane/1/sales/${payment}/eligibility`,
        Object.assign({ operator: "lou" }, decision),
      );
    await decide({ drop: [2] });
    await decide({ confirmed: true });
    await charges(store);

    const history = await historyOf(store, payment);
    const [asked] = stepOf(history, "visit.reservation_granted").commands;
    assert.deepEqual([asked.type, asked.needs], ["issuer.attest", ["age_over_18", "age_over_21"]]);
    assert.deepEqual(stepOf(history, "issuer.attested").event.eligible, ["age_over_18"]);
    const { event: drop } = stepOf(history, "operator.items_dropped");
    assert.deepEqual([drop.items, drop.operator], [[2], "lou"]);
    const confirmed = stepOf(history, "operator.eligibility_confirmed");
    assert.equal(confirmed.event.operator, "lou");
    const [charge] = confirmed.commands;
    assert.deepEqual(
      [charge.type, charge.amount_minor, charge.confirmed_by, charge.operator],
      ["issuer.authorise", 850, "lou", "kim"],
    );
    assert.deepEqual(charge.items.map(({ name }: Json) => name), ["Bread", "Wine"]);
  }));

Deno.test("a line is taken out once, however often a till says so", () =>
  inStore(async (store) => {
    const items = [
      { name: "Bread", quantity: 1, amount_minor: 350 },
      { name: "Wine", quantity: 1, amount_minor: 500, needs: "age_over_18" },
      { name: "Rum", quantity: 1, amount_minor: 400, needs: "age_over_21" },
    ];
    const payment = await taken(store, { items });
    await store.answer("issuer.attest", { type: "issuer.attested", attempt: 1, eligible: [] });
    const drop = (dropped: number) =>
      store.send(`/lane/1/sales/${payment}/eligibility`, {
        operator: "lou",
        drop: [1],
        dropped,
      });
    for (const { status, body } of [await drop(0), await drop(0)]) {
      assert.equal(status, 202);
      assert.deepEqual([body.dropped, body.charge_minor], [["Wine"], 750]);
    }
    assert.equal((await drop(2)).status, 409, "nobody can have seen so many taken out");
    const { body } = await drop(1);
    assert.deepEqual([body.dropped, body.charge_minor], [["Wine", "Rum"], 350]);
  }));

Deno.test("not charged: the history says who gave the sale up", () =>
  inStore(async (store) => {
    const { body } = await store.send("/lane/1/sales", basket("s1"));
    await store.send(`/lane/1/sales/${body.payment}/cancellation`, { operator: "kim" });
    const last = (await historyOf(store, body.payment)).at(-1);
    assert.deepEqual(last?.event, { type: "operator.cancelled", operator: "kim" });
    assert.equal(last?.after, "cancelled");
    const commands = (await historyOf(store, body.payment)).flatMap((row) => row.commands);
    assert.ok(commands.every(({ type }) => type !== "issuer.authorise"), "nobody was asked");
  }));

Deno.test("what is told holds neither token nor name", () =>
  inStore(async (store) => {
    const text = JSON.stringify(await tapped(store));
    assert.ok(text.includes("[secret]"));
    assert.doesNotMatch(text, /payload-secret|Ada|Ben/);
  }));

Deno.test("the page shows a history as a gateway tells it", () =>
  inStore(async (store) => {
    const [, shown] = /```json\n([\s\S]*?)```/.exec(readFileSync(page, "utf8")) ?? [];
    assert.ok(shown, "the page has an example");
    const told = JSON.parse(JSON.stringify(await tapped(store)));
    assert.deepEqual(JSON.parse(shown), told);
  }));
