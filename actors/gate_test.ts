/** Who comes through the gate of a walk-out aisle, and who does not. */
import assert from "node:assert/strict";
import { limits } from "./limits.ts";
import { admitted, aisle, opened, visitor } from "./testing/aisle.ts";
import { seen, type Shop } from "./testing/shop.ts";

const code = { type: "gate.code_read", entry: "c1", entry_code: "j.w.s" };
const through = { type: "gate.passed_in", track: "t1" };
const last = (at: Shop) => at.context("gate/g")["last"] as { outcome: string; reason: string };
const types = (at: Shop) => at.asked().map(({ type }) => type);

Deno.test("a code is shown: the issuer knows it, the retailer admits, the gate opens", () => {
  const at = aisle();
  assert.ok(at.post("gate/g", code));
  const [admit] = at.asked();
  assert.ok(admit?.type === "issuer.admit");
  assert.equal(admit.entry_code, "j.w.s");
  at.post("gate/g", admitted());
  assert.equal(at.context("gate/g")["entry_code"], null, "it is spent");
  const [verify] = at.asked();
  assert.ok(verify?.type === "retailer.verify_identity");
  assert.equal(verify.identity_key, "ana");
  at.post("gate/g", visitor());
  assert.deepEqual(at.asked(), [{ type: "gate.open", gate: "g" }]);
  at.post("gate/g", through);
  assert.equal(at.state("gate/g"), "closed");
  assert.equal(last(at).outcome, "entered");
  const cart = at.context("cart/c1");
  assert.deepEqual(
    [cart["account"], cart["visitor"], cart["tracks"], cart["evidence"]],
    ["ana", "anna", ["t1"], { kind: "code_at_gate" }],
  );
  const follow = { type: "tracker.enter", cart: "c1", track: "t1", at_ms: at.now_ms() };
  assert.deepEqual(at.asked(), [follow]);
});

Deno.test("the issuer does not know the code: closed, with its reason", () => {
  const at = aisle();
  at.post("gate/g", code);
  at.post("gate/g", { type: "issuer.not_admitted", entry: "c1", reason: "code_spent" });
  assert.equal(at.state("gate/g"), "closed");
  assert.equal(last(at).reason, "code_spent");
});

Deno.test("the issuer's answer got lost: closed, and a trip that may have begun is ended", () => {
  const at = aisle();
  at.post("gate/g", code);
  at.asked();
  const reason = "issuer_unreachable";
  const lost = { type: "issuer.not_admitted", reason, unanswered: true };
  assert.equal(at.post("gate/g", { ...lost, entry: "another" }), false);
  assert.ok(at.post("gate/g", { ...lost, entry: "c1" }));
  assert.equal(at.state("gate/g"), "closed");
  assert.equal(last(at).reason, reason);
  assert.deepEqual(at.asked(), [{ type: "issuer.end_trip", trip: "c1", reason }]);
});

Deno.test("the retailer's own system refuses: closed, and the trip is ended at the issuer", () => {
  const at = aisle();
  at.post("gate/g", code);
  at.post("gate/g", admitted());
  at.asked();
  at.post("gate/g", { type: "retailer.not_admitted", entry: "c1", reason: "retailer_refused" });
  assert.equal(at.state("gate/g"), "closed");
  assert.deepEqual(at.asked(), [
    { type: "issuer.end_trip", trip: "c1", reason: "retailer_refused" },
  ]);
});

Deno.test("nobody answers in time: closed, and an answer that comes late begins no trip", () => {
  const at = aisle();
  at.post("gate/g", code);
  at.pass(limits.gate_identity_ms);
  assert.equal(last(at).reason, "issuer_silent");
  assert.deepEqual(types(at), ["issuer.admit", "issuer.end_trip"]);
  at.post("gate/g", admitted());
  assert.equal(at.state("gate/g"), "closed");
  assert.deepEqual(types(at), ["issuer.end_trip"]);
  at.post("gate/g", { ...code, entry: "c2" });
  at.post("gate/g", admitted({ entry: "c2" }));
  at.pass(limits.gate_retailer_ms);
  assert.equal(last(at).reason, "retailer_silent");
});

