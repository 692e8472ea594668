/** Beacons, check-ins, tokens and account data: who is where, and who may know. */
import assert from "node:assert/strict";
import type { RotatedTemplate, SealedRotation } from "../../runtime/sync/contract/schemas.ts";
import { openRotation, openTemplate } from "../../runtime/sync/contract/templates.ts";
import { rotationOf } from "../../runtime/vault/rotation.ts";
import { toBase64url } from "../../runtime/vault/bytes.ts";
import { nodeVault as vault } from "../../runtime/vault/node.ts";
import { settled } from "./testing/clock.ts";
import { comeIn, feedOf, presentCode, refused, saleTo, tokenOf } from "./testing/stories.ts";
import { face, newShopper, openShop, type Shop, town } from "./testing/town.ts";

Deno.test("a check-in needs the code that is on the air now, give or take a period", async () => {
  const place = await town();
  const shop = await openShop(place);
  const ada = await newShopper(place, 1);
  const { code } = await presentCode(place, shop);
  const checkIn = (change: Record<string, unknown> = {}) =>
    ada.client.call("checkIn", {
      body: { hardware_id: shop.beacon, code, heard_at_ms: place.clock.now_ms(), ...change },
    });
  await refused(checkIn({ hardware_id: "nowhere" }), "beacon_unknown");
  await refused(checkIn({ code: "0011223344556677" }), "code_wrong");
  await refused(checkIn({ heard_at_ms: place.clock.now_ms() - 600_000 }), "code_stale");
  const first = await checkIn();
  assert.deepEqual(
    [first.store, first.merchant_name, first.tokens_held],
    ["harbour", "harbour foods", 0],
  );
  assert.equal(first.lease_expires_ms, place.clock.now_ms() + 90_000);
  assert.equal((await checkIn()).check_in, first.check_in);
  await place.clock.advance(64_000);
  assert.equal((await checkIn()).check_in, first.check_in);
  await place.clock.advance(128_000);
  await refused(checkIn(), "code_stale");
});

Deno.test("a lease is renewed by a fresh code or ends, and the gateway is told", async () => {
  const place = await town();
  place.issuer.start();
  const shop = await openShop(place);
  const ada = await newShopper(place, 1);
  const eve = await newShopper(place, 2);
  const { check_in, code } = await comeIn(place, shop, ada, 0);
  const heard = (text: string) => ({
    path: { check_in },
    body: { hardware_id: shop.beacon, code: text, heard_at_ms: place.clock.now_ms() },
  });
  await refused(eve.client.call("renew", heard(code)), "check_in_unknown");
  await refused(eve.client.call("leave", { path: { check_in } }), "check_in_unknown");
  await place.clock.advance(60_000);
  const fresh = await presentCode(place, shop);
  const renewed = await ada.client.call("renew", heard(fresh.code));
  assert.equal(renewed.lease_expires_ms, place.clock.now_ms() + 90_000);
  await place.clock.advance(91_500);
  const next = await presentCode(place, shop);
  await refused(ada.client.call("renew", heard(next.code)), "check_in_ended");
  const ends = (await feedOf(place, shop)).filter(({ body }) => body.type === "check_in.ended");
  assert.deepEqual(ends.map(({ body }) => body), [
    { type: "check_in.ended", check_in, reason: "expired" },
  ]);
  const again = await ada.client.call("checkIn", { body: heard(next.code).body });
  assert.notEqual(again.check_in, check_in);
  await ada.client.call("leave", { path: { check_in: again.check_in } });
  await ada.client.call("leave", { path: { check_in: again.check_in } });
  const left = (await feedOf(place, shop)).at(-1)?.body;
  assert.deepEqual(left, { type: "check_in.ended", check_in: again.check_in, reason: "left" });
  await place.issuer.stop();
});

Deno.test("nobody is in two stores at once", async () => {
  const place = await town();
  const [harbour, market] = [await openShop(place), await openShop(place, "market")];
  const ada = await newShopper(place, 1);
  const first = await comeIn(place, harbour, ada, 0);
  const second = await comeIn(place, market, ada, 0);
  assert.notEqual(first.check_in, second.check_in);
  const told = (await feedOf(place, harbour)).at(-1)?.body;
  assert.deepEqual(told, { type: "check_in.ended", check_in: first.check_in, reason: "left" });
  await refused(
    ada.client.call("renew", {
      path: { check_in: second.check_in },
      body: {
        hardware_id: harbour.beacon,
        code: first.code,
        heard_at_ms: place.clock.now_ms(),
      },
    }),
    "check_in_ended",
  );
});

