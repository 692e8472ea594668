/** An old copy of the issuer's file is put back, while the acquirer and the phones know better. */
import assert from "node:assert/strict";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { openIssuerStore } from "./store/sqlite.ts";
import { acquirerOf, openBook } from "./testing/acquirer.ts";
import { authorise, authorised, capture, reverse } from "./testing/payments.ts";
import { comeIn, saleTo } from "./testing/stories.ts";
import { newShopper, openShop, type Shopper, type Town, town } from "./testing/town.ts";

const refund = (payment: string, amount_minor: number) => ({
  refund: `back-${payment}-${amount_minor}`,
  payment,
  amount_minor,
  currency: "EUR",
  operator: "olga",
  reason: "spoiled",
});

async function receiptsOf(place: Town, { signer }: Shopper, after = 0) {
  return (await place.client(signer).call("receipts", { query: { after } })).receipts;
}

/** A shop with an old copy of the issuer's file; `back` puts it in the place of the present one. */
async function shopWithCopy(before: (scene: Scene) => Promise<void>) {
  const folder = Deno.makeTempDirSync({ prefix: "issuer" });
  const path = join(folder, "now.sqlite");
  const copy = join(folder, "old.sqlite");
  const book = openBook();
  const acquirer = acquirerOf(book);
  const store = openIssuerStore(path);
  const place = await town({ store, acquirer });
  const shop = await openShop(place);
  const ada = await newShopper(place, 1);
  const { check_in, tokens } = await comeIn(place, shop, ada, 4);
  const sale = (payment: string, token: number) =>
    saleTo(place, check_in, tokens[token] ?? "", payment);
  const scene = { place, shop, ada, sale, book };
  await before(scene);
  await store.kept();
  copyFileSync(path, copy);
  copyFileSync(`${path}-wal`, `${copy}-wal`);
  const back = async () => {
    await place.issuer.stop();
    await store.close();
    const old = openIssuerStore(copy);
    await place.clock.advance(1_000);
    const again = await town({ store: old, acquirer, clock: place.clock, random: place.random });
    await place.clock.advance(1_000);
    const client = again.client(shop.signer);
    return { again, old, shop: { ...shop, client } };
  };
  return { ...scene, back, [Symbol.dispose]: () => Deno.removeSync(folder, { recursive: true }) };
}
type Scene = {
  readonly place: Town;
  readonly shop: Awaited<ReturnType<typeof openShop>>;
  readonly ada: Shopper;
  readonly sale: (payment: string, token: number) => ReturnType<typeof saleTo>;
  readonly book: ReturnType<typeof openBook>;
};

/** Looks again and again: the acquirer is asked only once the disk has what it is asked for. */
async function until<T>(place: Town, look: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 500; tries += 1) {
    await place.clock.advance(1_000);
    await place.store.kept();
    const found = await look();
    if (found !== undefined) return found;
  }
  throw new Error("it never happened");
}

Deno.test("what the copy holds and was taken since is booked again, not let go", async () => {
  let authorisation = "";
  using scene = await shopWithCopy(async ({ shop, sale }) => {
    authorisation = await authorised(shop, sale("p-1", 0));
  });
  const { shop, ada, place, book } = scene;
  const taken = await capture(shop, "p-1", authorisation)();
  assert.ok(taken.outcome === "captured");
  const [told] = await receiptsOf(place, ada);
  const { again, old } = await scene.back();
  again.issuer.start();
  await place.clock.advance(11 * 60_000);
  const [row, ...more] = await until(again, async () => {
    const { payments } = await again.client(shop.signer).call("ledger");
    return payments[0]?.state === "captured" ? payments : undefined;
  });
  assert.deepEqual(more, []);
  assert.deepEqual(
    [row?.state, row?.captures, row?.amount_minor, row?.receipt],
    ["captured", 1, 1_250, taken.receipt],
  );
  const [fresh, ...others] = await receiptsOf(again, ada, told?.sequence);
  assert.deepEqual(others, []);
  assert.equal(fresh?.receipt, told?.receipt, "the same receipt, told to a phone that has read on");
  assert.deepEqual(book.sums("harbour/p-1/1"), { captured_minor: 1_250, refunded_minor: 0 });
  assert.ok(!book.deeds("harbour/p-1/1").includes("reverse"));
  await again.issuer.stop();
  await old.close();
});

Deno.test("a reversal of what was taken since says so, with its receipt", async () => {
  let authorisation = "";
  using scene = await shopWithCopy(async ({ shop, sale }) => {
    authorisation = await authorised(shop, sale("p-1", 0));
  });
  const taken = await capture(scene.shop, "p-1", authorisation, 900)();
  const { shop, old, again } = await scene.back();
  const told = await reverse(shop, "p-1");
  assert.deepEqual(told, taken);
  assert.deepEqual(await reverse(shop, "p-1", "another-key"), taken);
  const [row] = (await shop.client.call("ledger")).payments;
  assert.deepEqual([row?.state, row?.amount_minor], ["captured", 900]);
  await again.issuer.stop();
  await old.close();
});

