/** Sales while the issuer was away, at the issuer: what it reserves, and what it makes of them. */
import assert from "node:assert/strict";
import type { Allowance } from "../../actors/messages.ts";
import { readAllowance } from "../../runtime/sync/contract/tokens.ts";
import { nodeVault as vault } from "../../runtime/vault/node.ts";
import { authorise, authorised, type Sale, scene } from "./testing/payments.ts";
import { comeIn, tokenOf } from "./testing/stories.ts";
import { newShopper, openShop, type Shop, type Town } from "./testing/town.ts";

const minute_ms = 60_000;

/** What the gateway is told to have for this visit. */
async function allowancesOf(place: Town, shop: Shop, visit: { code: string; nonce: string }) {
  const body = { hardware_id: shop.beacon, code: visit.code, nonce: visit.nonce };
  const { visits } = await shop.client.call("askAccountData", { body });
  return visits.flatMap(({ allowances }) => allowances).map((proof) => {
    const read = readAllowance(vault, proof, place.issuerKey);
    assert.ok(read, "the issuer has signed it");
    return { ...read, proof };
  });
}

async function store(instrument = "test_ok", settings = {}) {
  const made = await scene(instrument, undefined, {
    allowance_minor: 2_000,
    account_offline_minor: 4_500,
    lease_ms: 5 * minute_ms,
    ...settings,
  });
  const { place, shop, ada } = made;
  const visit = await comeIn(place, shop, ada, 0);
  const given = await allowancesOf(place, shop, visit);
  return { ...made, visit, given };
}
type Given = Awaited<ReturnType<typeof store>>["given"][number];

const forward = (shop: Shop, sale: Sale, given: Given, more = {}, key = `fwd-${sale.payment}`) => {
  const accepted_at_ms = sale.evidence.seen_at_ms;
  const body = { ...sale, allowance: given.proof, accepted_at_ms, ...more };
  return shop.client.call("forward", { key, body });
};
const ledgerOf = async (shop: Shop) => (await shop.client.call("ledger")).payments;

Deno.test("what is reserved is bound to gateway, store and visit, within the limit", async () => {
  const { place, shop, check_in, ada, given } = await store();
  assert.deepEqual(given.map(({ amount_minor }) => amount_minor), [2_000, 2_000]);
  for (const { aud, store, account, check_in: visit, exp, iat } of given) {
    assert.deepEqual([aud, store, account, visit], [
      shop.gateway,
      "harbour",
      ada.account,
      check_in,
    ]);
    assert.equal(exp - iat, 900);
  }
  // A second store cannot have more of the account than is left.
  const other = await openShop(place, "hill");
  const there = await comeIn(place, other, ada, 0);
  const rest = await allowancesOf(place, other, there);
  assert.deepEqual(rest.map(({ amount_minor }) => amount_minor), [500]);
});

Deno.test("asked again, the same are told, and near their end for longer", async () => {
  const { place, shop, visit, given } = await store("test_ok", { lease_ms: 60 * minute_ms });
  const again = await allowancesOf(place, shop, visit);
  const proofs = (all: readonly Given[]) => all.map(({ proof }) => proof).toSorted();
  assert.deepEqual(proofs(again), proofs(given));
  await place.clock.advance(8 * minute_ms);
  const body = { hardware_id: shop.beacon };
  const { code, nonce } = await comeIn(place, shop, await newShopper(place, 2), 0);
  const later = await shop.client.call("askAccountData", { body: { ...body, code, nonce } });
  const renewed = later.visits.flatMap(({ allowances }) => allowances)
    .map((proof) => readAllowance(vault, proof, place.issuerKey));
  for (const { jti, exp } of given) {
    const found = renewed.find((one) => one?.jti === jti);
    if (found) assert.ok(found.exp > exp, "for longer");
  }
});

Deno.test("a shopper who wants none accepted without the issuer has none reserved", async () => {
  const { place, shop } = await scene();
  const bob = await newShopper(place, 2);
  const limits = await bob.client.call("readLimits");
  await bob.client.call("setLimits", { body: { ...limits, offline_minor: 0 } });
  const visit = await comeIn(place, shop, bob, 0);
  const given = await allowancesOf(place, shop, visit);
  assert.ok(given.every(({ account }) => account !== bob.account));
});

Deno.test("what was accepted is charged once, whatever is repeated", async () => {
  const { place, shop, ada, sale, given } = await store();
  const bought = sale();
  await place.clock.advance(20 * minute_ms);
  const first = await forward(shop, bought, given[0]!);
  assert.equal(first.outcome, "captured");
  assert.deepEqual(await forward(shop, bought, given[0]!), first);
  assert.deepEqual(await forward(shop, bought, given[0]!, {}, "another-key"), first);
  const [row, ...others] = await ledgerOf(shop);
  assert.deepEqual(others, []);
  assert.deepEqual([row?.state, row?.captures, row?.amount_minor], ["captured", 1, 1_250]);
  const { receipts } = await ada.client.call("receipts");
  assert.deepEqual(receipts.map(({ amount_minor }) => amount_minor), [1_250]);
});

Deno.test("an allowance pays one sale", async () => {
  const { shop, sale, given } = await store();
  assert.equal((await forward(shop, sale("p-1", 0), given[0]!)).outcome, "captured");
  const second = await forward(shop, sale("p-2", 1), given[0]!);
  assert.deepEqual(second, { outcome: "refused", reason: "allowance_spent" });
  const third = await forward(shop, sale("p-3", 0), given[1]!);
  assert.deepEqual(third, { outcome: "refused", reason: "token_spent" });
});