Deno.test("somebody follows without being let in: noticed, told, and no cart is his", () => {
  const at = opened();
  at.post("gate/g", through);
  at.asked();
  at.post("gate/g", { type: "gate.passed_in", track: "t2" });
  assert.deepEqual(at.asked(), [{ type: "gate.warn", gate: "g", reason: "tailgating" }]);
  assert.equal(at.context("gate/g")["tailgated"], 1);
  assert.deepEqual(at.context("cart/c1")["tracks"], ["t1"]);
});

Deno.test("a group under one account: all of them are one cart, one more is not", () => {
  const at = opened(2);
  for (const track of ["t1", "t2", "t3"]) at.post("gate/g", { ...through, track });
  assert.deepEqual(at.context("cart/c1")["tracks"], ["t1", "t2"]);
  assert.equal(at.context("gate/g")["tailgated"], 1);
});

Deno.test("nobody goes through, or only a part of the group", () => {
  const turned = opened();
  turned.pass(limits.gate_passage_ms);
  assert.equal(last(turned).outcome, "turned_back");
  assert.deepEqual(types(turned), ["issuer.end_trip"]);
  assert.equal(turned.state("cart/c1"), undefined);
  const part = opened(3);
  part.post("gate/g", through);
  part.pass(limits.gate_passage_ms);
  assert.deepEqual([last(part).outcome, last(part).reason], ["entered", "group_incomplete"]);
  assert.equal(part.state("cart/c1"), "shopping");
});

Deno.test("a gate that sticks begins no trip, and somebody is called", () => {
  const at = opened();
  at.post("gate/g", { type: "gate.stuck", reason: "the relay is unplugged" });
  assert.equal(at.state("gate/g"), "closed");
  assert.deepEqual(types(at), ["gate.warn", "issuer.end_trip"]);
});

Deno.test("a second code is not asked about while the first is; an exit lets nobody in", () => {
  const at = aisle();
  at.post("gate/g", code);
  assert.equal(at.post("gate/g", { ...code, entry: "c2" }), false);
  at.post("gate/x", { type: "store.gate_configured", zone: "aisle", ways: "out" });
  assert.equal(at.post("gate/x", code), false);
});

Deno.test("by check-in and face, and by an associate: the evidence says so", () => {
  const face = aisle();
  face.post("gate/g", { type: "gate.face_seen", entry: "c1", visit: "v", camera: "k" });
  const [seen] = face.asked();
  assert.ok(seen?.type === "issuer.admit");
  assert.deepEqual([seen.visit, seen.camera, seen.operator], ["v", "k", null]);
  const helped = aisle();
  helped.post("gate/g", {
    type: "operator.let_in",
    entry: "c1",
    visit: "v",
    operator: "olga",
    people: 99,
  });
  const [asked] = helped.asked();
  assert.ok(asked?.type === "issuer.admit");
  assert.deepEqual([asked.operator, asked.people], ["olga", limits.people_of_entry]);
});

/** A gate whose camera knows faces, and looks. */
function watched(ways = "in"): Shop {
  const at = aisle();
  at.post("camera/k", { type: "store.camera_configured", zone: "aisle", lane: "", gate: "w" });
  at.post("camera/k", { type: "camera.started", device: "drawn" });
  const face = { camera: "k", accept_liveness: ["passed"] };
  at.post("gate/w", { type: "store.gate_configured", zone: "aisle", ways, face });
  at.asked();
  return at;
}

const glanceOf = (at: Shop) => Number(at.context("gate/w")["glance"]);
const looks = (at: Shop, ...candidates: ReturnType<typeof seen>[]) => {
  const outcome = candidates[0]?.evidence.outcome ?? "nobody";
  const faces = candidates.length;
  at.post("camera/k", {
    type: "frame.matched",
    outcome,
    faces,
    candidates,
    glance: glanceOf(at),
  });
  return at.asked().filter(({ type }) => type === "gate.name_entry");
};

Deno.test("a face that the camera knows asks for a trip of its visit", () => {
  const at = watched();
  assert.deepEqual(looks(at, seen("ada")), [
    { type: "gate.name_entry", gate: "w", visit: "ada", camera: "k" },
  ]);
  at.post("gate/w", { type: "gate.face_seen", entry: "c1", visit: "ada", camera: "k" });
  assert.equal(at.state("gate/w"), "identifying");
  at.post("gate/w", admitted({ evidence: { kind: "face_at_gate", visit: "ada", camera: "k" } }));
  at.post("gate/w", visitor());
  at.post("gate/w", through);
  assert.equal(at.state("gate/w"), "closed");
  assert.equal((at.context("cart/c1")["evidence"] as { kind: string }).kind, "face_at_gate");
});

