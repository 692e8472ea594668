/** The feed: gapless, signed, resumed from anywhere, alive, and ended in order. */
import assert from "node:assert/strict";
import type { FeedItem } from "../../runtime/sync/contract/schemas.ts";
import { signRequest } from "../../runtime/sync/contract/signatures.ts";
import { readFeedItem } from "../../runtime/sync/contract/tokens.ts";
import { fromUtf8 } from "../../runtime/vault/bytes.ts";
import { nodeVault as vault } from "../../runtime/vault/node.ts";
import { issuerLimits } from "./limits.ts";
import { settled } from "./testing/clock.ts";
import { comeIn, feedOf, presentCode } from "./testing/stories.ts";
import { newShopper, openShop, type Shop, type Town, town } from "./testing/town.ts";

/** Reads a feed as it comes. */
async function listen(place: Town, shop: Shop, after = 0) {
  const ending = new AbortController();
  const reader = (await shop.client.feed(after, ending.signal)).getReader();
  const heard = { text: "", ended: false };
  (async () => {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      heard.text += fromUtf8(next.value) ?? "";
    }
    heard.ended = true;
  })();
  await settled();
  const items = (): FeedItem[] =>
    [...heard.text.matchAll(/^data: (.+)$/gm)].map(([, data]) => {
      const item = readFeedItem(vault, data ?? "", place.issuerKey);
      assert.ok(item, "signed by the issuer");
      return item;
    });
  return { heard, items, leave: () => reader.cancel() };
}

Deno.test("a reader hears what was and what comes, in one sequence without a gap", async () => {
  const place = await town();
  const shop = await openShop(place);
  const ada = await newShopper(place, 1);
  const reader = await listen(place, shop);
  assert.deepEqual(reader.items().map(({ body }) => body.type), ["beacon.code_set"]);
  const { check_in } = await comeIn(place, shop, ada, 1);
  await place.clock.advance(100);
  await ada.client.call("leave", { path: { check_in } });
  await settled();
  await reader.leave();
  const again = await listen(place, shop);
  const items = again.items();
  assert.deepEqual(items.map(({ sequence }) => sequence), items.map((_, at) => at + 1));
  assert.deepEqual(new Set(items.map(({ gateway }) => gateway)), new Set([shop.gateway]));
  assert.deepEqual(
    items.map(({ body }) => body.type),
    ["beacon.code_set", "beacon.code_set", "check_in.announced", "check_in.ended"],
  );
  const [last] = items.slice(-1);
  assert.match(again.heard.text, new RegExp(`^id: ${last?.sequence}$`, "m"));
  await again.leave();
});

Deno.test("a reader goes on after its cursor, also over a restart of the issuer", async () => {
  const place = await town();
  const shop = await openShop(place);
  for (let time = 0; time < 3; time += 1) await presentCode(place, shop);
  const all = await feedOf(place, shop);
  assert.equal(all.length, 4);
  assert.deepEqual(await feedOf(place, shop, 2), all.slice(2));
  await place.issuer.stop();
  await place.clock.advance(1_000);
  const after = await town({ store: place.store, clock: place.clock, random: place.random });
  await place.clock.advance(1_000);
  const again = { ...shop, client: after.client(shop.signer) };
  assert.deepEqual(await feedOf(after, again, 3), all.slice(3));
  await presentCode(after, again);
  assert.deepEqual((await feedOf(after, again, 4)).map(({ sequence }) => sequence), [5]);
});

Deno.test("a gateway that is ahead of the feed is not met with numbers it has seen", async () => {
  const place = await town();
  const shop = await openShop(place);
  const [known, ...more] = await feedOf(place, shop, 500);
  assert.deepEqual([known?.sequence, more], [501, []], "what it may not have read comes anew");
  await shop.client.call("registerBeacons", { body: { hardware_ids: [shop.beacon] } });
  assert.deepEqual((await feedOf(place, shop, 501)).map(({ sequence }) => sequence), [502]);
});

Deno.test("a gateway that was put back to before what is kept is told what is left", async () => {
  const place = await town();
  const shop = await openShop(place);
  const register = () =>
    shop.client.call("registerBeacons", { body: { hardware_ids: [shop.beacon] } });
  for (let time = 0; time < 4; time += 1) await register();
  const { length } = await feedOf(place, shop);
  await place.clock.advance(issuerLimits.feed_kept_ms + 1);
  await feedOf(place, shop, length);
  place.issuer.start();
  await settled();
  await place.issuer.stop();
  assert.equal(place.store.tables.feed.count("of_gateway", shop.gateway), 0, "it was read");
  const after = await town({ store: place.store, clock: place.clock, random: place.random });
  await place.clock.advance(1_000);
  const again = { ...shop, client: after.client(shop.signer) };
  await presentCode(after, again);
  await presentCode(after, again);
  const told = (await feedOf(after, again, 1)).map(({ sequence, follows }) => [sequence, follows]);
  assert.deepEqual(told, [[length + 1, 1], [length + 2, undefined]]);
  assert.equal((await feedOf(after, again, length))[0]?.follows, undefined, "nothing is missing");
});