Deno.test("a sale that the copy does not know is charged once, or given back", async () => {
  using scene = await shopWithCopy(() => Promise.resolve());
  const { sale, book } = scene;
  for (const [at, payment] of ["p-1", "p-2"].entries()) {
    const authorisation = await authorised(scene.shop, sale(payment, at));
    await capture(scene.shop, payment, authorisation)();
  }
  const { shop, old, again } = await scene.back();
  // Its gateway had no answer and asks once more: the acquirer knows what it did.
  const authorisation = await authorised(shop, sale("p-1", 0));
  assert.equal((await capture(shop, "p-1", authorisation)()).outcome, "captured");
  assert.deepEqual(book.sums("harbour/p-1/1"), { captured_minor: 1_250, refunded_minor: 0 });
  // Its gateway gives up: what was taken goes back.
  assert.deepEqual(await reverse(shop, "p-2"), { outcome: "reversed" });
  assert.deepEqual(book.sums("harbour/p-2/1"), { captured_minor: 1_250, refunded_minor: 1_250 });
  assert.deepEqual(await reverse(shop, "p-2", "another-key"), { outcome: "reversed" });
  assert.deepEqual(book.sums("harbour/p-2/1"), { captured_minor: 1_250, refunded_minor: 1_250 });
  assert.deepEqual(await authorise(shop, sale("p-2", 1), "later"), {
    outcome: "declined",
    reason: "payment_reversed",
  });
  assert.match(again.logged.join(), /unknown payment was given back/);
  await again.issuer.stop();
  await old.close();
});

Deno.test("what a second try took goes back as well, where the copy knows of neither", async () => {
  using scene = await shopWithCopy(() => Promise.resolve());
  const { sale, book } = scene;
  const first = await authorise(scene.shop, { ...sale("p-1", 0), currency: "USD" }, "try-1");
  assert.deepEqual(first, { outcome: "declined", reason: "currency_wrong" });
  const authorisation = await authorised(scene.shop, sale("p-1", 0), "try-2");
  await capture(scene.shop, "p-1", authorisation)();
  const { shop, old, again } = await scene.back();
  assert.deepEqual(await reverse(shop, "p-1"), { outcome: "reversed" });
  assert.deepEqual(book.sums("harbour/p-1/2"), { captured_minor: 1_250, refunded_minor: 1_250 });
  assert.deepEqual(book.sums("harbour/p-1/1"), { captured_minor: 0, refunded_minor: 0 });
  await again.issuer.stop();
  await old.close();
});

Deno.test("no more is given back than was taken, whatever the copy forgot", async () => {
  using scene = await shopWithCopy(async ({ shop, sale }) => {
    await capture(shop, "p-1", await authorised(shop, sale("p-1", 0)))();
  });
  await scene.shop.client.call("refund", { key: "r-1", body: refund("p-1", 1_000) });
  const { shop, old, again } = await scene.back();
  const [row] = (await shop.client.call("ledger")).payments;
  assert.equal(row?.refunded_minor, 0, "which `/reconciliation` of the gateway names");
  const all = await shop.client.call("refund", { key: "r-2", body: refund("p-1", 1_250) });
  assert.deepEqual(all, { outcome: "refused", reason: "more_than_captured" });
  const rest = await shop.client.call("refund", { key: "r-3", body: refund("p-1", 250) });
  assert.equal(rest.outcome, "refunded");
  assert.deepEqual(scene.book.sums("harbour/p-1/1"), {
    captured_minor: 1_250,
    refunded_minor: 1_250,
  });
  await again.issuer.stop();
  await old.close();
});

Deno.test("receipts of after a restore are told to phones that had read further", async () => {
  using scene = await shopWithCopy(() => Promise.resolve());
  const { sale, ada, place } = scene;
  for (const [at, payment] of ["p-1", "p-2", "p-3"].entries()) {
    await capture(scene.shop, payment, await authorised(scene.shop, sale(payment, at)))();
  }
  const read = await receiptsOf(place, ada);
  const { shop, old, again } = await scene.back();
  await place.clock.advance(1_000);
  const taken = await capture(shop, "p-4", await authorised(shop, sale("p-4", 3)))();
  assert.ok(taken.outcome === "captured");
  const fresh = await receiptsOf(again, ada, read.at(-1)?.sequence);
  assert.deepEqual(fresh.map(({ receipt }) => receipt), [taken.receipt]);
  const names = [...read, ...fresh].map(({ receipt }) => receipt);
  assert.equal(new Set(names).size, 4);
  await again.issuer.stop();
  await old.close();
});
