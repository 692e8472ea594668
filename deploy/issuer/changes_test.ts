/** Account data is changed by the account's own face alone, once and now. */
import assert from "node:assert/strict";
import type { WantedChange } from "../../runtime/sync/contract/schemas.ts";
import { issuerLimits as limits } from "./limits.ts";
import { begin, proofOf, prove } from "./testing/changes.ts";
import { comeIn, refused } from "./testing/stories.ts";
import { face, newShopper, openShop, type Shopper, town } from "./testing/town.ts";

const moved: WantedChange = { what: "address", address: "7 Quay Street" };
const other_card: WantedChange = { what: "instrument", instrument: "test_other" };

/** Time passes at once where the issuer does nothing by itself. */
async function atTheLane(cooling_ms?: number) {
  const place = await town(cooling_ms === undefined ? {} : { settings: { cooling_ms } });
  if (cooling_ms !== undefined) place.issuer.start();
  const shop = await openShop(place);
  const ada = await newShopper(place, 1);
  const { check_in } = await comeIn(place, shop, ada, 0);
  const says = (shopper: Shopper) => shopper.client.call("readAccount");
  return { place, shop, ada, check_in, says };
}

/** Between two faces of the town, as `Accounts.distance` has it. */
function between(a: number, b: number): number {
  const [one, other] = [face(a).values, face(b).values];
  return 1 - one.reduce((sum, value, at) => sum + value * other[at]!, 0);
}

Deno.test("the account's own face changes an address at once; another's does not", async () => {
  const { place, shop, ada, check_in, says } = await atTheLane();
  const first = await begin(shop, check_in, moved);
  assert.deepEqual(await prove(place, shop, first, { face: 1 }), {
    outcome: "applied",
    reason: null,
    tries_left: null,
    effective_at_ms: place.clock.now_ms(),
  });
  assert.equal((await says(ada)).address, "7 Quay Street");
  assert.ok(between(1, 2) > 0.25, "they are no twins");
  const second = await begin(shop, check_in, { ...moved, address: "1 Hill Road" });
  const no = await prove(place, shop, second, { face: 2 });
  assert.deepEqual([no.outcome, no.reason, no.tries_left], ["refused", "face_differs", 2]);
  const again = await prove(place, shop, second, { face: 1 });
  assert.equal(again.outcome, "refused", "one face a change");
  assert.equal((await says(ada)).address, "7 Quay Street");
  await place.issuer.stop();
});

Deno.test("the distance decides, on either side of the threshold", async () => {
  const { place, shop, check_in } = await atTheLane();
  const [own, towards] = [face(1).values, face(2).values];
  /** So far from the own face, in a plane with another. */
  const at = (distance: number) => {
    const along = own.reduce((sum, value, place) => sum + value * towards[place]!, 0);
    const across = towards.map((value, place) => value - along * own[place]!);
    const length = Math.hypot(...across);
    const cosine = 1 - distance;
    const sine = Math.sqrt(1 - cosine * cosine);
    const values = own.map((value, place) => cosine * value + sine * across[place]! / length);
    return { ...face(1), values };
  };
  for (const [distance, outcome] of [[0.249, "applied"], [0.251, "refused"]] as const) {
    const begun = await begin(shop, check_in, moved);
    const ended = await prove(place, shop, begun, { face: 1, template: at(distance) });
    assert.equal(ended.outcome, outcome, String(distance));
  }
  await place.issuer.stop();
});

