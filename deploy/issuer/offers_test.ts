/** What stores show on phones: to whom, for how long, and what is forgotten when. */
import assert from "node:assert/strict";
import { issuerLimits } from "./limits.ts";
import { comeIn, refused } from "./testing/stories.ts";
import { newShopper, openShop, type Shop, type Shopper, type Town, town } from "./testing/town.ts";

const content = (id: string) => ({
  id: `https://shop.example/${id}`,
  kind: "offer" as const,
  language: "en",
  name: [{ text: "Olive oil", mark: true }, { text: " for regulars", mark: false }],
  text: [],
  ingredients: [],
  price: { amount_minor: 699, currency: "EUR" },
  personal: true,
  link: { entity: "ingredient/olive-oil", label: "olive oil" },
  why: "It is for shoppers who agreed to offers.",
});

const agrees = (place: Town, shopper: Shopper) =>
  shopper.client.call("giveConsent", {
    body: { kind: "offers", version: "1", given_at_ms: place.clock.now_ms() },
  });
const shows = (shop: Shop, check_in: string, id = "oil") =>
  shop.client.call("showContent", { body: { check_in, content: content(id) } });
const shown = async (shopper: Shopper, after = 0) =>
  (await shopper.client.call("shownContent", { query: { after } })).shown;

async function inStore(agreed = true) {
  const place = await town();
  const shop = await openShop(place);
  const ada = await newShopper(place);
  if (agreed) await agrees(place, ada);
  const { check_in, code, nonce } = await comeIn(place, shop, ada);
  const offersTold = async () => {
    const body = { hardware_id: shop.beacon, code, nonce };
    return (await shop.client.call("askAccountData", { body })).visits.map(({ offers }) => offers);
  };
  return { place, shop, ada, check_in, offersTold };
}

Deno.test("who agreed is shown it, word for word, and asked for what is new alone", async () => {
  const { shop, ada, check_in, offersTold } = await inStore();
  assert.deepEqual(await offersTold(), [true]);
  const first = await shows(shop, check_in);
  const [one] = await shown(ada);
  assert.deepEqual([one?.sequence, one?.content], [first.sequence, content("oil")]);
  const second = await shows(shop, check_in, "bread");
  assert.ok(second.sequence > first.sequence);
  assert.deepEqual((await shown(ada, first.sequence)).map(({ content }) => content.id), [
    "https://shop.example/bread",
  ]);
  const { content_latest } = await ada.client.call("receipts", { query: { after: 0 } });
  assert.equal(content_latest, second.sequence);
});

Deno.test("without consent nothing is taken; taking it back forgets what was shown", async () => {
  const { place, shop, ada, check_in, offersTold } = await inStore(false);
  assert.deepEqual(await offersTold(), [false]);
  await refused(shows(shop, check_in), "consent_unknown");
  await agrees(place, ada);
  assert.deepEqual(await offersTold(), [true]);
  await shows(shop, check_in);
  await ada.client.call("revokeOffers");
  assert.deepEqual(await offersTold(), [false]);
  assert.deepEqual(await shown(ada), []);
  await refused(shows(shop, check_in), "consent_unknown");
  await place.clock.advance(1);
  await agrees(place, ada);
  await shows(shop, check_in);
  assert.equal((await shown(ada)).length, 1);
});

Deno.test("consent to offers is no consent to a face, nor the other way", async () => {
  const { ada, offersTold, shop, check_in } = await inStore();
  await ada.client.call("revokeFace");
  await refused(shows(shop, check_in), "check_in_ended");
  assert.deepEqual(await offersTold(), []);
});

Deno.test("what was shown in a stay ends with it", async () => {
  const { place, shop, ada, check_in } = await inStore();
  await shows(shop, check_in);
  await ada.client.call("leave", { path: { check_in } });
  assert.deepEqual(await shown(ada), []);
  await refused(shows(shop, check_in), "check_in_ended");
  const again = await comeIn(place, shop, ada, 0);
  assert.deepEqual(await shown(ada), []);
  await shows(shop, again.check_in, "bread");
  assert.equal((await shown(ada)).length, 1);
});

Deno.test("another store's gateway shows nothing, and nobody reads another's", async () => {
  const { place, shop, check_in } = await inStore();
  const elsewhere = await openShop(place, "station");
  await refused(shows(elsewhere, check_in), "check_in_unknown");
  await refused(shows(shop, "nobody"), "check_in_unknown");
  await shows(shop, check_in);
  assert.deepEqual(await shown(await newShopper(place, 2)), []);
});

Deno.test("of one stay the latest are kept", async () => {
  const { shop, ada, check_in } = await inStore();
  for (let at = 0; at < issuerLimits.contents_shown + 3; at++) await shows(shop, check_in, `${at}`);
  const kept = await shown(ada);
  assert.equal(kept.length, issuerLimits.contents_shown);
  assert.equal(kept.at(-1)?.content.id, `https://shop.example/${issuerLimits.contents_shown + 2}`);
});
