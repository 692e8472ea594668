/** What becomes of a sale once somebody was chosen: charged, declined, cancelled, reversed. */
import assert from "node:assert/strict";
import { limits } from "./limits.ts";
import { authorised, authorising, cancel, tap, types } from "./testing/sale.ts";
import {
  arrives,
  openLane,
  ringsUp,
  seen,
  type Shop,
  shop,
  staffed,
  stands,
} from "./testing/shop.ts";

Deno.test("the issuer declines: final, the token is spent, the lane is free", () => {
  const at = authorising();
  at.post("payment/p1", { type: "issuer.declined", reason: "limit_exceeded" });
  assert.equal(at.state("payment/p1"), "declined");
  assert.equal(at.context("payment/p1")["reason"], "limit_exceeded");
  assert.equal(at.state("lane/1"), "idle");
  assert.deepEqual(at.context("visit/ada")["tokens"], ["second.token.of.ada"]);
});

Deno.test("the issuer has captured it, and an old backup had forgotten that: captured", () => {
  const at = authorising();
  at.post("payment/p1", { type: "issuer.declined", reason: "payment_captured" });
  assert.equal(at.state("payment/p1"), "reversing", "the issuer is asked what became of it");
  assert.deepEqual(types(at.asked()), ["issuer.reverse"]);
  at.post("payment/p1", { type: "issuer.captured", receipt: "r1" });
  assert.equal(at.state("payment/p1"), "captured");
  assert.equal(at.context("payment/p1")["receipt"], "r1");
});

Deno.test("the issuer holds money for it since before an old backup: let go", () => {
  const at = authorising();
  at.post("payment/p1", { type: "issuer.declined", reason: "payment_authorised" });
  at.post("payment/p1", { type: "issuer.reversed" });
  assert.equal(at.state("payment/p1"), "reversed");
});

Deno.test("the issuer is silent: the payment is reversed, and only its answer ends it", () => {
  const at = authorising();
  at.pass(15_000);
  assert.equal(at.state("payment/p1"), "reversing");
  assert.deepEqual(at.asked(), [
    { type: "issuer.reverse", payment: "p1", reason: "issuer_silent" },
  ]);
  at.pass(3_600_000);
  assert.equal(at.state("lane/1"), "selling");
  at.post("payment/p1", { type: "issuer.reversed" });
  assert.equal(at.state("payment/p1"), "reversed");
  assert.equal(at.state("lane/1"), "idle");
});

for (const wish of ["operator.cancelled", "pos.cancel_requested"]) {
  Deno.test(`${wish} before the issuer was asked ends the sale at once`, () => {
    for (const candidates of [[], [seen("ada")]]) {
      const at = openLane();
      arrives(at, "ada");
      stands(at, candidates);
      ringsUp(at, "p1");
      assert.ok(at.post("payment/p1", { type: wish, operator: "olga" }));
      assert.equal(at.state("payment/p1"), "cancelled");
      assert.equal(at.state("lane/1"), "idle");
      assert.deepEqual(at.asked(), []);
    }
  });

  Deno.test(`${wish} after the issuer was asked is in progress until it is reversed`, () => {
    const at = authorising();
    assert.ok(at.post("payment/p1", { type: wish, operator: "olga" }));
    assert.deepEqual(types(at.asked()), ["issuer.reverse"]);
    assert.ok(at.post("payment/p1", { type: wish, operator: "olga" }));
    assert.deepEqual(at.asked(), []);
    at.post("payment/p1", { type: "issuer.reversed" });
    assert.equal(at.state("payment/p1"), "reversed");
    assert.equal(at.context("visit/ada")["held_by"], null);
  });
}

Deno.test("cancelled while the visit is asked: the visit is free and its token unspent", () => {
  const at = openLane();
  ringsUp(at, "p1");
  stands(at, [seen("ada")]);
  tap(at, "ada");
  assert.equal(at.state("payment/p1"), "awaiting_reservation");
  cancel(at);
  assert.equal(at.state("payment/p1"), "cancelled");
  assert.deepEqual(at.lost.at(-1)?.event, {
    type: "payment.reservation_released",
    payment: "p1",
    token_spent: false,
    allowance_used: false,
    receipt: null,
  });
});

Deno.test("an authorisation that arrives after the cancel is not captured", () => {
  const at = authorising();
  cancel(at);
  at.asked();
  authorised(at);
  assert.deepEqual(at.asked(), []);
  assert.equal(at.state("payment/p1"), "reversing");
});

Deno.test("after the capture was asked it is too late to cancel: the capture decides", () => {
  const at = authorising();
  authorised(at);
  assert.equal(cancel(at), false);
  at.asked();
  at.post("payment/p1", { type: "issuer.captured", receipt: "r-1" });
  assert.equal(at.state("payment/p1"), "captured");
});

Deno.test("a refused capture is reversed", () => {
  const at = authorising();
  authorised(at);
  at.asked();
  at.post("payment/p1", { type: "issuer.capture_refused", reason: "authorisation_expired" });
  assert.deepEqual(at.asked(), [
    { type: "issuer.reverse", payment: "p1", reason: "authorisation_expired" },
  ]);
  at.post("payment/p1", { type: "issuer.reversed" });
  assert.equal(at.state("payment/p1"), "reversed");
});