Deno.test("a proof counts for its own nonce and change, at this lane, now, alive", async () => {
  const { place, shop, check_in } = await atTheLane();
  const cases: [Parameters<typeof prove>[3], string][] = [
    [{ face: 1, nonce: "AAAAAAAAAAAAAAAAAAAAAA" }, "probe_unreadable"],
    [{ face: 1, evidence: { liveness: "not_assessed" } }, "evidence_liveness"],
    [{ face: 1, evidence: { frames: 2 } }, "evidence_thin"],
    [{ face: 1, evidence: { seen_at_ms: place.clock.now_ms() - 121_000 } }, "evidence_old"],
    [{ face: 1, template: { ...face(1), model: "b".repeat(64) } }, "evidence_model"],
  ];
  for (const [proof, reason] of cases) {
    const ended = await prove(place, shop, await begin(shop, check_in, moved), proof);
    assert.deepEqual([ended.outcome, ended.reason, ended.tries_left], ["refused", reason, 3]);
  }
  const [one, two] = [await begin(shop, check_in, moved), await begin(shop, check_in, moved)];
  const stolen = { ...proofOf(place, shop, one, { face: 1 }), change: two.change };
  const ended = await shop.client.call("proveChange", { body: stolen });
  assert.equal(ended.reason, "probe_unreadable", "a probe is of one change");
  const elsewhere = { ...proofOf(place, shop, one, { face: 1 }), lane: "2" };
  assert.equal(
    (await shop.client.call("proveChange", { body: elsewhere })).reason,
    "lane_wrong",
  );
  const late = await begin(shop, check_in, moved);
  await place.clock.advance(limits.change_life_ms - 20_000);
  const anew = await begin(shop, check_in, moved, late.change);
  assert.notEqual(anew.nonce, late.nonce, "asked for again: the nonce before is dead");
  await place.clock.advance(limits.change_life_ms);
  assert.equal((await prove(place, shop, anew, { face: 1 })).reason, "proof_late");
  await place.issuer.stop();
});

Deno.test("three faces that differ lock the account for a day, whichever lane", async () => {
  const { place, shop, ada, check_in } = await atTheLane();
  for (const left of [2, 1, 0]) {
    const no = await prove(place, shop, await begin(shop, check_in, moved), { face: 2 });
    assert.equal(no.tries_left, left);
  }
  await refused(begin(shop, check_in, moved), "changes_locked");
  const { changes } = await ada.client.call("accountChanges");
  assert.deepEqual(changes.map(({ state, reason }) => [state, reason]), [
    ["refused", "face_differs"],
    ["refused", "face_differs"],
    ["refused", "face_differs"],
  ]);
  await place.clock.advance(limits.change_lock_ms);
  const { check_in: later } = await comeIn(place, shop, ada, 0);
  const yes = await prove(place, shop, await begin(shop, later, moved), { face: 1 });
  assert.equal(yes.outcome, "applied");
  await place.issuer.stop();
});

Deno.test("what could do harm waits, is undone, or taken back", async () => {
  const { place, shop, ada, check_in, says } = await atTheLane(5_000);
  const marks = new Set<number>();
  const anotherMark = async () => {
    const { account_changes } = await ada.client.call("receipts");
    assert.ok(!marks.has(account_changes), "a phone would not look again");
    marks.add(account_changes);
  };
  await anotherMark();
  const raised: WantedChange = { what: "limit", sale_minor: 90_000, day_minor: 200_000 };
  for (const wanted of [other_card, raised, { what: "phone", phone: "+4930123456" } as const]) {
    const ended = await prove(place, shop, await begin(shop, check_in, wanted), { face: 1 });
    assert.equal(ended.effective_at_ms, place.clock.now_ms() + 5_000, wanted.what);
  }
  await refused(begin(shop, check_in, other_card), "change_under_way");
  assert.equal((await says(ada)).instrument, "test_ok");
  const { changes } = await ada.client.call("accountChanges");
  const phone = changes.find(({ wanted }) => wanted.what === "phone")!;
  const undo = (change: string, who = ada) =>
    who.client.call("undoChange", { path: { change }, body: {} });
  await anotherMark();
  assert.equal((await undo(phone.change)).state, "undone");
  await anotherMark();
  await place.clock.advance(6_000);
  const now = await says(ada);
  assert.deepEqual([now.instrument, now.phone], ["test_other", null]);
  await anotherMark();
  assert.equal((await ada.client.call("readLimits")).sale_minor, 90_000);
  const card = changes.find(({ wanted }) => wanted.what === "instrument")!;
  const eve = await newShopper(place, 2);
  await refused(undo(card.change, eve), "change_unknown");
  assert.equal((await undo(card.change)).state, "undone");
  assert.equal((await says(ada)).instrument, "test_ok");
  const limit = changes.find(({ wanted }) => wanted.what === "limit")!;
  await ada.client.call("setLimits", { body: { sale_minor: 5, day_minor: 10, merchants: [] } });
  await refused(undo(limit.change), "change_over");
  await place.issuer.stop();
});

Deno.test("a limit that nobody may have is refused at once", async () => {
  const { place, shop, check_in } = await atTheLane();
  const wanted: WantedChange = { what: "limit", sale_minor: 500_001, day_minor: 900_000 };
  await refused(begin(shop, check_in, wanted), "request_invalid");
  await place.issuer.stop();
});

