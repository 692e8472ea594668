/** Cashiers and tills at the real doors of a gateway: whom they tap, and what no outage doubles. */
// long because each way in which a cashier's sale goes is told beside the others.
import assert from "node:assert/strict";
import { chanceOf } from "../../hardware/simulated/chance.ts";
import type { Address } from "../../actors/messages.ts";
import type { EventLike } from "../../runtime/engine/engine.ts";
import {
  arrives,
  maybeFilmed,
  openStore,
  seen,
  settled,
  type TestStore,
} from "../../runtime/http/store_fixture.ts";
import {
  briskPace,
  Cashier,
  type Customer,
  type FinishedSale,
  type TillMemory,
} from "./cashier.ts";
import { createNarrator } from "./narrator.ts";
import { testPin } from "../../runtime/http/store_fixture.ts";
import { Till } from "./till.ts";
import { tillMemory } from "./till_memory.ts";

const ana: Customer = {
  shopper: "Ana S.",
  first_name: "Ana",
  initials: "AN",
  account: "account-ana",
};
const stranger: Customer = { shopper: "Ivo K.", first_name: "Ivo", initials: "IK", account: null };

type Fetch = (request: Request) => Promise<Response>;

/** A lane with a cashier on the real engine and its real doors; the issuer is the test's. */
class Shop {
  readonly sales: FinishedSale[] = [];
  readonly story: string[] = [];
  /** Every payment that there ever was. */
  readonly payments = new Set<string>();
  standing: Customer | undefined;
  cashier: Cashier;
  till: Till;
  answer: EventLike = { type: "issuer.authorised", authorisation: "a-1", expires_ms: 9e12 };

  constructor(
    readonly store: TestStore,
    options: { memory?: TillMemory; lane?: string; cancelEvery?: number; fetch?: Fetch } = {},
  ) {
    const { lane = "1", memory = tillMemory(), cancelEvery = 1_000_000 } = options;
    const { clock } = store;
    store.engine.subscribe(({ address }) => {
      if (address.startsWith("payment/")) this.payments.add(address);
    });
    const random = { bytes: (length: number) => new Uint8Array(length).fill(7) };
    const fetch = options.fetch ?? (async (request) => await store.app.fetch(request));
    const gateway = "http://127.0.0.1";
    this.till = new Till({
      gateway,
      lane,
      operator: "cashier-1",
      pin: testPin,
      fetch,
      clock,
      random,
    });
    this.cashier = new Cashier({
      lane,
      place: 0,
      currency: "EUR",
      till: this.till,
      clock,
      run: "run123",
      chance: chanceOf(1),
      pace: { ...briskPace, cancel_every: cancelEvery },
      memory,
      narrator: createNarrator({ clock, print: (line) => this.story.push(line) }),
      sight: {
        standing: () => this.standing?.shopper,
        inView: () => 2,
        release: () => this.standing = undefined,
      },
      customer: () => this.standing ?? stranger,
      finished: (sale) => this.sales.push(sale),
    });
  }

  /** Lets the cashier work, and the issuer answer, until so many sales are finished. */
  async until(sales: number): Promise<void> {
    for (let step = 0; this.sales.length < sales; step++) {
      assert.ok(step < 400, "the cashier never finished");
      await this.pass();
    }
  }

  async pass(): Promise<void> {
    await this.store.clock.advance(100);
    for (const { position, command } of this.store.engine.outbox(0, 10)) {
      const answers: Record<string, EventLike> = {
        "issuer.authorise": this.answer,
        "issuer.capture": { type: "issuer.captured", receipt: "r-1" },
        "issuer.reverse": { type: "issuer.reversed" },
      };
      const answer = answers[command.type];
      assert.ok(answer, command.type);
      await this.store.engine.settle(position, answer);
    }
    await settled();
  }

  async close(): Promise<void> {
    const closed = this.cashier.close();
    this.till.stop();
    await closed;
    await this.store.close();
  }
}

Deno.test("the cashier taps whoever the shopper says they are, and lets them go", async () => {
  const store = await openStore();
  const shop = new Shop(store);
  await arrives(store, "ben", "Ben");
  await arrives(store, "ana", "Ana");
  await seen(store, "till-1", "ben", "ana");
  shop.standing = ana;
  shop.cashier.start();
  await shop.until(1);
  const [sale] = shop.sales;
  assert.equal(sale?.told, "captured");
  assert.equal(sale.account, "account-ana");
  assert.equal(sale.several_in_view, true);
  const payment = store.engine.view(`payment/${sale.payment}`);
  assert.equal(payment?.context["selected"], "ana");
  assert.equal(payment.context["amount_minor"], sale.amount_minor);
  await shop.pass();
  assert.equal(shop.standing, undefined);
  assert.match(shop.story.at(-1) ?? "", /pays +Ana S\. +\d+\.\d\d EUR, lane 1$/);
  await shop.close();
});

Deno.test("where only others are shown, nobody is tapped and the shopper pays cash", async () => {
  const store = await openStore();
  const shop = new Shop(store);
  await arrives(store, "ben", "Ben");
  await seen(store, "till-1", "ben");
  shop.standing = ana;
  shop.cashier.start();
  await shop.until(1);
  assert.equal(shop.sales[0]?.told, "cancelled");
  const payment = store.engine.view(`payment/${shop.sales[0].payment}`);
  assert.equal(payment?.context["selected"], null);
  await shop.close();
});

Deno.test("a person without account pays cash", async () => {
  const store = await openStore();
  const shop = new Shop(store);
  shop.standing = stranger;
  shop.cashier.start();
  await shop.until(1);
  assert.deepEqual([shop.sales[0]?.told, shop.sales[0]?.account], ["cancelled", null]);
  assert.match(shop.story.at(-1) ?? "", /pays cash +Ivo K\./);
  await shop.close();
});

