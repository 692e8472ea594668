/**
 * A payment whose payer must turn the head, or may speak: by the store's policy, before anybody is
 * charged, and with every way in which that may end.
 */
import assert from "node:assert/strict";
import { limits } from "./limits.ts";
import type { PaymentPolicy } from "./messages.ts";
import { tap, types } from "./testing/sale.ts";
import { arrives, openLane, ringsUp, seen, type Shop, staffed, stands } from "./testing/shop.ts";

const careful: PaymentPolicy = { ...staffed, turns: "when_unsure" };
const unsure = seen("ada", { liveness: "unsure" });
const turned = seen("ada", { turns: 3 });
const judged = (attempt: number, outcome: "met" | "failed") => ({
  type: "turn.judged",
  attempt,
  outcome,
});

/** Ada stands at lane 1 and may be a film; the lane has asked her to turn. */
function turning(policy: PaymentPolicy = careful, candidate = unsure): Shop {
  const at = openLane(policy);
  arrives(at, "ada");
  stands(at, [candidate]);
  ringsUp(at, "p1");
  assert.equal(at.state("payment/p1"), "awaiting_turn");
  assert.deepEqual(at.asked(), [{
    type: "turn.pose",
    payment: "p1",
    lane: "1",
    attempt: 1,
    failed: 0,
  }]);
  return at;
}

Deno.test("unsure whether it is a film: no tap charges before the head has turned", () => {
  const at = turning();
  assert.equal(tap(at, "ada"), false);
  stands(at, []);
  assert.equal(at.state("payment/p1"), "awaiting_turn", "a head that turns away is nobody's");
  at.post("payment/p1", judged(1, "met"));
  assert.equal(at.state("payment/p1"), "awaiting_turn", "the face itself must show it");
  stands(at, [turned]);
  assert.equal(at.state("payment/p1"), "awaiting_selection");
  assert.ok(tap(at, "ada"));
  const [asked] = at.asked();
  assert.ok(asked?.type === "issuer.authorise");
  assert.deepEqual(asked.evidence, turned.evidence);
});

Deno.test("somebody who is surely alive is asked for nothing", () => {
  const at = openLane(careful);
  arrives(at, "ada");
  ringsUp(at, "p1");
  stands(at, [seen("ada")]);
  assert.equal(at.state("payment/p1"), "awaiting_selection");
  assert.deepEqual(at.asked(), []);
});

Deno.test("an automatic lane charges after the turn, and not before", () => {
  const at = openLane({ ...careful, selection: "automatic" });
  arrives(at, "ada");
  ringsUp(at, "p1");
  const before = (candidates: Parameters<typeof stands>[1]) => {
    const glance = Number(at.context("lane/1")["glance"]);
    at.post("camera/cam-1", {
      type: "frame.matched",
      outcome: candidates.length === 0 ? "nobody" : "identified",
      faces: candidates.length,
      candidates,
      glance,
    });
  };
  before([unsure]);
  assert.equal(at.state("payment/p1"), "awaiting_turn");
  before([turned]);
  assert.equal(at.state("payment/p1"), "awaiting_authorisation");
});

Deno.test("who turned just after the time was over is charged when the pause is", () => {
  const at = openLane({ ...careful, selection: "automatic" });
  arrives(at, "ada");
  ringsUp(at, "p1");
  stands(at, [unsure]);
  at.pass(limits.turn_timeout_ms);
  assert.equal(at.state("payment/p1"), "turning_again");
  stands(at, [turned]);
  at.pass(limits.turn_pause_ms);
  assert.equal(at.state("payment/p1"), "awaiting_authorisation");
});

Deno.test("a store may want it of everybody, or from an amount on", () => {
  turning({ ...staffed, turns: "always" }, seen("ada"));
  const above = { ...staffed, turns: "never", turns_above_minor: 1 } as const;
  turning(above, seen("ada"));
  const below = openLane({ ...above, turns_above_minor: 1_000_000 });
  arrives(below, "ada");
  stands(below, [seen("ada")]);
  ringsUp(below, "p1");
  assert.equal(below.state("payment/p1"), "awaiting_selection");
});

Deno.test("where no turns are asked for, a face that may be a film is nobody", () => {
  const at = openLane({ ...staffed, turns: "never" });
  arrives(at, "ada");
  stands(at, [unsure]);
  ringsUp(at, "p1");
  assert.equal(at.state("payment/p1"), "awaiting_candidates");
});

Deno.test("a failed turn is asked again after a pause, and three end the sale", () => {
  const at = turning();
  for (let attempt = 1; attempt < limits.failed_turns; attempt += 1) {
    at.post("payment/p1", judged(attempt, "failed"));
    assert.equal(at.state("payment/p1"), "turning_again");
    assert.equal(at.post("payment/p1", judged(attempt, "met")), false, "too late");
    at.pass(limits.turn_pause_ms);
    assert.equal(at.state("payment/p1"), "awaiting_turn");
    assert.deepEqual(at.asked(), [
      { type: "turn.pose", payment: "p1", lane: "1", attempt: attempt + 1, failed: attempt },
    ]);
  }
  at.post("payment/p1", judged(limits.failed_turns, "failed"));
  assert.equal(at.state("payment/p1"), "cancelled");
  assert.equal(at.context("payment/p1")["reason"], "turn_failed");
  assert.deepEqual(at.asked(), [], "nobody was asked for money");
});

