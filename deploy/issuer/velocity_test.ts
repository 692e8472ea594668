/** What one operator and one gateway may do in a while, so that a stolen one is slow. */
import assert from "node:assert/strict";
import { issuerLimits as limits } from "./limits.ts";
import { authorise, authorised, capture, scene } from "./testing/payments.ts";
import { saleTo, tokenOf } from "./testing/stories.ts";
import { town } from "./testing/town.ts";
import type { IssuerSettings } from "./world.ts";

/** One shopper buys again and again. */
async function buying(settings: Partial<IssuerSettings>) {
  const stage = await scene("test_ok", undefined, {
    velocity_sales: 1_000,
    lease_ms: 2 * 3_600_000,
    ...settings,
  });
  const { place, shop, ada, check_in, sale } = stage;
  let sales = 0;
  const next = async (change: { operator?: string } = {}) => {
    const token = tokenOf(place, ada, check_in);
    const held = place.store.tables.token.count("held", check_in);
    if (held >= limits.tokens_held) throw new Error("too many tokens");
    await ada.client.call("giveTokens", { path: { check_in }, body: { tokens: [token] } });
    const seen_at_ms = place.clock.now_ms();
    const { evidence, ...rest } = sale(`p-${++sales}`);
    return { ...rest, token, evidence: { ...evidence, seen_at_ms }, ...change };
  };
  // The tokens of the scene make room for those that follow.
  for (const row of place.store.tables.token.all("held", [check_in])) {
    place.store.transaction(() => place.store.tables.token.remove(row));
  }
  return { ...stage, next, shop };
}

Deno.test("an operator who taps too many: the shoppers are asked, and others go on", async () => {
  const { place, shop, next } = await buying({ operator_velocity_sales: 2 });
  await authorised(shop, await next());
  await authorised(shop, await next());
  const third = await authorise(shop, await next());
  assert.ok(third.outcome === "approval_needed");
  assert.equal(third.reason, "operator_velocity");
  await authorised(shop, await next({ operator: "ben" }));
  await place.clock.advance(limits.velocity_ms + limits.tally_slot_ms);
  const later = await authorise(shop, await next());
  assert.notEqual(later.outcome === "approval_needed" && later.reason, "operator_velocity");
});

Deno.test("nobody taps at an automatic lane: that is no operator's pace", async () => {
  const { shop, next } = await buying({ operator_velocity_sales: 1 });
  for (let sale = 0; sale < 3; sale++) {
    await authorised(shop, await next({ operator: "automatic" }));
  }
});

Deno.test("a gateway that sells too much is declined until the time is over", async () => {
  const { shop, next } = await buying({ gateway_velocity_sales: 2 });
  await authorised(shop, await next());
  await authorised(shop, await next({ operator: "ben" }));
  assert.deepEqual(await authorise(shop, await next({ operator: "cem" })), {
    outcome: "declined",
    reason: "gateway_velocity",
  });
});

Deno.test("a restart forgets no count: of a gateway, an operator, or wrong phrases", async () => {
  const settings = { gateway_velocity_sales: 3, operator_velocity_sales: 1 };
  const { place, shop, ada, check_in, next } = await buying(settings);
  await authorised(shop, await next());
  await authorised(shop, await next({ operator: "ben" }));
  const { tables } = place.store;
  const wrong = { payment: "p-9", check_ins: [check_in], answer: "of course not" };
  for (let tries = 0; tries < limits.wrong_phrases; tries++) {
    assert.deepEqual(await shop.client.call("checkAnswer", { body: wrong }), { check_in: null });
  }
  await place.issuer.stop();

  await place.clock.advance(1_000);
  const { clock, random, store } = place;
  const again = await town({ clock, random, store, settings });
  await clock.advance(1_000);
  const client = again.client(shop.signer);
  const phone = again.client(ada.signer);
  const sell = async (payment: string, operator: string) => {
    const token = tokenOf(again, ada, check_in);
    await phone.call("giveTokens", { path: { check_in }, body: { tokens: [token] } });
    const sale = { ...saleTo(again, check_in, token, payment), operator };
    return await client.call("authorise", { key: payment, body: sale });
  };
  const asked = await sell("q-1", "ana");
  assert.ok(asked.outcome === "approval_needed", JSON.stringify(asked));
  assert.equal(asked.reason, "operator_velocity");
  const declined = { outcome: "declined", reason: "gateway_velocity" };
  assert.deepEqual(await sell("q-2", "cem"), declined);
  const guess = client.call("checkAnswer", { body: wrong });
  await assert.rejects(guess, { kind: "issuer_refused" });
  await clock.advance(limits.velocity_ms + limits.tally_slot_ms);
  assert.notDeepEqual(await sell("q-3", "cem"), declined);
  assert.ok(tables.tally.count("of_name", JSON.stringify(["gateway", shop.gateway])) > 0);
});

Deno.test("money goes back up to what an operator, and a gateway, may in an hour", async () => {
  const { place, shop, next } = await buying({
    operator_refunds_minor: 1_500,
    gateway_refunds_minor: 2_600,
  });
  for (const payment of ["p-1", "p-2", "p-3"]) {
    await capture(shop, payment, await authorised(shop, await next()))();
  }
  let tries = 0;
  const refund = async (payment: string, operator: string, amount_minor = 1_250) => {
    const name = `r-${++tries}`;
    const body = { refund: name, payment, amount_minor, currency: "EUR", operator, reason: "bad" };
    const answer = await shop.client.call("refund", { key: name, body });
    return answer.outcome === "refused" ? answer.reason : answer.outcome;
  };
  assert.equal(await refund("p-1", "ana"), "refunded");
  assert.equal(await refund("p-2", "ana"), "operator_limit");
  assert.equal(await refund("p-2", "ana", 250), "refunded", "what is left of it");
  assert.equal(await refund("p-3", "ben"), "gateway_limit");
  assert.equal(await refund("p-3", "ben", 1_100), "refunded");
  await place.clock.advance(3_600_001);
  assert.equal(await refund("p-2", "ana", 1_000), "refunded", "an hour later");
});