Deno.test("a declined shopper goes, and the till was told", async () => {
  const store = await openStore();
  const shop = new Shop(store);
  shop.answer = { type: "issuer.declined", reason: "insufficient_funds" };
  await arrives(store, "ana", "Ana");
  await seen(store, "till-1", "ana");
  shop.standing = ana;
  shop.cashier.start();
  await shop.until(1);
  assert.equal(shop.sales[0]?.told, "declined");
  await shop.close();
});

Deno.test("some sales are given up on purpose", async () => {
  const store = await openStore();
  const shop = new Shop(store, { cancelEvery: 1 });
  await arrives(store, "ana", "Ana");
  await seen(store, "till-1", "ana");
  shop.standing = ana;
  shop.cashier.start();
  await shop.until(1);
  assert.equal(shop.sales[0]?.told, "cancelled");
  await shop.close();
});

Deno.test("at a lane that chooses by itself the cashier only waits", async () => {
  const store = await openStore();
  const shop = new Shop(store, { lane: "3" });
  await arrives(store, "ana", "Ana");
  shop.standing = ana;
  shop.cashier.start();
  while (shop.payments.size === 0) await shop.pass();
  await seen(store, "till-3", "ana");
  await shop.until(1);
  assert.equal(shop.sales[0]?.told, "captured");
  const payment = store.engine.view(`payment/${shop.sales[0].payment}`);
  assert.equal(payment?.context["operator"], "automatic");
  await shop.close();
});

Deno.test("answers that are lost on the way make no second sale", async () => {
  const store = await openStore();
  let lost = 0;
  const asked = new Set<string>();
  const fetch: Fetch = async (request) => {
    const url = new URL(request.url);
    const body = request.method === "POST" ? await request.clone().text() : "";
    const answer = await store.app.fetch(request);
    const word = `${request.method} ${url.pathname.split("/").at(-1)}`;
    // The gateway did what it was asked, but the till hears nothing of the first three answers.
    if (lost < 3 || !asked.has(word)) {
      lost++;
      asked.add(word);
      await answer.body?.cancel();
      throw new TypeError("connection reset");
    }
    if (url.pathname.endsWith("/sales")) assert.match(body, /"service_id":"run123000"/);
    return answer;
  };
  const shop = new Shop(store, { fetch });
  await arrives(store, "ana", "Ana");
  await seen(store, "till-1", "ana");
  shop.standing = ana;
  shop.cashier.start();
  await shop.until(1);
  assert.equal(shop.sales[0]?.told, "captured");
  assert.deepEqual([...shop.payments], [`payment/${shop.sales[0].payment}`]);
  const captures = store.engine.history(`payment/${shop.sales[0].payment}`, { limit: 100 })
    .filter(({ event }) => JSON.stringify(event).includes("issuer.captured"));
  assert.equal(captures.length, 1);
  await shop.close();
});

Deno.test("a till that comes back asks what became of its sale, and gives it up", async () => {
  const store = await openStore();
  const memory = tillMemory();
  const before = new Shop(store, { memory });
  before.standing = ana;
  before.cashier.start();
  while (memory.load("1") === undefined) await before.pass();
  for (let more = 0; more < 5; more++) await before.pass();
  const [payment] = before.payments;
  assert.ok(payment);
  assert.equal(store.engine.view(payment as Address)?.state, "awaiting_candidates");
  before.till.stop();
  await before.cashier.close();
  assert.equal(before.sales.length, 0);

  const after = new Shop(store, { memory });
  after.cashier.start();
  await after.until(1);
  assert.equal(after.sales[0]?.told, "cancelled");
  assert.equal(`payment/${after.sales[0].payment}`, payment);
  assert.equal(memory.load("1"), undefined);
  await after.close();
});

Deno.test("a shopper who walks off leaves a sale that is given up", async () => {
  const store = await openStore();
  const shop = new Shop(store);
  shop.standing = ana;
  shop.cashier.start();
  for (let step = 0; shop.payments.size === 0; step++) {
    assert.ok(step < 100);
    await shop.pass();
  }
  shop.standing = undefined;
  await shop.until(1);
  assert.equal(shop.sales[0]?.told, "cancelled");
  await shop.close();
});

Deno.test("a sale that waits for a turn of the head is given up with the shopper", async () => {
  const store = await openStore();
  const shop = new Shop(store);
  await arrives(store, "ana", "Ana");
  await maybeFilmed(store, "till-1", "ana");
  shop.standing = ana;
  shop.cashier.start();
  const states = () =>
    [...shop.payments].map((payment) => store.engine.view(payment as Address)?.state);
  for (let step = 0; states()[0] !== "awaiting_turn"; step++) {
    assert.ok(step < 100, String(states()));
    await shop.pass();
  }
  shop.standing = undefined;
  await shop.until(1);
  assert.equal(shop.sales[0]?.told, "cancelled");
  await shop.close();
});

Deno.test("closing time: the sale at hand is given up, and nobody else is served", async () => {
  const store = await openStore();
  const shop = new Shop(store);
  shop.standing = ana;
  shop.cashier.start();
  for (let step = 0; shop.payments.size === 0; step++) {
    assert.ok(step < 100);
    await shop.pass();
  }
  let closed = false;
  shop.cashier.close().then(() => closed = true);
  for (let step = 0; !closed; step++) {
    assert.ok(step < 100);
    await shop.pass();
  }
  assert.equal(shop.sales[0]?.told, "cancelled");
  await shop.close();
});