Deno.test("whoever has gone meanwhile is not asked, and a silent camera ends nothing", () => {
  const at = turning();
  at.pass(limits.turn_timeout_ms);
  assert.equal(at.state("payment/p1"), "turning_again");
  stands(at, []);
  at.pass(limits.turn_pause_ms);
  assert.equal(at.state("payment/p1"), "awaiting_candidates");
  stands(at, [turned]);
  assert.equal(at.state("payment/p1"), "awaiting_selection");
});

Deno.test("the one who turned steps away and a film comes: the search begins anew", () => {
  const at = openLane({ ...careful, selection: "operator" });
  arrives(at, "ada", { tokens: [] });
  arrives(at, "bob");
  stands(at, [turned]);
  ringsUp(at, "p1", "1", { items: [{ name: "Wine", quantity: 1, amount_minor: 420, needs: "x" }] });
  tap(at, "ada");
  stands(at, [seen("bob", { liveness: "unsure" })]);
  assert.equal(at.state("payment/p1"), "awaiting_turn");
});

/** Twins at an automatic lane with a microphone: digits are asked for aloud. */
function listening(): Shop {
  const at = openLane({ ...staffed, challenge: "ambiguous", microphone: "m-1" });
  for (const visit of ["ada", "bob"]) arrives(at, visit);
  stands(at, [seen("ada", { outcome: "ambiguous" }), seen("bob", { outcome: "ambiguous" })]);
  ringsUp(at, "p1");
  assert.equal(at.state("payment/p1"), "awaiting_answer");
  assert.deepEqual(at.asked(), [asksAloud(1)]);
  return at;
}
const asksAloud = (attempt: number) => ({
  type: "voice.ask",
  payment: "p1",
  lane: "1",
  microphone: "m-1",
  attempt,
  visits: ["ada", "bob"],
});
const heard = (attempt: number, outcome: string, visit?: string) => ({
  type: "voice.heard",
  attempt,
  outcome,
  ...(visit === undefined ? {} : { visit }),
});

Deno.test("spoken digits choose one of several, and are evidence beside the face", () => {
  const at = listening();
  at.post("payment/p1", heard(1, "right", "bob"));
  const asked = at.asked();
  assert.deepEqual(types(asked), ["voice.hush", "issuer.authorise"]);
  const charge = asked[1];
  assert.ok(charge?.type === "issuer.authorise");
  assert.equal(charge.visit, "bob");
  assert.equal(charge.evidence.challenge, "digits");
});

Deno.test("each wrong answer brings other digits, and three another way to pay", () => {
  const at = listening();
  for (let attempt = 1; attempt < limits.wrong_answers; attempt += 1) {
    at.post("payment/p1", heard(attempt, "wrong"));
    assert.deepEqual(at.asked().at(-1), asksAloud(attempt + 1));
    assert.equal(at.post("payment/p1", heard(attempt, "right", "ada")), false, "an old prompt's");
  }
  at.post("payment/p1", heard(limits.wrong_answers, "wrong"));
  assert.equal(at.context("payment/p1")["reason"], "challenge_failed");
});

Deno.test("keyed and spoken answers count together, and keying ends the listening", () => {
  const at = listening();
  at.post("payment/p1", { type: "shopper.answered", kind: "initials", answer: "XX" });
  assert.deepEqual(types(at.asked()), ["voice.hush", "challenge.check"]);
  at.post("payment/p1", { type: "challenge.checked", attempt: 1, outcome: "wrong" });
  assert.equal(at.context("payment/p1")["wrong_answers"], 1);
  assert.deepEqual(at.asked(), [asksAloud(2)]);
});

Deno.test("where nothing is heard again and again, the lane listens no longer", () => {
  const at = listening();
  for (let attempt = 1; attempt <= limits.unheard_answers; attempt += 1) {
    at.post("payment/p1", heard(attempt, "unheard"));
  }
  const asked = types(at.asked()).filter((type) => type === "voice.ask");
  assert.equal(asked.length, limits.unheard_answers - 1);
  assert.equal(at.state("payment/p1"), "awaiting_answer", "one may still key");
});

Deno.test("a voice never stands for the only one: nothing is asked aloud", () => {
  const at = openLane({ ...staffed, challenge: "always", microphone: "m-1" });
  arrives(at, "ada");
  stands(at, [seen("ada")]);
  ringsUp(at, "p1");
  assert.equal(at.state("payment/p1"), "awaiting_answer");
  assert.deepEqual(at.asked(), []);
});
