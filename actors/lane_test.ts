/** A lane and its link: one sale at a time, news of the camera, the issuer out of reach. */
import assert from "node:assert/strict";
import { limits } from "./limits.ts";
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

Deno.test("a lane serves one sale: another is refused, the same one repeated is not", () => {
  const at = openLane();
  assert.ok(ringsUp(at, "p1"));
  assert.ok(ringsUp(at, "p1"));
  assert.equal(ringsUp(at, "p2"), false);
  assert.equal(at.context("lane/1")["payment"], "p1");
  assert.equal(at.state("payment/p2"), undefined);
});

Deno.test("a sale that ended does not begin again when the POS repeats it", () => {
  const at = openLane();
  ringsUp(at, "p1");
  at.post("payment/p1", { type: "operator.cancelled", operator: "olga" });
  assert.ok(ringsUp(at, "p1"));
  assert.equal(at.state("lane/1"), "idle");
  assert.deepEqual(at.context("lane/1")["last"], { payment: "p1", outcome: "cancelled" });
});

const automatic = { ...staffed, selection: "automatic" } as const;
const authorised = (at: Shop) => at.asked().filter(({ type }) => type === "issuer.authorise");

Deno.test("who paid at an automatic lane is not charged for whoever comes next", () => {
  const at = openLane(automatic);
  arrives(at, "ada");
  ringsUp(at, "p1");
  stands(at, [seen("ada")]);
  at.post("payment/p1", { type: "issuer.authorised", authorisation: "auth-1", expires_ms: 9e12 });
  at.post("payment/p1", { type: "issuer.captured", receipt: "receipt-1" });
  assert.equal(at.state("payment/p1"), "captured");
  // The camera has not noticed yet that a stranger stands in Ada's place.
  ringsUp(at, "p2");
  assert.equal(at.state("payment/p2"), "awaiting_candidates");
  assert.equal(authorised(at).length, 1);
});

Deno.test("an automatic lane charges nobody whom its camera saw before the sale", () => {
  const at = openLane(automatic);
  arrives(at, "ada");
  stands(at, [seen("ada")]);
  ringsUp(at, "p1");
  const [asked] = at.asked();
  assert.deepEqual(asked, { type: "camera.look_again", camera: "cam-1", glance: 1 });
  // Perception had said so before it heard the wish; the camera saw her leave and come back.
  for (const candidates of [[], [seen("ada")]]) {
    at.post("camera/cam-1", {
      type: "frame.matched",
      outcome: candidates.length > 0 ? "identified" : "nobody",
      faces: candidates.length,
      candidates,
      glance: 0,
    });
  }
  at.post("lane/1", { type: "camera.candidates_changed", candidates: [seen("ada")], glance: 0 });
  assert.equal(at.state("payment/p1"), "awaiting_candidates");
  assert.deepEqual(authorised(at), []);
  // She stands there still.
  stands(at, [seen("ada")]);
  assert.equal(authorised(at).length, 1);
});

Deno.test("where an operator compares the name, whom the camera holds is shown at once", () => {
  const at = openLane();
  arrives(at, "ada");
  stands(at, [seen("ada")]);
  ringsUp(at, "p1");
  assert.equal(at.state("payment/p1"), "awaiting_selection");
  assert.deepEqual(at.asked(), []);
});

Deno.test("a new start in mid-sale at an automatic lane: its camera looks again", () => {
  const at = openLane(automatic);
  arrives(at, "ada");
  ringsUp(at, "p1");
  at.post("lane/1", {
    type: "store.lane_configured",
    zone: "front",
    camera: "cam-1",
    policy: automatic,
  });
  const glances = at.asked().map((asked) => "glance" in asked ? asked.glance : asked.type);
  assert.deepEqual(glances, [1, 2]);
  stands(at, [seen("ada")]);
  assert.equal(authorised(at).length, 1);
});

