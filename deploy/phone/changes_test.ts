/** A phone tells its owner how a change of account data stands, whenever it stands otherwise. */
import assert from "node:assert/strict";
import { opened, story } from "./testing.ts";

Deno.test("a change of account data is told again when it takes effect", () =>
  story(async (world) => {
    const { own, account, events } = await opened(world);
    const { change } = world.store.tables;
    const begun_at_ms = world.clock.now_ms();
    world.store.transaction(() =>
      change.insert({
        change: "c-1",
        gateway: "g",
        attempt: "a-1",
        store: "s",
        account,
        lane: "1",
        operator: "cashier-1",
        what: "address",
        wanted: JSON.stringify({ what: "address", address: "7 Quay Street" }),
        former: null,
        nonce: null,
        state: "waiting",
        reason: null,
        begun_at_ms,
        expires_ms: begun_at_ms + 90_000,
        effective_at_ms: begun_at_ms + 86_400_000,
      })
    );
    await world.during(own.receipts());
    await world.during(own.receipts());
    assert.equal(world.count("GET /v1/account-changes"), 1, "nothing new, nothing asked");
    const row = change.get("c-1");
    world.store.transaction(() => change.change(row!, { state: "applied" }));
    await world.during(own.receipts());
    const told = events.flatMap((event) =>
      event.type === "account_change" ? [event.change.state] : []
    );
    assert.deepEqual(told, ["waiting", "applied"]);
  }));
