/** An acquirer that says nothing, or is away for some, holds up nothing else. */
import assert from "node:assert/strict";
import { RuntimeError } from "../../runtime/errors.ts";
import type { Acquirer } from "./acquirer.ts";
import { issuerLimits as limits } from "./limits.ts";
import { newPayment } from "./rooms/payment_rows.ts";
import { testAcquirer } from "./test_acquirer.ts";
import { settled } from "./testing/clock.ts";
import { comeIn } from "./testing/stories.ts";
import { authorise, authorised, heldAcquirer, reverse, scene } from "./testing/payments.ts";
import { town } from "./testing/town.ts";

type Reverse = Acquirer["reverse"];

/** What is asked to be let go of p-1 goes another way. */
function oddFor1(odd: (request: Parameters<Reverse>[0], real: Reverse) => ReturnType<Reverse>) {
  const real = testAcquirer();
  const asked: string[] = [];
  const acquirer: Acquirer = {
    ...real,
    reverse: (request) => {
      asked.push(request.reference);
      return request.reference === "harbour/p-1/1"
        ? odd(request, real.reverse)
        : real.reverse(request);
    },
  };
  return { acquirer, asked };
}

/** Both hold an amount that nobody captures, until their time is over. */
async function twoHeld(acquirer: Acquirer) {
  const told = await scene("test_ok", acquirer);
  await authorised(told.shop, told.sale("p-1"));
  await authorised(told.shop, told.sale("p-2", 1));
  const { payment } = told.place.store.tables;
  const undo = (name: string) => payment.first("by_name", "harbour", name)?.undo;
  told.place.issuer.start();
  await told.place.clock.advance(601_000);
  return { ...told, undo };
}

Deno.test("a reversal without an answer holds up no other, nor the sweep", async () => {
  let silent = true;
  const { acquirer, asked } = oddFor1((request, real) =>
    silent ? new Promise(() => {}) : real(request)
  );
  const { place, shop, ada, undo } = await twoHeld(acquirer);
  assert.deepEqual([undo("p-1"), undo("p-2")], [1, 0]);
  const { check_in } = await comeIn(place, shop, ada, 1);
  await place.clock.advance(120_000);
  assert.equal(place.store.tables.check_in.get(check_in)?.ended, "expired", "leases still end");
  const tries = asked.filter((reference) => reference === "harbour/p-1/1").length;
  assert.ok(tries >= 3 && tries <= 7, `${tries} tries of a time, then a pause`);
  assert.equal(asked.filter((reference) => reference === "harbour/p-2/1").length, 1, "done once");
  silent = false;
  await place.clock.advance(limits.acquirer_ms + limits.ask_again_ms + limits.sweep_ms);
  assert.equal(undo("p-1"), 0);
  const all = asked.length;
  await place.clock.advance(2 * limits.ask_again_ms);
  assert.equal(asked.length, all, "and nothing twice");
  await place.issuer.stop();
});

Deno.test("whoever is away for one is asked later, and later each time", async () => {
  const { acquirer, asked } = oddFor1(() =>
    Promise.reject(new RuntimeError("issuer_unreachable", "nobody there"))
  );
  const { place, undo } = await twoHeld(acquirer);
  assert.deepEqual([undo("p-1"), undo("p-2")], [1, 0], "the next one is asked for all the same");
  await place.clock.advance(600_000);
  const tries = asked.filter((reference) => reference === "harbour/p-1/1").length;
  assert.ok(tries >= 20 && tries <= 26, `${tries} tries in ten minutes`);
  await place.issuer.stop();
});

Deno.test("however many reversals get no answer, each has its turn", async () => {
  const real = testAcquirer();
  const asked: string[] = [];
  const many = limits.sweep_rows + 4 * limits.asked_at_once;
  const acquirer: Acquirer = {
    ...real,
    reverse: (request) => {
      asked.push(request.reference);
      return request.reference === `harbour/p-${many}/1`
        ? real.reverse(request)
        : new Promise(() => {});
    },
  };
  const { place, shop, ada } = await scene("test_ok", acquirer);
  const { payment } = place.store.tables;
  const { gateway } = shop;
  const due = {
    ...newPayment,
    ...{ store: "harbour", gateway, account: ada.account, currency: "EUR" },
    ...{ state: "reversed", tries: 1, undo: 1, at_ms: place.clock.now_ms() } as const,
  };
  place.store.transaction(() => {
    for (let number = 1; number <= many; number += 1) {
      payment.insert({ ...due, payment: `p-${number}` });
    }
  });
  place.issuer.start();
  const turns = Math.ceil(many / limits.asked_at_once);
  await place.clock.advance(turns * (limits.acquirer_ms + limits.sweep_ms));
  assert.equal(payment.first("by_name", "harbour", `p-${many}`)?.undo, 0, "the last of all");
  assert.equal(new Set(asked.slice(0, many)).size, many, "nobody twice before everybody once");
  await Promise.all([place.issuer.stop(), place.clock.advance(limits.acquirer_ms)]);
});

Deno.test("a till hears of a silent acquirer in time, and tries again", async () => {
  const real = testAcquirer();
  let silent = true;
  const acquirer: Acquirer = {
    ...real,
    authorise: (request) => silent ? new Promise(() => {}) : real.authorise(request),
  };
  const { place, shop, sale } = await scene("test_ok", acquirer);
  const same = sale();
  const first = assert.rejects(authorise(shop, same), { kind: "issuer_unreachable" });
  await settled();
  await place.clock.advance(limits.acquirer_ms);
  await first;
  silent = false;
  assert.equal((await authorise(shop, same)).outcome, "authorised");
  assert.equal((await reverse(shop, "p-1")).outcome, "reversed");
});

Deno.test("an issuer that stops waits for no silent acquirer; the next asks again", async () => {
  const real = testAcquirer();
  let silent = true;
  const acquirer: Acquirer = {
    ...real,
    authorise: (request) => silent ? new Promise(() => {}) : real.authorise(request),
    reverse: (request) => silent ? new Promise(() => {}) : real.reverse(request),
  };
  const { place, shop, sale } = await scene("test_ok", acquirer);
  const same = sale();
  const first = assert.rejects(authorise(shop, same), { kind: "issuer_unreachable" });
  await settled();
  let stopped = false;
  const stopping = place.issuer.stop().then(() => void (stopped = true));
  await place.clock.advance(limits.stop_ms - 1);
  assert.equal(stopped, false, "an answer may still come");
  await place.clock.advance(1);
  assert.equal(stopped, true);
  await Promise.all([stopping, first]);
  silent = false;
  const { store, clock, random } = place;
  const next = await town({ store, clock, random, acquirer });
  await clock.advance(1_000);
  const client = next.client(shop.signer);
  assert.equal((await authorise({ ...shop, client }, same)).outcome, "authorised");
});

Deno.test("an answer of the acquirer's that comes as the issuer stops is told", async () => {
  const { acquirer, answerAll } = heldAcquirer();
  const { place, shop, sale } = await scene("test_ok", acquirer);
  const answer = authorise(shop, sale());
  await settled();
  const stopping = place.issuer.stop();
  await answerAll();
  await stopping;
  assert.equal((await answer).outcome, "authorised");
});