Deno.test("tokens are the account's own, for this visit, young, few and new", async () => {
  const place = await town();
  const shop = await openShop(place);
  const [ada, eve] = [await newShopper(place, 1), await newShopper(place, 2)];
  const { check_in } = await comeIn(place, shop, ada, 0);
  const give = (...tokens: string[]) =>
    ada.client.call("giveTokens", { path: { check_in }, body: { tokens } });
  const now_s = Math.floor(place.clock.now_ms() / 1000);
  await refused(give(tokenOf(place, eve, check_in)), "token_unreadable");
  await refused(give(tokenOf(place, ada, check_in, "market")), "token_store_wrong");
  await refused(give(tokenOf(place, ada, "visit-other")), "token_check_in_wrong");
  const expired = tokenOf(place, ada, check_in, "harbour", { exp: now_s });
  await refused(give(expired), "token_expired");
  const eternal = tokenOf(place, ada, check_in, "harbour", { exp: now_s + 90_000 });
  await refused(give(eternal), "token_expired");
  const token = tokenOf(place, ada, check_in, "harbour", { jti: "once" });
  assert.deepEqual(await give(token), { held: 1 });
  assert.deepEqual(await give(token), { held: 1 });
  const other = tokenOf(place, ada, check_in, "harbour", { jti: "once", exp: now_s + 5 });
  await refused(give(other), "token_used");
  const more = [1, 2, 3].map(() => tokenOf(place, ada, check_in));
  assert.deepEqual(await give(...more), { held: 4 });
  await refused(give(tokenOf(place, ada, check_in)), "tokens_enough");
  await refused(
    eve.client.call("giveTokens", { path: { check_in }, body: { tokens: [token] } }),
    "check_in_unknown",
  );
});

/** The template of the first face is for this gateway alone, turned by the rotation that came. */
function isSealedTo(
  { gateway, sealing }: Shop,
  other: Shop,
  visit: { account: string; check_in: string; lease_expires_ms: number },
  template: RotatedTemplate,
  [rotation]: readonly SealedRotation[],
): void {
  assert.ok(rotation);
  const context = { to: "gateway", gateway, ...visit, rotation: template.rotation } as const;
  const key = openRotation(vault, sealing, gateway, rotation);
  const opened = openTemplate(vault, sealing, context, template);
  assert.ok(key && opened);
  const { values } = face(1);
  assert.deepEqual(opened.values, rotationOf(key.key, values.length).turn(values));
  assert.equal(openRotation(vault, other.sealing, other.gateway, rotation), undefined);
  const elsewhere = { ...context, gateway: other.gateway };
  assert.equal(openTemplate(vault, other.sealing, elsewhere, template), undefined);
}

Deno.test("account data goes only to the beacon's gateway with its code and nonce", async () => {
  const place = await town();
  const [harbour, market] = [await openShop(place), await openShop(place, "market")];
  const [ada, bob] = [await newShopper(place, 1), await newShopper(place, 2)];
  const { tokens, code, nonce } = await comeIn(place, harbour, ada, 2);
  await comeIn(place, market, bob, 1);
  const proof = { hardware_id: harbour.beacon, code, nonce };
  const { visits, rotations } = await harbour.client.call("askAccountData", { body: proof });
  const [visit] = visits;
  assert.equal(visits.length, 1);
  assert.ok(visit?.template);
  assert.deepEqual([visit.account, visit.first_name, visit.initials], [
    ada.account,
    "Shopper1",
    "S1",
  ]);
  assert.deepEqual([...visit.tokens].sort(), [...tokens].sort());
  const { check_in: named, lease_expires_ms, template } = visit;
  const bound = { account: ada.account, check_in: named, lease_expires_ms };
  isSealedTo(harbour, market, bound, template, rotations);

  const ask = (change: Partial<typeof proof>, shop = harbour) =>
    shop.client.call("askAccountData", { body: { ...proof, ...change } });
  await refused(ask({}, market), "beacon_foreign");
  await refused(ask({ hardware_id: "nowhere" }), "beacon_unknown");
  await refused(ask({ nonce: toBase64url(new Uint8Array(16)) }), "nonce_wrong");
  await refused(ask({ nonce: "" }), "nonce_wrong");
  await refused(ask({ code: "0000000000000000" }), "code_wrong");
  await place.clock.advance(64_000);
  assert.equal((await ask({})).visits.length, 1);
  const fresh = await presentCode(place, harbour);
  await refused(ask({ nonce: fresh.nonce }), "nonce_wrong");
  await place.clock.advance(64_000);
  await refused(ask({}), "code_stale");
  const now = await presentCode(place, harbour);
  assert.deepEqual((await ask({ code: now.code, nonce: now.nonce })).visits, []);
});

