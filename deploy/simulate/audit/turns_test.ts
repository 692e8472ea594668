/** The book of turned heads: each rule is broken, and found. */
import assert from "node:assert/strict";
import type { Batch } from "../../../runtime/journal/journal.ts";
import type { TurnRule } from "../turn_rule.ts";
import { TurnBook } from "./turns.ts";

const face = new Float32Array([1, 0]);
const other = new Float32Array([0, 1]);
const no_charge = "no charge without the turn that was asked for";
const no_change = "account data changes with the turn that was asked for";

function book(rule: Partial<TurnRule> = {}) {
  const found: string[] = [];
  const time = { now_ms: 1_000 };
  const report = (broken: string) => void found.push(broken);
  const turns = new TurnBook(
    report,
    () => time.now_ms,
    () => ({ turns: "always", turns_asked: 3, ...rule }),
  );
  const charge = (shown: number, amount_minor = 100) =>
    turns.charged({
      ...{ payment: "p", camera: "till-1", amount_minor },
      ...{ turns: shown, seen_ms: time.now_ms },
    });
  const stands = (who: Float32Array | undefined, film = false) =>
    turns.stands({ fact: "stands", camera: "till-1", face: who, film });
  const meets = (sides = 3) =>
    turns.turned({ fact: "turned", camera: "till-1", met: true, turns: sides });
  return { found, time, turns, charge, stands, meets };
}

Deno.test("where a turn is always asked for, nobody pays who has not turned", () => {
  const { found, charge, stands, meets } = book();
  stands(face);
  charge(0);
  assert.deepEqual(found.splice(0), [no_charge]);
  meets();
  charge(3);
  assert.deepEqual(found, []);
  charge(2);
  assert.deepEqual(found, [no_charge], "to fewer sides than the store asks for");
});

Deno.test("above an amount it is asked for whatever else is so", () => {
  const { found, charge, stands } = book({ turns: "never", turns_above_minor: 500 });
  stands(face);
  charge(0, 500);
  assert.deepEqual(found, []);
  charge(0, 501);
  assert.deepEqual(found, [no_charge]);
});

Deno.test("nobody else's turn counts, nor one that was not shown", () => {
  const { found, time, charge, stands, meets } = book({ turns: "when_unsure" });
  stands(face);
  charge(3);
  assert.deepEqual(found.splice(0), [no_charge]);
  meets();
  time.now_ms += 1;
  stands(other);
  charge(3);
  assert.deepEqual(found.splice(0), [no_charge]);
  charge(0);
  assert.deepEqual(found, [], "a face of which the camera was sure needs none");
});

Deno.test("a film pays nothing, unless it turned as nobody could know", () => {
  const { found, charge, stands, meets } = book({ turns: "when_unsure" });
  stands(face, true);
  charge(0);
  assert.deepEqual(found.splice(0), [no_charge]);
  meets();
  charge(3);
  assert.deepEqual(found, []);
});

Deno.test("account data changes with a turn since it was asked for", () => {
  const { found, time, turns, stands, meets } = book();
  stands(face);
  meets();
  turns.proved("till-1", face, time.now_ms, "c");
  assert.deepEqual(found, []);
  turns.proved("till-1", face, time.now_ms + 1, "c");
  turns.proved("till-1", other, 0, "c");
  assert.deepEqual(found.splice(0), [no_change, no_change]);
  const lax = book({ turns: "when_unsure" });
  lax.stands(face);
  lax.turns.proved("till-1", face, 0, "c");
  assert.deepEqual(lax.found, []);
  lax.stands(face, true);
  lax.turns.proved("till-1", face, 0, "c");
  assert.deepEqual(lax.found, [no_change]);
});

const judged = (after: string, event: object): Batch => ({
  actors: [],
  history: [{
    position: 1,
    turn: 1,
    at_ms: 1,
    address: "payment/p",
    from: "outside",
    event: { type: "turn.judged", ...event },
    before: "awaiting_turn",
    after,
    commands: [],
  }],
  outbox_added: [],
  outbox_settled: [],
  messages_added: [],
  messages_delivered: [],
});

Deno.test("the third turn that fails, or is not answered, ends the sale", () => {
  const { found, turns, charge, stands, meets } = book();
  const failed = { outcome: "failed" };
  turns.committed(judged("awaiting_turn", failed));
  turns.committed(judged("turning_again", failed));
  turns.committed(judged("turning_again", { type: "xstate.after.turnTimeout.x" }));
  assert.deepEqual(found, []);
  turns.committed(judged("turning_again", failed));
  assert.deepEqual(found.splice(0), ["three failed turns end the sale"]);
  stands(face);
  meets();
  charge(3);
  assert.deepEqual(found, [no_charge], "three had failed");
  const ended = book();
  for (const after of ["turning_again", "turning_again", "cancelled"]) {
    ended.turns.committed(judged(after, failed));
  }
  assert.deepEqual(ended.found, []);
});