Deno.test("an id that was used up long ago keeps the lane only for a moment", () => {
  const at = openLane();
  for (const payment of ["p1", "p2"]) {
    ringsUp(at, payment);
    at.post(`payment/${payment as "p1"}`, { type: "operator.cancelled", operator: "olga" });
  }
  ringsUp(at, "p1");
  assert.equal(at.state("lane/1"), "opening");
  at.pass(limits.opening_timeout_ms);
  assert.equal(at.state("lane/1"), "idle");
  assert.equal(at.context("lane/1")["payment"], null);
});

Deno.test("a payment that comes into being late is served when the lane is free", () => {
  const at = openLane();
  at.post("lane/1", { type: "payment.opened", payment: "p9" });
  assert.equal(at.state("lane/1"), "selling");
  assert.equal(at.context("lane/1")["payment"], "p9");
});

Deno.test("a payment that comes into being late is let go when the lane serves another", () => {
  const at = openLane();
  ringsUp(at, "p1");
  at.post("lane/1", { type: "payment.opened", payment: "p9" });
  assert.deepEqual(at.lost, [{ to: "payment/p9", event: { type: "lane.withdrawn" } }]);
  assert.equal(at.context("lane/1")["payment"], "p1");
});

Deno.test("a sale without lines, with too many or with no amount is not begun", () => {
  const at = openLane();
  const line = { name: "Bread", quantity: 1, amount_minor: 1 };
  const sale = { payment: "p1", amount_minor: 420, currency: "EUR", items: [line] };
  for (
    const wrong of [
      { items: [] },
      { items: Array.from({ length: limits.items + 1 }, () => line) },
      { amount_minor: 0 },
      { amount_minor: 1.5 },
    ]
  ) {
    const event = { type: "pos.sale_requested", sale: { ...sale, ...wrong } };
    assert.equal(at.post("lane/1", event), false);
  }
  assert.equal(at.state("lane/1"), "idle");
});

Deno.test("a new start in mid-sale: nobody is seen until the camera says so again", () => {
  const at = openLane();
  arrives(at, "ada");
  stands(at, [seen("ada")]);
  ringsUp(at, "p1");
  assert.equal(at.state("payment/p1"), "awaiting_selection");
  at.post("lane/1", {
    type: "store.lane_configured",
    zone: "front",
    camera: "cam-1",
    policy: { ...staffed, selection_timeout_ms: 5 },
  });
  assert.equal(at.state("payment/p1"), "awaiting_candidates");
  assert.equal(at.state("lane/1"), "selling");
  at.pass(1_000);
  assert.equal(at.state("payment/p1"), "awaiting_candidates");
});

Deno.test("the link is lost and comes back: every lane knows at once, and since when", () => {
  const at = openLane(staffed, openLane(), "2");
  at.post("link/issuer", { type: "store.link_configured", lanes: ["1", "2"] });
  assert.equal(at.state("link/issuer"), "offline");
  at.post("link/issuer", { type: "link.connected" });
  assert.equal(at.context("lane/2")["offline_since_ms"], null);
  at.pass(1_000);
  const lost_ms = at.now_ms();
  at.post("link/issuer", { type: "link.lost", reason: "unplugged" });
  at.pass(1_000);
  at.post("link/issuer", { type: "link.lost", reason: "refused" });
  for (const lane of ["lane/1", "lane/2"] as const) {
    assert.equal(at.context(lane)["offline_since_ms"], lost_ms);
  }
  assert.equal(at.context("link/issuer")["reason"], "refused");
  at.post("link/issuer", { type: "link.connected" });
  assert.equal(at.context("lane/1")["offline_since_ms"], null);
});

Deno.test("a store that gets a lane tells it how the link is", () => {
  const at = shop();
  at.post("link/issuer", { type: "store.link_configured", lanes: [] });
  openLane(staffed, at);
  at.post("link/issuer", { type: "store.link_configured", lanes: ["1"] });
  assert.equal(at.context("lane/1")["offline_since_ms"], at.now_ms());
});
