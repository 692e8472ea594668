/** How long a walk-out trip may wait for what: a person who looks at its cart, its price, its
 * money. What the gateway waits for, the issuer must wait for as well. */
import assert from "node:assert/strict";
import { limits } from "../../actors/limits.ts";
import { refused } from "./testing/stories.ts";
import { amount, cart, of, walkOut } from "./testing/walkout.ts";
import { testAcquirer } from "./test_acquirer.ts";
import { defaultSettings } from "./world.ts";

const times = { trip_open_ms: 60_000, trip_ms: 20_000 };

Deno.test("a cart that a person decided late is priced, with time for its money", async () => {
  const { place, admit, says, trip } = await walkOut("test_insufficient_funds", times);
  await admit("trip-1");
  await place.clock.advance(50_000);
  assert.equal((await says("/v1/checkout/carts", cart())).status, 201);
  await place.clock.advance(15_000);
  assert.equal((await trip()).state, "owed", "the time from its price on is not over");
  await place.clock.advance(7_000);
  assert.equal((await trip()).state, "unpaid");
  await place.issuer.stop();
});

Deno.test("what is held may be taken for as long after its price", async () => {
  const { place, admit, says, trip } = await walkOut("test_ok", times);
  await admit("trip-1");
  await place.clock.advance(50_000);
  const held = of("trip-1", { amount: amount(7.47) });
  assert.equal((await says("/v1/adjust/charge", held)).body?.["status"], "APPROVED");
  await place.clock.advance(15_000);
  assert.equal((await says("/v1/capture/charge", held)).status, 200);
  assert.equal((await trip()).state, "paid");
  await place.issuer.stop();
});

Deno.test("what is held and never taken is let go, and its shopper may come again", async () => {
  const undone: string[] = [];
  const real = testAcquirer();
  const { place, admit, says, trip, code, news } = await walkOut("test_ok", times, {
    ...real,
    reverse: (request) => (undone.push(request.reference), real.reverse(request)),
  });
  await admit("trip-1");
  await says("/v1/adjust/charge", of("trip-1", { amount: amount(7.47) }));
  await place.clock.advance(25_000);
  const { state, reason } = await trip();
  assert.deepEqual([state, reason], ["cancelled", "expired"]);
  assert.deepEqual(undone, ["harbour/trip-1/1"]);
  const told = (await news()).flatMap((one) => one.type === "trip.charged" ? one.outcome : []);
  assert.deepEqual(told, ["reversed"]);
  assert.equal((await admit("trip-2", code())).outcome, "admitted");
  await place.issuer.stop();
});

Deno.test("a shopper whom the acquirer never answered about owes nothing either", async () => {
  const silent = { ...testAcquirer(), authorise: () => Promise.reject(new Error("away")) };
  const { place, admit, says, trip, code } = await walkOut("test_ok", times, silent);
  await admit("trip-1");
  assert.equal((await says("/v1/checkout/carts", cart())).status, 201);
  await place.clock.advance(25_000);
  assert.equal((await trip()).state, "cancelled");
  assert.equal((await admit("trip-2", code())).outcome, "admitted");
  await place.issuer.stop();
});

Deno.test("nobody walks out, erases his account, and is charged nothing", async () => {
  const { place, ada, admit, says, trip } = await walkOut("test_ok", times);
  await admit("trip-1");
  await refused(ada.client.call("eraseAccount"), "trip_under_way");
  assert.equal((await says("/v1/checkout/carts", cart())).status, 201);
  assert.equal((await trip()).state, "paid");
  await ada.client.call("eraseAccount");
  await assert.rejects(ada.client.call("trips"), { kind: "unauthorised" });
  await place.issuer.stop();
});

Deno.test("whatever a trip waits for at its gateway, the issuer takes its price after", () => {
  const { stay_ms, closing_ms, review_ms, pricing_ms, charge_ms } = limits;
  const longest_ms = stay_ms + closing_ms + review_ms + pricing_ms;
  assert.ok(defaultSettings.trip_open_ms > longest_ms);
  assert.ok(charge_ms > defaultSettings.trip_ms, "the issuer gives up first, and tells");
});