Deno.test("each way in which it does not fit is refused with its reason, and told", async () => {
  const { place, shop, ada, sale, given, check_in } = await store();
  const [allowance] = given as [Given];
  const now_ms = place.clock.now_ms();
  const other = await openShop(place, "hill");
  const cases: [string, Sale, object, Shop][] = [
    ["allowance_wrong", sale("p-0"), {}, other],
    [
      "allowance_unreadable",
      sale("p-1"),
      { allowance: `${allowance.proof.slice(0, -8)}AAAAAAAA` },
      shop,
    ],
    ["over_allowance", { ...sale("p-2"), amount_minor: 2_001 }, {}, shop],
    ["allowance_expired", sale("p-3"), { accepted_at_ms: now_ms + 60 * minute_ms }, shop],
    ["allowance_expired", sale("p-4"), { accepted_at_ms: now_ms - 60 * minute_ms }, shop],
  ];
  for (const [reason, body, more, by] of cases) {
    assert.deepEqual(await forward(by, body, allowance, more), { outcome: "refused", reason });
  }
  const foreign = tokenOf(place, ada, check_in, "hill");
  const wrong = await forward(shop, { ...sale("p-9"), token: foreign }, allowance);
  assert.deepEqual(wrong, { outcome: "refused", reason: "token_store_wrong" });
  const { refusals } = await ada.client.call("receipts");
  const told = refusals.filter(({ store }) => store === "harbour");
  assert.deepEqual(told.map(({ payment, reason }) => [payment, reason]), [
    ["p-1", "allowance_unreadable"],
    ["p-2", "over_allowance"],
    ["p-3", "allowance_expired"],
    ["p-4", "allowance_expired"],
    ["p-9", "token_store_wrong"],
  ]);
});

Deno.test("what the acquirer will not have: the phone reads of it once", async () => {
  const { place, shop, ada, sale, given } = await store("test_insufficient_funds");
  const refusal = await forward(shop, sale(), given[0]!);
  assert.deepEqual(refusal, { outcome: "refused", reason: "insufficient_funds" });
  await forward(shop, sale(), given[0]!);
  const { refusals } = await ada.client.call("receipts");
  assert.deepEqual(refusals.map(({ payment, amount_minor }) => [payment, amount_minor]), [
    ["p-1", 1_250],
  ]);
  assert.equal(refusals[0]?.refused_at_ms, place.clock.now_ms());
  const after = refusals[0]!.sequence;
  assert.deepEqual((await ada.client.call("receipts", { query: { after } })).refusals, []);
});

Deno.test("held before the issuer was lost: that is taken, nothing a second time", async () => {
  const { shop, sale, given } = await store();
  const bought = sale();
  await authorised(shop, bought);
  assert.equal((await forward(shop, bought, given[0]!)).outcome, "captured");
  const rows = await ledgerOf(shop);
  assert.deepEqual(rows.map(({ state, captures }) => [state, captures]), [["captured", 1]]);
});

Deno.test("asked on the phone before the issuer was lost: the question is over", async () => {
  const { shop, ada, sale, given } = await store();
  const limits = await ada.client.call("readLimits");
  const bought = sale();
  await ada.client.call("setLimits", { body: { ...limits, sale_minor: 500 } });
  assert.equal((await authorise(shop, bought)).outcome, "approval_needed");
  assert.equal((await forward(shop, bought, given[0]!)).outcome, "captured");
  assert.deepEqual((await ada.client.call("approvals")).approvals, []);
});

Deno.test("given back when the visit is over, it is free for the next one", async () => {
  const { place, shop, ada, check_in, given } = await store("test_ok", {
    account_offline_minor: 4_000,
  });
  const allowances = given.map(({ jti }) => jti);
  const other = await openShop(place, "hill");
  const foreign = await other.client.call("release", { body: { check_in, allowances } });
  assert.deepEqual(foreign.released, []);
  await ada.client.call("leave", { path: { check_in } });
  const nothing = await allowancesOf(place, other, await comeIn(place, other, ada, 0));
  assert.deepEqual(nothing, []);
  const { released } = await shop.client.call("release", { body: { check_in, allowances } });
  assert.deepEqual(released.toSorted(), allowances.toSorted());
  const again = await allowancesOf(place, shop, await comeIn(place, shop, ada, 0));
  assert.equal(again.length, 2);
  assert.ok(again.every(({ jti }) => !allowances.includes(jti)));
});

Deno.test("a gateway that never comes back keeps nothing back for ever", async () => {
  const { place, shop, ada, sale, given } = await store("test_ok", {
    account_offline_minor: 4_000,
  });
  const bought = sale();
  await place.clock.advance(26 * 60 * minute_ms);
  assert.deepEqual(await forward(shop, bought, given[0]!), {
    outcome: "refused",
    reason: "allowance_lapsed",
  });
  const again = await allowancesOf(place, shop, await comeIn(place, shop, ada, 0));
  assert.equal(again.length, 2);
});

Deno.test("an allowance is no token and no item of the feed", async () => {
  const { place, shop, sale, given } = await store();
  const bought = { ...sale(), token: given[0]!.proof };
  const answer = await authorise(shop, bought);
  assert.deepEqual(answer, { outcome: "declined", reason: "token_unreadable" });
  const allowance: Pick<Allowance, "proof"> = { proof: sale().token };
  assert.equal(readAllowance(vault, allowance.proof, place.issuerKey), undefined);
});