Deno.test("codes turn ahead of time, each with its own nonce, for those who listen", async () => {
  const place = await town();
  const shop = await openShop(place);
  place.issuer.start();
  await place.clock.advance(200_000);
  const silent = (await feedOf(place, shop)).length;
  assert.equal(silent, 1, "nobody listened: nothing was set");
  await presentCode(place, shop);
  const reader = await listen(place, shop, 2);
  const began_ms = place.clock.now_ms();
  await place.clock.advance(192_000);
  const codes = reader.items().flatMap((item) =>
    item.body.type === "beacon.code_set" ? [{ ...item.body, at_ms: item.issued_at_ms }] : []
  );
  const turned = codes.filter(({ at_ms }) => at_ms >= began_ms);
  assert.equal(turned.length, 3);
  for (const [at, code] of turned.entries()) {
    assert.ok(code.at_ms < code.from_ms, "set before its time");
    assert.equal(code.until_ms - code.from_ms, 64_000);
    const next = turned[at + 1];
    if (next) assert.equal(next.from_ms, code.until_ms);
  }
  assert.equal(new Set(codes.map(({ code }) => code)).size, codes.length);
  assert.equal(new Set(codes.map(({ nonce }) => nonce)).size, codes.length);
  await reader.leave();
  await place.issuer.stop();
});

Deno.test("a quiet feed shows that it lives, and ends when the issuer stops", async () => {
  const place = await town();
  const shop = await openShop(place);
  const reader = await listen(place, shop, 1);
  const quiet = reader.heard.text.length;
  await place.clock.advance(5_000);
  const signs = reader.heard.text.slice(quiet);
  assert.match(signs, /^: *\n\n$/);
  assert.equal(reader.heard.ended, false);
  await place.issuer.stop();
  await settled();
  assert.equal(reader.heard.ended, true);
  await assert.rejects(shop.client.call("ledger"), { kind: "issuer_unreachable" });
});

Deno.test("a gateway reads once: its new reader ends the old one", async () => {
  const place = await town();
  const shop = await openShop(place);
  const old = await listen(place, shop);
  const young = await listen(place, shop);
  await settled();
  assert.deepEqual([old.heard.ended, young.heard.ended], [true, false]);
  await young.leave();
});

Deno.test("many who come at once wake the gateway once, and a restart wakes it again", async () => {
  const place = await town();
  const shop = await openShop(place);
  for (const number of [1, 2, 3]) {
    await comeIn(place, shop, await newShopper(place, number), 1);
  }
  await place.clock.advance(100);
  const announced = async (town: Town, at: Shop) =>
    (await feedOf(town, at)).filter(({ body }) => body.type === "check_in.announced").length;
  assert.equal(await announced(place, shop), 1);
  await place.issuer.stop();
  await place.clock.advance(1_000);
  const after = await town({ store: place.store, clock: place.clock, random: place.random });
  await place.clock.advance(1_000);
  after.issuer.start();
  await place.clock.advance(100);
  assert.equal(await announced(after, { ...shop, client: after.client(shop.signer) }), 2);
  await after.issuer.stop();
});

Deno.test("Last-Event-ID is the cursor of whoever sends it", async () => {
  const place = await town();
  const shop = await openShop(place);
  for (let time = 0; time < 2; time += 1) await presentCode(place, shop);
  const parts = {
    method: "GET",
    url: "http://issuer.test/v1/feed",
    headers: new Headers({ "last-event-id": "2" }),
    body: new Uint8Array(0),
  };
  const made = { created_s: Math.floor(place.clock.now_ms() / 1000), nonce: "n" };
  signRequest(vault, shop.signer, made, parts);
  const answer = await place.issuer.app.request(parts.url, { headers: parts.headers });
  assert.equal(answer.headers.get("content-type"), "text/event-stream");
  const reader = answer.body?.getReader();
  let text = "";
  while (!text.includes("id: ")) {
    text += fromUtf8((await reader?.read())?.value ?? new Uint8Array());
  }
  assert.deepEqual([...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => id), ["3"]);
  await reader?.cancel();
});
