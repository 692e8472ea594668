/** Account data is changed by the issuer's word alone, and the lane always learns it. */
import assert from "node:assert/strict";
import { limits } from "./limits.ts";
import { shop } from "./testing/shop.ts";

const wanted = { what: "phone", phone: "+4930123456" } as const;
const request = {
  type: "operator.change_requested",
  lane: "1",
  camera: "cam-1",
  visit: "ada",
  operator: "olga",
  wanted,
};
const end = (outcome: string, more: Record<string, unknown> = {}) => ({
  type: "issuer.change_ended",
  outcome,
  reason: null,
  tries_left: null,
  effective_at_ms: null,
  ...more,
});

Deno.test("announced once, proved with the issuer's nonce, and applied by its word", () => {
  const at = shop();
  assert.ok(at.post("change/c1", request));
  assert.ok(at.post("change/c1", request), "a till that asks again");
  assert.deepEqual(at.asked(), [{
    type: "issuer.begin_change",
    change: "c1",
    lane: "1",
    visit: "ada",
    operator: "olga",
    wanted,
  }]);
  at.post("change/c1", { type: "issuer.change_begun", nonce: "fresh" });
  assert.deepEqual(at.asked(), [{
    type: "change.prove",
    change: "c1",
    lane: "1",
    camera: "cam-1",
    visit: "ada",
    nonce: "fresh",
  }]);
  const held = JSON.stringify(at.context("change/c1"));
  assert.doesNotMatch(held, /fresh|4930123456/, "neither nonce nor number is kept");
  at.post("change/c1", end("applied", { effective_at_ms: 7 }));
  assert.equal(at.state("change/c1"), "applied");
  assert.equal(at.context("change/c1")["effective_at_ms"], 7);
});

Deno.test("a face that differs: refused, with the tries that are left", () => {
  const at = shop();
  at.post("change/c1", request);
  at.post("change/c1", { type: "issuer.change_begun", nonce: "n" });
  at.post("change/c1", end("refused", { reason: "face_differs", tries_left: 2 }));
  assert.equal(at.state("change/c1"), "refused");
  assert.deepEqual(
    [at.context("change/c1")["reason"], at.context("change/c1")["tries_left"]],
    ["face_differs", 2],
  );
});

Deno.test("a proof whose answer is lost is asked about, and what the issuer did counts", () => {
  for (const outcome of ["applied", "refused", "withdrawn"]) {
    const at = shop();
    at.post("change/c1", request);
    at.post("change/c1", { type: "issuer.change_begun", nonce: "n" });
    at.asked();
    at.pass(limits.change_proof_timeout_ms);
    assert.equal(at.state("change/c1"), "withdrawing");
    assert.deepEqual(at.asked(), [{ type: "issuer.end_change", change: "c1" }]);
    at.post("change/c1", end(outcome));
    assert.equal(at.state("change/c1"), outcome);
    assert.equal(at.context("change/c1")["reason"], "proof_took_too_long");
  }
});

Deno.test("given up, unseen, or the issuer is silent: withdrawn, whatever comes late", () => {
  const at = shop();
  at.post("change/c1", request);
  at.post("change/c1", { type: "operator.change_cancelled", operator: "olga" });
  at.post("change/c1", { type: "issuer.change_begun", nonce: "late" });
  assert.ok(!at.asked().some(({ type }) => type === "change.prove"), "nobody is looked at");
  at.post("change/c1", end("withdrawn"));
  assert.equal(at.state("change/c1"), "withdrawn");

  at.post("change/c2", request);
  at.post("change/c2", { type: "issuer.change_begun", nonce: "n" });
  at.post("change/c2", { type: "change.not_proved", reason: "no_face" });
  assert.equal(at.state("change/c2"), "withdrawing");
  assert.equal(at.context("change/c2")["reason"], "no_face");

  at.post("change/c3", request);
  at.pass(limits.change_begin_timeout_ms);
  assert.equal(at.state("change/c3"), "withdrawing");
  assert.equal(at.context("change/c3")["reason"], "issuer_silent");
});

Deno.test("the issuer will not hear of it: refused at once", () => {
  const at = shop();
  at.post("change/c1", request);
  at.post("change/c1", { type: "issuer.change_refused", reason: "changes_locked" });
  assert.equal(at.state("change/c1"), "refused");
  assert.equal(at.context("change/c1")["wanted"], null);
});

Deno.test("what an old disk asks for again is not refused: the issuer says how it ended", () => {
  for (const outcome of ["applied", "refused", "withdrawn"]) {
    const at = shop();
    at.post("change/c1", request);
    at.asked();
    at.post("change/c1", { type: "issuer.change_refused", reason: "change_over" });
    assert.deepEqual(at.asked(), [{ type: "issuer.end_change", change: "c1" }]);
    at.post("change/c1", end(outcome));
    assert.equal(at.state("change/c1"), outcome);
  }
});
