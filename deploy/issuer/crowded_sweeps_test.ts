/** What must wait holds up nothing that is due, however much of it there is. */
import assert from "node:assert/strict";
import type { Acquirer } from "./acquirer.ts";
import { issuerLimits as limits } from "./limits.ts";
import { newPayment, type Payment } from "./rooms/payment_rows.ts";
import type { TripRow } from "./store/trip_tables.ts";
import { testAcquirer } from "./test_acquirer.ts";
import { settled } from "./testing/clock.ts";
import { authorise, scene } from "./testing/payments.ts";
import { newShopper } from "./testing/town.ts";

const many = 2 * limits.sweep_rows + 20;
/** It says nothing of who is charged, and takes what lanes have had held. */
function silence(): Acquirer {
  const real = testAcquirer();
  return {
    ...real,
    authorise: () => new Promise(() => {}),
    capture: (request) =>
      request.reference.includes("trip") ? new Promise(() => {}) : real.capture(request),
  };
}

/** A store with so many trips whose acquirer says nothing. */
async function crowd(state: Payment["state"], trip_life_ms: number) {
  const told = await scene("test_ok", silence());
  const { place, shop: { gateway } } = told;
  const { account } = await newShopper(place, 2);
  const { store, clock } = place;
  const now_ms = clock.now_ms();
  const shared = { store: "harbour", gateway, account, currency: "EUR" };
  const trip: TripRow = {
    ...shared,
    ...{ trip: "", gate: "in", state: "charging", evidence: "{}", people: 1 },
    ...{ entered_at_ms: now_ms, expires_ms: now_ms + trip_life_ms, order_id: null },
    ...{ checkout_hash: null, mode: "checkout", total_minor: 747, items: "[]", due: 1 },
    ...{ reason: null, ended_at_ms: null },
  };
  const payment = {
    ...newPayment,
    ...shared,
    ...{ tries: 1, amount_minor: 747, items: "[]", evidence: "{}", at_ms: now_ms, state },
  };
  store.transaction(() => {
    for (let number = 1; number <= many; number += 1) {
      store.tables.trip.insert({ ...trip, trip: `trip-${number}` });
      store.tables.payment.insert({ ...payment, payment: `trip-${number}` });
    }
  });
  return {
    ...told,
    trip,
    payment,
    stop: () => Promise.all([place.issuer.stop(), clock.advance(20_000)]),
  };
}

Deno.test("trips that wait for the acquirer hold up no payment that is over", async () => {
  const { place, shop, sale, stop } = await crowd("pending", 3_600_000);
  const lost = assert.rejects(authorise(shop, sale()), { kind: "issuer_unreachable" });
  await settled();
  place.issuer.start();
  await place.clock.advance(limits.acquirer_ms);
  await lost;
  const { payment } = place.store.tables;
  await place.clock.advance(580_000 + 5 * limits.sweep_ms);
  assert.equal(payment.first("by_name", "harbour", "p-1")?.state, "expired");
  assert.equal(payment.first("by_name", "harbour", "trip-1")?.state, "pending");
  await stop();
});

Deno.test("trips whose money is being taken hold up the end of no other", async () => {
  const { place, trip, stop } = await crowd("capturing", 60_000);
  const { store, clock } = place;
  store.transaction(() =>
    store.tables.trip.insert({
      ...trip,
      ...{ trip: "trip-open", state: "open", mode: null, total_minor: 0, items: null, due: 0 },
      expires_ms: trip.expires_ms + 1,
    })
  );
  place.issuer.start();
  await clock.advance(60_000 + 5 * limits.sweep_ms);
  assert.equal(store.tables.trip.get("trip-open")?.state, "ended");
  assert.equal(store.tables.trip.get("trip-1")?.state, "charging");
  await stop();
});

Deno.test("trips whose money is being taken hold up no capture that a crash cut off", async () => {
  const { place, ada: { account }, payment, stop } = await crowd("capturing", 3_600_000);
  const { store, clock } = place;
  store.transaction(() => store.tables.payment.insert({ ...payment, account, payment: "p-1" }));
  place.issuer.start();
  await clock.advance(600_000 + 5 * limits.sweep_ms);
  assert.equal(store.tables.payment.first("by_name", "harbour", "p-1")?.state, "captured");
  await stop();
});