Deno.test("a beacon whose clock falls behind is followed, up to a bound", async () => {
  const place = await town();
  const shop = await openShop(place);
  const period_ms = 64_000;
  const codes: { code: string; nonce: string }[] = [];
  /** Late in a period the beacon still has the code of so many periods before. */
  const late = async (behind: number) => {
    const { clock } = place;
    const into_ms = clock.now_ms() % period_ms;
    await clock.advance(period_ms - into_ms + 1);
    codes.push(await presentCode(place, shop));
    await clock.advance(period_ms * 0.7);
    const { code, nonce } = codes.at(-1 - behind)!;
    return await shop.client.call("askAccountData", {
      body: { hardware_id: shop.beacon, code, nonce },
    });
  };
  await late(0);
  for (const behind of [1, 1, 2, 2, 3, 3]) await late(behind);
  await late(4);
  await late(4);
  await refused(late(5), "code_stale");
});

Deno.test("a phone that moves to another beacon is answered there and no longer here", async () => {
  const place = await town();
  const shop = await openShop(place);
  const ada = await newShopper(place, 1);
  const { check_in, code, nonce } = await comeIn(place, shop, ada, 0);
  const second = { ...shop, beacon: "harbour-b2" };
  const there = await presentCode(place, second);
  const renewed = await ada.client.call("renew", {
    path: { check_in },
    body: { hardware_id: second.beacon, code: there.code, heard_at_ms: place.clock.now_ms() },
  });
  assert.equal(renewed.check_in, check_in);
  const at = async (proof: { hardware_id: string; code: string; nonce: string }) =>
    (await shop.client.call("askAccountData", { body: proof })).visits.map((v) => v.check_in);
  assert.deepEqual(await at({ hardware_id: shop.beacon, code, nonce }), []);
  const { hardware_id, code: newCode, nonce: newNonce } = there;
  assert.deepEqual(await at({ hardware_id, code: newCode, nonce: newNonce }), [check_in]);
});

Deno.test("only what changed is told again, templates when they changed", async () => {
  const place = await town();
  const shop = await openShop(place);
  const [ada, bob] = [await newShopper(place, 1), await newShopper(place, 2)];
  const { check_in, code, nonce } = await comeIn(place, shop, ada, 0);
  const ask = async (since?: number) => {
    const proof = { hardware_id: shop.beacon, code, nonce };
    const body = since === undefined ? proof : { ...proof, since };
    const { visits, revision } = await shop.client.call("askAccountData", { body });
    return { revision, told: visits.map(({ account, template }) => [account, !!template]) };
  };
  const first = await ask();
  assert.deepEqual(first.told, [[ada.account, true]]);
  assert.deepEqual((await ask(first.revision)).told, []);
  await comeIn(place, shop, bob, 0);
  const second = await ask(first.revision);
  assert.deepEqual(second.told, [[bob.account, true]]);
  const tokens = [tokenOf(place, ada, check_in)];
  await ada.client.call("giveTokens", { path: { check_in }, body: { tokens } });
  const third = await ask(second.revision);
  assert.deepEqual(third.told, [[ada.account, false]]);
  assert.ok(third.revision > second.revision);
  const all = [[bob.account, true], [ada.account, true]];
  assert.deepEqual((await ask()).told, all);
  assert.deepEqual((await ask(third.revision + 1)).told, all, "as after a lost backup");
});

Deno.test("the old visit of a shopper cannot be charged", async () => {
  const place = await town();
  const shop = await openShop(place);
  const ada = await newShopper(place, 1);
  const { check_in, tokens } = await comeIn(place, shop, ada, 1);
  await ada.client.call("leave", { path: { check_in } });
  const answer = await shop.client.call("authorise", {
    key: "k",
    body: saleTo(place, check_in, tokens[0] ?? ""),
  });
  assert.deepEqual(answer, { outcome: "declined", reason: "check_in_ended" });
  await settled();
});