Deno.test("a shopper who leaves in mid-sale is still charged for it, and gone afterwards", () => {
  const at = authorising();
  at.post("visit/ada", { type: "issuer.check_in_ended", reason: "left" });
  assert.equal(at.state("visit/ada"), "leaving");
  assert.deepEqual(at.asked(), [{ type: "gallery.wipe", visit: "ada" }]);
  assert.equal(at.context("payment/p1")["shopper_left"], true);
  authorised(at);
  at.post("payment/p1", { type: "issuer.captured", receipt: "r-1" });
  assert.equal(at.state("payment/p1"), "captured");
  assert.equal(at.state("visit/ada"), "left");
});

Deno.test("a payment that its lane gave up is cancelled", () => {
  const at = shop();
  at.post("payment/p1", {
    type: "lane.sale_opened",
    lane: "9",
    sale: { payment: "p1", amount_minor: 1, currency: "EUR", items: [] },
    policy: staffed,
    candidates: [],
  });
  at.post("payment/p1", { type: "lane.withdrawn" });
  assert.equal(at.state("payment/p1"), "cancelled");
  assert.equal(at.context("payment/p1")["reason"], "lane_withdrawn");
});

/** The gateway is started again, maybe on an old copy of its disk. */
function starts(at: Shop): void {
  at.post("payment/p1", { type: "store.sale_resumed" });
  comesBack(at);
}

function comesBack(at: Shop, disk_may_be_old = false): void {
  at.post("lane/1", {
    type: "store.lane_configured",
    zone: "front",
    camera: "cam-1",
    policy: staffed,
    disk_may_be_old,
  });
}

Deno.test("what an old disk does not know ends as the issuer says, while tills repeat it", () => {
  const at = openLane();
  comesBack(at, true);
  arrives(at, "ada");
  const cancelled = (name: string) => {
    ringsUp(at, name);
    at.post(`payment/${name}`, { type: "pos.cancel_requested" });
    return at.state(`payment/${name}`);
  };
  assert.equal(cancelled("p1"), "reversing");
  assert.deepEqual(types(at.asked()), ["issuer.reverse"]);
  at.post("payment/p1", { type: "issuer.captured", receipt: "r-7" });
  assert.equal(at.state("payment/p1"), "captured");

  comesBack(at);
  assert.equal(cancelled("p2"), "reversing", "a crash after it makes the disk know no more");
  at.post("payment/p2", { type: "issuer.reversed" });
  at.pass(limits.till_names_ms);
  assert.equal(cancelled("p3"), "cancelled", "no till repeats it any more");
  comesBack(at);
  assert.equal(cancelled("p4"), "cancelled", "the disk is the one that was in use");
});

Deno.test("started in mid-sale, nobody comes back: the issuer's answer is the end", () => {
  const ends = {
    captured: { type: "issuer.captured", receipt: "r-7" },
    reversed: { type: "issuer.reversed" },
  };
  for (const [end, answer] of Object.entries(ends)) {
    const at = openLane();
    arrives(at, "ada");
    ringsUp(at, "p1");
    starts(at);
    assert.equal(at.state("payment/p1"), "awaiting_candidates");
    at.pass(staffed.selection_timeout_ms);
    assert.equal(at.state("payment/p1"), "reversing");
    assert.deepEqual(at.asked(), [
      { type: "issuer.reverse", payment: "p1", reason: "nobody_recognised" },
    ]);
    at.post("payment/p1", answer);
    assert.equal(at.state("payment/p1"), end);
    assert.equal(at.state("lane/1"), "idle");
  }
});

Deno.test("started in mid-sale, then given up: the visit is let go when that is settled", () => {
  const at = openLane();
  ringsUp(at, "p1");
  starts(at);
  stands(at, [seen("ada")]);
  tap(at, "ada");
  assert.equal(at.state("payment/p1"), "awaiting_reservation");
  cancel(at);
  assert.deepEqual(types(at.asked()), ["issuer.reverse"]);
  assert.equal(at.lost.at(-1)?.event.type, "payment.reservation_asked");
  at.post("payment/p1", { type: "issuer.reversed" });
  assert.equal(at.state("payment/p1"), "reversed");
  assert.deepEqual(at.lost.at(-1)?.event, {
    type: "payment.reservation_released",
    payment: "p1",
    token_spent: true,
    allowance_used: false,
    receipt: null,
  });
});

Deno.test("started in mid-sale, the sale goes on as if nothing had been", () => {
  const at = openLane();
  arrives(at, "ada");
  ringsUp(at, "p1");
  starts(at);
  stands(at, [seen("ada")]);
  tap(at, "ada");
  authorised(at);
  at.post("payment/p1", { type: "issuer.captured", receipt: "r-1" });
  assert.equal(at.state("payment/p1"), "captured");
  assert.deepEqual(types(at.asked()), ["issuer.authorise", "issuer.capture"]);
});