Deno.test("two come in with one face, if their phone said so; who follows them is noticed", () => {
  const at = watched();
  looks(at, seen("ada"));
  at.post("gate/w", { type: "gate.face_seen", entry: "c1", visit: "ada", camera: "k" });
  const evidence = { kind: "face_at_gate", visit: "ada", camera: "k" };
  at.post("gate/w", admitted({ evidence, people: 2 }));
  at.post("gate/w", visitor());
  at.post("gate/w", through);
  assert.equal(at.state("gate/w"), "open");
  at.post("gate/w", { ...through, track: "t2" });
  assert.equal(at.state("gate/w"), "closed");
  const { tracks, people } = at.context("cart/c1");
  assert.deepEqual([tracks, people], [[through.track, "t2"], 2]);
  at.asked();
  at.post("gate/w", { ...through, track: "t3" });
  const { tailgated, tailgated_at_ms } = at.context("gate/w");
  assert.deepEqual([tailgated, tailgated_at_ms], [1, at.now_ms()]);
  assert.deepEqual(at.asked().filter(({ type }) => type === "gate.warn"), [
    { type: "gate.warn", gate: "w", reason: "tailgating" },
  ]);
});

Deno.test("who is not sure, not alive, or one of two, opens nothing; nor does an exit", () => {
  assert.deepEqual(looks(watched(), seen("ada", { outcome: "ambiguous" })), []);
  assert.deepEqual(looks(watched(), seen("ada", { liveness: "unsure" })), []);
  assert.deepEqual(looks(watched(), seen("ada"), seen("bob")), []);
  assert.deepEqual(looks(watched("out"), seen("ada")), []);
  const shut = watched();
  shut.post("gate/w", code);
  assert.deepEqual(looks(shut, seen("ada")), [], "somebody else is being asked about");
});

Deno.test("whoever stands there next is looked at anew, and the last one not again at once", () => {
  const at = watched();
  assert.equal(looks(at, seen("ada")).length, 1);
  at.post("gate/w", { type: "gate.face_seen", entry: "c1", visit: "ada", camera: "k" });
  const before = glanceOf(at);
  at.post("gate/w", { type: "issuer.not_admitted", entry: "c1", reason: "check_in_ended" });
  assert.equal(glanceOf(at), before + 1);
  const stale = { type: "camera.candidates_changed", candidates: [seen("bob")], glance: before };
  at.asked();
  at.post("gate/w", stale);
  assert.deepEqual(at.asked(), [], "that was seen before");
  assert.deepEqual(looks(at, seen("ada")), [], "she was just turned away");
  assert.equal(looks(at, seen("bob")).length, 1);
  looks(at);
  at.pass(limits.gate_face_again_ms);
  assert.equal(looks(at, seen("ada")).length, 1);
});

Deno.test("a passage that is told again, before or after a restart, counts once", () => {
  const at = opened(2);
  const passes = (way: string, track: string, seen_at_ms: number) =>
    at.post("gate/g", { type: `gate.passed_${way}`, track, seen_at_ms, cart: "c1" });
  for (let time = 0; time < 2; time++) passes("in", "t1", 1_000);
  assert.equal(at.state("gate/g"), "open", "the other is still to come");
  for (let time = 0; time < 2; time++) passes("in", "t2", 2_000);
  assert.deepEqual(at.context("cart/c1")["tracks"], ["t1", "t2"]);
  assert.equal(at.context("gate/g")["tailgated"], 0);
  for (let time = 0; time < 2; time++) passes("out", "t1", 3_000);
  assert.equal(at.state("cart/c1"), "shopping", "the other is inside");
  passes("out", "t2", 3_000);
  assert.equal(at.state("cart/c1"), "closing");
  for (let more = 0; more < 2 * limits.passages_of_gate; more++) passes("in", "t3", 4_000 + more);
  const { passages } = at.context("gate/g") as { passages: unknown[] };
  assert.equal(passages.length, limits.passages_of_gate);
});