Deno.test("one that may not be any more holds up no other, and its owner is told", async () => {
  const { place, shop, ada, check_in, says } = await atTheLane(5_000);
  const wanted: WantedChange = { what: "limit", sale_minor: 90_000, day_minor: 200_000 };
  await prove(place, shop, await begin(shop, check_in, wanted), { face: 1 });
  const { change } = place.store.tables;
  const [waiting] = change.all("of_account", [ada.account]);
  // As an issuer that was started again with a lower limit finds it.
  const above = JSON.stringify({ ...wanted, sale_minor: 600_000 });
  place.store.transaction(() => change.change(waiting!, { wanted: above }));
  await prove(place, shop, await begin(shop, check_in, other_card), { face: 1 });
  await place.clock.advance(7_000);
  assert.equal((await says(ada)).instrument, "test_other");
  const { changes } = await ada.client.call("accountChanges");
  const told = changes.find(({ wanted }) => wanted.what === "limit");
  assert.deepEqual([told?.state, told?.reason], ["refused", "request_invalid"]);
  assert.equal((await ada.client.call("readLimits")).sale_minor, 50_000);
  await place.issuer.stop();
});

Deno.test("a lower limit harms nobody and counts at once", async () => {
  const { place, shop, ada, check_in } = await atTheLane();
  const wanted: WantedChange = { what: "limit", sale_minor: 1_000, day_minor: 2_000 };
  await prove(place, shop, await begin(shop, check_in, wanted), { face: 1 });
  const { sale_minor, day_minor } = await ada.client.call("readLimits");
  assert.deepEqual([sale_minor, day_minor], [1_000, 2_000]);
  await place.issuer.stop();
});

Deno.test("after a week what was applied stays", async () => {
  const { place, shop, ada, check_in } = await atTheLane();
  await prove(place, shop, await begin(shop, check_in, moved), { face: 1 });
  const [applied] = (await ada.client.call("accountChanges")).changes;
  await place.clock.advance(limits.change_undo_ms);
  const undone = ada.client.call("undoChange", { path: { change: applied!.change }, body: {} });
  await refused(undone, "change_over");
  await place.issuer.stop();
});

Deno.test("how it ended is told to whoever asks, and what is asked about is over", async () => {
  const { place, shop, check_in } = await atTheLane();
  const end = (change: string) => shop.client.call("endChange", { body: { change } });
  assert.equal((await end("never-begun")).outcome, "withdrawn");
  const given_up = await begin(shop, check_in, moved);
  assert.equal((await end(given_up.change)).outcome, "withdrawn");
  assert.equal((await prove(place, shop, given_up, { face: 1 })).outcome, "withdrawn");
  await refused(begin(shop, check_in, moved, given_up.change), "change_over");
  const applied = await begin(shop, check_in, moved);
  await prove(place, shop, applied, { face: 1 });
  assert.equal((await end(applied.change)).outcome, "applied");
  assert.equal((await prove(place, shop, applied, { face: 2 })).outcome, "applied");
  await place.issuer.stop();
});

Deno.test("only of those who are in the gateway's own store, and gave a face", async () => {
  const { place, shop, ada, check_in } = await atTheLane();
  const market = await openShop(place, "market");
  await refused(begin(market, check_in, moved), "check_in_unknown");
  const begun = await begin(shop, check_in, moved);
  const stolen = market.client.call("proveChange", {
    body: proofOf(place, shop, begun, { face: 1 }),
  });
  await refused(stolen, "change_unknown");
  await ada.client.call("leave", { path: { check_in } });
  await refused(begin(shop, check_in, moved), "check_in_ended");
  await ada.client.call("revokeFace");
  const { check_in: again } = await comeIn(place, shop, ada, 0);
  await refused(begin(shop, again, moved), "template_missing");
  await place.issuer.stop();
});

Deno.test("erased: neither contact nor change is left, nor in any line of the log", async () => {
  const { place, shop, ada, check_in } = await atTheLane();
  await prove(place, shop, await begin(shop, check_in, moved), { face: 1 });
  const { contact, change } = place.store.tables;
  assert.ok(contact.get(ada.account));
  await ada.client.call("eraseAccount");
  assert.equal(contact.get(ada.account), undefined);
  assert.equal(change.count("of_account", ada.account), 0);
  assert.ok(!place.logged.some((line) => line.includes("Quay Street")));
  await place.issuer.stop();
});
