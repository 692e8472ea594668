/** Goods that are not for everybody, sold while the issuer is away and comes back. */
import assert from "node:assert/strict";
import { limits } from "./limits.ts";
import { tap } from "./testing/sale.ts";
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

function goes(at: Shop): void {
  at.post("link/issuer", { type: "link.lost", reason: "unplugged" });
  at.pass(limits.away_after_ms);
}

Deno.test("wine that nobody could attest is asked about when the issuer is back", () => {
  const needs = "age_over_18";
  const items = [{ name: "Wine", quantity: 1, amount_minor: 400, needs }];
  const waits = () => {
    const at = shop();
    at.post("link/issuer", { type: "store.link_configured", lanes: ["1"] });
    at.post("link/issuer", { type: "link.connected" });
    openLane(staffed, at);
    arrives(at, "ada", { lease_expires_ms: 9e12 });
    goes(at);
    stands(at, [seen("ada")]);
    ringsUp(at, "p1", "1", { items });
    tap(at, "ada");
    assert.equal(at.state("payment/p1"), "awaiting_eligibility");
    at.pass(limits.eligibility_timeout_ms - 5_000);
    at.asked();
    at.post("link/issuer", { type: "link.connected" });
    return at;
  };
  const at = waits();
  assert.equal(at.state("payment/p1"), "awaiting_eligibility");
  const [asked, ...others] = at.asked();
  assert.deepEqual([asked?.type, others], ["issuer.attest", []]);
  goes(at);
  at.post("link/issuer", { type: "link.connected" });
  assert.deepEqual(at.asked(), [], "the question waits in the outbox: it is not asked twice");
  const operator = "olga";
  const confirm = { type: "operator.eligibility_confirmed", operator };
  assert.equal(at.post("payment/p1", confirm), false);
  at.post("payment/p1", { type: "issuer.attested", attempt: 1, eligible: ["age_over_18"] });
  assert.ok(at.post("payment/p1", confirm));
  assert.deepEqual(at.asked().map(({ type }) => type), ["issuer.authorise"]);
  const silent = waits();
  silent.pass(5_000);
  assert.equal(silent.state("payment/p1"), "cancelled", "the wait gets no longer by it");
});
