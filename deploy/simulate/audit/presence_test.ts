/** The book of presence: each rule is broken once, and found. */
import assert from "node:assert/strict";
import type { Batch } from "../../../runtime/journal/journal.ts";
import { PresenceBook } from "./presence.ts";

function book() {
  const found: string[] = [];
  const time = { now_ms: 1_000_000 };
  const presence = new PresenceBook((rule) => void found.push(rule), () => time.now_ms, () => 0);
  return { found, time, presence };
}

function visited(
  visit: string,
  event: { type: string; [field: string]: unknown },
  after = "present",
  told: readonly { to: string; type: string }[] = [],
): Batch {
  return {
    actors: [],
    history: [{
      position: 1,
      turn: 1,
      at_ms: 1,
      address: `visit/${visit}`,
      from: "outside",
      event,
      before: "present",
      after,
      commands: told.map(({ to, type }) => ({ type: "tell", to, event: { type } })),
    }],
    outbox_added: [],
    outbox_settled: [],
    messages_added: [],
    messages_delivered: [],
  };
}

Deno.test("a template may be held as long as the lease, and a little longer", () => {
  const { found, time, presence } = book();
  const lease_expires_ms = time.now_ms + 90_000;
  presence.admitted("till-1", "v");
  presence.committed(visited("v", { type: "issuer.visit_opened", lease_expires_ms }));
  time.now_ms += 100_000;
  presence.look();
  assert.deepEqual(found, []);
  time.now_ms += 10_000;
  presence.look();
  assert.deepEqual(found, ["no template outside a check-in"]);
  presence.wiped("till-1", "v");
  presence.look();
  presence.lookAtRest();
  assert.equal(found.length, 1);
});

Deno.test("one who has left is on no camera soon after", () => {
  const { found, time, presence } = book();
  const lease_expires_ms = time.now_ms + 900_000;
  presence.admitted("till-1", "v");
  presence.committed(visited("v", { type: "issuer.visit_opened", lease_expires_ms }));
  presence.committed(visited("v", { type: "issuer.check_in_ended" }, "left"));
  time.now_ms += 16_000;
  presence.look();
  assert.deepEqual(found, ["no template outside a check-in"]);
});

Deno.test("who left before being known is on no camera soon after, whatever is told late", () => {
  const opens = (check_in: string, ended: { expires_ms: number; feed_cursor: number }) => {
    const { found, time, presence } = book();
    presence.put({ sequence: 7, ended: "v", expires_ms: time.now_ms + ended.expires_ms });
    const { feed_cursor } = ended;
    presence.committed({ ...visited("w", { type: "payment.reservation_asked" }), feed_cursor });
    const lease_expires_ms = time.now_ms + 900_000;
    presence.admitted("till-1", check_in);
    presence.committed(visited(check_in, { type: "issuer.visit_opened", lease_expires_ms }));
    time.now_ms += 17_000;
    presence.look();
    return found;
  };
  const read = { expires_ms: 60_000, feed_cursor: 7 };
  assert.deepEqual(opens("v", read), ["no template outside a check-in"]);
  assert.deepEqual(opens("another", read), []);
  assert.deepEqual(opens("v", { ...read, feed_cursor: 6 }), [], "it has not been read");
  assert.deepEqual(opens("v", { ...read, expires_ms: 0 }), [], "it was too late to be believed");
});

Deno.test("who is away holds no template, and may hold one again once back", () => {
  const { found, time, presence } = book();
  const opened = () =>
    visited("v", { type: "issuer.visit_opened", lease_expires_ms: time.now_ms + 90_000 });
  presence.committed(opened());
  presence.committed(visited("v", { type: "xstate.after.untilLeaseEnds" }, "away"));
  presence.committed(opened());
  presence.admitted("till-1", "v");
  time.now_ms += 80_000;
  presence.look();
  assert.deepEqual(found, []);
  presence.committed(visited("v", { type: "xstate.after.untilLeaseEnds" }, "away"));
  time.now_ms += 20_000;
  presence.look();
  assert.deepEqual(found, ["no template outside a check-in"]);
});

Deno.test("a lease that the issuer wrote and could not tell of is a lease", () => {
  const { presence, time } = book();
  presence.leaseKept("v", time.now_ms + 90_000);
  assert.ok(presence.wasLive("v", time.now_ms + 89_999));
  assert.ok(!presence.wasLive("v", time.now_ms + 90_000));
});

Deno.test("a visit is reserved by one payment until that lets it go", () => {
  const { found, presence } = book();
  const granted = (payment: string) =>
    visited("v", { type: "payment.reservation_asked", payment }, "present", [
      { to: `payment/${payment}`, type: "visit.reservation_granted" },
    ]);
  presence.committed(granted("p"));
  presence.committed(granted("p"));
  presence.committed(visited("v", { type: "payment.reservation_released", payment: "p" }));
  presence.committed(granted("q"));
  assert.deepEqual(found, []);
  presence.committed(granted("r"));
  assert.deepEqual(found, ["one reservation a visit"]);
});

Deno.test("only fresh codes check in, and nobody who has left is renewed", () => {
  const { found, time, presence } = book();
  presence.codeSet("b", "c", time.now_ms + 64_000);
  presence.checkedIn("v", time.now_ms + 90_000, "b", "c");
  assert.ok(presence.wasLive("v", time.now_ms));
  assert.deepEqual(found, []);
  presence.checkedIn("w", time.now_ms + 90_000, "b", "never");
  assert.deepEqual(found.splice(0), ["only fresh codes check in"]);
  presence.checkedOut("v");
  time.now_ms += 1;
  assert.ok(!presence.wasLive("v", time.now_ms));
  presence.checkedIn("v", time.now_ms + 90_000, "b", "c");
  assert.deepEqual(found, ["who has left is not renewed"]);
});

Deno.test("evidence is what a camera really said", () => {
  const { presence, time } = book();
  const match = { visit: "v", frames: 4, liveness: "passed" as const };
  const seen_at_ms = 7;
  presence.told("till-1", {
    type: "matched",
    outcome: "identified",
    faces: 1,
    matches: [match],
    seen_at_ms,
    glance: 0,
  });
  const evidence = {
    camera: "till-1",
    frames: 4,
    liveness: "passed",
    outcome: "identified",
    seen_at_ms,
  };
  assert.equal(presence.seenAt("v", evidence), time.now_ms);
  assert.equal(presence.seenAt("w", evidence), undefined);
  assert.equal(presence.seenAt("v", { ...evidence, camera: "till-2" }), undefined);
  assert.equal(presence.seenAt("v", { ...evidence, outcome: "ambiguous" }), undefined);
});
